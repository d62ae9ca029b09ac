"""The scripts of the site's search and of the page for pasted errors: what is packed comes out again."""

from __future__ import annotations

import json

import pytest

from kb.retrieval.terms import DIGITS
from kb.site.browser.shards import Postings, row_shards, script, script_name, script_text, term_shards


def unpacked(text: str) -> dict[str, str]:
    """The lines of a shard as JavaScript reads them: it counts halves of characters (UTF-16)."""
    found = {}
    before = b""
    for line in text.split("\n"):
        head, postings = line.split("\t")
        before = before[: 2 * DIGITS.index(head[0])] + head[1:].encode("utf-16-be")
        found[before.decode("utf-16-be")] = postings
    return found


@pytest.mark.parametrize(
    "terms",
    [
        ["disk", "diskless", "dns", "zfs"],
        ["𠮷野", "𠮷野家", "𠮷田"],  # the first letter is two characters to JavaScript
        ["x" * 70, "x" * 71],
        ["\uffee", "𐐨"],  # another order in UTF-16
        [],
    ],
)
def test_terms_come_out_as_javascript_counts_them(terms: list[str]) -> None:
    ((first, text),) = term_shards({term: ["1"] for term in terms}, 1_000)
    assert (unpacked(text) if terms else {}) == dict.fromkeys(terms, "1")
    assert first == min(terms, key=lambda term: term.encode("utf-16-be"), default="")


def test_each_shard_stands_alone_and_says_its_first_term() -> None:
    terms = [f"term{number:03}" for number in range(100)]
    shards = list(term_shards({term: ["1"] for term in terms}, 40))
    assert len(shards) > 10
    assert [term for _, text in shards for term in unpacked(text)] == terms
    assert all(first == next(iter(unpacked(text))) for first, text in shards)


def test_documents_are_written_as_distances() -> None:
    postings = Postings()
    for document in (0, 1, 33, 5_000):
        postings.add("disk", document)
    postings.add("dns", 1, DIGITS[63])
    # 4,967 documents later: 7 + 27 · 32 + 4 · 32².
    assert postings.by_term == {"disk": ["1", "1", "W1", "dx4"], "dns": ["_2"]}


def test_rows_are_cut_by_size_and_never_in_the_middle() -> None:
    firsts, texts = row_shards([json.dumps("x" * size) for size in (5, 50, 5, 5)], 20)
    assert firsts == [0, 2]
    assert [len(json.loads(text)) for text in texts] == [2, 2]


@pytest.mark.parametrize("text", ["a\u2028b\u2029c", "bell \x85 \x7f \x9b[31m", 'a "quoted" \\ path', "😀 𠮷"])
def test_a_script_loses_no_character(text: str) -> None:
    said = script_text([text])
    assert json.loads(said) == [text]
    assert not set(said) & set("\u2028\u2029\x7f\x85\x9b")


def test_half_a_character_becomes_a_sign() -> None:
    assert json.loads(script_text("\\\ud800x")) == "\\\ufffdx"


def test_a_script_is_called_by_what_is_in_it() -> None:
    one, same, other = (script("assets/x", "f", text) for text in ("1", "1", "2"))
    assert one == same != other
    assert one[0] == f"assets/x/{script_name(one)}.js"
    assert one[1] == "f(1)\n"
