"""The register, timelines and the recapitulation, as the projections have them."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from ksad.chassis.auth import Caller
from ksad.chassis.openapi import answers
from ksad.chassis.problems import Problem
from ksad.chassis.waiting import require_current
from ksad.contracts.registry import Stage
from ksad.contracts.rules import RefusalKind
from ksad.contracts.sight import admits
from ksad.reporting.api import answering
from ksad.reporting.api.narrowing import narrowed
from ksad.reporting.domain.permissions import sight_of
from ksad.reporting.parts import Running
from ksad.reporting.projections.views import Views

READ = require_current("read")
Reader = Annotated[Caller, Depends(READ)]
PAGE_MAX = 500


class RegisterQuery(BaseModel):
    """Which page of the register, and what it is narrowed to."""

    limit: Annotated[int, Field(ge=1, le=PAGE_MAX)] = 100
    after: Annotated[str | None, Field(max_length=64)] = None
    q: Annotated[str | None, Field(max_length=100)] = None
    province: Annotated[str | None, Field(pattern=r"^[1-9][0-9]$")] = None
    stage: Stage | None = None
    affair: Annotated[str | None, Field(max_length=64)] = None
    status: Annotated[str | None, Field(pattern="^(proposed|running|ended|withdrawn)$")] = None


def router() -> APIRouter:
    """Routes of the register."""
    routes = APIRouter(tags=["cooperations"], dependencies=[Depends(READ)])

    @routes.get("/cooperations", **answers(answering.CooperationPage))
    def list_cooperations(caller: Reader, parts: Running, asked: Annotated[RegisterQuery, Query()]) -> dict[str, Any]:
        """A page of the register matrix in the order of keys; ``next`` continues it."""
        wanted = asked.model_dump(mode="json", exclude={"limit", "after"})
        with parts.journal.database.read() as connection:
            rows = Views(connection).cooperations(wanted, asked.after, asked.limit)
            codes = parts.feeds.codes(connection)
        items = [narrowed(row, sight_of(caller.office, row, codes)) for row in rows]
        return {"items": items, "next": items[-1]["key"] if len(items) == asked.limit else None}

    @routes.get("/cooperations/{cooperation_id}", **answers(answering.CooperationRow))
    def get_cooperation(caller: Reader, parts: Running, cooperation_id: UUID) -> dict[str, Any]:
        """One cooperation with its instruments, problems, disputes and the history of its supervision."""
        with parts.journal.database.read() as connection:
            item = _known(Views(connection), cooperation_id)
            codes = parts.feeds.codes(connection)
        return narrowed(item, sight_of(caller.office, item, codes))

    @routes.get("/cooperations/{cooperation_id}/timeline", **answers(answering.TimelinePage))
    def get_timeline(
        caller: Reader,
        parts: Running,
        cooperation_id: UUID,
        after: Annotated[int, Query(ge=0, le=2**53 - 1)] = 0,
        limit: Annotated[int, Query(ge=1, le=PAGE_MAX)] = 200,
    ) -> dict[str, Any]:
        """Everything that the log says of a cooperation and the caller may see, in the log's order."""
        with parts.journal.database.read() as connection:
            views = Views(connection)
            seen = sight_of(caller.office, _known(views, cooperation_id), parts.feeds.codes(connection))
            rows = views.timeline(cooperation_id, after, limit)
        items = [
            {"index": index, "corrects": corrects, "event": event}
            for index, event, corrects in rows
            if admits(seen, event["type"])
        ]
        return {"items": items, "next": rows[-1][0] + 1 if len(rows) == limit else None}

    @routes.get("/recap")
    def get_recap(
        parts: Running, scope: Annotated[str | None, Query(pattern=r"^(nation|[1-9][0-9](\.[0-9]{2})?)$")] = None
    ) -> dict[str, Any]:
        """Counts for the nation, a province with its regions, or one region; all scopes where none is named."""
        with parts.journal.database.read() as connection:
            views = Views(connection)
            return {"scopes": views.recap(scope), "position": min(views.positions.values(), default=0)}

    return routes


def _known(views: Views, identity: UUID) -> dict[str, Any]:
    item = views.cooperation(identity)
    if item is None:
        raise Problem(RefusalKind.UNKNOWN, "cooperation-known", f"Kerja sama {identity} tidak ada dalam register.")
    return item
