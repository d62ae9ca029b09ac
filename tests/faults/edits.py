"""Generated notes whose fields are set: the lines that are meant change, and no other byte of the file."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import yaml
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from kb.exceptions import CannotEdit
from kb.notes import front_matter, front_matter_edit, templates
from kb.notes.front_matter_edit import NewValue

from . import Tally

KEYS = ("title", "status", "date", "tags", "services", "x", "a-b", "Größe", "held", "long name", "url", "0042")
PLAIN = (
    "a",
    "no",
    "22:22",
    "1.10",
    "0042",
    "2026-11-20",
    "a b",
    "https://x.y/z?q=1",
    "é 字 🔥",
    "x#y",
    "~",
    "null",
    "- dash",
    "a'b",
    'a"b',
)

text = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
word = st.one_of(st.sampled_from(PLAIN), st.text("abc 'é\"#:,-[]{}\\", max_size=8))


def _quoted(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


@st.composite
def values(draw: st.DrawFn) -> str:
    """A value as people and programs write it: plain, quoted, folded, a list in one line or in several, with remarks."""
    items = draw(st.lists(word, max_size=3))
    remark = draw(st.sampled_from(["", "", " # why", "   #no", "\t# tab"]))
    shape = draw(st.integers(0, 10))
    if shape < 3:
        return f"{draw(st.sampled_from(['', ' ', '  ', '   ']))}{draw(st.sampled_from(PLAIN[:10]))}{remark}"
    if shape == 3:
        return " '" + draw(word).replace("'", "''") + "'" + remark
    if shape == 4:
        return " " + _quoted(draw(word)) + remark
    if shape == 5:
        return " [" + ", ".join(map(_quoted, items)) + "]" + remark
    if shape == 6:
        return " [\n" + "".join(f"  {_quoted(item)},  # each\n" for item in items) + "  ]" + remark
    if shape == 7:
        return remark + "".join(f"\n{' ' * draw(st.integers(0, 3))}- x" if i == 0 else "" for i, _ in enumerate(items))
    if shape == 8:
        return draw(st.sampled_from([" |", " >", " |-", " >+", " |2"])) + "".join(
            f"\n  {item.strip() or 'x'}" for item in items
        )
    if shape == 9:
        return remark
    return " {a: b, c: [d]}" + remark


@st.composite
def notes(draw: st.DrawFn) -> bytes:
    """A note's bytes, with whatever line ends, order, remarks, quotes and blanks."""
    lines = []
    for key in draw(st.lists(st.sampled_from(KEYS), unique=True, max_size=6)):
        lines += draw(st.lists(st.sampled_from(["# a remark", "", "  # an indented one", "#"]), max_size=2))
        shown = draw(st.sampled_from([key, key, key, f'"{key}"', f"'{key}'", f"{key} "]))
        lines.append(f"{shown}:{draw(values())}")
    lines += draw(st.lists(st.sampled_from(["# the end", ""]), max_size=1))
    opening = draw(st.sampled_from(["---", "---", "--- ", "-----"]))
    closing = draw(st.sampled_from(["---", "---", "---  ", "..."]))
    body = draw(st.sampled_from(["", "## Fix\n\nDone.\n", "\n\ntext\n---\nmore", "title: no\n", "a\r\nb\n", "`---`"]))
    whole = "\n".join([opening, *lines, closing, body])
    newline = draw(st.sampled_from(["\n", "\n", "\r\n", "\r"]))
    bom = draw(st.sampled_from([b"", b"", b"\xef\xbb\xbf"]))
    return bom + whole.replace("\r\n", "\n").replace("\n", newline).encode()


new_values: st.SearchStrategy[NewValue] = st.one_of(
    text,
    word,
    st.booleans(),
    st.lists(text, max_size=3),
    st.dates(date(1000, 1, 1)).map(str),
    st.just("2026-04-24T01:07+01:00"),
)


def _regions(yaml_text: str) -> dict[str, tuple[int, int]]:
    """key → the lines from it up to the next one, as PyYAML composes it."""
    node = yaml.compose(yaml_text, Loader=yaml.CBaseLoader)
    starts = [(key.value, key.start_mark.line) for key, _ in node.value] if node else []
    ends = [line for _, line in starts[1:]] + [yaml_text.count("\n") + 1]
    return {key: (line, end) for (key, line), end in zip(starts, ends, strict=True)}


def losses(data: bytes, key: str, value: NewValue) -> list[str]:
    """What is wrong with setting `key` in `data`, if anything."""
    before = front_matter.read(data)
    try:
        new = front_matter_edit.set_fields(data, {key: value})
    except CannotEdit:
        return []
    after = front_matter.read(new)
    if after.front != {**before.front, key: front_matter_edit.as_read(value)} or after.body != before.body:
        return [f"{key}={value!r} of {data!r} reads as {after.front}"]
    old_lines, new_lines = data.splitlines(keepends=True), new.splitlines(keepends=True)
    block = front_matter.find_block(data)
    if block is None or key not in before.front:  # a pure insertion
        start = next((i for i, (a, b) in enumerate(zip(data, new, strict=False)) if a != b), min(len(data), len(new)))
        kept = new.endswith(data[start:]) and len(new) > len(data)
        return [] if kept else [f"{key}={value!r} isn't only inserted into {data!r}: {new!r}"]
    raw = data[block.start : block.end].decode().replace("\r\n", "\n").replace("\r", "\n")
    first, end = _regions(raw)[key]
    above, below = old_lines[: 1 + first], b"".join(old_lines[1 + end :])
    if new_lines[: 1 + first] != above or not new.endswith(below):
        return [f"{key}={value!r} changes other lines of {data!r}: {new!r}"]
    remarks = [line for line in old_lines[1 + first + 1 : 1 + end] if line.startswith(b"#")]
    lost = [line for line in remarks if line not in new_lines]
    lost += [b"# why"] if b"# why" in old_lines[1 + first] and b"# why" not in new_lines[1 + first] else []
    return [f"{key}={value!r} loses {lost!r} of {data!r}: {new!r}"] if lost else []


def section_losses(data: bytes, words: str) -> list[str]:
    """What is wrong with adding a line to a section, if anything: it only inserts."""
    try:
        new = templates.add_to_section(data, "fix", words)
    except CannotEdit:
        return []
    start = next((i for i, (a, b) in enumerate(zip(data, new, strict=False)) if a != b), min(len(data), len(new)))
    return (
        []
        if new.endswith(data[start:]) and words.encode() in new
        else [f"{words!r} isn't only inserted into {data!r}: {new!r}"]
    )


def edits(count: int) -> Iterator[Tally]:
    """`count` generated notes with a field set, and with a line added to a section."""
    fields, added = Tally(2, "generated notes, a field set"), Tally(2, "generated notes, a line added to a section")
    quietly = settings(
        max_examples=count, deadline=None, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
    )

    @quietly
    @given(notes(), st.sampled_from(KEYS), new_values)
    def one(data: bytes, key: str, value: NewValue) -> None:
        fields.count(losses(data, key, value))

    @quietly
    @given(notes(), st.sampled_from(["did it", "- did it", "a\nb"]))
    def other(data: bytes, words: str) -> None:
        added.count(section_losses(data, words))

    one()
    other()
    yield from (fields, added)
