"""Files that editors, clouds and systems leave beside the notes: neither notes nor attachments, and never committed by kb."""

from __future__ import annotations

import fnmatch

# Patterns of a file's name, and what leaves such files behind.
LEFTOVERS = (
    (".*.sw[a-p]", "Vim, of a file that is open or was not saved"),
    ("4913", "Vim, trying whether it can write"),
    ("*~", "an editor, as the last version"),
    ("#*#", "Emacs, of a file that was not saved"),
    (".#*", "Emacs, of a file that is open"),
    (".~lock.*#", "LibreOffice, of a file that is open"),
    ("~$*", "Word, of a file that is open"),
    (".*.icloud", "iCloud, of a file that is in the cloud only: download it"),
    ("*.sync-conflict-*", "Syncthing, of a file that two machines changed"),
    ("*(* conflicted copy *)*", "a cloud, of a file that two machines changed"),
    ("*(conflicted copy*)*", "a cloud, of a file that two machines changed"),
    ("*_conflict-[0-9]*", "Nextcloud, of a file that two machines changed"),
    (".syncthing.*.tmp", "Syncthing, of a file on its way"),
    ("~syncthing~*.tmp", "Syncthing, of a file on its way"),
    (".kb-*", "kb, of a file on its way"),
    (".nfs[0-9a-f]*", "NFS, of a deleted file that is open"),
    (".fuse_hidden*", "FUSE, of a deleted file that is open"),
    (".goutputstream-*", "GNOME, of a file on its way"),
    ("*.crdownload", "a browser, of a download"),
    ("*.part", "a download"),
    ("._*", "macOS"),
    (".DS_Store", "macOS"),
    ("Thumbs.db", "Windows"),
    ("desktop.ini", "Windows"),
)


def left_by(name: str) -> str:
    """What left a file of this name behind; empty for a file that someone made. For a path, its last part counts."""
    file = name.rpartition("/")[2]
    return next((who for pattern, who in LEFTOVERS if fnmatch.fnmatchcase(file, pattern)), "")
