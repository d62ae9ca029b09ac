"""Where a project keeps its decision records."""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from collections.abc import Iterable

from . import record_files

# The folders where decision records live, below a project's root, the surest first.
HOMES = (
    "docs/decisions", "docs/adr", "doc/adr", "docs/adrs", "doc/adrs", "doc/decisions", "docs/architecture/decisions", "doc/architecture/decisions",
    "docs/architecture/adr", "docs/architecture/adrs", "docs/architecture-decisions", "docs/architectural-decisions", "docs/ADR", "docs/ADRs",
    "architecture/decisions", "architecture-decisions", "documentation/adr", "documentation/decisions", ".adr", ".archgate/adrs", "adr", "adrs", "ADR", "decisions",
)  # fmt: skip

# What such a folder may also be called: `architecture-decision-record`, `product_decisions`, `hercules_adr`.
_HOME_NAME = re.compile(
    r"(?:.*[-_. ])?(?:adrs?|adl|(?:architecture[-_ ])?decisions?(?:[-_ ](?:records?|logs?))?)", re.IGNORECASE
)


def homes_in(files: Iterable[str]) -> set[str]:
    """The folders of a project that hold records, going by names: of the folder (`architecture-decision-record/`) with numbered
    files in it, or of two files (`adr-001-…`). Empty if there are records elsewhere too: then the whole project is searched.
    """
    numbered: dict[str, int] = defaultdict(int)
    marked: dict[str, int] = defaultdict(int)
    for file in files:
        folder, _, name = file.rpartition("/")
        stem = re.sub(r"\.(?:md|markdown)$", "", name, flags=re.IGNORECASE)
        if stem != name and record_files.called_like_one(stem):
            numbered[folder] += 1
            marked[folder] += bool(re.match(r"adr[-_ ]?\d", stem, re.IGNORECASE))
        elif stem.lower() in ("readme", "index") and re.match(r"adr[-_ ]?\d", posixpath.basename(folder), re.IGNORECASE):
            parent = posixpath.dirname(folder)
            numbered[parent], marked[parent] = numbered[parent] + 1, marked[parent] + 1
    found = {folder for folder in numbered if marked[folder] > 1 or _HOME_NAME.fullmatch(posixpath.basename(folder))}
    found = {folder for folder in found if not any(folder.startswith(other + "/") for other in found)}
    outside = [folder for folder in numbered if not any((folder + "/").startswith(home + "/") for home in found)]
    spread = any(marked[folder] for folder in outside) or 2 * sum(numbered[folder] for folder in outside) > sum(
        numbered.values()
    )
    return set() if spread or "" in found else found


# Files with all records of a project, one below the other.
LOGS = frozenset(
    "decisions decision-log decision_log decisionlog adr adrs adr-log architecture-decisions architecture_decisions "
    "architectural-decisions decision-records architecture-decision-records design-decisions".split()
)
LOG_FOLDERS = ("", "docs/", "doc/", "documentation/", "docs/architecture/", "arc42/", "docs/arc42/", "doc/arc42/")


def is_log(file: str) -> bool:
    """Whether a file has all records of its project, going by its name: `DECISIONS.md`, `docs/decision-log.md`, arc42's chapter 9."""
    folder, slash, name = file.lower().rpartition("/")
    stem = re.sub(r"\.(?:md|markdown)$", "", name)
    return stem != name and folder + slash in LOG_FOLDERS and re.sub(r"^\d+[-_. ]+", "", stem) in LOGS
