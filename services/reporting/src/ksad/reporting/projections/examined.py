"""The query behind the work list of verification, on the live generations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import orjson
import sqlalchemy as sa

from ksad.ledger.folds.register import COOPERATIONS, JURISDICTIONS
from ksad.ledger.folds.verifying import ENTRIES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ksad.reporting.projections.views import Item, Views


class EntriesWanted(NamedTuple):
    """Which facts: those that a body examines, that an office recorded, of one cooperation; ``None`` matches any."""

    body: str | None
    recorder: str | None
    cooperation_id: str | None
    status: tuple[str, ...]


def examined(
    views: Views,
    connection: sa.Connection,
    wanted: EntriesWanted,
    mine: Sequence[str] | None,
    after: int | None,
    limit: int,
) -> list[Item]:
    """Facts in the order of the log, after an index, each with its cooperation.

    :param mine: only those that one of these offices examines or recorded; ``None``: all.
    """
    entries, rows = views.table("register", ENTRIES), views.table("register", COOPERATIONS)
    homes = views.table("register", JURISDICTIONS)
    named = {"body": wanted.body, "recorder": wanted.recorder, "cooperation_id": wanted.cooperation_id}
    matching = [entries.c[name] == value for name, value in named.items() if value is not None]
    matching.append(entries.c.status.in_(wanted.status))
    if mine is not None:
        matching.append(sa.or_(entries.c.body.in_(mine), entries.c.recorder.in_(mine)))
    if after is not None:
        matching.append(entries.c.entry > after)
    query = (
        sa.select(entries, rows.c.key, rows.c.title, rows.c.detail, homes.c.supervising_body)
        .join_from(entries, rows, entries.c.cooperation_id == rows.c.cooperation_id)
        .join(homes, entries.c.cooperation_id == homes.c.cooperation_id, isouter=True)
        .where(*matching)
        .order_by(entries.c.entry)
        .limit(limit)
    )
    return [_item(row) for row in connection.execute(query)]


def _item(row: sa.Row[Any]) -> Item:
    detail = orjson.loads(row.detail)
    entry = detail["entries"][row.event_id]
    agreement = detail["agreements"].get(row.agreement or "", {})
    return {
        "event_id": row.event_id,
        "cooperation_id": row.cooperation_id,
        "name": row.name,
        "on": row.happened_on,
        "index": row.entry,
        "recorder": row.recorder,
        "body": row.body,
        "agreement": row.agreement,
        "agreement_title": agreement.get("title"),
        "status": row.status,
        "reason": entry.get("reason"),
        "mend": entry.get("mend"),
        "cooperation": {
            "key": row.key,
            "title": row.title,
            "parties": detail["parties"],
            "supervising_body": row.supervising_body,
        },
    }
