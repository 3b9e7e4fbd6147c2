"""The adopted reference data: rows in the caller's transaction, and their values, read once per content."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import sqlalchemy as sa

from ksad.chassis.database import upsert
from ksad.contracts import registry as facts
from ksad.contracts.registry import ReferenceKind
from ksad.supervision.domain import reference
from ksad.supervision.tables import references

if TYPE_CHECKING:
    from ksad.contracts.catalogue import Fact
    from ksad.supervision.domain.reference import Reference

BOUNDARY = "boundary"
ADOPTED = sa.select(references.c.kind, references.c.name, references.c.sha256).order_by(references.c.place)
"""Made once: it is asked for with every event."""


class ReferenceCache:
    """Reads the adopted texts. The cache goes by their content, so a transaction that fails leaves nothing behind."""

    def __init__(self) -> None:
        self._key: tuple[tuple[object, ...], ...] = ()
        self._value: Reference | None = None

    def reference(self, connection: sa.Connection) -> Reference | None:
        """The reference data as the connection sees them; None while any are missing."""
        key = tuple(tuple(row) for row in connection.execute(ADOPTED))
        if key != self._key:
            value = reference.read(_texts(connection))
            self._key, self._value = key, value
        return self._value


def adopt(connection: sa.Connection, fact: Fact) -> None:
    """Enter a fact of reference data; regions adopted anew end the boundary changes on top of the old ones."""
    place = connection.execute(sa.select(sa.func.coalesce(sa.func.max(references.c.place), 0))).scalar_one() + 1
    if isinstance(fact, facts.BoundaryChanged):
        day = fact.effective_on.isoformat()
        row = {"kind": BOUNDARY, "name": f"{fact.region}>{fact.successor}", "sha256": day, "content": day}
    elif isinstance(fact, facts.ReferenceAdopted):
        if fact.kind is ReferenceKind.REGIONS:
            connection.execute(sa.delete(references).where(references.c.kind == BOUNDARY))
        name = fact.name if fact.kind is ReferenceKind.PROFILE else fact.kind.value
        row = {"kind": fact.kind.value, "name": name, "sha256": fact.sha256, "content": fact.content}
    else:
        return
    mine = sa.and_(references.c.kind == row["kind"], references.c.name == row["name"])
    known = connection.execute(sa.select(references.c.place).where(mine)).scalar()
    upsert(connection, references, [{**row, "place": known or place}])


def _texts(connection: sa.Connection) -> reference.Texts:
    rows = connection.execute(sa.select(references).order_by(references.c.place)).all()
    whole = {row.kind: row.content for row in rows}
    return reference.Texts(
        regions=whole.get("regions"),
        boundaries=tuple(
            (*row.name.split(">", 1), date.fromisoformat(row.content)) for row in rows if row.kind == BOUNDARY
        ),
        profiles=tuple((row.name, row.content) for row in rows if row.kind == "profile"),
        policy=whole.get("policy"),
        holidays=whole.get("holidays"),
    )
