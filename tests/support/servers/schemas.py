"""Databases with the tables of a service, as its verb ``migrate`` makes them."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from ksad.chassis.database import Database
from ksad.chassis.migrations import migrate
from ksad.chassis.places import SQLITE
from ksad.portal.migrations import STEPS as PORTAL
from ksad.registry.migrations import STEPS as REGISTRY
from ksad.reporting.migrations import STEPS as REPORTING
from ksad.supervision.migrations import STEPS as SUPERVISION

ON_SQLITE = pytest.mark.parametrize("new_database", ["sqlite"], indirect=True)
"""For a test of a rule that no SQL decides, beside tests that read and write the same tables on both databases."""
STEPS = {"registry": REGISTRY, "supervision": SUPERVISION, "reporting": REPORTING, "portal": PORTAL}


_made: dict[str, bytes] = {}
"""By service, the file of an empty SQLite database that was migrated once in this process."""


def migrated(database: Database, service: str) -> Database:
    """This database, at the newest schema of a service; a new SQLite file is a copy of one that was migrated."""
    file = Path(database.url.removeprefix(SQLITE))
    new = database.dialect == "sqlite" and not file.exists()
    if new and service in _made:
        file.touch(0o600)
        file.write_bytes(_made[service])
        return database
    migrate(database, service, STEPS[service])
    if new:
        with closing(sqlite3.connect(file)) as connection:
            _made[service] = connection.serialize()
    return database


@contextmanager
def opened(url: str, service: str = "supervision") -> Iterator[Database]:
    """A database with a service's tables, closed when the block ends; supervision's have all that the chassis has."""
    database = Database(url)
    try:
        yield migrated(database, service)
    finally:
        database.close()


def at(url: str, service: str) -> str:
    """The address of a database that has a service's tables."""
    with opened(url, service):
        return url
