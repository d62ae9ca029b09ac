"""How every `new` goes: what was given is masked, fills a template, passes the editor, is saved, and committed."""

from __future__ import annotations

import functools
import os
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar, cast

import click

from ..capture import kept_drafts, save
from ..capture.field_values import parse_settings, split_names
from ..capture.incident_draft import ended
from ..capture.note_draft import NoteDraft, filled, masked
from ..capture.save import Saved
from ..exceptions import KbError, WrongUse
from ..notes import dates, front_matter, front_matter_edit, templates
from ..notes.dates import When
from ..notes.front_matter_edit import NewValue
from ..notes.kinds import Incident
from ..notes.knowledge_base import KnowledgeBase
from . import clock, complete, context, options
from .terminal import ask
from .terminal.screen import plural, remark
from .views import draft_editor, save_result

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True)
class SaveOptions:
    """How to make it: with the editor or without, committed or not."""

    edit: bool = False
    commit: bool = True


@dataclass(frozen=True)
class NewOptions:
    """What the options say that all `new` share."""

    services: tuple[str, ...]
    tags: tuple[str, ...]
    settings: tuple[str, ...]  # KEY=VALUE
    day: When | None
    edit: bool | None
    commit: bool

    def fields(self, kind: str, services: Sequence[str] = ()) -> dict[str, NewValue]:
        """The fields that they set; `services` as they are called here. Raises WrongUse for a `--set` without `=`."""
        chosen: dict[str, NewValue] = {"tags": list(self.tags)} if self.tags else {}
        if services:
            chosen["services"] = list(services)
        return chosen | save_result.remarked(parse_settings(clock.with_days(self.settings, kind), kind))

    def moment(self) -> str:
        """When it was, as a note holds it: a day as it was typed, else to the minute; now when nothing was said."""
        if self.day and not self.day.has_time:
            return self.day.text
        return dates.stamp(self.day.moment if self.day else clock.now())

    def how(self, enough: bool) -> SaveOptions:
        """How to make the note, when the options say `enough` or not to go without the editor."""
        return SaveOptions(wants_editor(self.edit, enough), self.commit)


# ---- options that all `new` share ------------------------------------------------------------------------------------


def new_options(command: F) -> F:
    """The options of every `new`; the command gets them as one `given`."""

    @functools.wraps(command)
    def new(
        *arguments: Any,
        resume: bool,
        services: tuple[str, ...],
        tags: tuple[str, ...],
        settings: tuple[str, ...],
        day: When | None,
        edit: bool | None,
        no_commit: bool,
        **own: Any,
    ) -> Any:
        _ask_about_the_future(day)
        given = NewOptions(tuple(split_names(services)), tuple(split_names(tags)), settings, day, edit, not no_commit)
        if not resume:
            return command(*arguments, given=given, **own)
        group = click.get_current_context().parent
        kind = (group and group.command.name) or "incident"
        return resumed(context.the_base(), kind, given.how(False))

    made: Any = new
    for option in (
        click.option("--resume", is_flag=True, help="Go on with a draft that was kept: an editor or a disk failed."),
        options.root_option,
        options.commit_option,
        click.option("--edit/--no-edit", default=None, help="Open the editor on the draft, or don't. [default: on a terminal]"),
        click.option("--set", "settings", metavar="KEY=VALUE", multiple=True, help="Set any field of the front matter."),
        click.option("--date", "day", metavar="DATE", callback=_moment, help="When it was. [default: now]"),
        click.option("--tag", "-t", "tags", metavar="TAG", multiple=True, help="A tag (several times)."),
        click.option(
            "--service", "-s", "services", metavar="NAME", multiple=True, help="A service it is about (several times).",
            shell_complete=complete.complete_service,
        ),
    ):  # fmt: skip
        made = option(made)
    return cast(F, made)


def _ask_about_the_future(day: When | None) -> None:
    """Raises WrongUse when a day to come is not meant."""
    if day is None or day.day <= clock.now().date() + timedelta(days=1):
        return
    if not ask.has_terminal():
        raise WrongUse(f"--date {day.text} is still to come: it says when something was; kb edit sets another day all the same")
    if not ask.yes(f"{day.short()} is still to come. Is that meant?", False):
        raise WrongUse("nothing was made")


def _moment(_: click.Context, __: click.Parameter, value: str | None) -> When | None:
    return context.moment(value) if value else None


# ---- making a note ---------------------------------------------------------------------------------------------------


def create(base: KnowledgeBase, draft: NoteDraft, how: SaveOptions) -> int:
    """Make the note, print its path, and return the exit status. Raises KbError; a draft from an editor is kept."""
    saved = make(base, draft, how)
    return save_result.commit(base, [saved.path], f"{draft.kind}: {saved.title}", how.commit, new=True)


def make(base: KnowledgeBase, draft: NoteDraft, how: SaveOptions) -> Saved:
    """Make the note and print its path; not committed yet. Raises as `create` does."""
    if how.edit:
        return _edited_and_saved(base, draft)
    saved = save.record(base, draft, clock.now(), commit=False)
    save_result.say_saved(saved)
    return saved


def _edited_and_saved(base: KnowledgeBase, draft: NoteDraft) -> Saved:
    for text in draft.remarks:
        remark(text)
    draft, kinds = masked(draft)
    save_result.say_masked(kinds)
    say_earlier_drafts(base, draft.kind)
    kept = save.keep(base, draft.kind, filled(base, draft))
    saved_at = kept.stat().st_mtime_ns
    data = draft_editor.edited(kept, _go_on(draft.kind))
    if kept.stat().st_mtime_ns == saved_at:
        data = _as_it_is(kept, data, draft.kind)
    return _saved(base, draft.kind, with_its_end(base, draft.kind, data), kept)


def _as_it_is(draft: Path, data: bytes, kind: str) -> bytes:
    """What to save of a draft that the editor left as it was, if anything. Raises WrongUse when the user wants no note."""
    begun = draft.stat().st_mtime_ns
    try:
        wanted = ask.yes("The editor saved nothing. Make the note as it is?", True)
    except click.Abort:
        remark(f"\nthe draft is kept in {draft}: {_go_on(kind)}")
        raise
    if not wanted:
        draft.unlink()
        raise WrongUse("no note was made")
    return data if draft.stat().st_mtime_ns == begun else draft_editor.checked(draft)  # it was open still, and has saved since


def _go_on(kind: str) -> str:
    return f"kb {kind} new --resume"


def _saved(base: KnowledgeBase, kind: str, data: bytes, draft: Path) -> Saved:
    saved = Saved(*save.save(base, kind, data, clock.now(), draft))
    save_result.say_saved(saved)
    return saved


# ---- going on with a draft -------------------------------------------------------------------------------------------


def say_earlier_drafts(base: KnowledgeBase, kind: str) -> None:
    """Say that there are drafts to go on with, if there are."""
    if older := kept_drafts.kept(base, kind):
        remark(f"{plural(len(older), 'earlier draft')} kept: kb {kind} new --resume")


def resumed(base: KnowledgeBase, kind: str, how: SaveOptions) -> int:
    """Go on with a draft: it passes the editor again, is saved, and committed. Raises WrongUse when there is none."""
    kept = kept_drafts.kept(base, kind)
    if not kept:
        raise WrongUse(f"no draft of a kind {kind} is kept: kb {kind} new begins one")
    draft = draft_editor.chosen(kind, kept)
    data = (
        with_its_end(base, kind, draft_editor.edited(draft, _go_on(kind)))
        if how.edit
        else draft_editor.checked_for_secrets(draft.read_bytes(), draft)
    )
    saved = _saved(base, kind, data, draft)
    return save_result.commit(base, [saved.path], f"{kind}: {saved.title}", how.commit, new=True)


# ---- answers ---------------------------------------------------------------------------------------------------------


class _Ended(BaseException):
    """A signal that ends the program while a question waits; it carries its number."""


@contextmanager
def answers_kept(base: KnowledgeBase, draft: Callable[[Mapping[str, str]], NoteDraft]) -> Iterator[None]:
    """Inside, questions are asked. When they end early, by Ctrl-C, Ctrl-\\, SIGTERM, SIGHUP or an error, `draft` of the answers is kept."""
    answers: dict[str, str] = {}
    ends = [number for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT) if signal.getsignal(number) == signal.SIG_DFL]

    def ended(number: int, _: object) -> None:
        raise _Ended(number)

    for number in ends:
        signal.signal(number, ended)
    try:
        with ask.noted(answers):
            yield
    except BaseException as early:
        for number in ends:
            signal.signal(number, signal.SIG_IGN)  # the second signal of a terminal that closes must not hinder it
        with suppress(OSError, KbError):  # the screen may be gone, and what ended it is the thing to tell
            _keep_answers(base, draft, answers)
        if isinstance(early, _Ended):
            signal.signal(early.args[0], signal.SIG_DFL)
            os.kill(os.getpid(), early.args[0])
        raise
    finally:
        for number in ends:
            signal.signal(number, signal.SIG_DFL)


def _keep_answers(base: KnowledgeBase, draft: Callable[[Mapping[str, str]], NoteDraft], answers: Mapping[str, str]) -> None:
    if not answers:
        return
    clean, _ = masked(draft(answers))
    made = save.keep(base, clean.kind, filled(base, clean))
    remark(f"\nyour answers are kept: kb {clean.kind} new --resume   ({made})")


# ---- the draft and its end -------------------------------------------------------------------------------------------


def wants_editor(edit: bool | None, enough: bool) -> bool:
    """Whether to open the editor: as asked; else on a terminal, when the options did not already say enough."""
    return edit if edit is not None else not enough and ask.has_terminal()


def with_its_end(base: KnowledgeBase, kind: str, data: bytes) -> bytes:
    """An incident with a fix is over, as it is with `--fix`, unless the one who wrote it changed its status. It is said."""
    if kind != "incident":
        return data
    read = front_matter.read(templates.without_hints(data))
    note = Incident("", "", read.front, body=read.body, headings=base.settings.headings, zone=base.settings.timezone)
    if note.status != "open" or note.resolved or not note.fix.strip():
        return data
    remark("it has a fix, so its status is resolved")
    return front_matter_edit.set_fields(data, ended(note.date.text if note.date else "", clock.now()), "the draft")
