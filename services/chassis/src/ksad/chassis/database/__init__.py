"""One database per service, SQLite or PostgreSQL, behind the same few calls, whose every wait is bounded."""

from ksad.chassis.database.database import Database
from ksad.chassis.database.errors import BusyError
from ksad.chassis.database.upsert import upsert

__all__ = ["BusyError", "Database", "upsert"]
