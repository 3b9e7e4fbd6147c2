"""The route of a cooperation as it was on a day: what had happened by then, with all corrections that are known."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

from fastapi import Depends

from ksad.chassis.auth import Caller
from ksad.chassis.openapi import answers
from ksad.chassis.problems import Problem
from ksad.chassis.waiting import require_current
from ksad.contracts.catalogue import NEWEST
from ksad.contracts.rules import RefusalKind
from ksad.ledger.figures.reading import known, row_on
from ksad.ledger.figures.source import Recorded
from ksad.ledger.folds import cooperation
from ksad.reporting.api import answering
from ksad.reporting.api.narrowing import narrowed
from ksad.reporting.journal.streams import streams
from ksad.reporting.parts import Parts, Running
from ksad.reporting.projections.views import Views

if TYPE_CHECKING:
    from collections.abc import Callable

    import sqlalchemy as sa

    from ksad.chassis.requests import Router
    from ksad.contracts.catalogue import Audience

    Seeing = Callable[[Parts, Views, Caller, UUID], Audience]

Reader = Annotated[Caller, Depends(require_current("read"))]
RESOLVED = f"ksad.supervision.jurisdiction_resolved.v{NEWEST['ksad.supervision.jurisdiction_resolved']}"
SHOWN = ("parties", "accords", "agreements")


def add_as_of(routes: Router, seeing: Seeing) -> None:
    """Adds the route.

    :param seeing: gives what a caller may see of a cooperation.
    """

    @routes.get("/cooperations/{cooperation_id}/as-of/{day}", **answers(answering.CooperationOnDay))
    def get_cooperation_on(caller: Reader, parts: Running, cooperation_id: UUID, day: date) -> dict[str, Any]:
        """A cooperation as it was at the end of a day: what had happened by then, as it is known now.

        ``size`` is the number of log entries that are known. 404 before it was registered.
        """
        with parts.journal.database.read() as connection:
            views = Views(connection)
            size = min(views.positions.values(), default=0)
            seen = seeing(parts, views, caller, cooperation_id)
            row, supervised = _folded(connection, cooperation_id, size, day)
        if row["key"] is None:
            detail = "Pada tanggal itu kerja sama ini belum terdaftar. Pilih tanggal sesudahnya."
            raise Problem(RefusalKind.UNKNOWN, "registered-by-then", detail)
        item = narrowed({**{name: row[name] for name in COLUMNS}, **_shown(row)}, seen)
        return {
            "cooperation_id": cooperation_id,
            "day": day,
            "size": size,
            **item,
            "tier": supervised.get("tier"),
            "supervising_body": supervised.get("supervising_body"),
        }


COLUMNS = ("key", "title", "affair", "stage", "status", "ends_on", "term_ends_on")


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    return {name: row["detail"][name] for name in SHOWN}


def _folded(connection: sa.Connection, identity: UUID, size: int, day: date) -> tuple[dict[str, Any], dict[str, Any]]:
    """The register's row on a day, and what was last resolved about its supervision by then."""
    names = (f"cooperation/{identity}", f"supervision/{identity}")
    found = streams(connection, names, size)
    own, resolved = ([Recorded(*one) for one in found.get(name, [])] for name in names)
    row = row_on(known(own), day.isoformat(), cooperation.folded) if own else cooperation.empty()
    facts = [one["data"] for one in known(resolved).by(day.isoformat()) if one["type"] == RESOLVED] if resolved else []
    return row, facts[-1] if facts else {}
