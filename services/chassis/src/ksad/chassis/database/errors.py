"""What this package raises beside SQLAlchemy's own errors."""

from __future__ import annotations

import sqlalchemy as sa


class BusyError(sa.exc.TimeoutError):
    """Another transaction held a lock, or all connections were taken, for longer than anybody waits here."""
