"""Stored cases: read from their rows, folded anew where an older release has written them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
import sqlalchemy as sa

from ksad.contracts.catalogue import UPCASTERS
from ksad.contracts.envelope import Envelope
from ksad.supervision import tables
from ksad.supervision.domain import folding
from ksad.supervision.domain.case import FORM, Case
from ksad.supervision.domain.task import FIRST

if TYPE_CHECKING:
    from uuid import UUID

OWN = ("id", "version", "resolutions", "agreement_resolutions", "scheduled")
"""What an older form has of supervision's own part; the rest follows from the facts that were heard."""
HEARD = (
    sa.select(tables.heard.c.raw)
    .where(tables.heard.c.cooperation_id == sa.bindparam("cooperation"))
    .order_by(tables.heard.c.version)
)


def heard(connection: sa.Connection, identity: UUID) -> list[Envelope]:
    """The registry's events of a cooperation, as far as they were heard."""
    found = connection.execute(HEARD, {"cooperation": identity}).scalars()
    return [Envelope.from_store(bytes(raw)) for raw in found]


def _told(key: str) -> dict[str, Any]:
    """What an older form says of a scheduled duty by its key alone, read as the event that scheduled it would be."""
    duty, _, occurrence = key.partition("/")
    said = UPCASTERS[FIRST]({"duty": duty, "occurrence": occurrence})
    return {name: said[name] for name in ("duty", "agreement", "rests_on")}


def read_case(connection: sa.Connection, state: str) -> Case:
    """The case in a row, without its tasks."""
    values: dict[str, Any] = orjson.loads(state)
    if values.get("form") == FORM:
        return Case.model_validate(values)
    values["scheduled"] = {key: _told(key) | one for key, one in values.get("scheduled", {}).items()}
    known = Case.model_validate({name: values[name] for name in OWN if name in values})
    return folding.refold(known, heard(connection, known.id))
