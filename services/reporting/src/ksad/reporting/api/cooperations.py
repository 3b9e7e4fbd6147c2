"""The register, timelines and the recapitulation, as the projections have them."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request

from ksad.chassis.openapi import answers
from ksad.chassis.problems import Problem
from ksad.chassis.waiting import require_current
from ksad.contracts.registry import Stage
from ksad.contracts.rules import RefusalKind
from ksad.contracts.sight import admits
from ksad.reporting.api import answering
from ksad.reporting.api.access import narrowed, sight_of
from ksad.reporting.projections.views import Views

PAGE_MAX = 500


def router() -> APIRouter:
    """Routes of the register."""
    routes = APIRouter(tags=["cooperations"], dependencies=[Depends(require_current("read"))])

    @routes.get("/cooperations", **answers(answering.CooperationPage))
    def list_cooperations(
        request: Request,
        limit: Annotated[int, Query(ge=1, le=PAGE_MAX)] = 100,
        after: Annotated[str | None, Query(max_length=64)] = None,
        q: Annotated[str | None, Query(max_length=100)] = None,
        province: Annotated[str | None, Query(pattern=r"^[1-9][0-9]$")] = None,
        stage: Stage | None = None,
        affair: Annotated[str | None, Query(max_length=64)] = None,
        status: Annotated[str | None, Query(pattern="^(proposed|running|ended|withdrawn)$")] = None,
    ) -> dict[str, Any]:
        """A page of the register matrix in the order of keys; ``next`` continues it."""
        wanted = {"q": q, "province": province, "stage": stage and stage.value, "affair": affair, "status": status}
        with request.app.state.journal.database.read() as connection:
            rows = Views(connection).cooperations(wanted, after, limit)
            codes = request.app.state.feeds.codes(connection)
        items = [narrowed(row, sight_of(request.state.caller, row, codes)) for row in rows]
        return {"items": items, "next": items[-1]["key"] if len(items) == limit else None}

    @routes.get("/cooperations/{cooperation_id}", **answers(answering.CooperationRow))
    def get_cooperation(request: Request, cooperation_id: UUID) -> dict[str, Any]:
        """One cooperation with its instruments, problems, disputes and the history of its supervision."""
        with request.app.state.journal.database.read() as connection:
            item = _known(Views(connection), cooperation_id)
            codes = request.app.state.feeds.codes(connection)
        return narrowed(item, sight_of(request.state.caller, item, codes))

    @routes.get("/cooperations/{cooperation_id}/timeline", **answers(answering.TimelinePage))
    def get_timeline(
        request: Request,
        cooperation_id: UUID,
        after: Annotated[int, Query(ge=0, le=2**53 - 1)] = 0,
        limit: Annotated[int, Query(ge=1, le=PAGE_MAX)] = 200,
    ) -> dict[str, Any]:
        """Everything that the log says of a cooperation and the caller may see, in the log's order."""
        with request.app.state.journal.database.read() as connection:
            views = Views(connection)
            seen = sight_of(
                request.state.caller, _known(views, cooperation_id), request.app.state.feeds.codes(connection)
            )
            rows = views.timeline(cooperation_id, after, limit)
        items = [
            {"index": index, "corrects": corrects, "event": event}
            for index, event, corrects in rows
            if admits(seen, event["type"])
        ]
        return {"items": items, "next": rows[-1][0] + 1 if len(rows) == limit else None}

    @routes.get("/recap")
    def get_recap(
        request: Request,
        scope: Annotated[str | None, Query(pattern=r"^(nation|[1-9][0-9](\.[0-9]{2})?)$")] = None,
    ) -> dict[str, Any]:
        """Counts for the nation, a province with its regions, or one region; all scopes where none is named."""
        with request.app.state.journal.database.read() as connection:
            views = Views(connection)
            return {"scopes": views.recap(scope), "position": min(views.positions.values(), default=0)}

    return routes


def _known(views: Views, identity: UUID) -> dict[str, Any]:
    item = views.cooperation(identity)
    if item is None:
        raise Problem(RefusalKind.UNKNOWN, "cooperation-known", f"Kerja sama {identity} tidak ada dalam register.")
    return item
