"""Where kb keeps its own files: the package's data, the cache, the state of this machine, the default knowledge base."""

from __future__ import annotations

import hashlib
import os
import sys
from pathlib import Path

# The package's folder, which holds its data (theme, styles, templates, the sample lab).
PACKAGE = Path(next(iter(sys.modules[__name__.partition(".")[0]].__path__)))


def cache_folder(root: Path) -> Path:
    """Where kb keeps what it can rebuild (parsed notes, the index) for the knowledge base in `root`."""
    import platformdirs

    name = hashlib.blake2b(os.fsencode(root), digest_size=8).hexdigest()
    return platformdirs.user_cache_path("kb") / f"{root.name or 'root'}-{name}"


def state_folder(root: Path) -> Path:
    """Where kb keeps what the last command listed and read, and unsaved drafts, for the knowledge base in `root`."""
    import platformdirs

    return platformdirs.user_state_path("kb") / cache_folder(root).name


def default_root_file() -> Path:
    """The file that names the knowledge base to use outside of any other."""
    import platformdirs

    return platformdirs.user_config_path("kb") / "root"
