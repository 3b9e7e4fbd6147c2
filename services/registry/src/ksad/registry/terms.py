"""Which cooperations have something to record when a day is over: terms that end, agreements that become effective.

The table is an index over the store's own events. It is brought up to them before it is asked, so that it is right
after a restore or a refill, and where an older release has written the events.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol
from uuid import UUID

import sqlalchemy as sa

from ksad.chassis.database import upsert
from ksad.chassis.store.recorder import events_table

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

metadata = sa.MetaData()

terms = sa.Table(
    "terms",
    metadata,
    sa.Column("cooperation_id", sa.Uuid, primary_key=True),
    sa.Column("next_on", sa.Date),
    sa.Index("terms_next", "next_on"),
)
"""One row per cooperation; ``next_on`` is the next day whose passing brings about a fact, null where none is ahead."""

followed = sa.Table(
    "terms_followed",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("notification", sa.BigInteger, nullable=False),
)
"""Up to which event of the store the terms are."""

ROW = "terms"
NEWEST = sa.select(sa.func.max(events_table.c.notification_id))
MARK = sa.select(followed.c.notification).where(followed.c.name == ROW)
CHANGED = (
    sa.select(events_table.c.originator_id)
    .where(
        events_table.c.notification_id > sa.bindparam("after"),
        events_table.c.topic.like("ksad.cooperation.%"),
    )
    .distinct()
)
DUE = sa.select(terms.c.cooperation_id).where(terms.c.next_on <= sa.bindparam("day")).order_by(terms.c.cooperation_id)


class TurningDay(Protocol):
    """Gives the next day on which a cooperation, by its id, has something to record."""

    def __call__(self, identity: UUID, connection: sa.Connection) -> date | None:
        """As the transaction of the connection sees it."""
        ...


def due(connection: sa.Connection, day: date, turning_day: TurningDay) -> list[UUID]:
    """The cooperations that have something to record when a day is over."""
    newest = connection.execute(NEWEST).scalar() or 0
    after = connection.execute(MARK).scalar() or 0
    if newest != after:
        changed = connection.execute(CHANGED, {"after": min(after, newest)}).scalars().all()
        upsert(connection, terms, list(_rows(changed, connection, turning_day)))
        upsert(connection, followed, [{"name": ROW, "notification": newest}])
    return list(connection.execute(DUE, {"day": day}).scalars())


def _rows(
    changed: Iterable[UUID], connection: sa.Connection, turning_day: TurningDay
) -> Iterable[dict[str, UUID | date | None]]:
    for identity in sorted(changed):
        yield {"cooperation_id": identity, "next_on": turning_day(identity, connection)}
