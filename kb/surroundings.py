"""What the site says besides the notes: read from Git and from the files beside them, for `pages`, which read nothing."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from . import beats
from .knowledge_base import KnowledgeBase
from .pages import Given


def given(base: KnowledgeBase, now: datetime, cache: Path) -> Given:
    """All that pages may say besides the notes. `cache` is kb's own folder for what it can make anew."""
    del cache
    return Given(now=now, beats=beats.read(base.root))
