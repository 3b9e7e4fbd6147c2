"""Databases with the tables of a service, as its verb ``migrate`` makes them."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from ksad.chassis.database import Database
from ksad.chassis.migrations import migrate
from ksad.portal.migrations import STEPS as PORTAL
from ksad.registry.migrations import STEPS as REGISTRY
from ksad.reporting.migrations import STEPS as REPORTING
from ksad.supervision.migrations import STEPS as SUPERVISION

ON_SQLITE = pytest.mark.parametrize("new_database", ["sqlite"], indirect=True)
"""For a test of a rule that no SQL decides, beside tests that read and write the same tables on both databases."""
STEPS = {"registry": REGISTRY, "supervision": SUPERVISION, "reporting": REPORTING, "portal": PORTAL}


def migrated(database: Database, service: str) -> Database:
    """This database, at the newest schema of a service."""
    migrate(database, service, STEPS[service])
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
