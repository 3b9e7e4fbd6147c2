"""Queries of the reading routes: always on the live generations, in one consistent snapshot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

import orjson
import sqlalchemy as sa

from ksad.contracts.law import workbook
from ksad.contracts.umbrella import Umbrella
from ksad.ledger.folds.recap import RECAP
from ksad.ledger.folds.register import COOPERATIONS, JURISDICTIONS
from ksad.ledger.folds.timeline import TIMELINE
from ksad.reporting.projections import generations
from ksad.reporting.projections.tables import sql_table

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from ksad.ledger.folds.rows import Table

Item = dict[str, Any]
LAST_LETTER = "\U0010ffff"
"""After every text that begins as another one does and goes on."""


class Views:
    """The live tables as seen by one connection."""

    def __init__(self, connection: sa.Connection) -> None:
        self.connection = connection
        self._numbers = {generation.name: generation.number for generation in generations.live(connection)}
        self._metadata = sa.MetaData()
        self.positions = {generation.name: generation.position for generation in generations.live(connection)}

    def table(self, projection: str, table: Table) -> sa.Table:
        """The SQL table of the live generation."""
        return sql_table(table, self._numbers[projection], self._metadata)

    def chosen(self, matching: Sequence[sa.ColumnElement[bool]], after: str | None, limit: int | None) -> list[Item]:
        """The rows of the register that fulfil conditions, in the order of keys, after the key ``after``."""
        rows = self.table("register", COOPERATIONS)
        homes = self.table("register", JURISDICTIONS)
        # The order of bytes on both databases; a database's own language orders hyphens and digits otherwise.
        key = rows.c.key.collate("C" if self.connection.dialect.name == "postgresql" else "BINARY")
        query = (
            sa.select(rows, homes.c.tier, homes.c.supervising_body, homes.c.detail.label("jurisdiction"))
            .join_from(rows, homes, rows.c.cooperation_id == homes.c.cooperation_id, isouter=True)
            .where(*matching, *([] if after is None else [key > after]))
        )
        return [self.shown(row) for row in self.connection.execute(query.order_by(key).limit(limit))]

    def rows(self, query: sa.Select[Any]) -> list[sa.Row[Any]]:
        """The rows of a query over tables of this view."""
        return list(self.connection.execute(query))

    def cooperation(self, identity: UUID) -> Item | None:
        """One row of the register with the resolutions of its supervision; ``None`` if there is none."""
        rows = self.table("register", COOPERATIONS)
        homes = self.table("register", JURISDICTIONS)
        query = (
            sa.select(rows, homes.c.tier, homes.c.supervising_body, homes.c.detail.label("jurisdiction"))
            .join_from(rows, homes, rows.c.cooperation_id == homes.c.cooperation_id, isouter=True)
            .where(rows.c.cooperation_id == str(identity))
        )
        row = self.connection.execute(query).one_or_none()
        if row is None:
            return None
        item = self.shown(row)
        parts = Umbrella.model_validate(orjson.loads(row.detail)["parts"])
        item["settlements"] = {key: workbook.filings(one) for key, one in parts.agreements.items() if one.stands}
        item["resolutions"] = orjson.loads(row.jurisdiction)["resolutions"] if row.jurisdiction else []
        return item

    def shown(self, row: sa.Row[Any]) -> Item:
        """A row of the register, with its supervision, as it is told."""
        detail = orjson.loads(row.detail)
        # What the folds go on from: no part of what the register shows.
        parts = detail.pop("parts")
        apart = orjson.loads(row.jurisdiction)["agreements"] if row.jurisdiction else {}
        detail["approvals"] = [one | {"effect": _effect(one, detail["agreements"])} for one in detail["approvals"]]
        # There are no data on which regions are neighbours, so nobody has looked (UU 23/2014 Pasal 363).
        detail["neighbourhood"] = "belum diperiksa" if detail.get("category") == "mandatory" else None
        return {
            "cooperation_id": row.cooperation_id,
            "key": row.key,
            "title": row.title,
            "stage": row.stage,
            "status": row.status,
            "affair": row.affair,
            "ends_on": row.ends_on,
            "term_ends_on": row.term_ends_on,
            "open_problems": row.open_problems,
            "open_disputes": row.open_disputes,
            "unverified": row.unverified,
            "tier": row.tier,
            "supervising_body": row.supervising_body,
            "supervisors": sorted({found[-1]["supervising_body"] for found in apart.values()}),
            "former": parts.get("former", []),
            "pending": parts.get("pending", {}),
            "changed_index": row.changed_index,
            **detail,
        }

    def timeline(self, identity: UUID, after: int, limit: int) -> list[tuple[int, Item, str | None]]:
        """Entries of a cooperation's timeline from index ``after`` on: index, event, and id of the event corrected."""
        table = self.table("timeline", TIMELINE)
        journal = sa.table("journal", sa.column("entry"), sa.column("raw"))
        query = (
            sa.select(table.c.entry, journal.c.raw, table.c.corrects)
            .join_from(table, journal, table.c.entry == journal.c.entry)
            .where(table.c.cooperation_id == str(identity), table.c.entry >= after)
            .order_by(table.c.entry)
            .limit(limit)
        )
        return [(row[0], orjson.loads(bytes(row[1])), row[2]) for row in self.connection.execute(query)]

    def about(self, index: int) -> UUID | None:
        """The cooperation in whose timeline an entry stands; ``None`` for no cooperation's."""
        table = self.table("timeline", TIMELINE)
        query = sa.select(table.c.cooperation_id).where(table.c.entry == index).limit(1)
        found = self.connection.execute(query).scalar_one_or_none()
        return None if found is None else UUID(found)

    def key_of(self, identity: UUID) -> str | None:
        """The key of a cooperation; ``None`` where it is not in the register yet."""
        rows = self.table("register", COOPERATIONS)
        query = sa.select(rows.c.key).where(rows.c.cooperation_id == str(identity))
        return self.connection.execute(query).scalar_one_or_none()

    def events(self, identities: Collection[str]) -> dict[str, Item]:
        """The events with these ids, by id."""
        journal = sa.table("journal", sa.column("event_id", sa.Uuid), sa.column("raw"))
        query = sa.select(journal.c.raw).where(journal.c.event_id.in_([UUID(one) for one in sorted(identities)]))
        found = [orjson.loads(bytes(raw)) for raw in self.connection.execute(query).scalars()]
        return {event["id"]: event for event in found}

    def recap(self, scopes: str | None) -> dict[str, dict[str, int]]:
        """The counts of a scope and the scopes inside it (``32`` and its regions), or of all scopes."""
        table = self.table("recap", RECAP)
        query = sa.select(table).where(table.c.number > 0)
        if scopes is not None:
            # A range, which the key serves: by the order of bytes on both databases.
            query = query.where(table.c.scope >= scopes, table.c.scope < scopes + LAST_LETTER)
        found: dict[str, dict[str, int]] = {}
        for scope, measure, number in self.connection.execute(query.order_by(table.c.scope, table.c.measure)):
            found.setdefault(scope, {})[measure] = number
        return found


def _effect(approval: Item, agreements: Item) -> str:
    """What a council's decision does for its agreement: in time, after the signing, refused, or nothing is signed yet.

    Where an approval was owed and is missing, supervision has a task about it.
    """
    if approval["outcome"] == "rejected":
        return "rejected"
    signed = agreements.get(approval["agreement"], {}).get("signed_on")
    if signed is None:
        return "not_signed_yet"
    return "before_signing" if approval["on"] <= signed else "after_signing"
