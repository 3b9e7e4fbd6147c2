"""One database per service, SQLite or PostgreSQL, behind the same interface, with bounded waits."""

from ksad.chassis.database.database import WAITING_MAX, Database
from ksad.chassis.database.errors import BusyError, is_full, wrong
from ksad.chassis.database.upsert import upsert

__all__ = ["WAITING_MAX", "BusyError", "Database", "is_full", "upsert", "wrong"]
