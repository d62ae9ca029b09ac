"""Two lines side by side: what differs is marked, and long shared stretches make room for it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kb.cli.terminal.line_diff import ROWS, side_by_side
from kb.cli.terminal.screen import cells


def marked(yours: str, known: str, columns: int = 71) -> tuple[str, str]:
    left, right = side_by_side(yours, known, columns, lambda text: f"[{text}]")
    return " ".join(left), " ".join(right)


def test_what_differs_is_marked_in_both_lines() -> None:
    assert marked('no route to "172.20.0.11:8096"', 'no route to "172.20.0.7:8096"') == (
        'no route to "[172.20.0.11:8096]"',
        'no route to "[172.20.0.7:8096]"',
    )


def test_long_shared_stretches_make_room_for_what_differs() -> None:
    shared = "connect() failed while connecting to upstream and so on and so forth for very many words " * 3
    left, right = marked(f"{shared} at 10.0.0.1 end", f"{shared} at 10.0.0.2 end")
    assert left.startswith("connect() failed while connecting")
    assert "…" in left
    assert "[10.0.0.1]" in left
    assert "[10.0.0.2]" in right


def test_a_part_of_the_known_line_is_shown_whole() -> None:
    known = "Error response from daemon: driver failed programming external connectivity on endpoint pihole (4f1c9a77be0e): "
    left, right = marked(
        "listen tcp4 0.0.0.0:53: bind: address already in use",
        known * 2 + "listen tcp4 0.0.0.0:53: bind: address already in use",
    )
    assert left == "listen tcp4 0.0.0.0:53: bind: address already in use"
    assert right.startswith("[Error]")


@given(st.text(max_size=300), st.text(max_size=300), st.integers(20, 120))
def test_no_row_is_ever_wider_than_the_screen(yours: str, known: str, columns: int) -> None:
    left, right = side_by_side(yours, known, columns, str)
    assert len(left) <= ROWS
    assert len(right) <= ROWS
    assert all(cells(row) <= columns for row in (*left, *right))
