"""Lines of an imported record that look like a secret, but that the user says aren't."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from ...exceptions import WrongUse
from ...secrets import masking

_FENCE = re.compile(r" {0,3}(?:```|~~~)")
_IN_PROSE, _IN_CODE = f"  <!-- {masking.ALLOW} -->", f"  # {masking.ALLOW}"


def named(files: Mapping[str, bytes], said: Sequence[str]) -> dict[str, tuple[int, ...]]:
    """The lines of these files (by path) that `FILE:LINE` names, with as much of the path as needed. Raises WrongUse."""
    found: dict[str, tuple[int, ...]] = {}
    for one in said:
        name, _, number = one.rpartition(":")
        meant = [path for path in files if name and f"/{path}".endswith("/" + name.removeprefix("./"))]
        if len(meant) > 1:
            raise WrongUse(f"--allow {one} can mean {meant[0]} or {meant[1]}: write more of the path")
        if not meant or not number.isdecimal() or not 1 <= int(number) <= files[meant[0]].count(b"\n") + 1:
            raise WrongUse(f"--allow wants FILE:LINE as the report names them, and {one} is none")
        found[meant[0]] = (*found.get(meant[0], ()), int(number))
    return found


def allowed(text: str, lines: Iterable[int]) -> str:
    """The text with kb's word for a false alarm at the end of these lines, so that nothing masks or reports them later.

    In front matter and in code it is a comment of that language, elsewhere an HTML comment that no page shows.
    """
    wanted = set(lines)
    if not wanted:
        return text
    rows = text.splitlines(keepends=True)
    in_code = front = bool(rows) and rows[0].rstrip() == "---"
    for at, row in enumerate(rows):
        bare = row.rstrip("\r\n")
        if front and at and bare.rstrip() == "---":
            in_code = front = False
        elif not front and _FENCE.match(bare):
            in_code = not in_code
        elif at + 1 in wanted and masking.ALLOW not in bare:
            rows[at] = bare + (_IN_CODE if in_code else _IN_PROSE) + row[len(bare) :]
    return "".join(rows)


def as_it_came(text: str) -> str:
    """The text without what `allowed` adds."""
    return text.replace(_IN_PROSE, "").replace(_IN_CODE, "")
