"""The table of kinds of files that describe services, including those of plugins; without compose files, which are put together from several."""

from __future__ import annotations

from ..plugins import Table
from .service_files import OWN
from .service_record import ServiceImporter


def _importer(name: str, loaded: object) -> ServiceImporter:
    """The importer that a plugin adds. Raises ValueError."""
    del name
    if not isinstance(loaded, ServiceImporter):
        raise ValueError("is no ServiceImporter of kb.importers.service_record")
    if not loaded.endings or not all(isinstance(ending, str) and len(ending) > 1 for ending in loaded.endings):
        raise ValueError("its endings should be a tuple like ('.nomad',)")
    return loaded


IMPORTERS: Table[ServiceImporter] = Table("kb.importers", OWN, _importer)


def endings() -> tuple[str, ...]:
    """The endings of all importers' files."""
    return tuple(ending for importer in IMPORTERS.values() for ending in importer.endings)
