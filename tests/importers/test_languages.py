"""Each row of the language files is found where a record says it."""

from __future__ import annotations

import re

import pytest

from kb.importers.adr import record_dates, record_head, record_headings, record_text, relations, status_words, vocabulary
from kb.importers.adr.vocabulary import LISTS, RELATIONS, languages

NAMES = list(languages())
STATES = {"accepted", "proposed", "rejected", "deprecated", "superseded"}
MEANINGS = set(languages()["english"]["headings"])


def each(*keys: str) -> list[object]:
    """The words of these lists, plain ones and parts of patterns alike, each with its language."""
    return [
        pytest.param(word, id=f"{name}-{key}-{word}")
        for name, language in languages().items()
        for key in keys
        for word in language.get(key, ())
    ]


def pairs(table: str) -> list[object]:
    return [
        pytest.param(meaning, word, id=f"{name}-{meaning}-{word}")
        for name, language in languages().items()
        for meaning, words in language.get(table, {}).items()
        for word in " ".join(words.split()).split(", " if table == "headings" else None)
    ]


@pytest.mark.parametrize("name", NAMES)
def test_a_language_has_only_keys_that_are_read(name: str) -> None:
    language = languages()[name]
    assert set(language) <= {*LISTS, *RELATIONS, "status", "headings"}, "vocabulary.py says which there are"
    assert set(language["status"]) <= STATES
    assert set(language.get("headings", ())) <= MEANINGS
    assert len(language.get("months", range(12))) == 12
    for key in {*LISTS, *RELATIONS} & set(language) - {"months", "y_statement"}:
        for word in language[key]:
            assert re.compile(word).groups == len(re.findall(r"\(\?P<deprecated>", word)), "a group must be (?:…)"


def test_a_word_means_the_same_in_every_language() -> None:
    for table in ("status", "headings"):
        seen: dict[str, str] = {}
        for row in pairs(table):
            meaning, word = row.values  # type: ignore[attr-defined]
            assert seen.setdefault(word, meaning) == meaning, (
                f"{word!r} is {meaning} in one language and {seen[word]} in another"
            )


@pytest.mark.parametrize(("state", "word"), pairs("status"))
def test_a_word_of_a_status_is_read_as_its_state(state: str, word: str) -> None:
    assert status_words.STATES[word] == state
    assert status_words.read(f"{word} (2024-03-05)").word == state or status_words.read(f"{word} (2024-03-05)").word == ""


@pytest.mark.parametrize(("meaning", "word"), pairs("headings"))
def test_a_heading_is_known_in_any_case(meaning: str, word: str) -> None:
    assert record_headings.meaning(word) == meaning
    assert record_headings.meaning(f"3. {word.title() if word.title().lower() == word else word}:") == meaning


@pytest.mark.parametrize("name", [name for name in NAMES if "months" in languages()[name]])
def test_a_month_is_read_in_a_date(name: str) -> None:
    for number, words in enumerate(languages()[name]["months"], 1):
        for word in words.split():
            assert (
                record_dates.find(f"on 3. {word} 2024")
                == record_dates.find(f"{word.capitalize()} 3, 2024")
                == f"2024-{number:02}-03"
            ), word


@pytest.mark.parametrize(
    ("kind", "pattern", "example"),
    [
        pytest.param(kind, pattern, example, id=f"{name}-{kind}-{example}")
        for name, language in languages().items()
        for kind in RELATIONS
        for pattern, example in language.get(kind, {}).items()
    ],
)
def test_a_pattern_of_a_relation_finds_its_example(kind: str, pattern: str, example: str) -> None:
    assert re.search(pattern, example, re.IGNORECASE)
    assert [(found.kind, found.target.removeprefix("ADR-")) for found in relations.relations(example)] == [(kind, "3")]
    assert relations.relations(example.replace("ADR-3", "")) == []


@pytest.mark.parametrize("word", [word for word in vocabulary.listed("not") if word != "un"])
def test_a_negated_status_is_turned_round(word: str) -> None:
    assert status_words.read(f"{word} accepted").word == "rejected"


@pytest.mark.parametrize("word", vocabulary.listed("not_after"))
def test_a_status_negated_behind_it_is_turned_round(word: str) -> None:
    assert status_words.read(f"kabul {word}").word == "rejected"


@pytest.mark.parametrize("word", each("before"))
def test_a_word_before_the_status_is_passed_over(word: str) -> None:
    assert status_words.read(f"{word} accepted").word == ("rejected" if word in vocabulary.listed("not") else "accepted")


@pytest.mark.parametrize("word", vocabulary.listed("articles"))
def test_a_word_that_an_article_makes_a_noun_is_no_status(word: str) -> None:
    assert status_words.read(f"{word} current tool").word == ""


@pytest.mark.parametrize("word", vocabulary.listed("and") + vocabulary.listed("or"))
def test_records_joined_by_a_word_are_all_meant(word: str) -> None:
    assert [found.target for found in relations.stated("supersedes", f"ADR-3 {word} 4", {})] == ["3", "4"]


def plainly(pattern: str) -> str:
    """A text that a part of a pattern matches: `parts?` → parts, `keine?r?` → keiner, `part(?:e|i)` → parte."""
    text = re.sub(r"\(\?:([^()|]*)(?:\|[^()]*)?\)\??", r"\1", pattern)
    return re.sub(r"\[(.)[^\]]*\]", r"\1", text).replace(r"\w*", "").replace("?", "").replace("+", "")


@pytest.mark.parametrize("word", each("partly"))
def test_a_relation_beside_such_a_word_is_of_a_part(word: str) -> None:
    assert [found.partly for found in relations.relations(f"Supersedes {plainly(word)} ADR-3")] == [True]
    assert [found.partly for found in relations.relations("Supersedes ADR-3")] == [False]


@pytest.mark.parametrize("word", each("partly_after"))
def test_a_relation_is_of_a_part_where_that_stands_behind_it(word: str) -> None:
    assert [found.partly for found in relations.relations(f"Superseded by ADR-3, {plainly(word)}")] == [True]


@pytest.mark.parametrize("word", each("as_to"))
def test_a_relation_is_limited_to_what_is_named_behind_it(word: str) -> None:
    assert [found.partly for found in relations.relations(f"Superseded by ADR-3, {plainly(word)} x")] == [True]


@pytest.mark.parametrize("word", each("for"))
def test_a_relation_is_limited_to_what_it_is_for(word: str) -> None:
    for article in vocabulary.listed("the"):
        assert [found.partly for found in relations.relations(f"Superseded by ADR-3 {word} {article} queue")] == [True]


@pytest.mark.parametrize("word", each("of"))
def test_a_piece_of_another_record_is_a_part_of_it(word: str) -> None:
    assert [found.partly for found in relations.relations(f"Supersedes storage {plainly(word)} ADR-3")] == [True]


@pytest.mark.parametrize("word", each("nothing"))
def test_a_word_for_nothing_names_no_record(word: str) -> None:
    assert relations.says_nothing(plainly(word))
    assert not relations.says_nothing(f"{plainly(word)}-of-3")


@pytest.mark.parametrize("word", each("replaced", "replaced_after"))
def test_what_was_replaced_in_part_is_in_force(word: str) -> None:
    for partly in vocabulary.listed("partly_replaced"):
        assert status_words.read(f"{partly} {plainly(word)}").word == "accepted"


@pytest.mark.parametrize("word", each("changed"))
def test_what_was_changed_is_in_force(word: str) -> None:
    assert status_words.read(plainly(word)).word == "accepted"


@pytest.mark.parametrize("word", each("record"))
def test_a_title_is_given_without_the_word_for_a_record_and_its_number(word: str) -> None:
    text = f"# {word.capitalize()} 7: Use X\n\n## Status\n\nAccepted\n"
    assert record_head.read(record_text.RecordText("0007-use-x", text)).title == "Use X"


def test_the_name_of_a_month_may_be_typed_without_its_dotless_i() -> None:
    assert (
        record_dates.find("3 Mayis 2021")
        == record_dates.find("3 MAYIS 2021")
        == record_dates.find("3 mayıs 2021")
        == "2021-05-03"
    )
