"""The baseline of rebuilds: the library's own ProjectionRunner on PostgreSQL with the simplest possible view."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import psycopg
from eventsourcing.application import Application
from eventsourcing.domain import Aggregate
from eventsourcing.postgres import PostgresTrackingRecorder
from eventsourcing.projection import Projection, ProjectionRunner
from psycopg.sql import SQL, Identifier

if TYPE_CHECKING:
    from eventsourcing.persistence import Tracking

EVENTS_PER_AGGREGATE = 20
APPENDED = "x" * 500
TIMEOUT_SECONDS = 600.0


class ManyEvents(Aggregate):
    """An aggregate with events about as large as the platform's."""

    class Event(Aggregate.Event):
        """The base of its events."""

        def apply(self, aggregate: Any) -> None:  # noqa: ANN401 - the library's aggregate
            """Changes nothing."""

    class Appended(Event):
        """Text was added."""

        text: str


class ManyEventsApplication(Application[UUID]):
    """The application whose events are projected."""

    name = "notes"


class Counter(PostgresTrackingRecorder):
    """The simplest view: a row with a counter."""

    def __init__(self, datastore: Any, **kwargs: Any) -> None:  # noqa: ANN401 - the library's signature
        super().__init__(datastore, **kwargs)
        self._table = Identifier("counter")
        self.sql_create_statements.append(
            SQL("CREATE TABLE IF NOT EXISTS {schema}.counter (name text PRIMARY KEY, number bigint)").format(
                schema=Identifier(self.datastore.schema)
            )
        )

    def count(self, tracking: Tracking) -> None:
        """Counts one event, in the transaction of its tracking."""
        with self.datastore.transaction(commit=True) as cursor:
            cursor.execute(
                SQL(
                    "INSERT INTO {schema}.counter VALUES ('events', 1)"
                    " ON CONFLICT (name) DO UPDATE SET number = counter.number + 1"
                ).format(schema=Identifier(self.datastore.schema)),
                prepare=True,
            )
            self._insert_tracking(cursor, tracking)


class CountProjection(Projection[Counter]):
    """Counts every event."""

    name = "counting"

    def process_event(self, domain_event: object, tracking: Tracking) -> None:
        """Counts the event."""
        del domain_event
        self.view.count(tracking)


def environment(dsn: str) -> dict[str, str]:
    """The library's settings for a PostgreSQL address, with its defaults for everything else."""
    parts = urlsplit(dsn)
    query = parse_qs(parts.query)
    return {
        "PERSISTENCE_MODULE": "eventsourcing.postgres",
        "POSTGRES_DBNAME": parts.path.lstrip("/"),
        "POSTGRES_HOST": query.get("host", [parts.hostname or "127.0.0.1"])[0],
        "POSTGRES_PORT": str(parts.port or query.get("port", ["5432"])[0]),
        "POSTGRES_USER": parts.username or "postgres",
        "POSTGRES_PASSWORD": parts.password or "",
        "IS_SNAPSHOTTING_ENABLED": "n",
    }


def prepare(dsn: str, count: int) -> None:
    """Records about ``count`` events in the library's own store."""
    app: Application[Any] = ManyEventsApplication(environment(dsn))
    for _ in range(count // EVENTS_PER_AGGREGATE):
        note = ManyEvents()
        for _ in range(EVENTS_PER_AGGREGATE - 1):
            note.trigger_event(ManyEvents.Appended, text=APPENDED)
        app.save(note)
    app.close()


def run(dsn: str, count: int) -> float:
    """Projects all events with the library's runner into an empty view; returns events per second."""
    with psycopg.connect(dsn) as connection:
        connection.execute("DROP TABLE IF EXISTS counter, counting_tracking")
    started = time.perf_counter()
    with ProjectionRunner(
        application_class=ManyEventsApplication,
        projection_class=CountProjection,
        view_class=Counter,
        env=environment(dsn),
    ) as runner:
        runner.wait(notification_id=count, timeout=TIMEOUT_SECONDS)
        taken = time.perf_counter() - started
    return count / taken
