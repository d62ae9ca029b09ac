"""Scaffolding: any title is safe, and filling a template changes nothing but the blanks."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.notes import front_matter, templates
from kb.notes.kinds import KINDS, Incident
from kb.notes.markdown import sections
from kb.notes.templates import Content
from kb.storage import template_files

TEMPLATE = b"---\ntitle:   # what broke\nstatus: open\n---\n## Error\n\n<!-- kb: the exact text -->\n\n## Fix\n\n## Own section\n\nAlways ask Bob.\n"


def test_a_template_is_filled_and_everything_else_stays() -> None:
    filled = templates.fill(
        TEMPLATE, Content({"title": "No DNS: again"}, {"error": "```\nSERVFAIL\n```", "fix": "restart unbound"})
    )
    assert filled.decode() == (
        '---\ntitle: "No DNS: again"   # what broke\nstatus: open\n---\n## Error\n\n```\nSERVFAIL\n```\n\n'
        "## Fix\n\nrestart unbound\n\n## Own section\n\nAlways ask Bob.\n"
    )


def test_a_section_that_the_template_lacks_is_added_at_the_end() -> None:
    filled = templates.fill(b"---\ntitle:\n---\nHello\n", Content({"title": "x"}, {"why": "because"}))
    assert filled.decode() == "---\ntitle: x\n---\nHello\n\n## Why\n\nbecause\n"


def test_hints_for_the_writer_never_reach_the_note() -> None:
    assert templates.without_hints(TEMPLATE) == (
        b"---\ntitle:   # what broke\nstatus: open\n---\n## Error\n\n## Fix\n\n## Own section\n\nAlways ask Bob.\n"
    )


def test_other_comments_stay() -> None:
    assert templates.without_hints(b"<!-- mine -->\n<!-- kb: hint -->\n") == b"<!-- mine -->\n"


@pytest.mark.parametrize("kind", KINDS)
def test_each_built_in_template_is_a_valid_note_with_blanks(kind: str) -> None:
    read = front_matter.read((template_files.builtin_templates() / f"{kind}.md").read_bytes())
    assert read.problem is None
    assert set(read.front) <= set(KINDS[kind].fields()) | {"title"}
    assert not list(KINDS[kind]("", "", read.front).complaints())


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Jellyfin answers 502 after the upgrade", "jellyfin-answers-502-after-the-upgrade"),
        ("../../etc/passwd", "etc-passwd"),
        ("データベース接続エラー", "detabesujie-sok-era"),
        ("can't log in", "cant-log-in"),
        ("💥", "incident"),
        ("x" * 300, "x" * 60),
    ],
)
def test_a_title_gives_a_readable_file_name(title: str, name: str) -> None:
    assert templates.slug(title, "incident") == name or (
        not title.isascii() and re.fullmatch(r"[a-z0-9-]+", templates.slug(title, "incident"))
    )


@given(st.text())
def test_any_title_gives_a_safe_file_name_and_comes_back_from_the_note(title: str) -> None:
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", templates.slug(title)) or templates.slug(title) == "note"
    assert len(templates.slug(title)) <= templates.MAX_SLUG
    filled = templates.fill(TEMPLATE, Content({"title": title}))
    assert front_matter.read(filled).front["title"] == title


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\r")))
def test_any_error_comes_back_from_between_its_fences(error: str) -> None:
    filled = templates.fill(TEMPLATE, Content({"title": "x"}, {"error": templates.fenced(error)}))
    read = front_matter.read(filled)
    errors = Incident("", "", read.front, body=read.body).errors
    assert [found.text for found in errors] == ([error.strip("\n")] if error.strip() else [])
    assert [section.name for section in sections(read.body)] == ["error", "fix", "own section"]


def test_names_count_up() -> None:
    from datetime import date
    from itertools import islice

    assert list(islice(templates.dated_names(date(2026, 4, 24), "No DNS", "incident"), 2)) == [
        "2026-04-24-no-dns",
        "2026-04-24-no-dns-2",
    ]
    assert templates.numbered_name(["0007-a", "0012-b", "2026-01-01-c", "template"], "Next") == "0013-next"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("## Timeline\n\n## Fix\nx\n", "## Timeline\n\n- new\n\n## Fix\nx\n"),
        ("## Timeline\n- old\n\n## Fix\nx\n", "## Timeline\n- old\n- new\n\n## Fix\nx\n"),
        ("## Timeline\n\nProse.\n", "## Timeline\n\nProse.\n\n- new\n"),
        ("## Timeline", "## Timeline\n\n- new\n"),
        ("## Timeline\n- old", "## Timeline\n- old\n- new\n"),
        ("## Fix\nx\n", "## Fix\nx\n\n## Timeline\n\n- new\n"),
        ("## Fix\r\nx\r\n", "## Fix\r\nx\r\n\r\n## Timeline\r\n\r\n- new\r\n"),
        ("", "## Timeline\n\n- new\n"),
        ("## Timeline\n- old\n### Later\n- last\n", "## Timeline\n- old\n- new\n### Later\n- last\n"),
    ],
)
def test_a_line_is_added_at_the_end_of_its_section(before: str, after: str) -> None:
    head = b"---\ntitle: x # keep\n---\n"
    assert templates.add_to_section(head + before.encode(), "timeline", "- new").decode() == head.decode() + after


@given(st.text(alphabet="#`ab -\n\r", max_size=80))
def test_adding_a_line_takes_nothing_away(body: str) -> None:
    data = b"---\ntitle: x\n---\n" + body.encode()
    added = templates.add_to_section(data, "timeline", "- brand new").decode()
    head, _, tail = added.partition("- brand new")
    assert data.decode() in (head.rstrip("\r\n") + tail, added.replace("- brand new", "")) or (
        data.decode().split() == (head.replace("## Timeline", "") + tail).split()
        or data.decode().split() == (head + tail).split()
    )
