"""What services cost, by month and year."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from ..notes.kinds import Incident, Service
from ..notes.knowledge_base import KnowledgeBase
from ..services import service_needs
from .incident_stats import DAYS


@dataclass(frozen=True)
class Cost:
    """What a service takes, how many others need it, and how much trouble it made. None if its note doesn't say."""

    service: Service
    watts: float | None
    ram: float | None  # GB
    money: float | None  # per year, including power if its price is set
    users: int
    incidents: int
    trouble: timedelta


def costs(base: KnowledgeBase, incidents: Iterable[Incident]) -> list[Cost]:
    """What each service takes, the most expensive first."""
    about: dict[str, list[Incident]] = {}
    for note in incidents:
        for ref in {service.ref for name in note.services if (service := base.services.get(name.lower()))}:
            about.setdefault(ref, []).append(note)
    rows = [
        _cost(base, note, about.get(note.ref, []))
        for note in base.notes
        if isinstance(note, Service) and note.state != "retired"
    ]
    return sorted(rows, key=lambda row: (-(row.money or 0), -(row.watts or 0), -(row.ram or 0), row.service.name))


def _cost(base: KnowledgeBase, note: Service, incidents: Sequence[Incident]) -> Cost:
    graph = service_needs.graph(base)
    node = graph.nodes[note.ref]
    watts, money = number(note.watts), a_year(note.cost)
    if watts is not None and base.settings.kwh_price:
        money = (money or 0) + watts * 8.766 * base.settings.kwh_price
    users = len(graph.direct_users(node))
    trouble = sum((incident.took for incident in incidents if incident.took), timedelta())
    return Cost(note, watts, gigabytes(note.ram), money, users, len(incidents), trouble)


def number(text: str) -> float | None:
    """The first number in a text: `38 W`, `4,50 €`."""
    found = re.search(r"\d{1,9}(?:[.,]\d{1,4})?", text)
    return float(found[0].replace(",", ".")) if found else None


def gigabytes(text: str) -> float | None:
    """`6 GB`, `512 MiB` in GB."""
    amount = number(text)
    if amount is None:
        return None
    return round(amount / 1024, 2) if re.search(r"\bm(?:i?b)?\b|\dm", text, re.IGNORECASE) else amount


def a_year(text: str) -> float | None:
    """`4.50 a month` as a sum per year; a sum without a time counts as yearly."""
    amount = number(text)
    if amount is None:
        return None
    found = re.search(r"day|week|month|quarter|year", text.lower())
    return amount * DAYS[found[0] if found else "year"]
