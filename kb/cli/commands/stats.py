"""`kb stats`: the incidents in numbers and bars, and what each service costs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from ...notes.dates import When, short_day, span
from ...notes.kinds import Incident
from ...notes.knowledge_base import KnowledgeBase
from ...reports import incident_stats as numbers
from ...reports import long_view, service_costs
from .. import clock, context, options
from ..terminal import screen
from ..views.note_table import select


@click.command()
@click.option("--cost", is_flag=True, help="Watts, RAM and money by service, beside how many need it and what trouble it made.")
@click.option(
    "--by",
    "question",
    type=click.Choice(list(long_view.QUESTIONS)),
    help="Trouble by service, fixes that hold, decisions that were wrong, or year by year.",
)
@options.service_option("Only incidents of this service.")
@options.tag_option
@options.since_option
@options.root_option
@options.json_option
def stats(cost: bool, question: str | None, service: str, tags: tuple[str, ...], since: When | None, as_json: bool) -> int:
    """The incidents in numbers. How often, how long, where, why, and what came back.

    Time to fix is counted where a note says when it began and when it was resolved. `--cost` reads `watts`, `ram` and
    `cost` ("4.50 a month") of the services; `kwh_price` in mkdocs.yml makes money of watts.

    \b
    Examples:
      kb stats --since 1y
      kb stats --service postgres
      kb stats --cost                      is it worth it?
      kb stats --by trouble                which service costs most evenings?
      kb stats --by fix                    which fixes never hold, what is cured?
      kb stats --by year                   is it getting better?
    """
    base = context.the_base()
    notes = [note for note in select(base, "incident", service, tags, "", since) if isinstance(note, Incident)]
    if cost:
        rows = service_costs.costs(base, notes)
        rows = [row for row in rows if not service or base.names_service(row.service, service)]
        if as_json:
            screen.print_json([_cost_document(row) for row in rows])
        else:
            _show_costs([row for row in rows if any(_cells(row))])
        return 0
    if question:
        answer = long_view.QUESTIONS[question](base, notes, clock.now().date())
        if as_json:
            screen.print_json([{"name": row.name, **row.cells, "refs": list(row.refs)} for row in answer])
        else:
            _show_answer(base, question, answer)
        return 0
    found = numbers.stats(base, notes, clock.now().date())
    if as_json:
        screen.print_json(numbers.as_document(found))
    else:
        _show(base, found)
    return 0


_SAID = {
    "trouble": "days with trouble; a day counts once, whatever broke on it",
    "fix": "what came back, and the fix that is to be tried",
    "decision": "decisions that were wrong, or in force for less than three months",
    "year": "half came back after, and were fixed within, so long; of fewer than five it says of how many",
}


def _show_answer(base: KnowledgeBase, question: str, rows: Sequence[long_view.Row]) -> None:
    context.remember(base, [row.refs[-1] for row in rows if row.refs])
    if not rows:
        screen.remark(f"nothing to say yet: {_SAID[question]}")
        return
    head = ["", "", *rows[0].cells]
    table = [head, *([f"@{number}", screen.visible(row.name), *row.cells.values()] for number, row in enumerate(rows, 1))]
    screen.table(table, [screen.faint, None, *[None] * len(rows[0].cells)], 1)
    screen.remark(_SAID[question])


def _show(base: KnowledgeBase, found: numbers.Stats) -> None:
    if not found.incidents:
        screen.remark("no incidents to count")
        return
    for sentence in numbers.in_words(found):
        screen.say(screen.visible(sentence))
    titles = [(base.by_ref[ref].title, count) for ref, count in found.came_back]
    causes = [(note.title if (note := base.linked(name)) else name, count) for name, count in found.by_cause]
    older = found.first and found.by_month and f"{found.first:%Y-%m}" < found.by_month[0][0]
    since = f", since {short_day(found.first)}" if older and found.first else ""
    for heading, rows in (
        (
            "by month, the last twelve" if older else "by month",
            [row for row in found.by_month if found.first and row[0] >= f"{found.first:%Y-%m}"],
        ),
        (f"by service{since}", found.by_service),
        (f"by layer{since}", found.by_layer),
        (f"by cause{since}", causes),
        (f"who noticed first{since}", found.by_noticed),
        (f"came back{since}", titles),
    ):
        if rows:
            screen.say()
            screen.say(screen.strong(heading))
            shown = [(screen.cut(screen.visible(name), 40), count) for name, count in rows]
            for row in numbers.bars(shown, min(screen.width(), 100) - 2, 12 if heading.startswith("by month") else 8):
                screen.say(f"  {row}")


def _show_costs(rows: Sequence[service_costs.Cost]) -> None:
    if not rows:
        screen.remark("nothing to count yet: kb edit NAS --set watts=38 --set cost='4.50 a month'")
        return
    head = ["", "watts", "RAM", "a year", "needed by", "incidents", "trouble"]
    table = [head, *([row.service.name, *_cells(row)] for row in rows)]
    columns = list(zip(*table, strict=True))
    right = [max(len(cell) for cell in column) for column in columns]
    aligned = [[cell.rjust(right[i]) if 0 < i < 6 else cell for i, cell in enumerate(row)] for row in table]
    screen.table(aligned, [screen.strong, None, None, None, screen.faint, screen.faint, screen.faint], 0)
    total = [sum(getattr(row, what) or 0 for row in rows) for what in ("watts", "ram", "money")]
    screen.remark(
        f"together {total[0]:,.0f} W, {total[1]:,.0f} GB, {total[2]:,.2f} a year; what nobody wrote down is not counted"
    )


def _cells(row: service_costs.Cost) -> list[str]:
    return [
        f"{row.watts:g}" if row.watts is not None else "",
        f"{row.ram:g} GB" if row.ram is not None else "",
        f"{row.money:,.2f}" if row.money is not None else "",
        str(row.users or ""),
        str(row.incidents or ""),
        span(row.trouble) if row.trouble else "",
    ]


def _cost_document(row: service_costs.Cost) -> dict[str, Any]:
    return {
        "service": row.service.name,
        "ref": row.service.ref,
        "watts": row.watts,
        "ram_gb": row.ram,
        "money_a_year": round(row.money, 2) if row.money is not None else None,
        "needed_by": row.users,
        "incidents": row.incidents,
        "trouble_minutes": round(row.trouble.total_seconds() / 60),
    }
