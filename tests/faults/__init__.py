"""Faults on purpose: each module breaks something many times over and counts what was lost. `make faults` runs them all."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass
class Tally:
    """How one promise held: tried, survived, and what was lost, each with a line that says how."""

    promise: int
    what: str
    tried: int = 0
    lost: list[str] = field(default_factory=list)

    def count(self, losses: Iterable[str]) -> None:
        """One more trial; it was survived when nothing is said against it."""
        self.tried += 1
        self.lost += [" ".join(loss.split())[:400] for loss in list(losses)[:1]]

    @property
    def survived(self) -> int:
        """Trials that lost nothing."""
        return self.tried - len(self.lost)
