"""When Python looks for garbage in a build: as it pleases, it takes a quarter of the time to look at notes that stay anyway."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def gc_paused() -> Iterator[None]:
    """None is looked for until `settle` is called; afterwards all is as it was."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.unfreeze()
        if was_on:
            gc.enable()


def settle() -> None:
    """What is there now stays to the end, so it isn't looked at again; what comes from now on is."""
    if not gc.isenabled():
        gc.freeze()
        gc.enable()
