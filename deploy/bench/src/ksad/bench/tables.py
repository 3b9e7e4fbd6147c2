"""Databases for benchmarks, with the tables of reporting, which include all that are measured."""

from __future__ import annotations

from ksad.chassis.database import Database
from ksad.chassis.migrations import migrate
from ksad.reporting.migrations import STEPS


def database(url: str) -> Database:
    """Opens a database, and creates missing tables; the caller closes it."""
    made = Database(url)
    migrate(made, "reporting", STEPS)
    return made
