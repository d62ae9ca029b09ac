"""Front matter: what is read, what is refused with its line, and that setting a field changes nothing else."""

from __future__ import annotations

import string
from collections.abc import Mapping

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from kb.exceptions import CannotEdit
from kb.notes import front_matter, front_matter_edit, yaml_reader
from kb.notes.front_matter_edit import NewValue


def note(front: str, body: str = "Body.\n") -> bytes:
    return f"---\n{front}---\n{body}".encode()


def test_every_scalar_is_the_text_that_was_typed() -> None:
    read = front_matter.read(note("title: no\nport: 22:22\nversion: 1.10\nnumber: 0042\ntags: [on, ~, 2024]\n"))
    assert read.front == {"title": "no", "port": "22:22", "version": "1.10", "number": "0042", "tags": ["on", "~", "2024"]}


def test_keys_know_their_line_in_the_file() -> None:
    read = front_matter.read(note("# a comment\ntitle: x\n\nstatus: open\n"))
    assert read.key_lines == {"title": 3, "status": 5}
    assert read.body_line == 7


@pytest.mark.parametrize(
    ("front", "line", "advice"),
    [
        ("title: ADR010: Use Traefik\n", 2, "put the whole value in quotes"),
        ("title: x\ntags: [a\n", 4, "add the ]"),
        ("title: 'x\n", 2, "isn't closed"),
        ('path: "C:\\new\\qemp"\n', 2, "use single quotes"),
        ("title: x\ntitle: y\n", 3, "stands here twice"),
        ("title: *star\n", 2, "alias"),
        ("title: *star*\n", 2, "put it in quotes"),
        ("a: &a b\n", 2, "anchor"),
        ("x: !!python/name:os.system\n", 2, "!!python/name:os.system is a tag"),
        ("x: !secret db\n", 2, "tag"),
        ("- a\n- b\n", 2, "is a list"),
        ("just text\n", 2, "is one text"),
        ("x: " + "[" * 30_000 + "\n", 2, "nested deeper"),
        ("x: a\x00b\n", 2, "control character"),
        ("<<<<<<< HEAD\ntitle: mine\n=======\ntitle: theirs\n>>>>>>> x\n", 2, "unresolved merge"),
        ("? [a]\n: b\n", 2, "a key must be a word"),
    ],
)
def test_what_yaml_allows_or_stumbles_over_is_named_with_its_line_and_what_to_do(front: str, line: int, advice: str) -> None:
    problem = front_matter.read(note(front)).problem
    assert problem is not None
    assert problem[0] == line
    assert advice in problem[1]


@pytest.mark.parametrize(
    ("data", "line", "advice"),
    [
        (b"---\ntitle: caf\xe9\n---\n", 2, "isn't UTF-8"),
        ("---\ntitle: x\n---\n".encode("utf-16"), 1, "UTF-16"),
        (b"---\ntitle: x\n", 1, "isn't closed"),
        (b"+++\ntitle = 'x'\n+++\n", 1, "TOML"),
        (b"---\nx: " + b"a" * 70_000 + b"\n---\n", 1, "longer than 64 KiB"),
    ],
)
def test_a_file_that_cannot_be_read_says_why_and_keeps_its_text(data: bytes, line: int, advice: str) -> None:
    read = front_matter.read(data)
    assert read.problem is not None
    assert (read.problem[0], advice in read.problem[1]) == (line, True)


def test_an_unreadable_note_is_still_found_by_its_text() -> None:
    assert "No route to host" in front_matter.read(b"---\ntitle: a: b\n---\nNo route to host\n").body
    assert "No route to host" in front_matter.read("No route to host".encode("utf-16")).body


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
def test_line_ends_and_byte_order_mark_are_read_and_kept(newline: str, bom: bytes) -> None:
    data = bom + "---\ntitle: x # why\n---\nbody\n".replace("\n", newline).encode()
    changed = front_matter_edit.set_fields(data, {"title": "new"})
    assert changed == data.replace(b"title: x", b"title: new")


def test_setting_a_field_keeps_comments_quotes_order_and_odd_spacing() -> None:
    before = note('# keep\ntitle: "quoted"   # and this\nzeta: 1\nsummary: >\n  folded\n  text\nlist: [ a,  b ]\nempty:\n')
    after = front_matter_edit.set_fields(before, {"zeta": "2", "empty": "now: not"})
    assert after == before.replace(b"zeta: 1", b'zeta: "2"').replace(b"empty:", b'empty: "now: not"')


def test_a_list_of_several_lines_becomes_one_line() -> None:
    before = note("tags:\n  - a\n  - b\nstatus: open\n")
    assert front_matter_edit.set_fields(before, {"tags": ["c", "d e"]}) == note("tags: [c, d e]\nstatus: open\n")


def test_a_new_key_goes_below_the_last_one() -> None:
    assert front_matter_edit.set_fields(note("title: x\n"), {"verified": True}) == note("title: x\nverified: true\n")


def test_a_file_without_front_matter_gets_some() -> None:
    assert front_matter_edit.set_fields(b"# Only text\n", {"title": "x"}) == b"---\ntitle: x\n---\n# Only text\n"


def test_a_broken_note_is_never_edited() -> None:
    with pytest.raises(CannotEdit, match=r"entries/x.md:2: a colon inside a value"):
        front_matter_edit.set_fields(note("title: a: b\n"), {"status": "open"}, "entries/x.md")


texts = st.text(max_size=40)
values = st.one_of(texts, st.lists(texts, max_size=4), st.booleans())
keys = st.text(string.ascii_lowercase + "-_", min_size=1, max_size=12).filter(lambda key: key[0].isalpha())
fronts = st.dictionaries(keys, values, max_size=6)
bodies = st.text(max_size=200).filter(lambda body: "\ud800" not in body)


@given(fronts, bodies, st.dictionaries(keys, values, min_size=1, max_size=3), st.sampled_from(["\n", "\r\n"]))
def test_setting_fields_changes_just_these(
    front: Mapping[str, NewValue], body: str, changes: Mapping[str, NewValue], newline: str
) -> None:
    written = "".join(f"{key}: {front_matter_edit.as_yaml(value)}{newline}" for key, value in front.items())
    data = f"---{newline}{written}---{newline}{body}".encode("utf-8", "replace")
    try:
        changed = front_matter_edit.set_fields(data, changes)
    except CannotEdit:
        return  # refused, and so the file stays as it is
    read = front_matter.read(changed)
    assert read.front == front_matter.read(data).front | {key: _read(value) for key, value in changes.items()}
    assert changed.endswith(data[front_matter.find_block(data).body :])  # type: ignore[union-attr]
    untouched = [line for key, line in zip(front, written.split(newline), strict=False) if key not in changes]
    assert all(line.encode("utf-8", "replace") in changed for line in untouched)


def _read(value: NewValue) -> object:
    if isinstance(value, bool):
        return str(value).lower()
    return value if isinstance(value, str) else list(value)


@given(texts)
@example("0?")
@example("a - b")
def test_any_text_survives_being_written_as_yaml(text: str) -> None:
    loaded = yaml.safe_load(f"key: {front_matter_edit.quoted(text)}\nlist: [{front_matter_edit.quoted(text)}]\n")
    assert loaded == {"key": text, "list": [text]}


@given(st.binary(max_size=300))
def test_no_bytes_whatsoever_raise(data: bytes) -> None:
    front_matter.read(b"---\n" + data + b"\n---\n")
    front_matter.read(data)


def test_settings_pass_over_tags_that_only_mkdocs_knows() -> None:
    text = "site_name: !ENV [NAME, lab]\nmarkdown_extensions:\n  - x:\n      y: !!python/name:os.system\nplugins: [kb]\n"
    assert yaml_reader.read_yaml_settings(text)["plugins"] == ["kb"]
