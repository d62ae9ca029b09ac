"""What a search says of itself: which words were met how, what is no filter, what was misspelled, how many more there are."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_lab import base

from kb.retrieval import catalogue, lexicon, pasted, stemming, terms, whoosh_index, word_search
from kb.retrieval.query import filter_remarks, query_of
from kb.retrieval.word_search import SearchAnswer

LAB = base(
    {
        "incidents/mtu": "title: Uploads hang in the tunnel; services: wireguard; tags: network\n## Fix\nTo both ends:\n```\nip link set mtu 1412\n```\n",
        "incidents/unifi": "title: UniFi controller page is white; services: unifi; status: open\nThe access point is slow.\n",
        "incidents/zfs": "title: Pool suspended; services: zfs\n## Symptoms\nAll shares hang.\n## Fix\nzpool clear tank\n",
        "services/zfs": "title: ZFS; type: disk\nThe pool of all shares, which may hang.\n",
        "decisions/0001-zfs": "title: ZFS for the pool\nOne pool for all shares: they hang less.\n",
    }
)


def find(query: str) -> SearchAnswer:
    return word_search.find(LAB, whoosh_index.of(LAB, Path("/dev/null")), query_of(query))


def test_a_row_says_which_words_it_has_in_other_words_and_which_it_lacks() -> None:
    answer = find("wifi slow")
    match = answer.matches["incidents/unifi"]
    assert (match.words, match.related, match.lacking) == (("slow",), (("wifi", "UniFi"),), ())
    assert answer.matches["incidents/zfs"].lacking == ("wifi",)


def test_what_shares_only_a_related_word_never_looks_as_sure_as_what_was_typed() -> None:
    assert find("vpn").hits[0].score < 0.7
    assert find("wireguard").hits[0].score == 1.0


def test_who_is_in_trouble_gets_the_incident_and_who_asks_why_the_decision() -> None:
    assert find("shares hang").hits[0].ref == "incidents/zfs"
    assert find("why zfs").hits[0].ref == "decisions/0001-zfs"
    assert find("ZFS").hits[0].ref == "services/zfs"  # who types just a name wants just that


def test_a_word_that_no_note_has_is_said_and_no_stem_is_ever_shown() -> None:
    answer = find("contoller walrus")
    assert (answer.mended, answer.unknown) == ((("contoller", "controller"),), ("walrus",))
    assert find("suspendd").mended == (("suspendd", "suspended"),)


@pytest.mark.parametrize(
    ("query", "remark"),
    [
        ("kind:foo", "kind:foo is no kind of note"),
        ("servce:zfs pool", "service:zfs narrows down"),
        ("service:zsf pool", "there is service:zfs"),
        ("status:opn", "there is status:open"),
        ("tag:netwrk", "there is tag:network"),
    ],
)
def test_a_filter_that_can_not_be_meant_is_said(query: str, remark: str) -> None:
    assert remark in "\n".join(filter_remarks(LAB, query))


@pytest.mark.parametrize("query", ["service:zfs pool", "kind:incidents", "x509: unknown", "error: disk", "http://a.b/c", ""])
def test_of_good_filters_and_of_plain_text_nothing_is_said(query: str) -> None:
    assert filter_remarks(LAB, query) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("retried", "retry"),
        ("applied", "apply"),
        ("denied", "deny"),
        ("families", "family"),
        ("connections", "connect"),
        ("migration", "migrated"),
        ("broken", "breaks"),
        ("frozen", "freezing"),
        ("nightly", "nights"),
    ],
)
def test_forms_of_a_word_meet(one: str, other: str) -> None:
    assert stemming.stem(one) == stemming.stem(other)


@pytest.mark.parametrize(("one", "other"), [("apply", "app"), ("reply", "rep"), ("string", "strong"), ("family", "fame")])
def test_other_words_do_not_meet(one: str, other: str) -> None:
    assert stemming.stem(one) != stemming.stem(other)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("SocketTimeoutException", ["sockettimeoutexception", "socket", "timeout", "exception"]),
        ("max_children", ["maxchildren", "max", "children"]),
        ("php.ini", ["phpini", "php", "ini"]),
        ("10.10.5", ["10", "10", "5"]),
        ("NAS无法启动", ["nas", "无法", "法启", "启动"]),
        ("EAI_AGAIN", ["eaiagain", "dns", "host", "lookup", "eai"]),
    ],
)
def test_a_name_counts_whole_and_in_its_parts(text: str, found: list[str]) -> None:
    assert terms.terms_of(text) == found


def test_each_row_of_the_catalogue_finds_its_programs() -> None:
    for programs, words in catalogue.rows():
        for word in words.split():
            called = catalogue.programs_called(tuple(map(stemming.stem, word.split("+"))))
            assert {stemming.stem(program.replace("-", "")) for program in programs.split()} <= set(called), word


@pytest.mark.parametrize("language", lexicon.languages(), ids=lambda language: language.name)
def test_each_row_of_a_language_is_found_by_each_of_its_words(language: lexicon.Language) -> None:
    rows = [line.partition(": ") for line in language.text.splitlines()]
    assert len(rows) > 90
    for english, _, words in rows:
        for word in words.split():
            parts = word.split("+")
            meant = language.meaning_of_pair(*parts) if len(parts) == 2 else language.meaning(word)
            assert set(english.split()) <= set(meant), word


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("Passwort falsch", "german"),
        ("la vpn no arranca", "spanish"),
        ("le navigateur affiche", "french"),
        ("the red led is on", None),
        ("die nas is full", None),
    ],
)
def test_the_language_of_a_question_is_told_by_its_words(query: str, name: str | None) -> None:
    found = lexicon.language_of(query.lower().split())
    assert (found.name if found else None) == name


def test_german_compounds_are_taken_apart() -> None:
    [german] = [one for one in lexicon.languages() if one.name == "german"]
    assert {"database", "connection"} <= set(german.meaning("datenbankverbindung"))


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=200))
def test_no_question_errs(text: str) -> None:
    find(text)
    filter_remarks(LAB, text)
    pasted.lines_of(text)
