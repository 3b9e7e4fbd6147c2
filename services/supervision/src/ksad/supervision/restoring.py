"""Restores supervision's tables by folding events; nothing is decided again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from ksad.contracts import registry as facts
from ksad.supervision import tables
from ksad.supervision.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ksad.chassis.store import EventStore
    from ksad.contracts.envelope import Envelope
    from ksad.supervision.reference_cache import ReferenceCache


def follow(connection: sa.Connection, store: EventStore, cache: ReferenceCache, events: Iterable[Envelope]) -> None:
    """Folds own events that were appended to the store in this transaction from the log."""
    unit = UnitOfWork(connection, store, cache)
    for event in events:
        unit.fold_own(event)
    unit.flush()


def rebuild_cases(
    connection: sa.Connection, store: EventStore, cache: ReferenceCache, events: Iterable[Envelope]
) -> None:
    """Empties all tables and folds them from the events of all services, in the journal's order."""
    for table in reversed(tables.metadata.sorted_tables):
        connection.execute(sa.delete(table))
    unit = UnitOfWork(connection, store, cache)
    for event in events:
        _replay(unit, event)
    unit.flush()


def _replay(unit: UnitOfWork, event: Envelope) -> None:
    """Folds one event of any service."""
    match event.subject.partition("/")[0]:
        case "cooperation":
            unit.fold_cooperation(event)
        case "supervision" | "task":
            unit.fold_own(event)
        case "reference":
            unit.adopt(event)
        case "body":
            unit.establish(event)
        case "report":
            unit.submit(event)
        case "calendar":
            fact = event.fact()
            if isinstance(fact, facts.DayPassed):
                unit.pass_day(fact.day)
