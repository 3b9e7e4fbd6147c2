"""Saved views: filters of the register under a name, of one office. No fact: nobody else sees them."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

import sqlalchemy as sa

if TYPE_CHECKING:
    from collections.abc import Callable

    from ksad.chassis.database import Database

VIEWS_MAX = 20
"""So many views an office keeps; another one takes the place of the oldest."""
table = sa.Table(
    "views",
    sa.MetaData(),
    sa.Column("office", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("query", sa.Text, nullable=False),
    sa.Column("saved", sa.BigInteger, nullable=False),
)


class SavedView(NamedTuple):
    """The filters under a name, as the query of the register's address has them."""

    name: str
    query: str


class SavedViews:
    """The saved views of all offices."""

    def __init__(self, database: Database, now: Callable[[], float] = time.time) -> None:
        self._database = database
        self._now = now

    def of(self, office: str) -> list[SavedView]:
        """The views of an office, by name."""
        wanted = sa.select(table).where(table.c.office == office).order_by(table.c.name)
        with self._database.read() as connection:
            return [SavedView(row.name, row.query) for row in connection.execute(wanted)]

    def save(self, office: str, name: str, query: str) -> None:
        """Keeps filters under a name, in the place of those that had it."""
        row = {"office": office, "name": name, "query": query, "saved": int(self._now())}
        with self._database.write() as connection:
            mine = table.c.office == office
            connection.execute(sa.delete(table).where(mine, table.c.name == name))
            newest = sa.select(table.c.name).where(mine).order_by(table.c.saved.desc(), table.c.name)
            kept = list(connection.execute(newest.limit(VIEWS_MAX - 1)).scalars())
            connection.execute(sa.delete(table).where(mine, table.c.name.not_in(kept)))
            connection.execute(sa.insert(table), row)

    def forget(self, office: str, name: str) -> None:
        """Forgets a view, if there is one of this name."""
        with self._database.write() as connection:
            connection.execute(sa.delete(table).where(table.c.office == office, table.c.name == name))
