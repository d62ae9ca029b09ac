"""If I am not here: what someone else in the household can do, in plain words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from ...notes.kinds import Service
from ..sitemap import markup
from ..sitemap.page import Page
from ..sitemap.site_map import SiteMap
from . import hosts, section_nav, start_order
from .note_rows import first_line

HERE = "down.md"
NOTE = "if-i-am-not-here"  # the ref of the note for what no other note says: whom to call, where the keys are


def paths(site: SiteMap) -> Iterator[str]:
    """The path of this page, if there is anything to say."""
    if site.services or NOTE in site.base.by_ref:
        yield HERE


def pages(site: SiteMap, today: date) -> Iterator[Page]:
    """What the owner wrote first, then what the notes know."""
    del today
    if not (site.services or NOTE in site.base.by_ref):
        return
    written = site.base.by_ref.get(NOTE)
    running = [note for note in site.services if note.state != "retired"]
    used = [note for note in running if note.type == "app" and (note.url or note.provides) and note.mode != "sandbox"]
    parts = [
        markup.section("When something does not work", "when", _help(site, running)),
        markup.section("What is in the house", "what", _used(site, used)),
        markup.section("After a power cut", "power", _power(site)),
        markup.section("Leave these alone", "leave", _kept(site, running)),
        markup.section("These may be switched off", "off", _spare(site, running)),
        markup.section("What costs money", "money", _cost(site, running)),
    ]
    intro = section_nav.row(site, HERE) + (
        "For whoever is at home. Nothing here needs a password, and nothing breaks by reading on.\n\n"
    )
    tail = "".join(parts) + _missing(site, used)
    title = "If I am not here"
    if written is None:
        yield Page(HERE, title, f"# {title}\n\n{intro}{tail}", summary="what to do when the lab is down and I am away")
    else:
        yield Page(HERE, title, f"# {title}\n\n{intro}", site.text(written), tail, written, summary="what to do when I am away")


def _what_for(site: SiteMap, note: Service) -> str:
    line, _ = first_line(site, note, note.section("what it is and why"))
    return markup.escaped(line.partition(". ")[0].rstrip(".").replace("`", ""))


def _items(items: Iterable[str], css: str = "kb-rows kb-rows--plain") -> str:
    return markup.block(css, "\n".join(f"- {item}" for item in items))


def _used(site: SiteMap, used: list[Service]) -> str:
    return _items(
        f'{site.link(note, HERE, note.title)} <span class="kb-about">{_what_for(site, note)}</span> '
        + (f'<span class="kb-state">{markup.outside(note.url)}</span>' if markup.is_whole(note.url) else "")
        for note in used
    )


def _help(site: SiteMap, running: list[Service]) -> str:
    """What to try, from the whole house to one service."""
    devices = [note for note in running if note.type == "device"]
    networks = [note for note in running if note.type == "network"]
    machines = [note for note in running if note.type == "host" and _is_here(note)]
    steps = []
    if devices:
        steps.append(f"**Nothing works at all?** Is there power? Look at {_explained(site, devices)}.")
    box = _explained(site, networks) if networks else "the router, the box that the internet comes from"
    steps.append(
        f"**No internet?** Turn off {box}, count to thirty, turn it on again, and wait five minutes. If the lights stay red or "
        "dark, it is the provider's line: only waiting helps."
    )
    steps.append("**Is it only one thing?** Open its page from the list below: it says how to check it and what broke before.")
    if machines:
        names = ", ".join(site.link(note, HERE, note.title) for note in machines)
        steps.append(
            f"**Several things at once?** They run on {names}. Press the power button shortly, wait until it is dark, press it "
            "again, and give it ten minutes. Never pull its plug, and do this once, not twice."
        )
    if "paste.md" in site.taken:
        steps.append(f"**An error on the screen?** {markup.link('Paste it here', 'paste.md')}: maybe it is a known one.")
    steps.append("**It can wait.** Nothing in this house is worth a broken disk. Write down what you saw, and when.")
    return "\n".join(f"1. {step}" for step in steps)


def _is_here(note: Service) -> bool:
    """Whether it is in the house: a rented machine has no button here."""
    return note.responsibility not in ("0", "1", "2")


def _explained(site: SiteMap, notes: list[Service]) -> str:
    """Names, with what they are in brackets: someone standing in front of a box doesn't know names."""
    named = [(site.link(note, HERE, note.title), _what_for(site, note)) for note in notes]
    return " and ".join(f"{link} ({what})" if what else link for link, what in named)


def _power(site: SiteMap) -> str:
    """The machines in order, without commands; the rest starts by itself, or is on the page with the whole order."""
    steps = [step.node.service for step in start_order.shown_steps(site) if step.node.service]
    machines = [note for note in steps if note.type in ("device", "network", "host", "disk") and _is_here(note)]
    items = "\n".join(
        f'1. {site.link(note, HERE, note.title)} <span class="kb-about">{_what_for(site, note)}</span>' for note in machines
    )
    whole = markup.link("The whole order", start_order.HERE) if start_order.HERE in site.taken else ""
    said = "Turn them on in this order, each when the one before is up. The rest starts by itself." if machines else ""
    return "\n\n".join(filter(None, (said, markup.block("kb-order", items), whole)))


def _kept(site: SiteMap, running: list[Service]) -> str:
    kept = [note for note in running if note.data]
    said = "They hold what can't be had again. Don't delete, reset or reinstall them. Their pages say what, and where its backup is."
    return f"{said}\n\n{_index(site, kept)}" if kept else ""


def _index(site: SiteMap, notes: Iterable[Service]) -> str:
    return markup.block("kb-index", "\n".join(f"- {site.link(note, HERE, note.title)}" for note in notes))


def _spare(site: SiteMap, running: list[Service]) -> str:
    """What its owner called a sandbox, and nothing else: no one knows about a service that was never described."""
    graph = site.graph
    found = [note for note in running if note.mode == "sandbox"]
    # Services that back up or monitor others are needed by them, although they run without it.
    relied_on = " ".join(f"{note.backup} {note.monitored_by}" for note in running).lower()
    found = [
        note
        for note in found
        if not note.provides and not graph.direct_users(graph.nodes[note.ref]) and note.name.lower() not in relied_on
    ]
    return f"Nothing else needs them.\n\n{_index(site, found)}" if found else ""


def _cost(site: SiteMap, running: list[Service]) -> str:
    paid = [note for note in running if note.cost]
    rows = _items(
        f'{site.link(note, HERE, note.title)} <span class="kb-about">{markup.escaped(note.cost)}</span>' for note in paid
    )
    return f"Unpaid, they end.\n\n{rows}" if paid else ""


def _missing(site: SiteMap, used: list[Service]) -> str:
    """What the owner should still write down; it is for the owner, so it comes last and is short."""
    lacking = []
    if NOTE not in site.base.by_ref:
        lacking.append(
            f"whom to call, and where the passwords are kept (not the passwords): write {markup.code(f'entries/{NOTE}.md')}, "
            "and it stands here first"
        )
    untold = [note.name for note in used if not _what_for(site, note)]
    if untold:
        lacking.append(f"what these are for: {markup.escaped(', '.join(untold[:8]))}{' …' if len(untold) > 8 else ''}")
    without = [name for name in hosts.by_host(site) if name.lower() not in site.base.services]
    if without:
        example = markup.code(f"kb service new {without[0]} --type host")
        lacking.append(f"which machines these are: {markup.escaped(', '.join(without[:8]))} ({example})")
    if not used:
        lacking.append(f"which services the household uses: {markup.code('kb edit NAME --set url=https://…')}")
    items = "\n".join(f"- {line}" for line in lacking)
    return markup.section("What is missing here", "missing", markup.block("kb-lacking", items))
