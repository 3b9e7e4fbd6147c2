"""Numbered forward steps of a service's schema (docs/decisions/0015).

A step consists of SQL files for both databases, in the package that owns the tables. It is executed in one transaction
together with its record, so an interrupted step leaves nothing, and concurrent migrations take turns. There are no
steps back: a release refuses to start on a database made by a newer one.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from importlib import resources
from typing import TYPE_CHECKING, NamedTuple

import sqlalchemy as sa
import structlog

from ksad.chassis.database import BusyError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ksad.chassis.database import Database

metadata = sa.MetaData()
migrations = sa.Table(
    "schema_migrations",
    metadata,
    sa.Column("service", sa.Text, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("applied_at", sa.Text, nullable=False),
)
ATTEMPTS = 30
LOCK_SECONDS = 2.0
"""How long a step waits for locks. Whoever needs a table that it waits for waits behind it."""
PAUSE_SECONDS = 1.0
log = structlog.get_logger(__name__)
LOCK = 230510
"""The key of PostgreSQL's advisory lock for migrations; on SQLite a write transaction is exclusive anyway."""


class SchemaError(Exception):
    """A database does not have the schema of this release; the message says what to do."""


class Script(NamedTuple):
    """The file ``migrations/<name>.<dialect>.sql`` in a package; statements are separated by empty lines."""

    package: str
    name: str

    def statements(self, dialect: str) -> list[str]:
        """The statements for a database (``sqlite`` or ``postgresql``)."""
        file = resources.files(self.package) / "migrations" / f"{self.name}.{dialect}.sql"
        return [text for text in file.read_text().split("\n\n") if text.strip()]


class Step(NamedTuple):
    """One step: its number, its name for operators, and its scripts in order of execution."""

    number: int
    name: str
    scripts: tuple[Script, ...]


STORE = Script("ksad.chassis", "0001_store")
"""The tables of every service that records events: events, commands, and events fetched from a stream."""
LEADERS = Script("ksad.chassis", "0002_leaders")
"""The table of who leads each role of a service."""
FOLLOWER = Script("ksad.chassis", "0001_follower")
"""The tables of every service that follows the log: positions, inbox, parked and quarantined."""


def migrate(database: Database, service: str, steps: Sequence[Step]) -> list[Step]:
    """Executes the steps that a database lacks; returns them.

    A step waits two seconds for the locks that it needs and then lets those go first who queue behind it; after a
    second it tries again, for a minute and a half in all.

    :raises BusyError: the locks could not be had; the steps before it stay.
    :raises SchemaError: the database is another service's, or was made by a newer release.
    :raises ksad.chassis.environment.RefusedSettingError: a pooler mixes the prepared statements of its clients.
    """
    database.check_pooler()
    return [step for step in steps if _patiently(database, service, steps, step)]


def _patiently(database: Database, service: str, steps: Sequence[Step], step: Step) -> bool:
    for left in range(ATTEMPTS - 1, 0, -1):
        try:
            return _carried_out(database, service, steps, step)
        except BusyError:
            log.info("schema_step_waits", service=service, number=step.number, attempts_left=left)
            time.sleep(PAUSE_SECONDS)
    return _carried_out(database, service, steps, step)


def _carried_out(database: Database, service: str, steps: Sequence[Step], step: Step) -> bool:
    with database.write(time.monotonic() + LOCK_SECONDS) as connection:
        if database.dialect == "postgresql":
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(LOCK)))
        metadata.create_all(connection)
        if _number(connection, service, steps) >= step.number:
            return False
        for script in step.scripts:
            for statement in script.statements(database.dialect):
                connection.exec_driver_sql(statement)
        moment = datetime.now(UTC).isoformat(timespec="seconds")
        row = {"service": service, "number": step.number, "name": step.name, "applied_at": moment}
        connection.execute(sa.insert(migrations), row)
    return True


def check(database: Database, service: str, steps: Sequence[Step]) -> int:
    """Checks that a database has the schema of this release; returns its number.

    :raises SchemaError: it has another one; nothing was changed.
    :raises ksad.chassis.environment.RefusedSettingError: a pooler mixes the prepared statements of its clients.
    """
    database.check_pooler()
    with database.read() as connection:
        number = _number(connection, service, steps) if sa.inspect(connection).has_table(migrations.name) else 0
    if number < steps[-1].number:
        raise SchemaError(
            f"the database of {service} has schema {number}, this release works with {steps[-1].number}: "
            f"run `python -m ksad.{service} migrate`; `ksad up` does it by itself"
        )
    return number


def _number(connection: sa.Connection, service: str, steps: Sequence[Step]) -> int:
    """The number of the last executed step; 0 if there is none."""
    rows = connection.execute(sa.select(migrations.c.service, migrations.c.number)).all()
    others = {row.service for row in rows} - {service}
    if others:
        raise SchemaError(f"the database is that of {', '.join(sorted(others))}: give {service} one of its own")
    number = max((row.number for row in rows), default=0)
    if number > steps[-1].number:
        raise SchemaError(
            f"the database of {service} has schema {number}, which a newer release has made, and this one knows "
            f"{steps[-1].number}: install that release again, or restore what was backed up before (docs/operating.md)"
        )
    return number
