"""What the reading endpoints ask the projections: always the live generation, in one consistent snapshot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
import sqlalchemy as sa

from ksad.ledger.folds.recap import RECAP
from ksad.ledger.folds.register import COOPERATIONS, JURISDICTIONS, PARTIES
from ksad.ledger.folds.tasks import TASKS
from ksad.ledger.folds.timeline import TIMELINE
from ksad.reporting.projections import generations
from ksad.reporting.projections.tables import sql_table

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from ksad.ledger.folds.rows import Table

Item = dict[str, Any]


class Views:
    """The live tables, seen through one connection."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection
        self._numbers = {generation.name: generation.number for generation in generations.live(connection)}
        self._metadata = sa.MetaData()
        self.positions = {generation.name: generation.position for generation in generations.live(connection)}

    def table(self, projection: str, table: Table) -> sa.Table:
        """The live generation's SQL table."""
        return sql_table(table, self._numbers[projection], self._metadata)

    def cooperations(self, wanted: Item, after: str | None, limit: int) -> list[Item]:
        """A page of the register in the order of keys; ``wanted`` names q, province, stage, affair or status."""
        rows = self.table("register", COOPERATIONS)
        homes = self.table("register", JURISDICTIONS)
        members = self.table("register", PARTIES)
        query = (
            sa.select(rows, homes.c.tier, homes.c.supervising_body)
            .join_from(rows, homes, rows.c.cooperation_id == homes.c.cooperation_id, isouter=True)
            .where(rows.c.key.is_not(None))
        )
        for column in ("stage", "affair", "status"):
            if wanted.get(column):
                query = query.where(rows.c[column] == wanted[column])
        if wanted.get("q"):
            pattern = f"%{wanted['q'].lower()}%"
            query = query.where(sa.func.lower(rows.c.title).like(pattern) | rows.c.key.like(pattern))
        if wanted.get("province"):
            inside = sa.select(members.c.cooperation_id).where(
                members.c.province == wanted["province"], members.c.member == "yes"
            )
            query = query.where(rows.c.cooperation_id.in_(inside))
        if after is not None:
            query = query.where(rows.c.key > after)
        return [self._cooperation(row) for row in self._connection.execute(query.order_by(rows.c.key).limit(limit))]

    def cooperation(self, identity: UUID) -> Item | None:
        """One row of the register with its resolutions, or None."""
        rows = self.table("register", COOPERATIONS)
        homes = self.table("register", JURISDICTIONS)
        query = (
            sa.select(rows, homes.c.tier, homes.c.supervising_body, homes.c.detail.label("jurisdiction"))
            .join_from(rows, homes, rows.c.cooperation_id == homes.c.cooperation_id, isouter=True)
            .where(rows.c.cooperation_id == str(identity))
        )
        row = self._connection.execute(query).one_or_none()
        if row is None:
            return None
        item = self._cooperation(row)
        item["resolutions"] = orjson.loads(row.jurisdiction)["resolutions"] if row.jurisdiction else []
        return item

    def _cooperation(self, row: sa.Row[Any]) -> Item:
        detail = orjson.loads(row.detail)
        return {
            "cooperation_id": row.cooperation_id,
            "key": row.key,
            "title": row.title,
            "stage": row.stage,
            "status": row.status,
            "affair": row.affair,
            "ends_on": row.ends_on,
            "tier": row.tier,
            "supervising_body": row.supervising_body,
            "changed_index": row.changed_index,
            **detail,
        }

    def timeline(self, identity: UUID, after: int, limit: int) -> list[tuple[int, Item, str | None]]:
        """Entries of a cooperation's timeline: index, event, and the event that it corrects."""
        table = self.table("timeline", TIMELINE)
        journal = sa.table("journal", sa.column("entry"), sa.column("raw"))
        query = (
            sa.select(table.c.entry, journal.c.raw, table.c.corrects)
            .join_from(table, journal, table.c.entry == journal.c.entry)
            .where(table.c.cooperation_id == str(identity), table.c.entry >= after)
            .order_by(table.c.entry)
            .limit(limit)
        )
        return [(row[0], orjson.loads(bytes(row[1])), row[2]) for row in self._connection.execute(query)]

    def tasks(self, body: str | None, status: Sequence[str], limit: int) -> list[Item]:
        """The task board of a body, the most urgent first."""
        table = self.table("tasks", TASKS)
        query = sa.select(table)
        if body is not None:
            query = query.where(table.c.body == body)
        if status:
            query = query.where(table.c.status.in_(status))
        rows = self._connection.execute(query.order_by(table.c.due_on, table.c.task_id).limit(limit))
        return [{**row._mapping, "detail": orjson.loads(row.detail)} for row in rows]  # noqa: SLF001 - public API of Row

    def count_by(self, projection: str, column: str) -> dict[str, int]:
        """How many rows a table has for each value of a column: ``register`` or ``tasks``."""
        table = self.table(projection, COOPERATIONS if projection == "register" else TASKS)
        query = sa.select(table.c[column], sa.func.count()).group_by(table.c[column])
        return {str(value): number for value, number in self._connection.execute(query)}

    def recap(self, scopes: str | None) -> dict[str, dict[str, int]]:
        """The counts of one scope and the scopes inside it (``32`` and its regions), or of all."""
        table = self.table("recap", RECAP)
        query = sa.select(table).where(table.c.number > 0)
        if scopes is not None:
            query = query.where(table.c.scope.like(f"{scopes}%"))
        found: dict[str, dict[str, int]] = {}
        for scope, measure, number in self._connection.execute(query.order_by(table.c.scope, table.c.measure)):
            found.setdefault(scope, {})[measure] = number
        return found
