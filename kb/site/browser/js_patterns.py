"""Patterns of Python as JavaScript reads them, so that one set of rules serves the command line and the browser.

Python's `\\w`, `\\d`, `\\s` and `\\b` mean all of Unicode, JavaScript's mean ASCII, and JavaScript has neither possessive nor
atomic groups, nor verbose patterns, nor (in every browser) `(?i:…)`. So each pattern is made twice: for texts that are
ASCII, which is nearly all of them and quick, and for all others. What can't be said in JavaScript is an error, never a guess.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from ...exceptions import KbError

# What Python's str.isspace and `\s` take: JavaScript has one more (U+FEFF) and knows nothing of some.
_BLANKS = r"\t-\r\x1c-\x20"
_OTHER_BLANKS = r"\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_WORD = r"\p{L}\p{N}_"

# Letters whose case is not a pair: what Python's IGNORECASE takes for them too.
_SAME_LETTERS: Mapping[str, str] = {"i": "\u0130\u0131", "k": "\u212a", "s": "\u017f"}
_SPECIAL = frozenset("^$\\.*+?()[]{}|/")
_SPECIAL_IN_A_SET = frozenset("^\\[]-")
_QUANTIFIER = re.compile(r"[*+?]|\{(?P<least>\d*)(?P<comma>,?)(?P<most>\d*)\}")
_GROUPS = (
    ("(?:", "(?:"),
    ("(?=", "(?="),
    ("(?!", "(?!"),
    ("(?<=", "(?<="),
    ("(?<!", "(?<!"),
)
_NAME = re.compile(r"\(\?P<(\w+)>")


class CantTranslate(KbError):
    """A pattern that says something that JavaScript can't."""


def javascript(pattern: str, verbose: bool = False, label: str = "") -> tuple[str, str]:
    """The pattern for JavaScript: without flags, for ASCII texts; and with the flag `u`, for all texts. Raises CantTranslate.

    `label` tells patterns apart that are to be joined into one.
    """
    return _javascript(pattern, verbose, label)


@lru_cache(1_000)
def _javascript(pattern: str, verbose: bool, label: str) -> tuple[str, str]:
    ascii_only, whole = (_Translation(pattern, verbose, label, unicode).made() for unicode in (False, True))
    return ascii_only, whole


@dataclass
class _Translation:
    pattern: str
    verbose: bool
    label: str
    unicode: bool
    place: int = 0
    number: int = 0  # of atomic groups so far
    any_case: list[bool] = field(default_factory=lambda: [False])

    def made(self) -> str:
        text = self.alternatives()
        if self.place < len(self.pattern):
            raise self.error("an unbalanced parenthesis")
        return text

    def error(self, what: str) -> CantTranslate:
        return CantTranslate(f"{what} at {self.place} of {self.pattern!r}")

    def take(self, text: str) -> bool:
        if not self.pattern.startswith(text, self.place):
            return False
        self.place += len(text)
        return True

    def alternatives(self) -> str:
        """All up to the parenthesis that closes this group, or to the end."""
        found: list[str] = []
        while self.place < len(self.pattern) and self.pattern[self.place] != ")":
            char = self.pattern[self.place]
            if self.verbose and char.isspace():
                self.place += 1
            elif self.verbose and char == "#":
                raise self.error("a remark in a pattern")
            elif self.take("|"):
                found.append("|")
            elif found and (quantifier := _QUANTIFIER.match(self.pattern, self.place)) and quantifier[0] not in ("{}", "{,}"):
                found[-1] = self.repeated(found[-1], quantifier)
            else:
                found.append(self.atom(char))
        return "".join(found)

    def repeated(self, atom: str, quantifier: re.Match[str]) -> str:
        if atom == "|":
            raise self.error("nothing to repeat")
        self.place = quantifier.end()
        said = quantifier[0]
        if quantifier["comma"] and not quantifier["least"]:
            said = f"{{0,{quantifier['most']}}}"
        if self.take("+"):
            return self.atomic(f"{atom}{said}")
        return f"{atom}{said}?" if self.take("?") else f"{atom}{said}"

    def atomic(self, inner: str) -> str:
        """What is read so is never given back: a look ahead forgets its ways, and the group repeats what it saw."""
        self.number += 1
        name = f"a{self.label}_{self.number}"
        return rf"(?:(?=(?<{name}>{inner}))\k<{name}>)"

    def atom(self, char: str) -> str:
        if char == "(":
            return self.group()
        if char == "[":
            return self.one_of()
        if char == "\\":
            return self.escape()
        self.place += 1
        if char == ".":
            return r"[^\n]"
        if char == "$":
            return r"(?=\n?$)"
        if char == "^":
            return "^"
        if char in "*+?":
            raise self.error("nothing to repeat")
        return self.literal(char)

    def literal(self, char: str) -> str:
        cases = self.cases(char)
        return f"[{cases}]" if len(cases) > 1 else _escaped(char, _SPECIAL)

    def cases(self, char: str) -> str:
        if not self.any_case[-1] or char.lower() == char.upper():
            return char
        if not char.isascii():
            raise self.error(f"{char!r} in any case")
        return char.lower() + char.upper() + (_SAME_LETTERS.get(char.lower(), "") if self.unicode else "")

    def group(self) -> str:
        opened, any_case = "", self.any_case[-1]
        close: Callable[[str], str] = self._close
        for python, here in _GROUPS:
            if self.take(python):
                opened = here
                break
        else:
            if self.take("(?i:"):
                opened, any_case = "(?:", True
            elif self.take("(?>"):
                opened, close = "", self.atomic
            elif name := _NAME.match(self.pattern, self.place):
                self.place = name.end()
                opened = f"(?<{name[1]}>"
            elif self.pattern.startswith("(?", self.place):
                raise self.error("a group of an unknown kind")
            else:
                self.place += 1
                opened = "("
        self.any_case.append(any_case)
        inner = self.alternatives()
        self.any_case.pop()
        if not self.take(")"):
            raise self.error("a group without an end")
        return close(opened + inner)

    @staticmethod
    def _close(opened: str) -> str:
        return f"{opened})"

    def escape(self) -> str:
        self.place += 1
        char = self.pattern[self.place : self.place + 1]
        if special := self.classes().get(char):
            self.place += 1
            return special
        return self.literal(self.escaped_char())

    def classes(self) -> Mapping[str, str]:
        return _CLASSES[self.unicode]

    def escaped_char(self) -> str:
        """The character that an escape sequence means; the backslash is read already."""
        char = self.pattern[self.place : self.place + 1]
        if char == "x" and (code := re.match(r"[0-9A-Fa-f]{2}", self.pattern[self.place + 1 :])):
            self.place += 3
            return chr(int(code[0], 16))
        if char in _CONTROLS:
            self.place += 1
            return _CONTROLS[char]
        if not char or char.isalnum():
            raise self.error(f"the escape \\{char}")
        self.place += 1
        return char

    def one_of(self) -> str:
        self.place += 1
        negated = self.take("^")
        items: list[str] = []
        of_words = False
        while not (self.pattern[self.place : self.place + 1] == "]" and items):
            if self.place >= len(self.pattern):
                raise self.error("a set without an end")
            if negated and not items and not of_words and self.take("\\W"):
                of_words = True
                continue
            items.append(self.item())
            if self.pattern[self.place : self.place + 1] == "]":
                break
        self.place += 1
        inner = "".join(items)
        if of_words:  # not a sign, and none of the others either
            return f"(?:(?![{inner}]){_CLASSES[self.unicode]['w']})"
        return f"[{'^' if negated else ''}{inner}]"

    def item(self) -> str:
        if self.take("\\"):
            inside = _IN_A_SET[self.unicode].get(self.pattern[self.place : self.place + 1])
            if inside:
                self.place += 1
                return inside
            first = self.escaped_char()
        else:
            first = self.pattern[self.place]
            self.place += 1
        after = self.pattern[self.place : self.place + 2]
        if len(after) < 2 or after[0] != "-" or after[1] == "]":
            return "".join(_escaped(char, _SPECIAL_IN_A_SET) for char in self.cases(first))
        self.place += 1
        last = self.escaped_char() if self.take("\\") else self.pattern[self.place]
        self.place += last == self.pattern[self.place : self.place + 1]
        if self.any_case[-1] or ord(last) < ord(first):
            raise self.error("a range")
        return f"{_escaped(first, _SPECIAL_IN_A_SET)}-{_escaped(last, _SPECIAL_IN_A_SET)}"


_CONTROLS: Mapping[str, str] = {"n": "\n", "r": "\r", "t": "\t", "f": "\f", "v": "\v", "a": "\a"}
_EDGE = f"(?:(?<=[{_WORD}])(?![{_WORD}])|(?<![{_WORD}])(?=[{_WORD}]))"
_CLASSES: tuple[Mapping[str, str], Mapping[str, str]] = (
    {"w": r"\w", "d": r"\d", "s": f"[{_BLANKS}]", "S": f"[^{_BLANKS}]", "W": r"\W", "D": r"\D", "b": r"\b", "Z": "$", "A": "^"},
    {
        "w": f"[{_WORD}]",
        "d": r"\p{Nd}",
        "s": f"[{_BLANKS}{_OTHER_BLANKS}]",
        "S": f"[^{_BLANKS}{_OTHER_BLANKS}]",
        "W": f"[^{_WORD}]",
        "D": r"\P{Nd}",
        "b": _EDGE,
        "Z": "$",
        "A": "^",
    },
)
_IN_A_SET: tuple[Mapping[str, str], Mapping[str, str]] = (
    {"w": r"\w", "d": r"\d", "s": _BLANKS},
    {"w": _WORD, "d": r"\p{Nd}", "s": _BLANKS + _OTHER_BLANKS},
)


def _escaped(char: str, special: frozenset[str]) -> str:
    if char in special:
        return f"\\{char}"
    return char if char.isprintable() else f"\\u{ord(char):04x}"
