"""The fields of a kind of note: how values of the front matter are read and typed."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Generic, Protocol, TypeVar, overload

from ..exceptions import close_to
from .dates import When

# Front matter once it is read: every scalar is the string that was typed.
Front = Mapping[str, object]

T = TypeVar("T")


class HasFront(Protocol):
    """What a field is read from: a note."""

    @property
    def front(self) -> Front:
        """Its front matter."""

    @property
    def zone(self) -> str:
        """The time zone of its dates where they name none; "" is that of this machine."""


class Field(Generic[T]):
    """One row of a kind's table of fields: reads its key from the front matter and gives the value a type.

    `convert` raises ValueError with what was expected; the attribute is then `default`, and `complaint` says why.
    """

    def __init__(self, convert: Callable[[object], T], default: T, key: str = "") -> None:
        self.convert, self.default, self.key = convert, default, key

    def __set_name__(self, owner: type, name: str) -> None:
        self.key, self.name = self.key or name, name

    @overload
    def __get__(self, note: None, owner: type) -> Field[T]: ...
    @overload
    def __get__(self, note: HasFront, owner: type) -> T: ...
    def __get__(self, note: HasFront | None, owner: type) -> Field[T] | T:
        if note is None:
            return self
        value = note.front.get(self.key)
        try:
            found = self.unwritten(note.front) if _is_blank(value) else self.read(value, note)
        except ValueError:
            found = self.default
        vars(note)[self.name] = found  # like a cached_property: a site reads each field a hundred times
        return found

    def read(self, value: object, note: HasFront) -> T:
        """What a value means in that note. Raises ValueError."""
        del note
        return self.convert(value)

    def unwritten(self, front: Front) -> T:
        """What holds where nothing is written."""
        del front
        return self.default

    def complaint(self, front: Front) -> str | None:
        """What is wrong with the value in `front`, if anything."""
        value = front.get(self.key)
        if _is_blank(value):
            return None
        try:
            self.convert(value)
        except ValueError as wrong:
            return str(wrong)
        return None


def _is_blank(value: object) -> bool:
    return value is None or value == "" or value == []


def _one_line(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("should be one text, not a list")
    return " ".join(value.split())


def _flat_list(value: object) -> tuple[str, ...]:
    """Names from a list, or from one string with commas."""
    items = value.split(",") if isinstance(value, str) else value
    if not isinstance(items, list):
        raise ValueError("should be a list of names: [one, two]")
    if nested := [item for item in items if not isinstance(item, str)]:
        raise ValueError(f"should be a list of names, but holds {nested[0]!r}")
    # A program may have written an empty list as `null`.
    return tuple(dict.fromkeys(name for item in items if (name := " ".join(item.split())) not in ("", "null", "~")))


def _moment(value: object, zone: str = "") -> When | None:
    try:
        return When.read(_one_line(value), zone)
    except ValueError:
        raise ValueError(f"should be a date like 2026-04-24 or 2026-04-24T01:07+01:00, not {value!r}") from None


def _days(value: object, zone: str = "") -> tuple[When, ...]:
    return tuple(found for name in _flat_list(value) if (found := _moment(name, zone)))


class DateField(Field[T]):
    """A field of dates or moments, of which those without a zone are meant in the note's own."""

    def __init__(self, convert: Callable[[object, str], T], default: T, key: str = "") -> None:
        super().__init__(lambda value: convert(value, ""), default, key)
        self.convert_in = convert

    def read(self, value: object, note: HasFront) -> T:
        """The moments in a value, in the note's time zone. Raises ValueError."""
        return self.convert_in(value, note.zone)


def _yes_or_no(value: object) -> bool:
    word = _one_line(value).lower()
    if word in ("yes", "true", "on", "y", "1"):
        return True
    if word in ("no", "false", "off", "n", "0"):
        return False
    raise ValueError(f"should be true or false, not {value!r}")


def text(key: str = "") -> Field[str]:
    """A field that holds one line of text."""
    return Field(_one_line, "", key)


def names(key: str = "") -> Field[tuple[str, ...]]:
    """A field that holds a list of names."""
    return Field(_flat_list, (), key)


def when(key: str = "") -> Field[When | None]:
    """A field that holds a date or a moment."""
    return DateField(_moment, None, key)


def days(key: str = "") -> Field[tuple[When, ...]]:
    """A field that holds one day, or a list of them: on which the same happened again."""
    return DateField(_days, (), key)


def flag(key: str = "") -> Field[bool | None]:
    """A field that holds yes or no; None if the note doesn't say."""
    return Field(_yes_or_no, None, key)


class Choice(Field[str]):
    """A field that holds one of a few words. Free text after the word is kept and ignored ("Accepted (phase A)")."""

    def __init__(self, *options: str, default: str = "", key: str = "", implied: Mapping[str, str] | None = None) -> None:
        """`implied`: other keys, each with the word that it means where nobody wrote one, as an end means that it is over."""
        super().__init__(self._word, default, key)
        self.options, self.implied = options, implied or {}

    def unwritten(self, front: Front) -> str:
        """The word that the other keys mean, else the default."""
        return next((word for key, word in self.implied.items() if not _is_blank(front.get(key))), self.default)

    def _word(self, value: object) -> str:
        words: list[str] = re.findall(r"\w+", _one_line(value).lower())
        if words and words[0] in self.options:
            return words[0]
        close = close_to(words[0] if words else "", self.options)
        raise ValueError(
            f"should be one of {', '.join(self.options)}, not {value!r}" + (f": did you mean {close[0]}?" if close else "")
        )
