"""The outbox: one row for each office that is to be reminded of an occasion, and what became of the mail.

Processes share it through the database. Whoever sends a message leases its row first. One that dies between the
server's answer and the note of it leaves the row to the end of its lease; the message is then sent again, under the
same Message-ID. No fact: nobody but the office sees a row, and it is deleted a season after it came to its end.
"""

from __future__ import annotations

import json
import time
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from ksad.chassis.database import Database

DAY = 24 * 3600
LEASE_SECONDS = 120
"""Longer than one attempt may take."""
FIRST_DELAY, DELAY_MAX = 60, 3600
"""Seconds until the next attempt: twice as many after each one, and not more than an hour."""
GIVEN_UP_SECONDS = 14 * DAY
"""A reminder that could not be sent for so long is sent no more: it would say what is long past."""
KEPT_SECONDS = 90 * DAY
"""How long a row is kept after its end."""
LATELY_SECONDS = 7 * DAY
"""For how long a refused mail is somebody's care: it is not sent again, and nobody can take it from the list."""
SHOWN_MAX = 200
table = sa.Table(
    "outbox",
    sa.MetaData(),
    sa.Column("occasion", sa.Text, primary_key=True),
    sa.Column("office", sa.Text, primary_key=True),
    sa.Column("told", sa.Text, nullable=False),
    sa.Column("queued", sa.BigInteger, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("next_at", sa.BigInteger, nullable=False),
    sa.Column("leased_until", sa.BigInteger, nullable=False),
    sa.Column("mailbox", sa.Text),
    sa.Column("answer", sa.Text),
    sa.Column("ended", sa.BigInteger),
)
positions = sa.Table(
    "outbox_position",
    sa.MetaData(),
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("position", sa.BigInteger, nullable=False),
)
LOG = "log"


class MailState(StrEnum):
    """What became of a mail."""

    WAITING = "waiting"
    SENT = "sent"
    REFUSED = "refused"
    """It will not be sent: the server refused it for good, or it waited too long."""


class OutboxMail(NamedTuple):
    """A row: the id of the event that gave occasion, the office, what it is told, and what became of it.

    Times are in seconds since 1970. ``mailbox`` is where it was sent to last, ``answer`` what was said to it there.
    """

    occasion: str
    office: str
    told: dict[str, Any]
    queued: int
    state: MailState
    attempts: int
    next_at: int
    mailbox: str | None
    answer: str | None
    ended: int | None


class OutboxCounts(NamedTuple):
    """How many mails wait, were sent and were refused, and how many of these within a week.

    Offices without an adopted mailbox are counted apart: a decision helps them and no operator. ``oldest_seconds`` is
    how long the oldest of the others has waited.
    """

    waiting: int
    sent: int
    refused: int
    refused_lately: int
    unaddressed: int
    oldest_seconds: int


class Outbox:
    """The outbox of all offices."""

    def __init__(self, database: Database, now: Callable[[], float] = time.time) -> None:
        self._database = database
        self._now = now

    def position(self) -> int | None:
        """The index of the log up to which occasions were read; ``None`` before the first reading."""
        with self._database.read() as connection:
            return connection.execute(sa.select(positions.c.position)).scalar_one_or_none()

    def gather(self, was: int | None, reached: int, reminders: Sequence[Mapping[str, Any]]) -> None:
        """Takes reminders in, each once, and notes how far they were read; forgets what came to its end long ago.

        :param was: the position from which they were read; where another process has read on since, nothing happens.
        """
        now = int(self._now())
        rows = [self._new(one, now) for one in reminders]
        insert = (sqlite if self._database.dialect == "sqlite" else postgresql).insert(table).on_conflict_do_nothing()
        with self._database.write() as connection:
            if connection.execute(sa.select(positions.c.position)).scalar_one_or_none() != was:
                return
            connection.execute(sa.delete(table).where(table.c.ended <= now - KEPT_SECONDS))
            if rows:
                connection.execute(insert, rows)
            connection.execute(sa.delete(positions))
            connection.execute(sa.insert(positions), {"name": LOG, "position": reached})

    @staticmethod
    def _new(reminder: Mapping[str, Any], now: int) -> dict[str, Any]:
        return {
            "occasion": reminder["id"],
            "office": reminder["office"],
            "told": json.dumps(dict(reminder)),
            "queued": now,
            "state": MailState.WAITING,
            "attempts": 0,
            "next_at": now,
            "leased_until": 0,
        }

    def lease(self) -> OutboxMail | None:
        """The mail that is due longest and that no process is sending; it is then this process's for two minutes."""
        now = int(self._now())
        free = sa.and_(table.c.state == MailState.WAITING, table.c.next_at <= now, table.c.leased_until <= now)
        with self._database.write() as connection:
            wanted = sa.select(table).where(free).order_by(table.c.next_at, table.c.occasion, table.c.office).limit(1)
            # On PostgreSQL two could otherwise read the same free row.
            row = connection.execute(wanted.with_for_update(skip_locked=True)).one_or_none()
            if row is None:
                return None
            connection.execute(sa.update(table).where(self._is(row)).values(leased_until=now + LEASE_SECONDS))
        return _mail(row)

    def sent(self, mail: OutboxMail, mailbox: str, answer: str) -> None:
        """Notes that the server has taken a mail."""
        self._end(mail, MailState.SENT, mailbox, answer)

    def refuse(self, mail: OutboxMail, mailbox: str, answer: str) -> None:
        """Notes that the server has refused a mail for good."""
        self._end(mail, MailState.REFUSED, mailbox, answer)

    def postpone(self, mail: OutboxMail, mailbox: str | None, answer: str) -> None:
        """Notes that a mail could not be sent now, and when it is tried again; after a fortnight it is given up."""
        now = int(self._now())
        if mail.queued <= now - GIVEN_UP_SECONDS:
            self._end(mail, MailState.REFUSED, mailbox, answer)
            return
        delay = min(FIRST_DELAY * 2 ** min(mail.attempts, 10), DELAY_MAX)
        new = {"attempts": mail.attempts + 1, "next_at": now + delay, "mailbox": mailbox, "answer": answer}
        self._change(mail, new)

    def _end(self, mail: OutboxMail, state: MailState, mailbox: str | None, answer: str) -> None:
        new = {"state": state, "attempts": mail.attempts + 1, "mailbox": mailbox, "answer": answer}
        self._change(mail, new | {"ended": int(self._now())})

    def _change(self, mail: OutboxMail, new: Mapping[str, Any]) -> None:
        with self._database.write() as connection:
            connection.execute(sa.update(table).where(self._is(mail)).values(leased_until=0, **new))

    @staticmethod
    def _is(mail: OutboxMail | sa.Row[Any]) -> sa.ColumnElement[bool]:
        return sa.and_(table.c.occasion == mail.occasion, table.c.office == mail.office)

    def of(self, office: str) -> list[OutboxMail]:
        """The newest mails of an office, the newest first."""
        return self._listed(table.c.office == office)

    def refused(self) -> list[OutboxMail]:
        """The newest mails that were refused, of all offices."""
        return self._listed(table.c.state == MailState.REFUSED)

    def _listed(self, which: sa.ColumnElement[bool]) -> list[OutboxMail]:
        order = table.c.queued.desc(), table.c.occasion
        with self._database.read() as connection:
            rows = connection.execute(sa.select(table).where(which).order_by(*order).limit(SHOWN_MAX)).all()
        return [_mail(row) for row in rows]

    def counts(self) -> OutboxCounts:
        """How many mails there are of each state."""
        now = int(self._now())
        waits, unaddressed = (
            table.c.state == MailState.WAITING,
            sa.and_(table.c.mailbox.is_(None), table.c.answer.is_not(None)),
        )
        late = sa.and_(table.c.state == MailState.REFUSED, table.c.ended > now - LATELY_SECONDS, sa.not_(unaddressed))
        asked = sa.select(table.c.state, sa.func.count()).group_by(table.c.state)
        with self._database.read() as connection:

            def counted(*chosen: sa.ColumnElement[bool]) -> int:
                return connection.execute(sa.select(sa.func.count()).where(*chosen).select_from(table)).scalar_one()

            states = {row[0]: int(row[1]) for row in connection.execute(asked)}
            oldest = sa.select(sa.func.min(table.c.queued)).where(waits, sa.not_(unaddressed))
            first = connection.execute(oldest).scalar_one()
            lately, homeless = counted(late), counted(waits, unaddressed)
        waiting, sent, refused = (states.get(one, 0) for one in (MailState.WAITING, MailState.SENT, MailState.REFUSED))
        return OutboxCounts(waiting, sent, refused, lately, homeless, 0 if first is None else max(0, now - first))


def _mail(row: sa.Row[Any]) -> OutboxMail:
    return OutboxMail(
        row.occasion,
        row.office,
        json.loads(row.told),
        row.queued,
        MailState(row.state),
        row.attempts,
        row.next_at,
        row.mailbox,
        row.answer,
        row.ended,
    )
