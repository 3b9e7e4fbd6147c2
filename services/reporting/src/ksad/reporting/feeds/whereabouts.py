"""The places of regions after the entries that the feeds have examined, stored beside the cursor."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import orjson
import sqlalchemy as sa

from ksad.chassis.database import upsert
from ksad.contracts.regions import AdoptedRegions, BoundaryChange
from ksad.ledger.folds.regions import Homes
from ksad.reporting.feeds.tables import state

if TYPE_CHECKING:
    from collections.abc import Mapping

REGIONS = "regions"
SINCE = 2
"""The version of the rule that first kept them so."""
STORED = sa.select(state.c.codes).where(state.c.name == REGIONS)


def read_homes(connection: sa.Connection, cursor: Mapping[str, Any]) -> Homes:
    """The regions on the day that the cursor has come to."""
    stored = connection.execute(STORED).scalar()
    kept = {"text": None, "changes": []} if stored is None else orjson.loads(stored)
    changes = [BoundaryChange(region, successor, date.fromisoformat(on)) for region, successor, on in kept["changes"]]
    return Homes.on(AdoptedRegions(kept["text"], tuple(changes)), date.fromisoformat(cursor["day"]))


def save_homes(connection: sa.Connection, homes: Homes) -> dict[str, Any]:
    """Keep the regions if they are others than those that are kept; what the cursor has to say of them."""
    text, changes = homes.regions
    kept = {"text": text, "changes": [[one.region, one.successor, one.effective_on.isoformat()] for one in changes]}
    codes = orjson.dumps(kept, option=orjson.OPT_SORT_KEYS).decode()
    if connection.execute(STORED).scalar() != codes:
        upsert(connection, state, [{"name": REGIONS, "position": 0, "rule_version": SINCE, "codes": codes}])
    return {"day": homes.day.isoformat()}
