"""What the journal has adopted, for readings: which code a region has, where it lies, and how affairs are named."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import orjson
import sqlalchemy as sa

from ksad.contracts.catalogue import load_fact
from ksad.contracts.law import Affairs
from ksad.contracts.regions import AdoptedRegions
from ksad.contracts.registry import ReferenceKind, ReferenceText
from ksad.ledger.folds.regions import TEXTS, after
from ksad.reporting.journal.tables import journal

if TYPE_CHECKING:
    from ksad.contracts.regions import RegionTable

REFERENCE = "reference/adopted"
"""The registry's stream of reference data."""
NEWEST = sa.select(sa.func.max(journal.c.version)).where(journal.c.stream == REFERENCE)
LATER = (
    sa.select(journal.c.version, journal.c.raw)
    .where(journal.c.stream == REFERENCE, journal.c.version > sa.bindparam("after"))
    .order_by(journal.c.version)
)


class _ReadReferences(NamedTuple):
    """What was adopted up to a version of the registry's stream."""

    version: int = 0
    regions: AdoptedRegions = AdoptedRegions()
    affairs: Affairs = Affairs(())


class JournalReferences:
    """Reads them. What was read is kept, and of what a transaction sees only the later facts are read again."""

    def __init__(self) -> None:
        self._read = _ReadReferences()

    def table(self, connection: sa.Connection) -> RegionTable:
        """The table of regions with all boundary changes, as the connection sees them."""
        return self._current(connection).regions.table

    def affairs(self, connection: sa.Connection) -> Affairs:
        """The affairs in use, as the connection sees them; none before a list is adopted."""
        return self._current(connection).affairs

    def _current(self, connection: sa.Connection) -> _ReadReferences:
        read = self._read
        newest = connection.execute(NEWEST).scalar() or 0
        if newest < read.version:
            read = _ReadReferences()
        if newest > read.version:
            for row in connection.execute(LATER, {"after": read.version}):
                event = orjson.loads(bytes(row.raw))
                regions = after(read.regions, event["type"], event["data"])
                read = _ReadReferences(row.version, regions, _affairs_after(read.affairs, event["type"], event["data"]))
            self._read = read
        return read


def _affairs_after(affairs: Affairs, kind: str, data: dict[str, Any]) -> Affairs:
    """The affairs after a fact; those before where it brings none, or none that can be read."""
    if kind not in TEXTS or data["kind"] != ReferenceKind.AFFAIRS:
        return affairs
    try:
        fact = load_fact(kind, data)
        return Affairs.from_text(fact.content) if isinstance(fact, ReferenceText) else affairs
    except (LookupError, ValueError):
        return affairs
