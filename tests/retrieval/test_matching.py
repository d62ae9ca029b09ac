"""Matching: the right note comes first, nothing is claimed that isn't so, and no text at all is refused."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_lab import LAB, NOTES, base

from kb.logs import ordinary
from kb.logs.fingerprint import signature
from kb.notes.dates import When
from kb.notes.knowledge_base import KnowledgeBase
from kb.retrieval import evidence, explanation, hybrid, known_errors, spelling, stemming, whole_log, whoosh_index, word_search
from kb.retrieval.hit import Hit
from kb.retrieval.query import Query, query_of

NOWHERE = Path("/dev/null/nowhere")  # so that the index is in memory
CASES = tomllib.loads((Path(__file__).parents[1] / "searches.toml").read_text("utf-8"))


def seen(text: str, lab: KnowledgeBase = LAB) -> list[Hit]:
    return known_errors.seen(lab, whoosh_index.of(lab, NOWHERE), text)


def search(query: str, lab: KnowledgeBase = LAB, **filters: object) -> list[str]:
    return [hit.ref for hit in word_search.search(lab, whoosh_index.of(lab, NOWHERE), query, **filters)]  # type: ignore[arg-type]


@pytest.mark.parametrize("case", CASES["search"], ids=lambda case: case["query"])
def test_words_find_their_note_first(case: dict[str, str]) -> None:
    assert search(case["query"])[:1] == [case["first"]]


@pytest.mark.parametrize("case", CASES["seen"], ids=lambda case: case["query"].strip()[:50])
def test_an_error_finds_its_note_first_or_none_is_claimed(case: dict[str, str]) -> None:
    claimed = [(hit.ref, hit.strength) for hit in seen(case["query"]) if hit.strength != "weak"]
    assert claimed[:1] == ([(case["first"], case["strength"])] if case["first"] else [])


def test_a_hit_says_all_that_a_door_shows() -> None:
    asked = 'connect() failed (113: No route to host) while connecting to upstream, server: tv.lan, upstream: "http://172.20.0.11:8096/"'
    hit = seen(f"starting up\n{asked}\nbye")[0]
    assert (hit.ref, hit.kind, hit.title) == ("incidents/jellyfin-502", "incident", "Jellyfin answers 502 after the upgrade")
    assert (hit.path, hit.date, hit.services) == ("/lab/entries/incidents/jellyfin-502.md", "2026-04-24", ("jellyfin", "nginx"))
    assert hit.line == asked
    assert hit.known_line == NOTES["incidents/jellyfin-502"].split("\n")[3]
    assert hit.fix.endswith("networks in its compose file.")
    assert 0.7 < hit.score <= 1


def test_the_lesson_is_the_fix_of_an_experiment() -> None:
    hit = seen("One or more devices has experienced an unrecoverable error. An attempt was made to correct the error.")[0]
    assert hit.fix == "The pool was degraded for an hour; nothing was lost."


def test_a_known_line_among_many_is_the_line_that_is_named() -> None:
    noise = [
        f"2026-11-20T01:02:{i % 60:02}Z app INFO {w} finished batch {i}"
        for i, w in enumerate(["sync", "scan", "login", "export"] * 200)
    ]
    noise[400] = '2026-11-20T01:02:03Z FATAL: password authentication failed for user "gitea"'
    hit = seen("\n".join(noise))[0]
    assert (hit.ref, hit.strength, hit.line) == ("incidents/gitea-postgres", "same", noise[400])


def test_a_wrapper_line_alone_is_not_the_same_error() -> None:
    lab = base(
        {
            **NOTES,
            "incidents/a": "title: A\n## Error\n```\ncannot open the state store, giving up:\nlibrary index 7 has a broken checksum in its header block\n```\n",
        }
    )
    assert [hit.strength for hit in seen("cannot open the state store, giving up:\nno such table", lab)][:1] == ["weak"]


def test_another_program_or_another_code_is_another_error() -> None:
    lab = base(
        {
            "incidents/a": "title: A\n## Error\n```\nJul  7 01:02:03 nas sshd[7]: authentication failure for user root\nSQLite Error 5: the call did not succeed\n```\n"
        }
    )
    assert [h.strength for h in seen("Jul  9 01:02:03 nas gdm[9]: authentication failure for user root", lab)] == ["weak"]
    assert [h.strength for h in seen("SQLite Error 6: the call did not succeed", lab)] == ["weak"]
    assert [h.strength for h in seen("Jul  9 01:02:03 nas sshd[9]: authentication failure for user root", lab)] != ["weak"]


def test_of_notes_that_know_the_same_error_the_newest_with_a_fix_comes_first() -> None:
    error = "## Error\n```\nthe quartz lamp is out of oil\n```\n"
    lab = base(
        {
            "incidents/a": f"title: A; date: 2024-01-01\n{error}## Fix\nmore oil\n",
            "incidents/b": f"title: B; date: 2026-01-01\n{error}## Fix\nanother lamp\n",
            "incidents/c": f"title: C; date: 2026-02-02\n{error}",
        }
    )
    assert [hit.ref for hit in seen("the quartz lamp is out of oil", lab)] == ["incidents/b", "incidents/a", "incidents/c"]


LAMP = "## Error\n```\nthe quartz lamp is out of oil\n```\n"
FIRST = {"incidents/1": f"title: 1; date: 2026-01-01\n{LAMP}## Fix\nmore oil\n"}


def again(day: int, of: int, held: bool, fix: str = "", error: str = LAMP) -> str:
    head = f"title: {day}; date: 2026-01-0{day}; recurrence_of: incidents/{of}; held: {str(held).lower()}"
    return f"{head}\n{error}{f'## Fix{chr(10)}{fix}{chr(10)}' if fix else ''}"


@pytest.mark.parametrize(
    ("returns", "order"),
    [
        pytest.param({2: again(2, 1, False, "a new wick")}, "2 1", id="a fix that failed sinks below the newer one"),
        pytest.param({2: again(2, 1, True)}, "1 2", id="a return that held has no fix of its own to show"),
        pytest.param({2: again(2, 1, True, "more oil, warmed")}, "1 2", id="what held comes before what nobody tried"),
        pytest.param({2: again(2, 1, False)}, "1 2", id="a fix that failed is better than none"),
        pytest.param({2: again(2, 1, False, "a new wick"), 3: again(3, 2, True)}, "2 1 3", id="the newer fix held since"),
        pytest.param(
            {2: again(2, 1, True), 3: again(3, 2, False, "a new wick")}, "3 1 2", id="a return speaks of the fix before"
        ),
        pytest.param({2: again(2, 1, False, "wick"), 3: again(3, 2, False, "sell it")}, "3 2 1", id="two that failed"),
        pytest.param({2: again(2, 1, False), 3: again(3, 1, True)}, "1 3 2", id="the last word on a fix counts"),
        pytest.param({2: again(2, 1, False, "a new wick", error="")}, "2 1", id="the newer note needs no error text"),
        pytest.param({2: again(2, 3, False, "b"), 3: again(3, 2, False, "c")}, "2 3 1", id="a circle of returns ends"),
    ],
)
def test_of_an_error_that_came_back_the_fix_to_try_comes_first(returns: dict[int, str], order: str) -> None:
    lab = base({**FIRST, **{f"incidents/{day}": text for day, text in returns.items()}})
    assert [hit.title for hit in seen("the quartz lamp is out of oil", lab)] == order.split()


def test_the_fix_to_try_comes_with_the_lines_that_were_met_and_what_is_surer_stays_above() -> None:
    other = "title: other\n## Error\n```\nthe quartz lamp is out of gas\n```\n## Fix\ngas\n"
    lab = base({**FIRST, "incidents/2": again(2, 1, False, "a new wick", error=""), "incidents/x": other})
    hits = seen("the quartz lamp is out of oil", lab)
    assert [(hit.title, hit.strength, hit.known_line) for hit in hits[:2]] == [
        ("2", "same", "the quartz lamp is out of oil"),
        ("1", "same", "the quartz lamp is out of oil"),
    ]
    assert next(hit.title for hit in seen("the quartz lamp is out of gas", lab)) == "other"


def test_known_too_puts_the_fix_to_try_first() -> None:
    lab = base({**FIRST, "incidents/2": again(2, 1, False, "a new wick")})
    assert [hit.title for hit in known_errors.known(lab, "the quartz lamp is out of oil")] == ["2", "1"]


def test_a_value_that_says_the_contrary_is_not_the_same() -> None:
    lab = base({"incidents/a": "title: A\n## Error\n```\nthe watchdog of the pool has changed: armed=true wait=30\n```\n"})
    assert [h.strength for h in seen("the watchdog of the pool has changed: armed=false wait=31", lab)] == ["likely"]
    assert [h.strength for h in seen("the watchdog of the pool has changed: armed=true wait=31", lab)] == ["same"]


def test_a_frame_of_a_stack_trace_alone_claims_nothing() -> None:
    lab = base(
        {
            "incidents/a": "title: A\n## Error\n```\nError: pool is empty\n    at Client.acquire (/app/lib/client.js:312:26)\n```\n"
        }
    )
    assert [h.strength for h in seen("    at Client.acquire (/app/lib/client.js:305:26)", lab)] == ["weak"]


def of(error: str) -> KnowledgeBase:
    return base({"incidents/a": f"title: A\n## Error\n```\n{error}\n```\n"})


@pytest.mark.parametrize(
    ("asked", "strength"),
    [
        ("An exception occurred in the driver of the shelf: SQLSTATE[HY000] [2002] Connection refused", "same"),
        ("An exception occurred in the driver of the shelf: SQLSTATE[HY000] [2002] No such file or directory", "weak"),
        ("An exception occurred in the driver of the shelf: SQLSTATE[HY000] [2002] Cannot assign requested address", "weak"),
        ("An exception occurred in the driver of the shelf: SQLSTATE[HY000] [1045] Connection refused", "weak"),
        ("An exception occurred in the driver of the shelf: SQLSTATE[HY000] [2002]", "likely"),
    ],
)
def test_another_cause_is_another_error_though_much_stands_before_it(asked: str, strength: str) -> None:
    known = "An exception occurred in the driver of the shelf: SQLSTATE[HY000] [2002] Connection refused"
    assert [h.strength for h in seen(asked, of(known))] == [strength]


def test_a_cause_has_several_names() -> None:
    musl, glibc = "lookup of the lamp: Host is unreachable, giving up", "lookup of the lamp: No route to host, giving up"
    assert "another cause" not in {name for name, value in explained(musl, of(glibc)).reasons if value}
    other = "lookup of the lamp: Connection refused, giving up"
    assert "another cause" in {name for name, value in explained(other, of(glibc)).reasons if value}


def test_what_the_system_says_of_the_same_file_is_the_same_cause() -> None:
    lab = of("Failed to create the pod: plugin flannel failed (add): open /run/flannel/subnet.env: no such file or directory")
    cause = "the same cause at the end"
    newer = "sandbox of web: NetworkPlugin cni failed to set it up: open /run/flannel/subnet.env: no such file or directory"
    assert cause in {name for name, value in explained(newer, lab).reasons if value}
    other = "sandbox of web: NetworkPlugin cni failed to set it up: open /etc/cni/net.d: no such file or directory"
    assert cause not in {name for name, value in explained(other, lab).reasons if value}


@pytest.mark.parametrize(
    "asked",
    [
        "Error executing query: (sqlite3.OperationalError) database is locked (Background on this error at: http://sqlalche.me/e/e3q8)",
        "Dec 06 14:52:36 tv hass[8]: 16-12-06 14:52:36 ERROR (Thread-8) [recorder] Adding states - (sqlite3.OperationalError) database is locked",
        '{"level":"error","msg":"adding an event failed","error":"(sqlite3.OperationalError) database is locked"}',
        "Error adding events: (sqlite3.OperationalError) database is locked [SQL: INSERT INTO events VALUES (?)] [parameters: ('a: b',)]",
        "adding an event failed: (sqlite3.OperationalError) database is locked (rc 5)",
        "OCI runtime create failed: adding an event failed: (sqlite3.OperationalError) database is locked: unknown.",
    ],
    ids=[
        "where to read more is no cause",
        "a dash divides too",
        "in a record",
        "nor is the statement",
        "nor a remark",
        "nor unknown",
    ],
)
def test_the_same_cause_is_found_behind_another_beginning(asked: str) -> None:
    lab = of("2016-12-06 14:52:36 ERROR Error during query: (sqlite3.OperationalError) database is locked")
    assert "the same cause at the end" in {name for name, value in explained(asked, lab).reasons if value}


def test_a_cause_of_two_words_is_told_with_the_words_before_it() -> None:
    lab = of("2022-05-14 22:00:43.858 ERROR lamp client: Connection refused: Not authorized")
    cause = "the same cause at the end"
    again = "error: MQTT error: ErrorWithReasonCode: Connection refused: Not authorized"
    assert cause in {name for name, value in explained(again, lab).reasons if value}
    other = "error: MQTT error: ErrorWithReasonCode: Subscription ended: Not authorized"
    assert cause not in {name for name, value in explained(other, lab).reasons if value}


def test_how_to_get_a_backtrace_tells_no_error_from_another() -> None:
    note = "note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace"
    lab = of(f"thread 'main' panicked at 'the wick is too short', src/wick.rs:3:5\n{note}")
    assert [h.strength for h in seen(f"thread 'main' panicked at 'no oil in the can', src/can.rs:7:7\n{note}", lab)] == ["weak"]


PANIC = "panic: runtime error: invalid memory address or nil pointer dereference\n\ngoroutine {} [running]:\n{}(0xc0001)\n\t/src/lamp.go:{} +0x1d"


@pytest.mark.parametrize(
    ("asked", "strength"),
    [
        (PANIC.format(88, "lamp/oil.(*Can).Pour", 91), "same"),
        (PANIC.format(88, "lamp/wick.(*Wick).Trim", 91), "weak"),
        (PANIC.format(88, "net/http.(*conn).serve", 91), "likely"),
        (PANIC.partition("\n")[0], "likely"),
    ],
    ids=["the same place", "another place", "a place of a library", "no place"],
)
def test_what_any_program_says_is_known_by_its_place_in_the_code(asked: str, strength: str) -> None:
    lab = of(PANIC.format(7, "lamp/oil.(*Can).Pour", 33))
    assert [h.strength for h in seen(asked, lab)] == [strength]
    assert [h.strength for h in known_errors.known(lab, asked)] == [strength] * (strength != "weak")


@pytest.mark.parametrize(
    ("asked", "strength"),
    [
        ("lamp error(13): Permission denied", "same"),
        ("lamp error(22): Invalid argument", "weak"),
        ("lamp error(14): ?", "weak"),
    ],
)
def test_a_line_beside_may_say_that_it_is_another_error(asked: str, strength: str) -> None:
    beside = "the lamp went out while the door was open"
    hits = seen(f"{asked}\n{beside}", of(f"lamp error(13): Permission denied\n{beside}"))
    assert [h.strength for h in hits] == [strength]


@pytest.mark.parametrize(
    "advice", ["Please make sure you have a lamp\nand the repository exists.", "Refer to the lamp(8) page (man lamp)"]
)
def test_advice_stands_below_many_errors_and_claims_nothing(advice: str) -> None:
    lab = of(f"oil of the lamp cannot be read\n{advice}")
    assert [h.strength for h in seen(f"oil of the lamp cannot be read\n{advice}", lab)] == ["same"]
    assert [h.strength for h in seen("oil of the lamp cannot be read", lab)] == ["same"]
    assert [h.strength for h in seen(f"wick gone\n{advice}", lab)] == ["weak"]


@pytest.mark.parametrize(
    ("known", "other"),
    [
        ('duplicate key value violates unique constraint "lamps_pkey"', 'duplicate key value violates unique constraint "cans_pkey"'),
        ('FATAL:  role "lamp" does not exist in here', 'FATAL:  role "can" does not exist in here'),
        ("ModuleNotFoundError: No module named 'lamp.oil'", "ModuleNotFoundError: No module named 'lamp.wick'"),
    ],
)  # fmt: skip
def test_another_column_role_or_module_is_not_the_same(known: str, other: str) -> None:
    assert [h.strength for h in seen(f"2026-01-02 03:04:05 {known}", of(known))] == ["same"]
    assert [h.strength for h in seen(other, of(known))] == ["likely"]


def test_of_weak_answers_one_with_a_line_of_its_own_stands_above_one_with_a_frame() -> None:
    frame = "    at ErrorResponse (/app/connection.js:788:26)"
    lab = base(
        {
            "incidents/frame": f"title: F\n## Error\n```\nextension of the lamp is missing\n{frame}\n```\n",
            "incidents/line": "title: L\n## Error\n```\nquery of the wick took its time\n```\n",
        }
    )
    hits = seen(f"query of the wick ended\n{frame}", lab)
    assert [(h.ref, h.strength) for h in hits] == [("incidents/line", "weak"), ("incidents/frame", "weak")]


def test_plain_words_are_no_error_but_find_the_notes_they_mean() -> None:
    hits = hybrid.seen_in(LAB, whoosh_index.of(LAB, NOWHERE), "the nightly backup fails")
    assert (hits[0].ref, hits[0].strength) == ("incidents/restic-lock", "weak")


def test_a_short_error_and_one_with_the_same_cause_are_likely() -> None:
    lab = base(
        {
            "incidents/a": "title: A\n## Error\n```\nData.SqliteException (0x80004005): SQLite Error 5: 'database is locked'.\n```\n"
        }
    )
    assert [h.strength for h in seen("busy: Database is locked", lab)] == ["likely"]
    lab = base({"incidents/a": "title: A\n## Error\n```\nfailed to bind the server socket: Address already in use\n```\n"})
    assert [h.strength for h in seen("failed to create a listening pipe: Address already in use", lab)] == ["weak"]


def test_known_finds_the_same_error_by_fingerprint_without_an_index() -> None:
    hits = known_errors.known(LAB, 'db  | 2026-11-20 01:02:03 UTC [9] FATAL:  password authentication failed for user "gitea"')
    assert [(hit.ref, hit.strength) for hit in hits] == [("incidents/gitea-postgres", "same")]
    assert known_errors.known(LAB, "nothing of the kind") == []


def explained(text: str, lab: KnowledgeBase = LAB) -> explanation.Explanation:
    return hybrid.explain_in(lab, whoosh_index.of(lab, NOWHERE), text)[0]


def test_an_explanation_says_what_both_lines_share_what_differs_and_why_it_is_so_sure() -> None:
    told = explained('FATAL: password authentication failed for user "forge"')
    assert (told.ref, told.strength, told.same_fingerprint) == ("incidents/gitea-postgres", "same", True)
    assert set(told.shared) == {"password", "authentication", "failed", "for", "user"}
    assert (told.yours_only, told.known_only) == (("forge",), ("gitea",))
    assert 0.8 < told.of_query < 1
    assert 0.8 < told.of_known < 1
    rows = dict(told.rows())
    assert rows["sure"].startswith("same, score 0.8")
    assert rows["differs"] == "yours forge; known gitea"
    assert rows["marks"] == "the fingerprints are equal"
    assert str(told).splitlines()[0] == "note    Gitea is rejected by postgres (incidents/gitea-postgres)"


def test_an_explanation_names_what_speaks_against() -> None:
    lab = base({"incidents/a": "title: A\n## Error\n```\nSQLite Error 5: the call did not succeed\n```\n"})
    told = explained("SQLite Error 6: the call did not succeed", lab)
    assert told.strength == "weak"
    assert ("another code", -3.0) in told.reasons
    assert told.odds == pytest.approx(sum(value for _, value in told.reasons) - evidence.UNLIKELY)


@pytest.mark.parametrize("text", [case["query"] for case in CASES["seen"]] + ["the nightly backup fails"])
def test_explanations_are_those_of_the_answers_in_their_order(text: str) -> None:
    opened = whoosh_index.of(LAB, NOWHERE)
    hits, told = hybrid.seen_in(LAB, opened, text, 5), hybrid.explain_in(LAB, opened, text, 5)
    assert [(hit.ref, hit.strength, hit.score) for hit in hits] == [(row.ref, row.strength, row.score) for row in told]


def test_what_only_plain_words_found_says_so() -> None:
    assert "found by its words (nightly backup fails)" in explained("the nightly backup fails").why


def test_filters_narrow_down_and_an_alias_counts() -> None:
    lab = base({**NOTES, "services/jellyfin": "title: jellyfin; aliases: tv\nPlays films."})
    assert search("upgrade", lab, service="tv") == ["incidents/jellyfin-502"]
    assert search("service:tv upgrade", lab) == ["incidents/jellyfin-502"]
    assert search("backup", tags=["Backup"]) == ["incidents/restic-lock"]
    assert {ref.partition("/")[0] for ref in search("proxy", kind="incident")} == {"incidents"}
    assert search("fails", since=When.read("2026-05-04")) == ["incidents/restic-lock"]
    assert search("kind:decision") == ["decisions/0001-traefik"]


def test_an_unknown_prefix_is_text() -> None:
    assert query_of("x509: unknown kind:nonsense service:") == Query("x509: unknown kind:nonsense service:")
    assert query_of('service:"home assistant" slow') == Query("slow", service="home assistant")


def test_the_excerpt_is_the_line_that_holds_the_words() -> None:
    hit = word_search.search(LAB, whoosh_index.of(LAB, NOWHERE), "wildcard certificates")[0]
    assert hit.known_line == "We use one proxy for all, because of wildcard certificates."
    assert hit.line == "wildcard certificates"
    assert hit.strength is None


def test_words_that_occur_nowhere_have_a_suggestion() -> None:
    assert spelling.did_you_mean(whoosh_index.of(LAB, NOWHERE), "jelyfin proxy zzzzz") == {"jelyfin": "jellyfin"}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("upgrades", "upgrade"),
        ("failing", "failed"),
        ("retries", "retry"),
        ("boxes", "box"),
        ("addresses", "address"),
        ("mounted", "mounting"),
    ],
)
def test_forms_of_a_word_meet(one: str, other: str) -> None:
    assert stemming.stem(one) == stemming.stem(other)


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=200))
def test_no_text_is_refused(text: str) -> None:
    known_errors.seen(LAB, whoosh_index.of(LAB, NOWHERE), text)
    word_search.search(LAB, whoosh_index.of(LAB, NOWHERE), text)
    spelling.did_you_mean(whoosh_index.of(LAB, NOWHERE), text)
    known_errors.known(LAB, text)


@pytest.mark.parametrize(
    "text", ["-a", "ORA-01017:", "*", "a AND", "(", '"', "[1 TO", "field:", "\0", "\ud800", "~", "", " ", "the"]
)
def test_what_other_search_engines_take_for_syntax_is_text(text: str) -> None:
    word_search.search(LAB, whoosh_index.of(LAB, NOWHERE), text)
    known_errors.seen(LAB, whoosh_index.of(LAB, NOWHERE), text)


def test_asking_from_a_program_needs_one_import_and_loads_little(tmp_path: Path) -> None:
    (tmp_path / "mkdocs.yml").write_text("plugins: [kb]")
    (tmp_path / "entries/incidents").mkdir(parents=True)
    (tmp_path / "entries/incidents/a.md").write_text(
        "---\ntitle: A\n---\n## Error\n```\nthe lamp is out\n```\n## Fix\nmore oil\n"
    )
    code = """
import sys, kb
assert not {"whoosh", "yaml", "click", "platformdirs"} & set(sys.modules), "import kb loads too much"
base = kb.read(sys.argv[1])
[hit] = kb.seen(base, "the lamp is out")
assert isinstance(hit, kb.Hit) and isinstance(base, kb.KnowledgeBase) and hit.fix == "more oil", hit
assert [h.ref for h in kb.search(base, "lamps")] == ["incidents/a"]
assert not {"whoosh.qparser", "mkdocs", "rich"} & set(sys.modules), "whoosh loads too much"
"""
    environment = {"XDG_CACHE_HOME": str(tmp_path / "cache"), "HOME": str(tmp_path)}
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=True, env=environment)


PAGE = (Path(__file__).parents[2] / "docs/matching.md").read_text("utf-8")
EXAMPLE = dict(re.findall(r"<!-- example: (\w+) -->\n```\n(.*?)\n?```", PAGE, re.DOTALL))


def test_the_example_in_the_docs_is_true() -> None:
    known, asked = EXAMPLE["known"], EXAMPLE["asked"]
    lab = base({"incidents/jellyfin-502": f"title: Jellyfin answers 502 after the upgrade\n## Error\n```\n{known}\n```\n"})
    assert EXAMPLE["signatures"] == f"{signature(known)}\n{signature(asked)}"
    assert EXAMPLE["explained"] == str(explained(asked, lab)), "write what the test shows into docs/matching.md"
    refused = asked.replace("113: No route to host", "111: Connection refused")
    assert ("another code", -3.0) in explained(refused, lab).reasons


@pytest.mark.parametrize(
    ("asked", "strength"),
    [
        ("nginx: [emerg] bind() to 0.0.0.0:80 failed (98: Address already in use)", "same"),
        ("nginx: [emerg] bind() to 0.0.0.0:8443 failed (98: Address already in use)", "likely"),
    ],
)
def test_an_error_about_another_port_is_not_called_the_same(asked: str, strength: str) -> None:
    known = "nginx: [emerg] bind() to 0.0.0.0:80 failed (98: Address already in use)"
    assert [hit.strength for hit in seen(asked, of(known))] == [strength]


@pytest.mark.parametrize(
    ("asked", "strength"),
    [
        ("AH01618: somebody of that name is nowhere, says the other language", "likely"),
        ("AH01797: client denied by server configuration", ""),
        ("[2026-03-01 10:00:00] PDOException: SQLSTATE[42P01]: Undefined table while the lamp was saved", ""),
    ],
)
def test_a_code_that_a_program_gave_one_error_alone_makes_a_claim(asked: str, strength: str) -> None:
    known = "[Sun Mar 01 04:51:08 2026] [auth_basic:error] [pid 12] AH01618: user ann not found: /admin"
    assert next((hit.strength for hit in seen(asked, of(known)) if hit.strength != "weak"), "") == strength


# ---- a whole log -----------------------------------------------------------------------------------------------------

SHELF = "title: The shelf\n## Error\n```\nshelf 7 of the lamp store cannot be opened\nthe index of shelf 7 is broken\n```\n"
CHECKS = [f"WARN health check of lamp {i} failed: timeout" for i in range(1, 30)]


def whole(text: str, lab: KnowledgeBase) -> whole_log.Answer:
    return whole_log.answer(lab, whoosh_index._in_memory(lab, None), text)


def test_what_no_note_knows_of_a_log_is_said_the_rarest_and_worst_first() -> None:
    lab = base({**NOTES, "incidents/shelf": SHELF})
    log = "\n".join(
        [*CHECKS, "shelf 9 of the lamp store cannot be opened", "the index of shelf 9 is broken", "FATAL no lamp oil left"]
    )
    found = whole(log, lab)
    assert (found.hits[0].ref, found.hits[0].strength) == ("incidents/shelf", "same")
    assert [(row.line, row.count, row.first_at) for row in found.unknown] == [
        ("FATAL no lamp oil left", 1, 32),
        (CHECKS[0], 29, 1),
    ]


def test_a_line_that_recurs_all_over_a_log_claims_nothing_while_something_worse_is_unknown() -> None:
    lab = base({**NOTES, "incidents/checks": f"title: Checks\n## Error\n```\n{CHECKS[3]}\n```\n"})
    assert whole("\n".join(CHECKS), lab).hits[0].strength == "same"
    assert whole("\n".join([*CHECKS, "FATAL no lamp oil left"]), lab).hits[0].strength == "weak"


def test_an_ordinary_line_is_neither_known_nor_unknown() -> None:
    lab = base({**NOTES, "incidents/checks": f"title: Checks\n## Error\n```\n{CHECKS[3]}\n```\n"})
    lab = replace(lab, ordinary=ordinary.keys_in(CHECKS[5]))
    found = whole("\n".join(CHECKS), lab)
    assert (found.hits, found.unknown) == ((), ())


@pytest.mark.parametrize(
    ("asked", "known"),
    [
        ("sshd: Accepted password for anna from 10.0.0.7", "sshd: Failed password for anna from 10.0.0.9"),
        ("the lamp store of shelf 7 was found", "the lamp store of shelf 7 was not found"),
        ("link eth0 of the lamp bridge is up", "link eth0 of the lamp bridge is down"),
    ],
)
def test_opposites_are_never_one_error(asked: str, known: str) -> None:
    lab = base({**NOTES, "incidents/a": f"title: A\n## Error\n```\n{known}\n```\n"})
    assert [hit.strength for hit in whole(asked, lab).hits if hit.ref == "incidents/a"] in ([], ["weak"])


def test_what_any_system_says_claims_no_other_program() -> None:
    lab = base({**NOTES, "incidents/a": "title: A\n## Error\n```\nAddress already in use\n```\n"})
    hits = whole("1740828286: Error: could not bind the lamp socket: Address already in use", lab).hits
    assert [hit.strength for hit in hits if hit.ref == "incidents/a"] in ([], ["weak"])
