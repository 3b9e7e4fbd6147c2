"""The reaction of reporting to the log: every event is admitted to the journal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ksad.reporting.journal import Arrival

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import sqlalchemy as sa

    from ksad.chassis.broker import Received
    from ksad.reporting.journal import Journal


def admit_into(journal: Journal) -> Callable[[sa.Connection, Sequence[Received]], None]:
    """The function that the follower applies to each batch: admits it to the journal, in the follower's transaction."""

    def apply(connection: sa.Connection, batch: Sequence[Received]) -> None:
        journal.admit(connection, [Arrival(received.raw, *received.position) for received in batch])

    return apply
