"""Databases to measure on: with the tables of reporting, which hold all that is measured."""

from __future__ import annotations

from ksad.chassis.database import Database
from ksad.chassis.migrations import migrate
from ksad.reporting.migrations import STEPS


def database(url: str) -> Database:
    """A database with empty tables, or the one that is there; the caller closes it."""
    made = Database(url)
    migrate(made, "reporting", STEPS)
    return made
