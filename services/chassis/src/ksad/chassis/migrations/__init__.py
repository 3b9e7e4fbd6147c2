"""Numbered forward steps of a service's schema (docs/decisions/0015).

A step is SQL for both databases, in files beside the package that owns the tables. It is carried out in one transaction
with the row that notes it, so an interrupted step leaves nothing, and two processes that migrate at once take turns.
There is no way back: a release on a database that a newer one has made refuses to start.
"""

from __future__ import annotations

from datetime import UTC, datetime
from importlib import resources
from typing import TYPE_CHECKING, NamedTuple

import sqlalchemy as sa

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
LOCK = 230510
"""PostgreSQL's advisory lock of whoever migrates; on SQLite the write transaction is exclusive by itself."""


class SchemaError(Exception):
    """A database is not at the schema that this release works with; the message says how to get it there."""


class Script(NamedTuple):
    """The statements of ``migrations/<name>.<dialect>.sql`` in a package, one after each empty line."""

    package: str
    name: str

    def statements(self, dialect: str) -> list[str]:
        """The statements for one of the two databases."""
        file = resources.files(self.package) / "migrations" / f"{self.name}.{dialect}.sql"
        return [text for text in file.read_text().split("\n\n") if text.strip()]


class Step(NamedTuple):
    """One step; ``name`` is what operators read, ``scripts`` are carried out in their order."""

    number: int
    name: str
    scripts: tuple[Script, ...]


STORE = Script("ksad.chassis", "0001_store")
"""Events, commands, and the events that were fetched from a stream: the tables of everyone who decides."""
FOLLOWER = Script("ksad.chassis", "0001_follower")
"""Positions, inbox, parked and quarantined: the tables of everyone who follows the log."""


def migrate(database: Database, service: str, steps: Sequence[Step]) -> list[Step]:
    """Carry out the steps that a database lacks; those that were.

    :raises SchemaError: the database is another service's, or a newer release's.
    :raises ksad.chassis.settings.RefusedSettingError: a pooler mixes the clients of the database up.
    """
    database.check_pooler()
    return [step for step in steps if _carried_out(database, service, steps, step)]


def _carried_out(database: Database, service: str, steps: Sequence[Step], step: Step) -> bool:
    with database.write() as connection:
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
    """The number of a database's schema, which is the newest that this release knows.

    :raises SchemaError: it is another one; nothing was changed.
    :raises ksad.chassis.settings.RefusedSettingError: a pooler mixes the clients of the database up.
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
    """The number of the last step that was carried out, 0 where there was none."""
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
