"""kb in Python: what docs/api.md shows, and notes that are written without a terminal, with real Git."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from itertools import count
from pathlib import Path
from typing import get_args

import pytest
from commands import World
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import kb
from kb import IncidentDraft, KbError
from kb.capture import incident_changes, known_incident
from kb.capture.note_draft import NoteDraft
from kb.capture.save import record
from kb.cli import clock
from kb.cli.terminal import screen
from kb.exceptions import CannotEdit, CannotWrite, ChangedMeanwhile, EmptyTitle, NoSuchNote, NoteExists, WrongUse
from kb.notes import dates
from kb.notes.kinds import KINDS
from kb.notes.yaml_reader import Broken
from kb.retrieval.hit import Kind, Strength
from kb.retrieval.verdict import VERDICTS
from kb.site.browser.js_patterns import CantTranslate
from kb.site.inputs import site_inputs
from kb.storage import files, transaction
from kb.storage.git import GitFailed

PAGE = Path(__file__).parents[2] / "docs" / "api.md"
NOW = datetime(2026, 11, 21, 1, 23, tzinfo=timezone(timedelta(hours=1)))
LOG = "connect() failed (113: No route to host) while connecting to upstream, client: 10.0.0.1"
SECRET = "hun" + "ter2secret"


@pytest.fixture
def here(lab: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """A knowledge base in whose world this process is: its home folder, its Git."""
    for name, value in lab.environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(lab.folder)
    return lab


def wrote(here: World, draft: IncidentDraft, **fields: str) -> Path:
    """Record an incident in a fresh snapshot."""
    return kb.record_incident(kb.read(here.folder), draft, fields, NOW).path


# ---- the page --------------------------------------------------------------------------------------------------------


def test_the_page_shows_what_happens(lab: World) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "doctest", "-o", "ELLIPSIS", str(PAGE)],
        cwd=lab.folder, env=lab.environment(), capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert "incident: Jellyfin answers 502, again" in lab.git("log", "--format=%s")


def test_the_page_names_all_that_is_public_and_nothing_else() -> None:
    promised = set(re.findall(r"`kb\.(\w+)`", PAGE.read_text("utf-8").partition("## What is stable")[2]))
    assert promised == {*kb.__all__} | {"__all__"}


def test_every_public_name_is_there() -> None:
    assert [name for name in kb.__all__ if not getattr(kb, name, None)] == []
    assert set(kb.__all__) <= set(dir(kb))
    with pytest.raises(AttributeError, match="serch"):
        kb.serch  # type: ignore[attr-defined] # noqa: B018


def test_the_attributes_that_are_promised_are_there(here: World) -> None:
    path = wrote(here, IncidentDraft("No DNS", (LOG,), fix="a cable"))
    base = kb.read(here.folder)
    for name, there in (("KnowledgeBase", base), ("Note", base.find(str(path)))):
        row = re.search(rf"`kb\.{name}` \| stable: (.*) \|", PAGE.read_text("utf-8"))
        assert row
        assert [key for key in re.findall(r"`(\w+)`", row[1]) if not hasattr(there, key)] == []


def test_the_words_of_a_hit_are_those_that_there_are() -> None:
    assert set(get_args(Kind)) == {*KINDS, "page"}
    assert set(get_args(Strength)) == {strength for strength, _ in VERDICTS.values()}


@pytest.mark.parametrize("error", [Broken, GitFailed, CantTranslate, *KbError.__subclasses__()], ids=lambda e: e.__name__)
def test_whatever_goes_wrong_for_a_user_is_one_kind_of_error(error: type[Exception]) -> None:
    assert issubclass(error, KbError)


# ---- recording -------------------------------------------------------------------------------------------------------


def test_an_incident_is_on_the_disk_and_committed_when_it_is_recorded(here: World, capfd: pytest.CaptureFixture[str]) -> None:
    draft = IncidentDraft("No DNS", (LOG,), fix="a cable", why="mice", check="dig", services=("pihole",), hosts=("nas",))
    saved = kb.record_incident(kb.read(here.folder), draft, {"tags": ["dns"]}, NOW)
    assert (saved.title, saved.masked, saved.remarks, saved.uncommitted) == ("No DNS", (), (), "")
    assert here.git("log", "-1", "--format=%s", "--", str(saved.path)) == "incident: No DNS\n"
    note = kb.read(here.folder).find("no dns")
    assert (note.tags, note.services, note.hosts, note.state) == (("dns",), ("pihole",), ("nas",), "resolved")
    assert (note.fix, note.section("why"), note.errors[0].text) == ("a cable", "mice", LOG)
    assert capfd.readouterr() == ("", "")


def test_it_is_the_note_that_the_command_line_makes(here: World) -> None:
    made = here.kb("incident", "new", "No DNS", "--error", LOG, "--fix", "a cable", "-s", "pihole", "--no-edit").paths[0]
    assert wrote(here, IncidentDraft("No DNS", (LOG,), fix="a cable", services=("pihole",))).read_bytes() == made.read_bytes()


def test_secrets_reach_neither_the_disk_nor_git(here: World) -> None:
    url = f"postgres://me:{SECRET}@db/x"
    draft = IncidentDraft(f"{url} is down", (url,), url, url, url, url)
    saved = kb.record_incident(kb.read(here.folder), draft, {"layer": f"password={SECRET}"}, NOW)
    assert saved.masked == ("password",)
    logged = kb.add_to_timeline(kb.read(here.folder), str(saved.path), f"tried {url}", NOW)
    ended = kb.resolve_incident(kb.read(here.folder), str(saved.path), url, NOW)
    assert logged.masked == ended.masked == ("password",)
    assert SECRET not in saved.path.read_text() + saved.path.name + here.git("log", "-p", "--all")
    assert SECRET not in "".join(path.read_text("utf-8", "replace") for path in here.home.rglob("*.md"))


def test_of_one_title_there_are_as_many_notes_as_were_recorded(here: World) -> None:
    base = kb.read(here.folder)
    paths = [kb.record_incident(base, IncidentDraft("No DNS"), None, NOW).path.name for _ in range(3)]
    assert paths == ["2026-11-21-no-dns.md", "2026-11-21-no-dns-2.md", "2026-11-21-no-dns-3.md"]


def test_a_service_or_a_decision_never_goes_over_another(here: World) -> None:
    base = kb.read(here.folder)
    service = record(base, NoteDraft("service", "NAS"), NOW)
    with pytest.raises(NoteExists):
        record(base, NoteDraft("service", "nas"), NOW)
    numbers = [record(base, NoteDraft("decision", "Use restic"), NOW).path.name for _ in range(2)]
    assert (service.path.name, numbers) == ("nas.md", ["0001-use-restic.md", "0002-use-restic.md"])


def together(work: Callable[[int], Path], threads: int) -> list[Path]:
    """Do work in so many threads, all of them at the same moment."""
    start = threading.Barrier(threads)

    def begin(number: int) -> Path:
        start.wait(30)
        return work(number)

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(begin, range(threads)))


def test_threads_that_write_at_once_each_have_their_note(here: World) -> None:
    base = kb.read(here.folder)
    saved: list[kb.Saved] = []

    def one(number: int) -> Path:
        draft = NoteDraft("decision", "Use restic") if number % 2 else NoteDraft("incident", "No DNS")
        saved.append(record(base, draft, NOW))
        return saved[-1].path

    paths = together(one, 8)
    assert len({path.read_bytes() and path for path in paths}) == 8
    assert sorted(path.name[:4] for path in paths if path.parent.name == "decisions") == ["0001", "0002", "0003", "0004"]
    left = here.git("status", "--porcelain", "-uall").splitlines()
    assert len(left) == sum(1 for each in saved if each.uncommitted), left


def test_lines_that_threads_add_at_once_are_all_there(here: World) -> None:
    path = wrote(here, IncidentDraft("No DNS"))
    base = kb.read(here.folder)
    together(lambda number: kb.add_to_timeline(base, "no dns", f"line {number}", NOW, commit=False).path, 6)
    assert sorted(re.findall(r"^- 01:23 (line \d)$", path.read_text(), re.MULTILINE)) == [f"line {n}" for n in range(6)]


def test_the_first_use_may_be_in_many_threads(here: World) -> None:
    code = """
import sys, threading, kb
from concurrent.futures import ThreadPoolExecutor
start = threading.Barrier(8)
def use(number):
    start.wait(30)
    base = kb.read(".")
    if number % 2:
        return kb.record_incident(base, kb.IncidentDraft("No DNS", "SERVFAIL from 10.0.0.1")).title
    return kb.seen(base, "SERVFAIL from 10.0.0.1"), kb.search(base, "dns"), kb.Hit, kb.__version__
with ThreadPoolExecutor(8) as threads:
    list(threads.map(use, range(8)))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=120)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert len(list((here.folder / "entries/incidents").glob("*.md"))) == 4


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(title=st.text(max_size=80), fix=st.text(max_size=80), error=st.text(max_size=80), service=st.text(max_size=20))
def test_any_text_can_be_recorded_and_is_read_again(here: World, title: str, fix: str, error: str, service: str) -> None:
    draft = IncidentDraft(title, (error,), fix=fix, services=(service,))
    try:
        saved = kb.record_incident(kb.read(here.folder), draft, None, NOW, commit=False)
    except (EmptyTitle, WrongUse):
        return
    note = kb.read(here.folder).find(str(saved.path))
    assert (note.problem, note.title) == (None, saved.title)
    saved.path.unlink()


def test_bytes_that_are_no_utf_8_are_shown_as_such(here: World) -> None:
    text = wrote(here, IncidentDraft("No \udcff DNS", ("a\udcffb",), fix="\ud800")).read_text("utf-8")
    assert ("No � DNS" in text, "a�b" in text, "## Fix\n\n�\n" in text) == (True, True, True)


def test_a_title_comes_from_the_error_where_there_is_none(here: World) -> None:
    assert wrote(here, IncidentDraft(errors=(f"2026/11/21 01:23:45 [error] 7#7: *1 {LOG}",))).name.startswith(
        "2026-11-21-connect"
    )


@pytest.mark.parametrize("title", ["", "  ", "\u200b"])
def test_without_a_title_nothing_is_written(here: World, title: str) -> None:
    with pytest.raises(EmptyTitle):
        kb.record_incident(kb.read(here.folder), IncidentDraft(title), None, NOW)
    assert kb.read(here.folder).notes == ()


@pytest.mark.parametrize(
    ("draft", "fields", "said"),
    [
        (IncidentDraft("No DNS", began="yesterday"), {}, "date should be a date"),
        (IncidentDraft("No DNS", began="yesterday", fix="x"), {}, "'yesterday' is no date"),
        (IncidentDraft("No DNS"), {"status": "done"}, "status should be"),
        (IncidentDraft("No DNS"), {"two\nlines": "x"}, "can't be the name of a field"),
    ],
)
def test_a_value_that_a_field_can_t_have_is_refused(
    here: World, draft: IncidentDraft, fields: dict[str, str], said: str
) -> None:
    with pytest.raises(WrongUse, match=re.escape(said)):
        kb.record_incident(kb.read(here.folder), draft, fields, NOW)
    assert kb.read(here.folder).notes == ()


def test_what_is_odd_is_written_and_remarked_upon(here: World) -> None:
    record(kb.read(here.folder), NoteDraft("service", "jellyfin"), NOW)
    draft = IncidentDraft("No video", services=("jelyfin",))
    saved = kb.record_incident(kb.read(here.folder), draft, {"statos": "x"}, NOW)
    assert [text.partition(" (did")[0] for text in saved.remarks] == [
        "no service is called 'jelyfin' yet: did you mean jellyfin?",
        "statos is no field that kb knows",
    ]
    assert "statos: x" in saved.path.read_text()


def test_one_name_given_as_a_text_is_no_list_of_letters() -> None:
    draft = IncidentDraft("No DNS", "SERVFAIL", services="pihole", hosts=["nas"])  # type: ignore[arg-type]
    assert (draft.errors, draft.services, draft.hosts) == (("SERVFAIL",), ("pihole",), ("nas",))


def test_a_moment_without_a_time_zone_is_local(here: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KB_NOW", "1999-01-01")  # which is the command line's
    saved = kb.record_incident(kb.read(here.folder), IncidentDraft("No DNS"), None, datetime(2026, 11, 21, 1, 23))
    local = datetime(2026, 11, 21, 1, 23).astimezone().isoformat(timespec="minutes")
    assert f"date: {local}\n" in saved.path.read_text()
    real = kb.record_incident(kb.read(here.folder), IncidentDraft("No power"))
    assert real.path.name.startswith(f"{datetime.now(UTC):%Y}")


# ---- Git and the disk ------------------------------------------------------------------------------------------------


def test_a_commit_that_git_refuses_is_said_and_the_note_is_there(here: World) -> None:
    hook = here.folder / ".git/hooks/pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho 'no commits on a Friday' >&2\nexit 1\n")
    hook.chmod(0o755)
    saved = kb.record_incident(kb.read(here.folder), IncidentDraft("No DNS"), None, NOW)
    assert saved.uncommitted == "no commits on a Friday"
    assert here.git("status", "--porcelain") == "?? entries/incidents/2026-11-21-no-dns.md\n"
    changed = kb.resolve_incident(kb.read(here.folder), "no dns", "a cable", NOW)
    assert (changed.uncommitted, "a cable" in changed.path.read_text()) == ("no commits on a Friday", True)


def test_a_merge_that_is_under_way_is_left_alone(here: World) -> None:
    (here.folder / ".git/MERGE_HEAD").write_text(here.git("rev-parse", "HEAD"))
    assert "a merge is under way" in kb.record_incident(kb.read(here.folder), IncidentDraft("No DNS"), None, NOW).uncommitted


@pytest.mark.parametrize("where", ["argument", "settings", "no Git"])
def test_without_a_wish_to_commit_there_is_nothing_to_say(here: World, where: str) -> None:
    settings_file = here.folder / "mkdocs.yml"
    if where == "settings":
        settings_file.write_text("site_name: lab\nplugins:\n  - kb:\n      commit: false\n")
    if where == "no Git":
        (here.folder / ".git").rename(here.home / "git")
    saved = kb.record_incident(kb.read(here.folder), IncidentDraft("No DNS"), None, NOW, commit=where != "argument")
    assert (saved.uncommitted, saved.path.is_file()) == ("", True)
    if where != "no Git":
        assert here.git("log", "--format=%s").count("No DNS") == 0


def in_the_way(here: World) -> Path:
    """A file where the folder of incidents should be, so that none can be written."""
    folder = here.folder / "entries/incidents"
    shutil.rmtree(folder)
    folder.write_text("no folder")
    return folder


def test_when_the_disk_fails_the_text_is_kept_and_can_be_taken_up(here: World) -> None:
    way = in_the_way(here)
    draft = IncidentDraft("No DNS", fix=f"postgres://me:{SECRET}@db/x")
    with pytest.raises(CannotWrite) as failed:
        kb.record_incident(kb.read(here.folder), draft, None, NOW)
    kept = failed.value.draft
    assert kept is not None
    assert ("title: No DNS" in kept.read_text(), SECRET in kept.read_text()) == (True, False)
    way.unlink()
    assert here.kb("incident", "new", "--resume", "--no-edit").status == 0
    assert (kept.exists(), kb.read(here.folder).find("no dns").title) == (False, "No DNS")


def test_the_command_line_says_where_a_text_is_kept(here: World) -> None:
    in_the_way(here)
    failed = here.kb("incident", "new", "No DNS", "--no-edit")
    first, second = failed.err.splitlines()
    assert (failed.status, first.startswith("the draft is kept in "), second.startswith("kb: can't write")) == (4, True, True)


@pytest.mark.parametrize("broken", ["mkdocs.yml", "entries"])
def test_a_knowledge_base_that_can_t_be_read_is_one_error(here: World, broken: str) -> None:
    (here.folder / "mkdocs.yml").write_text("plugins: [" if broken == "mkdocs.yml" else "plugins: [kb]\n")
    if broken == "mkdocs.yml":
        with pytest.raises(KbError, match=r"mkdocs\.yml:"):
            kb.read(here.folder)
    else:
        assert kb.read(here.folder).notes == ()


def test_a_broken_template_is_named_and_nothing_is_written(here: World) -> None:
    (here.folder / "templates").mkdir(exist_ok=True)
    (here.folder / "templates/incident.md").write_text("---\ntitle: [\n---\n")
    with pytest.raises(CannotEdit, match=r"templates/incident\.md:"):
        kb.record_incident(kb.read(here.folder), IncidentDraft("No DNS"), None, NOW)
    assert not list((here.folder / "entries").rglob("*dns*"))


# ---- an incident that goes on ----------------------------------------------------------------------------------------


def test_a_line_carries_the_time_and_on_another_day_the_date(here: World) -> None:
    path = wrote(here, IncidentDraft("No DNS"))
    base = kb.read(here.folder)
    kb.add_to_timeline(base, "no dns", "the switch\nis fine", NOW)
    kb.add_to_timeline(base, "no dns", "still dark", NOW + timedelta(days=1))
    assert path.read_text().endswith("## Timeline\n\n- 01:23 the switch is fine\n- 2026-11-22 01:23 still dark\n")
    assert here.git("log", "--format=%s").count("incident: No DNS") == 3


def test_a_line_without_words_is_refused(here: World) -> None:
    path = wrote(here, IncidentDraft("No DNS"))
    before = path.read_bytes()
    with pytest.raises(WrongUse):
        kb.add_to_timeline(kb.read(here.folder), "no dns", " \n", NOW)
    assert path.read_bytes() == before


def test_what_is_resolved_twice_keeps_its_first_time(here: World) -> None:
    path = wrote(here, IncidentDraft("No DNS"))
    base = kb.read(here.folder)  # in which it stays open
    kb.resolve_incident(base, "no dns", "a cable", NOW)
    once = path.read_text()
    again = kb.resolve_incident(base, "no dns", "", NOW + timedelta(days=3))
    assert (again.remarks, path.read_text()) == (("No DNS is resolved already; a fix can be added",), once)
    kb.resolve_incident(base, "no dns", "and a plug", NOW + timedelta(days=3))
    note = kb.read(here.folder).find("no dns")
    assert (note.front["resolved"], note.fix) == ("2026-11-21T01:23+01:00", "a cable\n\nand a plug")


def test_only_what_is_meant_changes(here: World) -> None:
    path = here.folder / "entries/incidents/2026-01-01-odd.md"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"---\r\ntitle: 'Odd'   # mine\r\nstatus: open\r\n---\r\n\r\n# Odd\r\n\r\n## Fix\r\n\r\nnone\r\n")
    kb.resolve_incident(kb.read(here.folder), "odd", "", NOW, commit=False)
    assert path.read_bytes() == (
        b"---\r\ntitle: 'Odd'   # mine\r\nstatus: resolved\r\nresolved: 2026-11-21T01:23+01:00\r\n---\r\n\r\n# Odd\r\n\r\n"
        b"## Fix\r\n\r\nnone\r\n"
    )


def test_a_broken_note_is_named_and_stays_as_it_is(here: World) -> None:
    path = here.folder / "entries/incidents/2026-01-01-broken.md"
    path.parent.mkdir(exist_ok=True)
    path.write_text("---\ntitle: [\n---\n")
    base = kb.read(here.folder)
    with pytest.raises(CannotEdit, match=r"entries/incidents/2026-01-01-broken\.md:\d"):
        kb.resolve_incident(base, "broken", "x", NOW)
    with pytest.raises(CannotEdit, match=r"entries/incidents/2026-01-01-broken\.md:\d"):
        kb.add_to_timeline(base, "broken", "x", NOW)
    assert path.read_text() == "---\ntitle: [\n---\n"


def test_a_note_that_is_gone_is_an_error(here: World) -> None:
    path = wrote(here, IncidentDraft("No DNS"))
    base = kb.read(here.folder)
    path.unlink()
    with pytest.raises(KbError, match="can't read"):
        kb.resolve_incident(base, "no dns", "x", NOW)


def test_a_note_that_others_keep_changing_is_left_to_them(here: World, monkeypatch: pytest.MonkeyPatch) -> None:
    path = wrote(here, IncidentDraft("No DNS"))
    base, replace, times = kb.read(here.folder), files.replace, count()

    def just_before(at: Path, old: bytes, new: bytes) -> None:
        path.write_text(f"---\ntitle: Mine {next(times)}\n---\n")
        replace(at, old, new)

    monkeypatch.setattr(files, "replace", just_before)
    with pytest.raises(ChangedMeanwhile):
        kb.resolve_incident(base, "no dns", "x", NOW)
    assert re.fullmatch(r"---\ntitle: Mine \d\n---\n", path.read_text())


# ---- an error that comes back ----------------------------------------------------------------------------------------


def test_a_return_names_the_note_whose_fix_was_tried(here: World) -> None:
    first = wrote(here, IncidentDraft("No DNS", (LOG,), fix="a cable", services=("pihole",)))
    once = kb.record_again(kb.read(here.folder), "no dns", now=NOW)
    twice = kb.record_again(kb.read(here.folder), str(once.path), False, error=LOG.replace("10.0.0.1", "10.0.0.2"), now=NOW)
    note = kb.read(here.folder).find(str(twice.path))
    assert (note.front["recurrence_of"], note.front["held"]) == (f"incidents/{first.stem}", "false")
    assert (note.title, note.state, note.services) == ("No DNS, again", "open", ("pihole",))
    assert note.errors[0].text.endswith("10.0.0.2")


def test_only_what_has_an_error_can_come_back(here: World) -> None:
    base = kb.read(here.folder)
    record(base, NoteDraft("service", "nas"), NOW)
    with pytest.raises(WrongUse, match="only an incident or an experiment can come back"):
        kb.record_again(kb.read(here.folder), "nas", now=NOW)
    with pytest.raises(NoSuchNote):
        kb.record_again(base, "nothing like it", now=NOW)


def test_a_known_error_is_found_before_it_is_written_twice(here: World) -> None:
    path = wrote(here, IncidentDraft("No DNS", (LOG,), fix="a cable"))
    base = kb.read(here.folder)
    known = [
        note.path for note in known_incident.known_notes(base, IncidentDraft(errors=(LOG.replace("10.0.0.1", "10.9.9.9"),)))
    ]
    assert known == [f"entries/incidents/{path.name}"]
    assert known_incident.known_notes(base, IncidentDraft(errors=("something else entirely",))) == []
    seen_as = known_incident.known_notes(base, IncidentDraft(errors=("x",)), f"incidents/{path.stem}")
    assert [note.title for note in seen_as] == ["No DNS"]


# ---- searching -------------------------------------------------------------------------------------------------------


def test_since_is_a_date_or_a_time_ago(here: World) -> None:
    for days in (3, 40):
        began = (datetime.now(UTC) - timedelta(days=days)).isoformat(timespec="minutes")
        wrote(here, IncidentDraft(f"No DNS for {days} days", began=began))
    base = kb.read(here.folder)
    assert [hit.title for hit in kb.search(base, "dns", since="4w")] == ["No DNS for 3 days"]
    assert len(kb.search(base, "dns", since="2020-01-01")) == 2
    assert len(kb.search(base, "dns", since=kb.When.read("2020-01-01"))) == 2
    assert kb.search(base, "dns", since="today") == []
    with pytest.raises(KbError, match="'some day' is no date"):
        kb.search(base, "dns", since="some day")


# ---- the same words and bytes everywhere -----------------------------------------------------------------------------


def test_a_byte_that_is_no_utf_8_is_written_as_such_whatever_the_words_before_it(lab: World) -> None:
    made = lab.kb("incident", "new", "run", "the b\udcffckup", "--fix", "a\udcff", "--no-edit")
    assert made.status == 0, made.err
    assert "title: run the b�ckup\n" in made.paths[0].read_text("utf-8")


def test_the_command_of_run_has_every_byte_and_its_note_can_be_read(lab: World) -> None:
    ran = lab.kb(
        "--root", str(lab.folder), "run", "--record", "--", "sh", "-c", "printf 'E77 %s' \"$0\" | od -c >&2; exit 3", "\udcff"
    )
    assert ran.status == 3
    assert "377" in ran.err
    (path,) = (lab.folder / "entries/incidents").glob("*.md")
    assert "failed" in path.read_text("utf-8")


def test_a_secret_in_a_line_of_the_timeline_is_masked_and_said(lab: World) -> None:
    lab.kb("incident", "new", "No DNS", "--no-edit")
    logged = lab.kb("incident", "log", f"tried postgres://me:{SECRET}@db/x")
    assert (logged.err, SECRET in logged.paths[0].read_text()) == ("masked before it was written: password\n", False)


@pytest.mark.parametrize(("text", "day"), [("2026-11-20", "2026-11-20"), ("1d", "2026-11-20"), ("2 weeks", "2026-11-07"), ("36h", "2026-11-19"), ("yesterday", "2026-11-20"), ("9999y", "0001-01-01")])  # fmt: skip
def test_a_time_ago_is_written_as_any_length_of_time(text: str, day: str) -> None:
    assert kb.When.since(text, NOW).day.isoformat() == day


def test_new_text_is_made_without_touching_a_file(here: World) -> None:
    path = wrote(here, IncidentDraft("No DNS"))
    base = kb.read(here.folder)
    note, old = base.find("no dns"), path.read_bytes()
    line = incident_changes.add_to_timeline(base, note, old, "dark", NOW)
    assert (b"- 01:23 dark\n" in line, path.read_bytes()) == (True, old)
    assert b"status: resolved\n" in incident_changes.resolved(base, note, old, "", NOW)


@pytest.mark.parametrize(
    ("fixed", "moment"),
    [
        ("2026-11-20T23:30-05:00", "2026-11-20T23:30-05:00"),  # its own day, wherever this machine is
        ("2026-11-20T23:30Z", "2026-11-20T23:30+00:00"),
        ("2026-11-20T23:30", "2026-11-20T23:30+01:00"),  # local time
        ("2026-11-20", "2026-11-20T00:00+01:00"),
        ("", "2026-11-21T01:23+01:00"),
    ],
)
def test_the_site_and_the_command_line_read_kb_now_alike(monkeypatch: pytest.MonkeyPatch, fixed: str, moment: str) -> None:
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    assert dates.stamp(dates.read_clock(fixed, NOW)) == moment
    monkeypatch.setenv("KB_NOW", fixed)
    assert site_inputs.today() == clock.now().date()
    monkeypatch.undo()
    time.tzset()


def test_a_kb_now_that_is_no_moment_is_one_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KB_NOW", "soon")
    for read in (clock.now, site_inputs.today):
        with pytest.raises(WrongUse, match="KB_NOW is 'soon'"):
            read()


def test_returns_that_name_each_other_have_an_end(here: World) -> None:
    one, two = (wrote(here, IncidentDraft("No DNS")).stem for _ in range(2))
    for this, other in ((one, two), (two, one)):
        (here.folder / f"entries/incidents/{this}.md").write_text(
            f"---\ntitle: No DNS\nstatus: resolved\nrecurrence_of: incidents/{other}\n---\n"
        )
    saved = kb.record_again(kb.read(here.folder), one, now=NOW)
    assert kb.read(here.folder).find(str(saved.path)).front["recurrence_of"] == f"incidents/{one}"


def test_what_can_t_be_put_back_is_said_with_the_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first, second = tmp_path / "a.md", tmp_path / "b.md"
    first.write_bytes(b"old")
    second.write_bytes(b"in the way")

    def somebody_else(number: int, _: int) -> None:
        if number == 1:
            first.write_bytes(b"theirs")

    with pytest.raises(NoteExists) as failed:
        transaction.write_all({first: (b"old", b"new"), second: (None, b"new")}, progress=somebody_else)
    screen.say_error(failed.value)
    note, error = capsys.readouterr().err.splitlines()
    assert note == f"{first} was changed by somebody else meanwhile and keeps what kb wrote: git diff shows it"
    assert error.startswith(f"kb: {second} exists already")
    assert first.read_bytes() == b"theirs"
