"""What is here, for programs that read text: llms.txt (llmstxt.org)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from ...notes.kinds import Note, Service, added_kinds
from ..sitemap.markup import one_line
from ..sitemap.site_map import SiteMap
from .note_rows import first_line, shown_services

PATH = "llms.txt"
MOST = 500  # notes of a kind; if there are more, the newest
KINDS = (
    ("incident", "Incidents: what broke and what fixed it"),
    ("decision", "Decisions: why it is as it is"),
    ("service", "Services: what runs here"),
    ("experiment", "Experiments: what was broken on purpose"),
    ("change", "Changes: what was altered"),
)
LISTS = ("incidents/index.md", "errors/index.md", "decisions/index.md", "services/index.md", "years/index.md", "tags/index.md")


def files(site: SiteMap, today: date) -> Iterator[tuple[str, str]]:
    """The list of notes, newest first, one line each."""
    del today
    parts = [
        f"# {one_line(site.base.settings.site_name)}\n",
        "> The journal of a lab: what broke and what fixed it, what was decided and why, what runs here and what it needs.\n",
    ]
    added = [(kind.kind, f"{kind.plural().capitalize()}: {kind.meaning().rstrip('.')}") for kind in added_kinds()]
    for kind, heading in (*KINDS, *added):
        parts.append(_section(heading, [_line(site, note) for note in site.of(kind)[:MOST]]))
    pages = [note for note in site.base.notes if note.kind == "page"][:MOST]
    parts.append(_section("Other pages", [_line(site, note) for note in pages]))
    lists = [f"- [{path.split('/')[0].capitalize()}]({site.web(path)}): all of them" for path in LISTS if path in site.taken]
    parts.append(_section("Optional", lists))
    yield PATH, "\n".join(part for part in parts if part)


def _section(heading: str, lines: Sequence[str]) -> str:
    return f"## {heading}\n\n" + "\n".join(lines) + "\n" if lines else ""


def _line(site: SiteMap, note: Note) -> str:
    title = one_line(note.title).replace("[", "(").replace("]", ")")
    day = note.date.day.isoformat() if note.date else ""
    about = first_line(site, note, note.fix or (note.section("what it is and why") if isinstance(note, Service) else ""))[0]
    told = ", ".join(filter(None, (day, note.state, *shown_services(site, note)[:6])))
    said = "; ".join(filter(None, (told, one_line(about))))
    return f"- [{title}]({site.web(site.paths[note.ref])})" + (f": {said}" if said else "")
