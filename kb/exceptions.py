"""Everything that can go wrong for a user: one base error, whose subclasses each write their own message and next step."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path


def listed(names: Sequence[str], last: str = "or") -> str:
    """`a`, `a or b`, `a, b or c`."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} {last} {names[-1]}"


def close_to(name: str, names: Iterable[str], most: int = 1, cutoff: float = 0.6) -> list[str]:
    """The names spelled much like `name`, the closest first: for "did you mean"."""
    # Imported only when something is misspelled: it would cost every start a millisecond.
    from difflib import get_close_matches

    return get_close_matches(name, list(names), most, cutoff)


def system_reason(error: OSError) -> str:
    """The system's reason for a failure, as the end of a sentence: `no space left on device`."""
    return (error.strerror or str(error)).lower()


class KbError(Exception):
    """Base of all errors that kb itself raises; `str()` is one line for the user, `status` the exit status.

    `draft` is the file that keeps what was written, if it could not be saved.
    """

    status = 4
    draft: Path | None = None


class WrongUse(KbError):
    """The command was used in a way that can't work."""

    status = 2


class NoKnowledgeBase(WrongUse):
    """No folder with a `mkdocs.yml` that lists the plugin `kb`."""

    def __init__(self, start: Path) -> None:
        super().__init__(
            f"no knowledge base in {start} or above it (a mkdocs.yml that lists the plugin kb): "
            "go into one, name it with --root, or make one with `kb init`"
        )
        self.start = start


class UnreadableSettings(KbError):
    """`mkdocs.yml` is missing or broken."""

    def __init__(self, path: Path, line: int, reason: str) -> None:
        super().__init__(f"{path}:{line}: {reason}")
        self.path, self.line = path, line


class CannotRead(KbError):
    """A file or folder can't be read."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"can't read {path}: {reason}")
        self.path = path


class CannotWrite(KbError):
    """A file or folder can't be written; the old bytes are still there."""

    def __init__(self, path: Path, reason: str, kept: Path | None = None) -> None:
        draft = f"; what you wrote is kept in {kept}" if kept else ""
        super().__init__(f"can't write {path}: {reason}{draft}")
        self.path, self.draft = path, kept


class NoteExists(WrongUse):
    """A note with that name already exists."""

    def __init__(self, path: Path, ref: str) -> None:
        super().__init__(f"{path} exists already: change it with `kb edit {ref}`, or choose another name")
        self.path, self.ref = path, ref


class ChangedMeanwhile(KbError):
    """Someone else changed the file after it was read."""

    def __init__(self, path: Path, kept: Path | None = None) -> None:
        draft = f"; your version is kept in {kept}" if kept else ""
        super().__init__(f"{path} was changed by somebody else meanwhile and is left as it is{draft}")
        self.path, self.draft = path, kept


class NoSuchNote(WrongUse):
    """No note has that name."""

    def __init__(self, name: str, close: Sequence[str] = (), kind: str = "note") -> None:
        hint = f"did you mean {listed(list(close))}?" if close else "`kb list` shows what there is"
        super().__init__(f"no {kind} is called {name!r}: {hint}")
        self.name, self.close = name, tuple(close)


class AmbiguousRef(WrongUse):
    """Several notes have that name."""

    def __init__(self, name: str, candidates: Sequence[str]) -> None:
        shown = "\n".join(f"  @{number}  {ref}" for number, ref in enumerate(candidates[:10], 1))
        more = f"\n  … and {len(candidates) - 10} more" if len(candidates) > 10 else ""
        super().__init__(f"{name!r} means {len(candidates)} notes; take one of\n{shown}{more}")
        self.name, self.candidates = name, tuple(candidates)


class NothingListed(WrongUse):
    """`@3` when the last command listed fewer, or nothing."""

    def __init__(self, name: str, count: int) -> None:
        had = f"the last command listed {count}" if count else "nothing was listed yet"
        super().__init__(f"{name} means result {name[1:]} of the last list, search or seen, but {had}")


class EmptyTitle(WrongUse):
    """A note needs a title."""

    def __init__(self, kind: str) -> None:
        super().__init__(f"a note needs a title: kb {kind} new 'what it is about'")


class CannotEdit(KbError):
    """A field can't be changed without touching other bytes of the note."""

    def __init__(self, path: str, line: int, reason: str) -> None:
        super().__init__(f"{path}:{line}: {reason}")
        self.path, self.line = path, line


class NoEditor(WrongUse):
    """No editor could be found."""

    def __init__(self, kept: Path | None = None) -> None:
        draft = f"; the draft is kept in {kept}" if kept else ""
        super().__init__(f"no editor found: set VISUAL or EDITOR, or use --no-edit{draft}")
        self.draft = kept


class EditorFailed(KbError):
    """The editor ended with an error."""

    def __init__(self, editor: str, status: int, kept: Path) -> None:
        super().__init__(f"{editor} failed (exit {status}), nothing was saved; the draft is kept in {kept}")
        self.draft = kept


class EditorStillOpen(KbError):
    """The editor came back at once, with nothing saved: its window may be open still."""

    def __init__(self, kept: Path, go_on: str) -> None:
        super().__init__(
            f"the editor came back at once, with nothing saved; what you save in it is kept in {kept}: when it is closed, {go_on}"
        )
        self.kept = kept


class NotAText(WrongUse):
    """The input is not text."""

    def __init__(self, source: str) -> None:
        super().__init__(f"{source} is binary, not a log: pipe text into it (for journald: journalctl -o short)")


class NothingToRead(WrongUse):
    """There is no input at all."""

    def __init__(self, source: str, hint: str) -> None:
        super().__init__(f"{source} is empty: {hint}")


class SiteNotBuilt(KbError):
    """MkDocs could not build the site; the live one was not touched."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"the site was not built, the old one is untouched: {reason}")
