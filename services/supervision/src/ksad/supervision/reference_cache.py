"""The adopted reference data: stored as rows, and parsed once per content."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import sqlalchemy as sa

from ksad.chassis.database import upsert
from ksad.contracts import registry as facts
from ksad.contracts.law import read_policy
from ksad.contracts.regions import AdoptedRegions, BoundaryChange, sha256
from ksad.contracts.registry import UNDECIDED, ReferenceKind
from ksad.supervision.domain import reference
from ksad.supervision.domain.verifying import VERIFICATION
from ksad.supervision.tables import references

if TYPE_CHECKING:
    from ksad.contracts.catalogue import Fact
    from ksad.supervision.domain.reference import Reference

BOUNDARY, STANDING, VERIFYING = "boundary", "standing", "verifying"
ADOPTED = sa.select(references.c.kind, references.c.name, references.c.sha256).order_by(references.c.place)
"""Built once, because it is executed for every event."""


class ReferenceCache:
    """Parses the adopted texts. The cache is keyed by their content, so a failed transaction leaves no wrong value."""

    def __init__(self) -> None:
        self._key: tuple[tuple[object, ...], ...] = ()
        self._value: Reference | None = None

    def reference(self, connection: sa.Connection) -> Reference | None:
        """The reference data as the connection sees them; ``None`` while any are missing."""
        key = tuple(tuple(row) for row in connection.execute(ADOPTED))
        if key != self._key:
            value = reference.read(_texts(connection))
            self._key, self._value = key, value
        return self._value


def adopt(connection: sa.Connection, fact: Fact, time: str) -> None:
    """Stores a fact of reference data. Boundary changes outlive the regions that they were recorded on.

    :param time: when it was recorded.
    """
    if isinstance(fact, facts.BoundaryChanged):
        day = fact.effective_on.isoformat()
        _enter(connection, BOUNDARY, f"{fact.region}>{fact.successor}", day, day)
    elif isinstance(fact, facts.ReferenceText):
        name = fact.name if fact.kind is ReferenceKind.PROFILE else fact.kind.value
        _enter(connection, fact.kind.value, name, fact.sha256, fact.content)
        # What tasks print of the policy; a policy without such a row was adopted before decisions were asked for.
        if fact.kind is ReferenceKind.POLICY:
            _enter(connection, STANDING, name, sha256(fact.standing), fact.standing)
            known = connection.execute(sa.select(references.c.place).where(references.c.kind == VERIFYING)).first()
            # From the first on: entries of before such a policy are never owed, those of after it always are.
            if known is None and VERIFICATION in read_policy(fact.content).terms:
                _enter(connection, VERIFYING, name, sha256(time), time)


def _enter(connection: sa.Connection, kind: str, name: str, digest: str, content: str) -> None:
    # The order of adoption matters: a profile extends an earlier one, and boundary changes build on each other. A text
    # that is replaced keeps its place.
    place = connection.execute(sa.select(sa.func.coalesce(sa.func.max(references.c.place), 0))).scalar_one() + 1
    row = {"kind": kind, "name": name, "sha256": digest, "content": content}
    mine = sa.and_(references.c.kind == row["kind"], references.c.name == row["name"])
    known = connection.execute(sa.select(references.c.place).where(mine)).scalar()
    upsert(connection, references, [{**row, "place": known or place}])


def _texts(connection: sa.Connection) -> reference.Texts:
    rows = connection.execute(sa.select(references).order_by(references.c.place)).all()
    whole = {row.kind: row.content for row in rows}
    changes = [(*row.name.split(">", 1), row.content) for row in rows if row.kind == BOUNDARY]
    return reference.Texts(
        regions=AdoptedRegions(
            whole.get("regions"),
            tuple(BoundaryChange(region, successor, date.fromisoformat(on)) for region, successor, on in changes),
        ),
        profiles=tuple((row.name, row.content) for row in rows if row.kind == "profile"),
        policy=whole.get("policy"),
        holidays=whole.get("holidays"),
        policy_standing=whole.get(STANDING, UNDECIDED),
        verifying_since=whole.get(VERIFYING),
    )
