"""Drafts of forms: what an office has typed and not yet recorded; on the server, since office machines are shared.

A draft is no fact: nobody but its office sees it, and it is forgotten when the form is recorded, or after a month.
"""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, NamedTuple

import sqlalchemy as sa

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ksad.chassis.database import Database

DRAFT = "konsep"
"""The field of a form that is to be kept and not recorded."""
KEPT_SECONDS = 30 * 24 * 3600
table = sa.Table(
    "drafts",
    sa.MetaData(),
    sa.Column("office", sa.Text, primary_key=True),
    sa.Column("address", sa.Text, primary_key=True),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("given", sa.Text, nullable=False),
    sa.Column("saved", sa.BigInteger, nullable=False),
)


class Draft(NamedTuple):
    """What was typed into the form at an address, by the name of each input, and when, in seconds since 1970."""

    address: str
    title: str
    given: dict[str, list[str]]
    saved: int


class Drafts:
    """All drafts of a portal, at most one of an office for each form."""

    def __init__(self, database: Database, now: Callable[[], float] = time.time) -> None:
        self._database = database
        self._now = now

    def save(self, office: str, address: str, title: str, given: Mapping[str, list[str]]) -> None:
        """Keeps what was typed, in the place of what was kept before; drafts of a month ago are forgotten."""
        now = int(self._now())
        row = {"office": office, "address": address, "title": title, "given": json.dumps(dict(given)), "saved": now}
        with self._database.write() as connection:
            connection.execute(sa.delete(table).where(table.c.saved <= now - KEPT_SECONDS))
            connection.execute(sa.delete(table).where(table.c.office == office, table.c.address == address))
            connection.execute(sa.insert(table), row)

    def find(self, office: str, address: str) -> Draft | None:
        """The draft of a form."""
        return next((one for one in self.of(office) if one.address == address), None)

    def of(self, office: str) -> list[Draft]:
        """All drafts of an office, the newest first."""
        wanted = sa.select(table).where(table.c.office == office, table.c.saved > int(self._now()) - KEPT_SECONDS)
        with self._database.read() as connection:
            rows = connection.execute(wanted.order_by(table.c.saved.desc(), table.c.address)).all()
        return [Draft(row.address, row.title, json.loads(row.given), row.saved) for row in rows]

    def forget(self, office: str, address: str) -> None:
        """Forgets the draft of a form, if there is one."""
        with self._database.write() as connection:
            connection.execute(sa.delete(table).where(table.c.office == office, table.c.address == address))
