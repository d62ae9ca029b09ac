"""The knowledge base: what a note may be called, what links to what, and what `check` finds."""

from __future__ import annotations

import gc
import time
import weakref
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from kb.exceptions import AmbiguousRef, NoSuchNote
from kb.notes.dates import When
from kb.notes.kinds import Note, kind_of_folder, newest_first
from kb.notes.knowledge_base import KnowledgeBase, once
from kb.notes.recurrence import track_record
from kb.reports.consistency import check
from kb.retrieval.query import filter_of, query_of
from kb.site import catalog


def note(ref: str, body: str = "", **front: object) -> Note:
    fields = {key.replace("_by", "-by") if key == "superseded_by" else key: value for key, value in front.items()}
    return kind_of_folder(ref.partition("/")[0])(ref, f"entries/{ref}.md", fields, dict.fromkeys(fields, 2), body, 9)


def base(*notes: Note) -> KnowledgeBase:
    return KnowledgeBase(Path("/lab"), tuple(sorted(notes, key=lambda n: n.ref)))


LAB = base(
    note("incidents/2026-04-24-jellyfin-502-after-upgrade", date="2026-04-24", services=["Jellyfin"], tags=["media"]),
    note("incidents/2026-05-02-jellyfin-no-sound", date="2026-05-02", status="resolved", services=["jellyfin", "nas"]),
    note("decisions/0007-put-traefik-in-front", body="Because of [[jellyfin 502]].", status="accepted"),
    note("services/jellyfin", aliases=["tv"], depends_on=["nas"]),
    note("services/nas", type="host"),
)


@pytest.mark.parametrize(
    ("name", "ref"),
    [
        ("incidents/2026-04-24-jellyfin-502-after-upgrade", "incidents/2026-04-24-jellyfin-502-after-upgrade"),
        ("entries/services/nas.md", "services/nas"),
        ("/lab/entries/services/nas.md", "services/nas"),
        ("2026-05-02-jellyfin-no-sound", "incidents/2026-05-02-jellyfin-no-sound"),
        ("7", "decisions/0007-put-traefik-in-front"),
        ("ADR-7", "decisions/0007-put-traefik-in-front"),
        ("0007", "decisions/0007-put-traefik-in-front"),
        ("tv", "services/jellyfin"),
        ("jellyfin", "services/jellyfin"),
        ("jellyfin 502", "incidents/2026-04-24-jellyfin-502-after-upgrade"),
        ("no sound", "incidents/2026-05-02-jellyfin-no-sound"),
        ("Traefik", "decisions/0007-put-traefik-in-front"),
        ("entries/incidents/upgr.md", "incidents/2026-04-24-jellyfin-502-after-upgrade"),
    ],
)
def test_a_note_is_found_by_whatever_one_remembers_of_it(name: str, ref: str) -> None:
    assert LAB.find(name).ref == ref


def test_an_ambiguous_name_lists_its_candidates_and_takes_none() -> None:
    with pytest.raises(AmbiguousRef, match=r"means 2 notes; take one of\n  @1  incidents/2026-05-02-jellyfin-no-sound\n"):
        LAB.find("jellyfin", "incident")


def test_an_unknown_name_is_answered_with_close_ones() -> None:
    with pytest.raises(NoSuchNote, match=r"did you mean services/jellyfin?"):
        LAB.find("jelyfin")


def test_a_link_by_words_leads_to_the_note_and_back() -> None:
    decision, incident = LAB.find("7"), LAB.find("jellyfin 502")
    assert LAB.target(decision, decision.links[0]) is incident
    assert LAB.backlinks[incident.ref] == (decision,)


def test_parts_of_words_find_a_note_for_who_types_them_but_make_no_link() -> None:
    lab = base(
        note("decisions/0006-two-dns-servers", title="Zwei DNS-Server"), note("changes/x", "[[06 dns]] and [[zwei dns-server]]")
    )
    assert lab.find("06 dns").ref == "decisions/0006-two-dns-servers"
    found = [lab.target(lab.find("x"), link) for link in lab.find("changes/x").links]
    assert found == [None, lab.find("6")]


def test_an_alias_works_wherever_a_name_does() -> None:
    assert [found.ref for found in LAB.select(service="tv", kind="incident")] == [
        "incidents/2026-05-02-jellyfin-no-sound",
        "incidents/2026-04-24-jellyfin-502-after-upgrade",
    ]


def test_filters_narrow_down_together() -> None:
    assert [found.ref for found in LAB.select(since=When.read("2026-05-01"))] == ["incidents/2026-05-02-jellyfin-no-sound"]
    assert [found.ref for found in LAB.select(tags=["Media"], status="open")] == [
        "incidents/2026-04-24-jellyfin-502-after-upgrade"
    ]


def test_services_are_recognised_in_a_log() -> None:
    log = "nas kernel: oops\njellyfin-1  | 10.0.0.1 jellyfinish"
    assert [service.name for service in LAB.services_in(log)] == ["nas", "jellyfin"]


def test_check_names_dead_links_unknown_services_and_twins_by_file_and_line() -> None:
    broken = base(
        note(
            "incidents/2026-01-01-a",
            body="x\n[[nowhere]]\n[gone](gone.md) ![rack](rack.png) [code](../../src/main.py)\n",
            services=["jelyfin"],
            id="1",
        ),
        note("decisions/0001-a", id="1"),
        note("decisions/0001-b", body="\n<<<<<<< HEAD\n"),
        note("services/jellyfin", depends_on=["jellyfin"]),
    )
    assert [str(problem) for problem in check(broken)] == [
        "entries/decisions/0001-b.md:1: decision number 1 is also 0001-a: `kb decision renumber` gives one the next number",
        "entries/decisions/0001-b.md:10: an unresolved merge: choose a side and delete the marker lines",
        "entries/incidents/2026-01-01-a.md:2: id 1 is also in entries/decisions/0001-a.md: change one of the two",
        "entries/incidents/2026-01-01-a.md:2: no service is called 'jelyfin': did you mean jellyfin?",
        "entries/incidents/2026-01-01-a.md:10: a dead link to nowhere: `kb list` shows the refs",
        "entries/incidents/2026-01-01-a.md:11: a dead link to gone.md: correct it or remove it",
        "entries/incidents/2026-01-01-a.md:11: a dead link to rack.png: correct it or remove it",
    ]


def test_check_names_fields_that_are_nearly_spelled_right_and_ends_before_their_beginning() -> None:
    odd = base(
        note("incidents/a", titel="x", service="dns", mood="bad", networks=["lan"]),
        note("incidents/b", date="2026-05-02T10:00+02:00", resolved="2026-05-02T07:59Z"),
        note("incidents/c", date="2026-05-02", resolved="2026-05-02T00:10+02:00"),
        note("incidents/d", date="2026-05-02T10:00+02:00", resolved="2026-05-02"),
    )
    assert [(problem.path[-4:], problem.message) for problem in check(odd)] == [
        ("a.md", "kb has no field 'service': did you mean services?"),
        ("a.md", "kb has no field 'titel': did you mean title?"),
        ("b.md", "resolved on 2026-05-02T07:59Z, before it began on 2026-05-02T10:00+02:00: correct one of the two"),
    ]


def test_a_good_knowledge_base_has_no_problems() -> None:
    assert check(LAB) == []


def test_recurrences_are_the_incidents_that_say_so() -> None:
    first = note("incidents/2026-01-01-a", date="2026-01-01")
    again = note("incidents/2026-02-01-b", date="2026-02-01", recurrence_of="2026-01-01-a", held="false")
    assert base(first, again).recurrences(first) == [again]


def test_a_family_is_the_first_and_all_its_returns_and_ends_at_a_gap_or_in_a_circle() -> None:
    def family(of: str, **returns: str) -> list[str]:
        notes = [
            note(f"incidents/{name}", date=f"2026-01-0{day}", recurrence_of=f"incidents/{first}" if first else "")
            for day, (name, first) in enumerate(returns.items(), 1)
        ]
        known = base(*notes)
        return [member.name for member in known.family(known.by_ref[f"incidents/{of}"])]

    assert family("c", a="", b="a", c="b", d="") == ["a", "b", "c"]
    assert family("b", b="nowhere", c="b") == ["b", "c"]
    assert sorted(family("a", a="b", b="c", c="d", d="b")) == ["a", "b", "c", "d"]


def test_a_commit_as_a_cause_is_no_dead_link_and_an_empty_id_no_twin() -> None:
    assert check(base(note("incidents/a", caused_by="4be1e7a", id=""), note("incidents/b", id=""))) == []
    (dead,) = check(base(note("incidents/a", caused_by="the-upgrade")))
    assert "a dead link to the-upgrade" in dead.message


def test_services_without_notes_are_no_problem_where_nobody_describes_services() -> None:
    assert check(base(note("incidents/2026-01-01-a", services=["jellyfin"]))) == []


# ---- one answer, whoever asks first ----------------------------------------------------------------------------------

TRAEFIK = [
    note("decisions/0001-use-traefik", title="Reverse proxy", status="superseded"),
    note("decisions/0002-use-caddy", title="Use Caddy", supersedes=["use traefik"]),
    note("incidents/2026-01-01-use-traefik-again", title="x"),
    note("incidents/2026-01-02-y", title="y", caused_by="use traefik"),
]


@pytest.mark.parametrize("first", [1, 3])
def test_what_a_link_means_does_not_depend_on_which_kind_of_link_was_looked_at_first(first: int) -> None:
    lab = base(*TRAEFIK)
    found = {}
    for one in (TRAEFIK[first], TRAEFIK[4 - first]):
        found[one.ref] = lab.target(one, one.links[0])
    assert found == {"decisions/0002-use-caddy": TRAEFIK[0], "incidents/2026-01-02-y": None}
    assert [str(problem) for problem in check(lab)] == [
        "entries/incidents/2026-01-02-y.md:2: 'use traefik' means several notes: write the whole ref"
    ]


def test_a_dead_link_of_a_decision_is_not_called_ambiguous_for_incidents_of_that_name() -> None:
    lab = base(note("decisions/0002-b", supersedes=["proxy"]), note("incidents/a-proxy"), note("incidents/b-proxy"))
    assert [problem.message for problem in check(lab)] == ["a dead link to proxy: `kb list` shows the refs"]


# ---- order -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("notes", "order"),
    [
        ({"incidents/a": "2026-01-01", "incidents/b": "2026-01-02"}, ["b", "a"]),
        ({"incidents/a": "2026-01-01T09:00", "incidents/b": "2026-01-01T08:00"}, ["a", "b"]),
        # Of one day the number says which decision came last, whatever hour one of them happens to have.
        ({"decisions/0007-a": "2026-01-01T10:00+02:00", "decisions/0008-b": "2026-01-01"}, ["0008-b", "0007-a"]),
        ({"decisions/9999-a": "2026-01-01", "decisions/10000-b": "2026-01-01"}, ["10000-b", "9999-a"]),
        ({"decisions/0002-a": "", "decisions/0001-b": "2026-01-01", "decisions/0003-c": ""}, ["0001-b", "0003-c", "0002-a"]),
        (
            {"decisions/0001-a": "2026-01-01T10:00", "incidents/b": "2026-01-01T09:00", "decisions/0002-c": "2026-01-01"},
            ["b", "0002-c", "0001-a"],
        ),
    ],
)
def test_notes_come_newest_first_and_in_one_order_everywhere(notes: dict[str, str], order: list[str]) -> None:
    made = [note(ref, **({"date": date} if date else {})) for ref, date in notes.items()]
    for several in (made, made[::-1]):
        assert [found.name for found in newest_first(several)] == order
    lab, site = base(*made), catalog.site_map(base(*made))
    for kind in ("incident", "decision"):
        assert lab.of(kind) == site.of(kind) == lab.select(kind=kind)


# ---- filters ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "filters"),
    [
        ("service:TV kind:incident", {"service": "tv", "kind": "incident"}),
        ("tag:MEDIA", {"tags": ["media"]}),
        ("status:Open", {"status": "open"}),
        ("service:nas", {"service": "nas"}),
    ],
)
def test_a_search_and_a_list_filter_alike(query: str, filters: dict[str, str]) -> None:
    fits = filter_of(LAB, query_of(query), None, None, (), None)
    found = LAB.select(**filters)  # type: ignore[arg-type]
    assert found
    assert newest_first([note for note in LAB.notes if fits(note)]) == found


def test_no_note_is_of_two_kinds() -> None:
    fits = filter_of(LAB, query_of("kind:incident x"), "decision", None, (), None)
    assert not any(map(fits, LAB.notes))


# ---- how often it was met --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("of", "said"),
    [
        (note("incidents/a", status="resolved"), "seen once before"),
        (note("incidents/a"), "seen once before, still open"),
        (note("incidents/a", status="mitigated", verified="true"), "seen once before, verified, still mitigated"),
        (
            note("incidents/a", status="resolved", date="2026-01-01T10:00", resolved="2026-01-01T10:34"),
            "seen once before, took 34 minutes then",
        ),
        (note("experiments/a", outcome="held"), "met in an experiment, held"),
    ],
)
def test_the_terminal_and_the_site_say_alike_why_one_may_trust_a_fix(of: Note, said: str) -> None:
    assert track_record(base(of).families, of) == said


# ---- once ------------------------------------------------------------------------------------------------------------


def test_what_is_remembered_of_a_snapshot_is_made_once_for_each_question_and_goes_with_it() -> None:
    calls: list[tuple[KnowledgeBase, str]] = []

    @once
    def names(base: KnowledgeBase, kind: str) -> list[str]:
        calls.append((base, kind))
        return [note.name for note in base.of(kind)]

    one, other = base(note("services/nas"), note("changes/x")), base(note("services/nas"), note("changes/x"))
    assert names(one, "service") is names(one, "service")
    assert (names(one, "change"), names(other, "service")) == (["x"], ["nas"])
    assert calls == [(one, "service"), (one, "change"), (other, "service")]
    calls.clear()
    gone = weakref.ref(one)
    del one
    gc.collect()
    assert gone() is None


def test_threads_that_ask_at_the_same_time_get_one_answer() -> None:
    calls = []

    @once
    def slow(_: KnowledgeBase) -> object:
        calls.append(1)
        time.sleep(0.05)
        return object()

    with ThreadPoolExecutor(8) as threads:
        assert len(set(threads.map(slow, [LAB] * 8))) == 1
    assert len(calls) == 1


def test_what_failed_is_asked_again() -> None:
    answers = iter([OSError("full"), "fine"])

    @once
    def flaky(_: KnowledgeBase) -> str:
        answer = next(answers)
        if isinstance(answer, OSError):
            raise answer
        return str(answer)

    with pytest.raises(OSError, match="full"):
        flaky(LAB)
    assert flaky(LAB) == "fine"
