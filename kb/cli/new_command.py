"""How every `new` goes: what was given is masked, fills a template, passes the editor, is saved, and committed."""

from __future__ import annotations

import functools
import os
import re
import signal
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar, cast

import click

from .. import secrets
from ..exceptions import CannotEdit, CannotWrite, EmptyTitle, KbError, WrongUse, close_to, listed
from ..notes import front_matter, templates
from ..notes.front_matter import NewValue
from ..notes.kinds import KINDS, Incident, Note, When
from ..notes.knowledge_base import KnowledgeBase
from ..notes.templates import Content
from ..storage import files, git, loader
from . import options
from .terminal import ask
from .terminal.screen import plural, remark, say_path
from .views import draft_editor

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True)
class Draft:
    """A note that is about to be made."""

    kind: str
    title: str
    fields: Mapping[str, NewValue] = field(default_factory=dict)
    sections: Mapping[str, str] = field(default_factory=dict)  # by known name; `error` stands in fences already
    template: str = ""  # another template than the kind's
    whole: bytes | None = None  # a finished Markdown note to start from, instead of the template
    in_own_words: bool = False  # `whole` says title, status and date in its text, as its neighbours do


@dataclass(frozen=True)
class How:
    """How to make it: with the editor or without, committed or not."""

    edit: bool = False
    commit: bool = True


@dataclass(frozen=True)
class Given:
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
        return chosen | parse_settings(self.settings, kind)

    def moment(self) -> str:
        """When it was, as a note holds it: a day as it was typed, else to the minute; now when nothing was said."""
        if self.day and not self.day.has_time:
            return self.day.text
        return options.stamp(self.day.moment if self.day else options.now())

    def how(self, enough: bool) -> How:
        """How to make the note, when the options say `enough` or not to go without the editor."""
        return How(wants_editor(self.edit, enough), self.commit)


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
        given = Given(tuple(split_names(services)), tuple(split_names(tags)), settings, day, edit, not no_commit)
        if not resume:
            return command(*arguments, given=given, **own)
        group = click.get_current_context().parent
        kind = (group and group.command.name) or "incident"
        return resumed(options.the_base(), kind, given.how(False))

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
            shell_complete=options.complete_service,
        ),
    ):  # fmt: skip
        made = option(made)
    return cast(F, made)


def _moment(_: click.Context, __: click.Parameter, value: str | None) -> When | None:
    return options.moment(value) if value else None


def split_names(values: Iterable[str]) -> list[str]:
    """Names from options that may hold several with commas."""
    return list(dict.fromkeys(name for value in values for part in value.split(",") if (name := part.strip())))


def parse_settings(settings: Sequence[str], kind: str) -> dict[str, NewValue]:
    """`KEY=VALUE` pairs as typed values of the kind's fields. Raises WrongUse when one has no `=` or the wrong type."""
    rows = KINDS[kind].fields() if kind in KINDS else Note.fields()
    parsed: dict[str, NewValue] = {}
    for setting in settings:
        key, equals, text = setting.partition("=")
        key = key.strip()
        if not equals or not re.fullmatch(r"[^\W\d][\w.-]*", key):
            raise WrongUse(f"--set wants KEY=VALUE, not {setting!r}: for instance --set status=resolved")
        if key in rows and isinstance(rows[key].default, tuple):
            parsed[key] = [name.strip() for name in text.strip().removeprefix("[").removesuffix("]").split(",") if name.strip()]
        elif key in rows and text.lower() in ("true", "false", "yes", "no"):
            parsed[key] = text.lower() in ("true", "yes")
        else:
            parsed[key] = text.strip()
        if key in rows and (complaint := rows[key].complaint({key: front_matter.as_read(parsed[key])})):
            raise WrongUse(f"{key} {complaint}")
        if key not in rows and key != "title":
            close = close_to(key, rows, cutoff=0.75)
            if close:
                remark(f"{key} is no field that kb knows (did you mean {close[0]}?); it is written all the same")
            elif any(key in cls.fields() for cls in KINDS.values()):
                remark(f"{key} is no field of a {kind}; it is written all the same")
    return parsed


def known_services(base: KnowledgeBase, names: Sequence[str]) -> list[str]:
    """The services by their own names, when an alias was given; an unknown one is remarked upon, with a close one."""
    for name in names:
        if base.services and name.lower() not in base.services:
            close = base.close_service(name)
            hint = f"did you mean {close}?" if close else f"its note: kb service new {name}"
            remark(f"no service is called {name!r} yet: {hint}")
    return [base.service_name(name) for name in names]


# ---- making a note ---------------------------------------------------------------------------------------------------


def create(base: KnowledgeBase, draft: Draft, how: How) -> int:
    """Make the note, print its path, and return the exit status. Raises KbError; a draft from an editor is kept."""
    path, title = make(base, draft, how)
    return committed(base, [path], f"{draft.kind}: {title}", how.commit, new=True)


def make(base: KnowledgeBase, draft: Draft, how: How) -> tuple[Path, str]:
    """Make the note, print its path, and return it with the title; not committed yet. Raises as `create` does."""
    draft = _without_secrets(draft)
    if not how.edit and not draft.whole and not draft_editor.says_something(draft.title):
        raise EmptyTitle(draft.kind)
    data = _filled(base, draft)
    kept: Path | None = None
    if how.edit:
        say_earlier_drafts(base, draft.kind)
        kept = _keep_draft(base, draft, data)
        saved_at = kept.stat().st_mtime_ns
        data = _with_its_end(base, draft.kind, draft_editor.edited(kept))
        if kept.stat().st_mtime_ns == saved_at and not ask.yes("The editor saved nothing. Make the note as it is?", True):
            kept.unlink()
            raise WrongUse("no note was made")
    return _saved(base, draft.kind, data, kept, lambda: _keep_draft(base, draft, data))


def _saved(base: KnowledgeBase, kind: str, data: bytes, kept: Path | None, keep_it: Callable[[], Path]) -> tuple[Path, str]:
    """Save what the editor or the options gave, print its path, and let the draft go. Raises KbError with the draft kept."""
    data = templates.without_hints(data)
    try:
        path = _save(base, kind, data)
    except KbError as error:
        if kept is None and isinstance(error, CannotWrite):
            with suppress(CannotWrite):  # the first error is the one to tell
                kept = keep_it()
        if kept:
            remark(f"the draft is kept in {kept}")
        raise
    if kept:
        kept.unlink(missing_ok=True)
    say_path(path)
    return path, draft_editor.title_of(data)


def committed(base: KnowledgeBase, paths: Sequence[Path], message: str, wanted: bool = True, new: bool = False) -> int:
    """Commit these paths if the knowledge base wants it; 0, or 3 with a remark when Git would not."""
    if not wanted or not base.settings.commit:
        return 0
    commit = git.commit(base.root, paths, secrets.mask(message)[0], new)
    if commit.trouble:
        remark(f"saved, but not committed: {commit.trouble}")
        return 3
    return 0


def _without_secrets(draft: Draft, told: bool = True) -> Draft:
    """The draft with the secrets in it masked, and a remark of their kinds when they are to be `told`."""
    found: list[str] = []

    def masked(text: str) -> str:
        clean, hits = secrets.mask(text)
        found.extend(hit.kind for hit in hits)
        return clean

    def field_masked(value: NewValue) -> NewValue:
        if isinstance(value, bool):
            return value
        return masked(value) if isinstance(value, str) else [masked(item) for item in value]

    clean = replace(
        draft,
        title=masked(draft.title),
        fields={key: field_masked(value) for key, value in draft.fields.items()},
        sections={name: masked(text) for name, text in draft.sections.items()},
    )
    if draft.whole is not None:
        text = draft.whole.decode("utf-8", "surrogateescape")
        clean = replace(clean, whole=masked(text).encode("utf-8", "surrogateescape"))
    if found and told:
        remark(f"masked before it was written: {listed(sorted(set(found)), 'and')}")
    return clean


def _filled(base: KnowledgeBase, draft: Draft) -> bytes:
    content = Content({"title": draft.title, **draft.fields}, draft.sections)
    if draft.whole is not None and draft.in_own_words:
        return front_matter.set_fields(draft.whole, draft.fields, "the draft") if draft.fields else draft.whole
    if draft.whole is not None:
        read = front_matter.read(draft.whole)
        missing = {key: value for key, value in content.fields.items() if not read.front.get(key)}
        return templates.fill(draft.whole, Content(missing, {}), base.settings.headings, "the file")
    template, path = loader.template(base.root, draft.kind, draft.template)
    return templates.fill(template, content, base.settings.headings, str(path))


def _save(base: KnowledgeBase, kind: str, data: bytes) -> Path:
    """Write the note under the name that its title and date give. Raises CannotEdit, EmptyTitle or CannotWrite."""
    read = front_matter.read(data)
    if read.problem:
        raise CannotEdit("the draft", *read.problem)
    title = draft_editor.title_of(data)
    if not draft_editor.says_something(title):
        raise EmptyTitle(kind)
    if kind == "decision":
        folder = base.root / base.settings.decisions
        with files.only_writer(folder):
            taken = [entry.stem for entry in folder.glob("*.md")] + [entry.parent.name for entry in folder.glob("*/*.md")]
            in_place = base.settings.decisions != f"{loader.ENTRIES}/decisions"
            day = options.now().date() if in_place else None
            path = folder / f"{templates.numbered_name(taken, _bare(title) if in_place else title, day)}.md"
            files.add(path, data)
        return path
    folder = base.root / loader.ENTRIES / KINDS[kind].folder
    if kind == "service":
        path = folder / f"{templates.slug(title, kind)}.md"
        with files.only_writer(folder):  # a service that is renamed may take this name
            files.add(path, data)
        return path
    note = KINDS[kind]("", "", read.front)
    day = note.date.day if note.date else options.now().date()
    return files.add_first_free(folder, templates.dated_names(_sane(day), title, kind), data)


def _bare(title: str) -> str:
    """A record's title without its number, which its heading has where records say all in their text."""
    from ..importers.adr.record_head import bare_title

    return bare_title(title)


def _sane(day: date) -> date:
    return day if day.year >= 1000 else options.now().date()


# ---- going on with a draft -------------------------------------------------------------------------------------------


def say_earlier_drafts(base: KnowledgeBase, kind: str) -> None:
    """Say that there are drafts to go on with, if there are."""
    if older := draft_editor.kept(base, kind):
        remark(f"{plural(len(older), 'earlier draft')} kept: kb {kind} new --resume")


def resumed(base: KnowledgeBase, kind: str, how: How) -> int:
    """Go on with a draft: it passes the editor again, is saved, and committed. Raises WrongUse when there is none."""
    kept = draft_editor.kept(base, kind)
    if not kept:
        raise WrongUse(f"no draft of a kind {kind} is kept: kb {kind} new begins one")
    draft = draft_editor.chosen(kind, kept)
    data = (
        _with_its_end(base, kind, draft_editor.edited(draft))
        if how.edit
        else draft_editor.checked_for_secrets(draft.read_bytes(), draft)
    )
    path, title = _saved(base, kind, data, draft, lambda: draft)
    return committed(base, [path], f"{kind}: {title}", how.commit, new=True)


# ---- answers ---------------------------------------------------------------------------------------------------------


class _Ended(BaseException):
    """A signal that ends the program while a question waits; it carries its number."""


@contextmanager
def answers_kept(base: KnowledgeBase, draft: Callable[[Mapping[str, str]], Draft]) -> Iterator[None]:
    """Inside, questions are asked. When they end early, by Ctrl-C, SIGTERM, SIGHUP or an error, `draft` of the answers is kept."""
    answers: dict[str, str] = {}
    ends = [number for number in (signal.SIGTERM, signal.SIGHUP) if signal.getsignal(number) == signal.SIG_DFL]

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


def _keep_answers(base: KnowledgeBase, draft: Callable[[Mapping[str, str]], Draft], answers: Mapping[str, str]) -> None:
    if not answers:
        return
    made = _keep_draft(base, clean := _without_secrets(draft(answers), told=False), _filled(base, clean))
    remark(f"\nyour answers are kept: kb {clean.kind} new --resume   ({made})")


# ---- the draft and its end -------------------------------------------------------------------------------------------


def wants_editor(edit: bool | None, enough: bool) -> bool:
    """Whether to open the editor: as asked; else on a terminal, when the options did not already say enough."""
    return edit if edit is not None else not enough and ask.has_terminal()


def _keep_draft(base: KnowledgeBase, draft: Draft, data: bytes) -> Path:
    """The draft in a file of its own, for its owner alone; it stays until the note is saved."""
    name = templates.slug(draft.title or draft.kind, draft.kind)
    return draft_editor.keep(base, f"{draft.kind}-{name}", data)


def _with_its_end(base: KnowledgeBase, kind: str, data: bytes) -> bytes:
    """An incident with a fix is over, as it is with `--fix`, unless the one who wrote it changed its status. It is said."""
    if kind != "incident":
        return data
    read = front_matter.read(templates.without_hints(data))
    note = Incident("", "", read.front, body=read.body, headings=base.settings.headings)
    if note.status != "open" or note.resolved or not note.fix.strip():
        return data
    remark("it has a fix, so its status is resolved")
    return front_matter.set_fields(data, ended(note.date.text if note.date else ""), "the draft")


def ended(began: str) -> dict[str, NewValue]:
    """The fields of an incident that is over. Of what began days ago and is written down now, nobody said when it ended."""
    now = options.now()
    if began and not is_recent(When.read(began), now):
        return {"status": "resolved"}
    return {"status": "resolved", "resolved": options.stamp(now)}


# An incident is written down right after it: what is older tells of another day.
RECENT = timedelta(days=2)


def is_recent(began: When, now: datetime) -> bool:
    """Whether what began then is likely to be what was just fixed."""
    since = now - began.moment if began.has_time else now.date() - began.day
    return timedelta(0) <= since <= RECENT


# ---- a title from an error -------------------------------------------------------------------------------------------


def title_from(error: str) -> str:
    """A first title for an error, to be changed by the user: its most telling line without the header."""
    from ..logs.fingerprint import messages

    line = next((message.text for message in messages(error) if message.text.strip()), "")
    line = re.sub(r"\s+", " ", secrets.mask(line)[0]).strip(" :;,-")
    return line if len(line) <= 72 else line[:72].rsplit(" ", 1)[0] + " …"
