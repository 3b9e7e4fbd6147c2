"""The day of a head: that on which its newest fact was recorded, by which the validity of keys is judged."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import orjson
import sqlalchemy as sa

from ksad.contracts.dates import jakarta_day
from ksad.reporting.journal import NATIONAL

if TYPE_CHECKING:
    from datetime import date

NEWEST = sa.text("SELECT raw FROM journal WHERE entry = :at")
NEWEST_OF_FEED = sa.text(
    "SELECT journal.raw FROM feed_entries JOIN journal ON journal.entry = feed_entries.entry "
    "WHERE province = :province AND position = :at"
)


def day_of(connection: sa.Connection, log: str, size: int) -> date:
    """The day, in Jakarta, on which the last of the first ``size`` facts of a log was recorded."""
    asked: dict[str, Any] = {"at": size - 1}
    if log != NATIONAL:
        asked["province"] = log.removeprefix("feed/")
    raw = connection.execute(NEWEST if log == NATIONAL else NEWEST_OF_FEED, asked).scalar_one()
    return jakarta_day(datetime.fromisoformat(orjson.loads(bytes(raw))["time"]))
