"""What all commands share: the options, the knowledge base they mean, the clock and the environment."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ..exceptions import AmbiguousRef, KbError, NothingListed, WrongUse
from ..notes.kinds import KINDS, Note, When
from ..storage import folders, loader
from .terminal.screen import Progress

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from ..notes.knowledge_base import KnowledgeBase


F = TypeVar("F", bound=Callable[..., Any])


@dataclass
class Asked:
    """What the options of the command line say about where to work."""

    root: str | None = None


def _root_callback(ctx: click.Context, _: click.Parameter, value: str | None) -> str | None:
    if value:
        ctx.ensure_object(Asked).root = value
    return value


def root_option(command: F, help: str = "Use the knowledge base in DIR.") -> F:
    """`--root DIR`, on every command and before it."""
    return click.option(
        "--root",
        metavar="DIR",
        expose_value=False,
        is_eager=True,
        callback=_root_callback,
        help=help,
    )(command)


def root_option_of_all(command: F) -> F:
    """`--root DIR` before any command, with the whole story."""
    return root_option(
        command, "Use the knowledge base in DIR. [default: KB_ROOT, else upwards from here, else that of the first `kb init`]"
    )


def json_option(command: F) -> F:
    """`--json`."""
    return click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")(command)


def commit_option(command: F) -> F:
    """`--no-commit`."""
    return click.option("--no-commit", is_flag=True, help="Don't commit to Git.")(command)


def hide(command: click.Command, *names: str) -> None:
    """Leave options that say nothing of this command's kind out of its help."""
    for parameter in command.params:
        if isinstance(parameter, click.Option) and parameter.name in names:
            parameter.hidden = True


def yes_option(command: F) -> F:
    """`--yes`: nothing is asked, and every default taken."""
    return click.option(
        "--yes",
        "-y",
        is_flag=True,
        expose_value=False,
        is_eager=True,
        callback=_yes_callback,
        help="Ask nothing, take what is guessed.",
    )(command)


def _yes_callback(ctx: click.Context, _: click.Parameter, value: bool) -> None:
    if value:
        from .terminal.ask import silence

        ctx.with_resource(silence())


def service_option(text: str) -> Callable[[F], F]:
    """`--service NAME`, completed from what is known."""
    return click.option("--service", "-s", metavar="NAME", default="", help=text, shell_complete=complete_service)


def kind_option(command: F) -> F:
    """`--kind KIND`."""
    return click.option("--kind", "-k", type=click.Choice(list(KINDS), case_sensitive=False), help="Only notes of this kind.")(
        command
    )


def tag_option(command: F) -> F:
    """`--tag TAG`, several times."""
    return click.option(
        "--tag",
        "-t",
        "tags",
        metavar="TAG",
        multiple=True,
        help="Only notes with this tag (several: all of them).",
        shell_complete=complete_tag,
    )(command)


def since_option(command: F) -> F:
    """`--since WHEN`."""
    return click.option(
        "--since", metavar="WHEN", callback=_since, help="Only notes since a date (2026-03-01) or a time ago (4w, 10d, 6m, 1y)."
    )(command)


def most_option(command: F) -> F:
    """`--limit N` of a list."""
    return click.option("--limit", "-n", "most", type=click.IntRange(1), help="At most so many. [default: all]")(command)


def _since(_: click.Context, __: click.Parameter, value: str | None) -> When | None:
    return moment(value) if value else None


def moment(value: str) -> When:
    """A date as typed, or `4w` ago. Raises click.BadParameter."""
    days = {"d": 1, "w": 7, "m": 30.44, "y": 365.25}
    if value[-1:] in days and value[:-1].isdigit():
        try:
            ago = now() - timedelta(days=int(value[:-1]) * days[value[-1]])
        except OverflowError:
            ago = datetime.min.replace(tzinfo=now().tzinfo)
        return When(value, ago, True)
    words = {"today": 0, "yesterday": 1}
    if value in words:
        return When(value, now() - timedelta(days=words[value]), True)
    try:
        return When.read(value)
    except ValueError:
        raise click.BadParameter(f"{value!r} is no date like 2026-03-01, and no time ago like 4w") from None


# ---- the door's clock and place --------------------------------------------------------------------------------------


def now() -> datetime:
    """This moment, with the local time zone. `KB_NOW` (ISO 8601) says another, for reproducible runs."""
    fixed = os.environ.get("KB_NOW")
    if not fixed:
        return datetime.now().astimezone()
    try:
        return (
            datetime.fromisoformat(fixed).astimezone()
            if "T" not in fixed or "+" not in fixed
            else datetime.fromisoformat(fixed)
        )
    except ValueError:
        raise WrongUse(f"KB_NOW is {fixed!r}, no moment like 2026-04-24T01:07+01:00") from None


def stamp(at: datetime) -> str:
    """A moment as notes hold it: to the minute, with its time zone."""
    return at.isoformat(timespec="minutes")


def the_root() -> Path:
    """The knowledge base that this command means. Raises NoKnowledgeBase."""
    from ..storage import loader

    context = click.get_current_context(silent=True)
    asked = context.ensure_object(Asked).root if context else None
    return loader.find_root(_here(), asked or os.environ.get("KB_ROOT") or None, _default_root())


def _here() -> Path:
    try:
        return Path.cwd()
    except OSError:
        return Path("/")  # the folder was deleted under us; the default root still helps


def _default_root() -> str | None:
    try:
        return folders.default_root_file().read_text("utf-8").strip() or None
    except (OSError, ValueError):
        return None


def the_base(root: Path | None = None) -> KnowledgeBase:
    """The knowledge base, read, with progress when it takes long."""
    progress = Progress("reading notes:")
    try:
        return loader.read(root or the_root(), progress=progress)
    finally:
        progress.clear()


def an_unread_base() -> KnowledgeBase:
    """The knowledge base without its notes: enough to add one, and as quick with ten thousand as with none."""
    from ..notes.knowledge_base import KnowledgeBase
    from ..notes.settings import settings_of
    from ..storage import loader

    root = the_root()
    return KnowledgeBase(root, (), settings_of(loader.read_mkdocs_yml(root / "mkdocs.yml")))


def find(base: KnowledgeBase, name: str, kind: str = "") -> Note:
    """The note that a REF means, `@1` among them. Raises NoSuchNote, AmbiguousRef or NothingListed."""
    if name.startswith("@") and name[1:].isdigit():
        from ..storage import session

        listed = session.listed(folders.state_folder(base.root))
        number = int(name[1:])
        if not 1 <= number <= len(listed):
            raise NothingListed(name, len(listed))
        name = listed[number - 1]
    try:
        return base.find(name, kind)
    except AmbiguousRef as several:
        remember(base, several.candidates)
        raise


def remember(base: KnowledgeBase, refs: Sequence[str]) -> None:
    """Keep what was listed, for `@1`."""
    from ..storage import session

    session.remember_listed(folders.state_folder(base.root), refs)


# ---- completion ------------------------------------------------------------------------------------------------------


def _quietly(complete: Callable[[KnowledgeBase, str], list[str]]) -> Callable[..., list[CompletionItem]]:
    """Completion that has nothing to say when there is no knowledge base."""

    @functools.wraps(complete)
    def completed(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
        from click.shell_completion import CompletionItem

        from ..storage import loader

        root = next((c.params.get("root") for c in (ctx, ctx.parent) if c and c.params.get("root")), None)
        try:
            base = loader.read(loader.find_root(_here(), root or os.environ.get("KB_ROOT") or None, _default_root()))
        except KbError:
            return []
        return [CompletionItem(value) for value in complete(base, incomplete)]

    return completed


@_quietly
def complete_tag(base: KnowledgeBase, incomplete: str) -> list[str]:
    """Tags that a note has."""
    return sorted({tag for note in base.notes for tag in note.tags if tag.startswith(incomplete)})


def complete_state(kind: str = "") -> Callable[..., list[str]]:
    """The words that the status of a kind can be; of all kinds without one."""
    states = dict.fromkeys(state for name, cls in KINDS.items() if kind in ("", name) for state in cls.states)
    return lambda _ctx, _param, incomplete: [state for state in states if state.startswith(incomplete)]


def complete_file(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Files, where a word may be one."""
    from click.shell_completion import CompletionItem

    return [CompletionItem(incomplete, type="file")]


@_quietly
def complete_ref(base: KnowledgeBase, incomplete: str) -> list[str]:
    """Refs, by their beginning or by the beginning of their last part."""
    return [note.ref for note in base.notes if note.ref.startswith(incomplete) or note.name.startswith(incomplete)]


@_quietly
def complete_service(base: KnowledgeBase, incomplete: str) -> list[str]:
    """Names of services."""
    return sorted(name for name in base.service_names if name.startswith(incomplete.lower()))
