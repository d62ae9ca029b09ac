"""The numbers that decide: the page about matching states each, and rows of examples hold what they do."""

from __future__ import annotations

import ast
import importlib
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from kb.logs.background import is_even, recurring
from kb.logs.fingerprint import signature
from kb.logs.log_blocks import kind_of, score_of
from kb.logs.trouble import log_line, trouble_of
from kb.retrieval import evidence, verdict
from kb.retrieval.evidence import Evidence, WeighedLine, compare, weighed_line
from kb.retrieval.question import read_question
from kb.retrieval.verdict import Pair
from kb.retrieval.whole_note import Whole, sure_of_all

PROJECT = Path(__file__).resolve().parents[2]
ROW = re.compile(r"^\| `(?P<module>\w+\.\w+)\.(?P<name>[A-Z_]+)` \| (?P<value>[^|]+?) \|", re.M)
STATED = [(row["module"], row["name"], row["value"]) for row in ROW.finditer((PROJECT / "docs/matching.md").read_text("utf-8"))]


def numbers(value: object) -> Iterator[float]:
    if isinstance(value, int | float):
        yield float(value)
    elif isinstance(value, Mapping):
        yield from numbers(tuple(value.values()))
    elif isinstance(value, tuple):
        for part in value:
            yield from numbers(part)


@pytest.mark.parametrize(("module", "name", "value"), STATED, ids=[f"{module}.{name}" for module, name, _ in STATED])
def test_a_number_is_the_one_that_the_page_states(module: str, name: str, value: str) -> None:
    there = list(numbers(getattr(importlib.import_module(f"kb.{module}"), name)))
    assert there == [float(part.replace(",", "")) for part in value.split(", ")]


@pytest.mark.parametrize("module", sorted({module for module, _, _ in STATED}))
def test_no_number_of_a_module_is_left_out(module: str) -> None:
    loaded = importlib.import_module(f"kb.{module}")
    tree = ast.parse(Path(str(loaded.__file__)).read_text("utf-8"))
    names = {
        name.id
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        for name in ast.walk(target)
        if isinstance(name, ast.Name) and re.fullmatch("[A-Z][A-Z_]+", name.id)
    }
    told = {name for name in names if isinstance(getattr(loaded, name), int | float)}
    assert told <= {name for other, name, _ in STATED if other == module}


# ---- two lines -------------------------------------------------------------------------------------------------------

NOTHING = Evidence(0, 0, 0, 0, 0, False, False, False, False, 0)


@pytest.mark.parametrize(
    ("found", "score"),
    [
        (Evidence(1, 1, 0, 0, 0, False, False, False, False, 0), 0.75),
        (Evidence(1, 0, 0, 0, 0, False, False, False, False, 0), 0.1),
        (Evidence(0.25, 1, 0, 0, 0, False, False, False, False, 0), 0.375),
        (Evidence(0, 0, 1, 0, 0, False, False, False, False, 0), 0.2),
        (Evidence(0, 0, 0, 1, 0, False, False, False, False, 0), 0.05),
    ],
)
def test_what_makes_the_score(found: Evidence, score: float) -> None:
    assert found.score == pytest.approx(score)


@pytest.mark.parametrize(
    ("found", "odds"),
    [
        (NOTHING, -5.2),
        (Evidence(0, 0, 1, 0, 0, False, False, False, False, 0), 1.8),
        (Evidence(0, 0, 0, 0, 0, False, False, False, False, 5), -4.15),
        (Evidence(0, 0, 0, 0, 0, False, False, False, False, 9), -3.52),
        (Evidence(0, 0, 0, 0, 0, True, False, False, False, 0), -3.2),
        (Evidence(0, 0, 0, 0, 1, False, False, False, False, 0), -7.5),
        (Evidence(0, 0, 0, 0, 0, False, True, False, False, 0), -8.2),
        (Evidence(0, 0, 0, 0, 0, False, False, True, False, 0), -8.2),
        (Evidence(0, 0, 0, 0, 0, False, False, False, True, 0), -9.7),
    ],
)
def test_what_makes_the_odds(found: Evidence, odds: float) -> None:
    assert found.odds == pytest.approx(odds)


def line(text: str, total: float = 1.0, error: int = 0) -> WeighedLine:
    """A line whose words weigh this much altogether."""
    words = signature(text).split()
    made = weighed_line(text, signature(text), dict.fromkeys(words, total / len(words)))
    return WeighedLine(made.line, made.signature, made.weights, total, made.plain, made.pairs, error)


def pair(asked: WeighedLine, known: WeighedLine) -> Pair:
    found = compare(asked, known)
    return Pair(0, asked, known, found, verdict.verdict(found, asked, known))


@pytest.mark.parametrize(
    ("asked", "known", "strength"),
    [
        ("bind failed on shelf seven", "bind failed on shelf seven", "same"),
        ("listen tcp 0.0.0.0:81: gate is occupied", "listen tcp 0.0.0.0:80: gate is occupied", "likely"),
        (
            "opening the seventh gate of the old shelf fai",
            "opening the seventh gate of the old shelf failed: permission denied",
            "weak",
        ),
        (
            "opening the seventh gate of the old shelf failed: permission de",
            "opening the seventh gate of the old shelf failed: permission denied",
            "weak",
        ),
        (
            "opening the seventh gate of the old shelf failed: no such file or directory",
            "opening the seventh gate of the old shelf failed: permission denied",
            "weak",
        ),
    ],
)
def test_how_sure_two_lines_are(asked: str, known: str, strength: str) -> None:
    assert pair(line(asked), line(known)).strength == strength


# ---- a whole note ----------------------------------------------------------------------------------------------------

A, B = "the left shelf of the garage failed", "no gate for the purple bicycle was refused"
ELSE = "the moon engine cannot find its helmet"
QUIET = "the garden path is green today"


def strength_of(parts: tuple[float, float], asked: str, other: str = B, first: str = A, shared: int = 1) -> str:
    """How sure a note of two lines is that weigh so much, of which the first is there."""
    known = [line(first, parts[0]), line(other, parts[1])]
    question = read_question(asked)
    pairs = [pair(line(text, parts[0]), known[0]) for text in asked.splitlines()[:1]]
    sharing = {known[0].signature: shared}
    return sure_of_all(Whole(set(), question, lambda mark: sharing.get(mark, 1)), known, pairs).strength


@pytest.mark.parametrize(
    ("parts", "asked", "strength"),
    [
        ((0.76, 0.24), A, "same"),
        ((0.74, 0.26), A, "likely"),
        ((0.41, 0.59), f"{A}\n{ELSE}", "likely"),
        ((0.39, 0.61), f"{A}\n{ELSE}", "weak"),
        ((0.39, 0.61), A, "likely"),  # all that was asked is known
    ],
)
def test_how_much_of_a_known_error_must_be_there(parts: tuple[float, float], asked: str, strength: str) -> None:
    assert strength_of(parts, asked) == strength


@pytest.mark.parametrize(
    ("quiet", "strength"),
    [(0.8, "same"), (0.86, "likely")],  # 0.4 of which count: 1 of 1.32, and of 1.344
)
def test_a_line_that_tells_nothing_counts_little(quiet: float, strength: str) -> None:
    assert strength_of((1, quiet), A, QUIET) == strength


@pytest.mark.parametrize(("shared", "strength"), [(1, "same"), (2, "likely"), (3, "weak")])
def test_a_line_that_many_errors_hold_is_a_wrapper(shared: int, strength: str) -> None:
    assert strength_of((0.8, 0.2), A, shared=shared) == strength


def sure_of(known: str, asked: str) -> str:
    """How sure a note is whose error is `known`, by its best pairs with `asked`."""
    lines = [line(text) for text in known.splitlines()]
    pairs = [min((pair(line(text), other) for other in lines), key=lambda found: found.rank) for text in asked.splitlines()]
    return sure_of_all(Whole(set(), read_question(asked), lambda _: 1), lines, pairs).strength


WRAPPER = "the daemon could not create the seventh task for the shelf in mode legacy"


@pytest.mark.parametrize(
    ("known", "asked", "strength"),
    [
        (f"{WRAPPER}\nshelf tool error: change of root failed", f"{WRAPPER}\nshelf tool error: change of root failed", "same"),
        # The line beside it begins alike, and says something else.
        (
            f"{WRAPPER}\nshelf tool error: change of root failed",
            f"{WRAPPER}\nshelf tool error: change the lamp failed",
            "likely",
        ),
        # Another port in the words that say what went wrong, and the same words beside it.
        (f"listen tcp 0.0.0.0:80: gate is refused\n{WRAPPER}", f"listen tcp 0.0.0.0:81: gate is refused\n{WRAPPER}", "likely"),
        (f"listen tcp 0.0.0.0:80: gate is refused\n{WRAPPER}", f"listen tcp 0.0.0.0:80: gate is refused\n{WRAPPER}", "same"),
    ],
)
def test_what_stands_beside_the_same_line_decides(known: str, asked: str, strength: str) -> None:
    assert sure_of(known, asked) == strength


# ---- a log -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("places", "length", "even"),
    [
        ((0, 10, 20, 30), 40, True),
        ((0, 20), 40, False),
        ((0, 8, 16), 40, True),
        ((0, 8, 15), 40, False),
        ((20, 28, 38), 40, True),
        ((21, 30, 39), 40, False),
        ((0, 1, 2, 17), 40, False),
    ],
)
def test_what_recurs_evenly(places: tuple[int, ...], length: int, even: bool) -> None:
    assert is_even(places, length) == even


@pytest.mark.parametrize(
    ("length", "often", "once", "background"),
    [(20, 4.0, 2.0, True), (19, 4.0, 2.0, False), (20, 4.1, 2.0, False), (20, 2.0, 1.6, True), (20, 2.0, 1.5, False)],
)
def test_what_is_background(length: int, often: float, once: float, background: bool) -> None:
    said = [("often", often) if place % 4 == 0 else ("", 0.0) for place in range(length - 1)]
    assert recurring([*said, ("once", once)]) == (frozenset(["often"]) if background else frozenset())


@pytest.mark.parametrize(
    ("text", "trouble"),
    [
        ("FATAL: the shelf", 5),
        ("ERROR the shelf", 4),
        ("E0301 12:00:01 the shelf", 4),
        ("ShelfException: gone", 4),
        ("exited with code 7", 3),
        ("the disk is DOWN", 3),
        ("the unit gave up", 3),
        ("the gate was refused", 2),
        ("die Verbindung wurde verweigert", 2),
        ("the shelf is missing", 1.6),
        ("WARN the shelf", 1),
        ("WARN the shelf is missing", 2),
        ("INFO the gate was refused", 1.5),
        ('10.0.0.1 "GET / HTTP/1.1" 502 7', 2),
        ('10.0.0.1 "GET / HTTP/1.1" 404 7', 0),
        ("0 errors, please see the log", 0),
        ("all is well", 0),
    ],
)
def test_how_much_a_line_looks_like_trouble(text: str, trouble: float) -> None:
    assert trouble_of(text) == trouble


@pytest.mark.parametrize(
    ("block", "often", "place", "score"),
    [
        ("ERROR the shelf", 1, 0.0, 4.0),
        ("ERROR the shelf", 2, 0.0, 3.2),
        ("ERROR the shelf", 8, 0.0, 2.8),
        ("ERROR the shelf", 1, 1.0, 4.3),
        ("ERROR the shelf\n  below it", 1, 0.0, 4.5),
        ("all is well", 1, 1.0, 0.0),
    ],
)
def test_how_likely_a_block_says_what_went_wrong(block: str, often: int, place: float, score: float) -> None:
    lines = [log_line(text) for text in block.splitlines()]
    there = range(len(lines))
    assert score_of(lines, there, Counter({kind_of(lines, there): often}), place) == pytest.approx(score)


def test_the_weights_speak_in_the_order_of_their_names() -> None:
    assert [name for name, _ in evidence.REASONS] == [name for name, _ in NOTHING.reasons]
