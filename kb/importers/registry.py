"""The table of files that describe services, with those of plugins. Compose files, which are put together from many, are apart."""

from __future__ import annotations

from ..plugins import Table
from .service_files import OWN
from .service_record import ServiceImporter


def _importer(name: str, loaded: object) -> ServiceImporter:
    """What a plugin adds as an importer. Raises ValueError."""
    del name
    if not isinstance(loaded, ServiceImporter):
        raise ValueError("is no ServiceImporter of kb.importers.service_record")
    if not loaded.endings or not all(isinstance(ending, str) and len(ending) > 1 for ending in loaded.endings):
        raise ValueError("its endings should be a tuple like ('.nomad',)")
    return loaded


IMPORTERS: Table[ServiceImporter] = Table("kb.importers", OWN, _importer)


def endings() -> tuple[str, ...]:
    """How the files of all importers end."""
    return tuple(ending for importer in IMPORTERS.values() for ending in importer.endings)
