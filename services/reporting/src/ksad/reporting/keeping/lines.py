"""The journal as lines, from which the other services restore their stores."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from ksad.chassis.relay.lines import JournalLine, end_of
from ksad.contracts.positions import Position
from ksad.reporting.journal import journal

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = 2_000


def lines(connection: sa.Connection, service: str | None = None) -> Iterator[bytes]:
    """All entries, or those of one service, in the journal's order, and a last line with their number."""
    wanted = sa.select(journal.c.entry, journal.c.service, journal.c.notification, journal.c.raw)
    if service is not None:
        wanted = wanted.where(journal.c.service == service)
    count, after = 0, -1
    while page := connection.execute(wanted.where(journal.c.entry > after).order_by(journal.c.entry).limit(PAGE)).all():
        for row in page:
            yield JournalLine(row.entry, Position(row.service, row.notification), bytes(row.raw)).to_bytes()
        count, after = count + len(page), page[-1].entry
    yield end_of(count)
