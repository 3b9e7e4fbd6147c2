"""What reporting does with every fact of the log: it admits it into the journal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ksad.reporting.journal import Arrival

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import sqlalchemy as sa

    from ksad.chassis.broker import Received
    from ksad.reporting.journal import Journal


def admit_into(journal: Journal) -> Callable[[sa.Connection, Sequence[Received]], None]:
    """The follower's apply: one batch of the log into the journal, in the follower's own transaction."""

    def apply(connection: sa.Connection, batch: Sequence[Received]) -> None:
        journal.admit(connection, [Arrival(received.raw, *received.position) for received in batch])

    return apply
