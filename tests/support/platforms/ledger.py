"""The simplest service that follows the log: it writes down what was applied, in the follower's own transaction.

Run as a program it follows until it is killed: ``python -m tests.support.platforms.ledger BROKER_URL DATABASE_URL``.
"""

import asyncio
import sys
from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa

from ksad.chassis.broker import Broker
from ksad.chassis.database import Database
from ksad.chassis.follower import Follower, Park, Received
from ksad.contracts.envelope import Envelope

metadata = sa.MetaData()
ledger = sa.Table(
    "ledger",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("raw", sa.LargeBinary, nullable=False),
)


class Ledger:
    """``poison`` names events that cannot be applied; ``faults`` is how often the infrastructure still fails."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.poison: dict[UUID, str] = {}
        self.faults = 0
        self.batches = 0
        database.create(metadata)

    def apply(self, connection: sa.Connection, batch: Sequence[Received]) -> None:
        """Write the events down; a fault or a poisoned event comes after the writing, so that it must be undone."""
        self.batches += 1
        for received in batch:
            connection.execute(sa.insert(ledger).values(raw=received.raw))
            if received.envelope.id in self.poison:
                raise Park(received.envelope.id, self.poison[received.envelope.id])
        if self.faults > 0:
            self.faults -= 1
            raise ConnectionError("the infrastructure is away")

    def rows(self) -> list[bytes]:
        """What was applied, in order."""
        with self.database.read() as connection:
            query = sa.select(ledger.c.raw).order_by(ledger.c.number)
            return [bytes(raw) for raw in connection.execute(query).scalars()]

    def count(self) -> int:
        """How many events were applied."""
        with self.database.read() as connection:
            return connection.execute(sa.select(sa.func.count()).select_from(ledger)).scalar_one()

    def places(self) -> list[tuple[str, int]]:
        """Stream and version of what was applied, in order."""
        found = [Envelope.from_store(raw) for raw in self.rows()]
        return [(envelope.subject, envelope.streamversion) for envelope in found]


async def follow_for_ever(nats_url: str, database_url: str) -> None:
    """Follow until somebody kills this process."""
    database = Database(database_url)
    book = Ledger(database)
    async with Broker(nats_url, "ledger") as broker:
        await Follower("ledger", broker, database, book.apply).run(asyncio.Event())


if __name__ == "__main__":
    asyncio.run(follow_for_ever(sys.argv[1], sys.argv[2]))
