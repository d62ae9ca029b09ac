"""What notes say elsewhere than under Error and Fix: an error in a callout is mentioned, and what did not work stands below the fix."""

from __future__ import annotations

from pathlib import Path

import pytest
from commands import World, without_colours

from kb.cli.views.note_view import with_dead_ends_below_the_fix
from kb.notes.kinds import Incident
from kb.notes.knowledge_base import KnowledgeBase
from kb.retrieval import mentions

ERROR = "2026-11-20T01:02:03Z ERROR mailer: cannot find the template welcome.html for user 7"
PLACES = {
    "a callout": "> [!warning]\n> mailer: cannot find the template welcome.html for user 12",
    "a fence of another section": "## Notes\n\n```\nNov 2 10:00:01 web1 mailer[77]: cannot find the template welcome.html for user 3\n```",
    "a timeline": "## Timeline\n\n- 10:02 `mailer: cannot find the template welcome.html for user 12` again",
}


def write(lab: World, ref: str, body: str) -> None:
    path = lab.folder / f"entries/{ref}.md"
    path.write_text(f"---\ntitle: The mailer\ndate: 2026-03-01\n---\n{body}\n")


@pytest.mark.parametrize("place", PLACES)
def test_an_error_that_stands_elsewhere_in_a_note_is_mentioned_and_claims_nothing(lab: World, place: str) -> None:
    write(lab, "incidents/2026-03-01-the-mailer", PLACES[place])
    seen = lab.kb("seen", stdin=ERROR)
    assert seen.status == 1
    assert "NOT SEEN BEFORE" in seen.out
    assert "mentioned in:\n  The mailer  kb show incidents/2026-03-01-the-mailer\n" in seen.out
    assert "cannot find the template welcome.html for user" in seen.out.split("mentioned in:")[1]


SAID_NOTHING_OF_IT = [
    "the mailer sends welcome.html to each user, from a template that it can find",
    "cannot find the remote control of the television",
    "failed to start",
]


@pytest.mark.parametrize("text", SAID_NOTHING_OF_IT)
def test_a_few_of_the_words_are_no_mention(lab: World, text: str) -> None:
    write(lab, "incidents/2026-03-01-the-mailer", f"## Notes\n\n{text}")
    assert "mentioned in" not in lab.kb("seen", stdin=ERROR).out
    assert "mentioned in" not in lab.kb("seen", "ERROR: failed to start").out


def test_of_several_logs_too(lab: World) -> None:
    write(lab, "incidents/2026-03-01-the-mailer", PLACES["a callout"])
    (lab.folder / "a.log").write_text(ERROR + "\n")
    (lab.folder / "b.log").write_text("all is well\n")
    assert "mentioned in:\n  The mailer" in lab.kb("seen", "a.log", "b.log").out


def test_no_mention_of_what_has_no_words() -> None:
    assert mentions.of(KnowledgeBase(Path("/"), ()), "") == []


# ---- what did not work -----------------------------------------------------------------------------------------------

NOTE = f"""## Error

```
{ERROR}
```

## Fix

put the template back

## Why

an upgrade took it away

## {{}}

- restarting the mailer: the same after a minute
"""


@pytest.mark.parametrize("heading", ["What did not work", "What didn't work", "Dead ends"])
def test_what_did_not_work_stands_below_the_fix(lab: World, heading: str) -> None:
    write(lab, "incidents/2026-03-01-the-mailer", NOTE.format(heading))
    seen = lab.kb("seen", stdin=ERROR).out
    assert (
        "  FIX    put the template back\n  NOT    - restarting the mailer: the same after a minute\n  WHY    an upgrade" in seen
    )
    shown = without_colours(lab.typed(["show", "the", "mailer"]).out)
    assert shown.index("put the template back") < shown.index("restarting the mailer") < shown.index("an upgrade took it away")
    assert shown.count("restarting the mailer") == 1


ORDERS = [
    ("## Fix\n\na\n\n## Why\n\nb\n\n## Dead ends\n\nc\n", "a c b"),
    ("## Dead ends\n\nc\n\n## Fix\n\na\n\n## Why\n\nb\n", "a c b"),
    ("## Fix\n\na\n\n### Dead ends\n\nc\n\n## Why\n\nb\n", "a c b"),
    ("## Why\n\nb\n\n## Dead ends\n\nc\n", "b c"),
    ("## Fix\n\na\n\n## Dead ends\n\nc", "a c"),
]


@pytest.mark.parametrize(("body", "order"), ORDERS)
def test_nothing_else_moves_and_nothing_is_lost(body: str, order: str) -> None:
    moved = with_dead_ends_below_the_fix(Incident("x", "x.md", {}, body=body))
    assert [word for word in moved.split() if word in ("a", "b", "c")] == order.split()
    assert sorted(moved.split()) == sorted(body.split())
