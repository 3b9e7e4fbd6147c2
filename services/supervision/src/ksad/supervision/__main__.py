"""``python -m ksad.supervision``: the commands of the supervision service."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

if __name__ == "__main__":
    gc.disable()  # What is imported stays; ``main`` lets garbage be collected again.

from ksad.chassis.verbs import ServiceProgram, add_doctor, add_refill, add_restore, main, program
from ksad.contracts.envelope import Envelope
from ksad.supervision import restoring
from ksad.supervision.migrations import STEPS
from ksad.supervision.reference_cache import ReferenceCache
from ksad.supervision.settings import SupervisionSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import sqlalchemy as sa

    from ksad.chassis.relay.lines import JournalLines
    from ksad.chassis.store import EventStore

SERVICE = ServiceProgram("supervision", STEPS, SupervisionSettings, "ksad.supervision.app:build")


def _follow(store: EventStore) -> Callable[[sa.Connection, Sequence[Envelope]], None]:
    """For ``refill``: a function that folds refilled events into the tables."""
    cache = ReferenceCache()

    def follow(connection: sa.Connection, events: Sequence[Envelope]) -> None:
        restoring.follow(connection, store, cache, events)

    return follow


def _rebuild(store: EventStore, lines: JournalLines) -> None:
    """For ``restore``: empties the tables and folds them from the events of all services."""
    events = (Envelope.from_store(line.raw) for line in lines)
    with store.database.write() as connection:
        restoring.rebuild_cases(connection, store, ReferenceCache(), events)


app = program(SERVICE)
add_doctor(app, SERVICE)
add_refill(app, SERVICE, _follow)
add_restore(app, SERVICE, _rebuild)


if __name__ == "__main__":
    main(app, SERVICE.name)
