"""Internal notes on a cooperation, of one office: no fact, nobody else sees them, and no report or print has them."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

import sqlalchemy as sa

if TYPE_CHECKING:
    from collections.abc import Callable

    from ksad.chassis.database import Database

NOTE_MAX = 2_000
"""The most letters of a note."""
NOTES_MAX = 50
"""So many notes an office keeps on one cooperation."""
KEPT_SECONDS = 2 * 365 * 24 * 3600
table = sa.Table(
    "notes",
    sa.MetaData(),
    sa.Column("office", sa.Text, primary_key=True),
    sa.Column("cooperation", sa.Text, primary_key=True),
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("words", sa.Text, nullable=False),
    sa.Column("written", sa.BigInteger, nullable=False),
)


class InternalNote(NamedTuple):
    """A note: which one, what it says, and when it was written, in seconds since 1970."""

    id: str
    words: str
    written: int


class Notes:
    """The notes of all offices."""

    def __init__(self, database: Database, now: Callable[[], float] = time.time) -> None:
        self._database = database
        self._now = now

    def of(self, office: str, cooperation: str) -> list[InternalNote]:
        """The notes of an office on a cooperation, the newest first."""
        wanted = sa.select(table.c.id, table.c.words, table.c.written).where(*_chosen(office, cooperation))
        with self._database.read() as connection:
            newest = connection.execute(wanted.order_by(table.c.written.desc(), table.c.id))
            return [InternalNote(*row) for row in newest]

    def write(self, identity: str, office: str, cooperation: str, words: str) -> bool:
        """Keeps a note; one that was sent twice is one. Notes of two years ago are forgotten.

        :param identity: new for every note.
        :return: False where the office keeps as many as it may on this cooperation.
        """
        now = int(self._now())
        row = {"id": identity, "office": office, "cooperation": cooperation, "words": words, "written": now}
        mine = _chosen(office, cooperation)
        with self._database.write() as connection:
            connection.execute(sa.delete(table).where(table.c.written <= now - KEPT_SECONDS))
            if connection.execute(sa.select(table.c.id).where(table.c.id == identity, *mine)).one_or_none() is not None:
                return True
            if connection.execute(sa.select(sa.func.count()).where(*mine)).scalar_one() >= NOTES_MAX:
                return False
            connection.execute(sa.insert(table), row)
        return True

    def forget(self, identity: str, office: str, cooperation: str) -> None:
        """Deletes a note, if it is one of this office on this cooperation."""
        with self._database.write() as connection:
            connection.execute(sa.delete(table).where(table.c.id == identity, *_chosen(office, cooperation)))


def _chosen(office: str, cooperation: str) -> tuple[sa.ColumnElement[bool], ...]:
    return table.c.office == office, table.c.cooperation == cooperation
