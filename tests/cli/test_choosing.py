"""What was picked out of a log is shown as numbered blocks to choose from, and the title is there to be changed."""

from __future__ import annotations

from pathlib import Path

from commands import World, without_colours

REFUSED = "2026-11-20T01:02:0{}Z app ERROR upload failed: disk quota of the bucket exceeded\n"
LOST = "2026-11-20T01:05:0{}Z app ERROR mailer: cannot find the template welcome.html\n"
NOISE = "2026-11-20T01:{:02}:00Z app WARN cache: entry of {} expired too early, fetching it again failed\n"
PLAIN = "2026-11-20T01:{:02}:30Z app INFO served page {} in 3 ms\n"
LOG = (
    "".join(NOISE.format(i, i) + PLAIN.format(i, i) for i in range(40))
    + REFUSED.format(1)
    + PLAIN.format(41, 1) * 9
    + LOST.format(2)
)


def recorded(lab: World) -> str:
    (note,) = (lab.folder / "entries/incidents").glob("*.md")
    return note.read_text()


def made(lab: World, *answers: tuple[str, str], editor: str = "false") -> str:
    typed = lab.typed(
        ["incident", "new", "--fix", "x", "--no-commit"],
        [*answers, ("Title", "\n"), ("Services", "\n"), ("works?", "\n")],
        piped=LOG.encode(),
        env={"EDITOR": editor},
    )
    assert typed.status == 0, typed.out
    return without_colours(typed.out)


def test_the_blocks_have_numbers_and_say_what_tells_without_their_heads(lab: World) -> None:
    shown = made(lab, ("Which?", "\n"))
    assert "  1  upload failed: disk quota of the bucket exceeded\n" in shown
    assert "  2  mailer: cannot find the template welcome.html\n" in shown
    assert "Which? [Enter: all, 1 2, e to edit]" in shown
    assert [word in recorded(lab) for word in ("quota", "welcome.html", "expired too early")] == [True, True, False]


def test_a_number_takes_that_block_alone(lab: World) -> None:
    made(lab, ("Which?", "2\n"))
    assert [word in recorded(lab) for word in ("quota", "welcome.html")] == [False, True]


def test_what_was_left_out_can_be_taken_in(lab: World) -> None:
    shown = made(lab, ("Which?", "1 3\n"))
    assert "left out, since they stand all over this log:\n  3  cache: entry of" in shown
    assert "(40 times)" in shown
    assert [word in recorded(lab) for word in ("quota", "welcome.html", "expired too early")] == [True, False, True]


def test_what_is_no_number_is_asked_again(lab: World) -> None:
    shown = made(lab, ("Which?", "9\n"), ("Which?", "the first\n"), ("Which?", "1\n"))
    assert "numbers from 1 to 3 with blanks between, e for your editor, or Enter" in shown
    assert "welcome.html" not in recorded(lab)


def test_the_blocks_can_be_changed_in_the_editor(lab: World, tmp_path: Path) -> None:
    editor = tmp_path / "editor"
    editor.write_text('#!/bin/sh\nsed -i s/bucket/BUCKET/ "$1"\n')
    editor.chmod(0o755)
    made(lab, ("Which?", "e\n"), editor=str(editor))
    assert "disk quota of the BUCKET exceeded\n```\n\n```\n2026" in recorded(lab)


def test_the_offered_title_is_changed_in_place(lab: World) -> None:
    typed = lab.typed(
        ["incident", "new", "--fix", "x", "--no-commit"],
        [("Which?", "1\n"), ("exceeded", "\x01The \x05, again\n"), ("Services", "\n"), ("works?", "\n")],
        piped=LOG.encode(),
        env={"INPUTRC": "/dev/null"},
    )
    assert typed.status == 0, typed.out
    assert 'title: "The upload failed: disk quota of the bucket exceeded, again"' in recorded(lab)


def test_without_questions_one_line_says_what_was_taken(lab: World) -> None:
    done = lab.kb("incident", "new", "--fix", "x", "--yes", "--no-commit", stdin=LOG)
    assert done.status == 0, done.err
    taken = [line for line in done.err.splitlines() if line.startswith("2 known errors: ")]
    assert len(taken) == 1
    assert [word in taken[0] for word in ("upload failed", "mailer: cannot")] == [True, True]
    assert len(taken[0]) <= 80
    assert "left out, it stands 40 times in this log: cache: entry of" in done.err
