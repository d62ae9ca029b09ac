"""When Python collects garbage during a build: left alone, it spends a quarter of the time on notes that stay anyway."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def gc_paused() -> Iterator[None]:
    """Within this context, garbage collection pauses until `settle` is called; afterwards everything is as it was."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.unfreeze()
        if was_on:
            gc.enable()


def settle() -> None:
    """Exempts what exists now, which stays to the end, and collects garbage again from now on."""
    if not gc.isenabled():
        gc.freeze()
        gc.enable()
