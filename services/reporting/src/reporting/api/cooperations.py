"""The register, timelines and the recapitulation, as the projections have them."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request

from chassis.access import require
from chassis.problems import Problem
from contracts.registry import Stage
from reporting.api.waiting import wait_for
from reporting.projections.views import Views

READ = Depends(require("read"))
PAGE_MAX = 500


def router() -> APIRouter:
    """Routes of the register."""
    routes = APIRouter(tags=["cooperations"], dependencies=[READ, Depends(wait_for)])

    @routes.get("/cooperations")
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
            items = Views(connection).cooperations(wanted, after, limit)
        return {"items": items, "next": items[-1]["key"] if len(items) == limit else None}

    @routes.get("/cooperations/{cooperation_id}")
    def get_cooperation(request: Request, cooperation_id: UUID) -> dict[str, Any]:
        """One cooperation with its instruments, problems, disputes and the history of its supervision."""
        with request.app.state.journal.database.read() as connection:
            item = Views(connection).cooperation(cooperation_id)
        if item is None:
            raise _unknown(cooperation_id)
        return item

    @routes.get("/cooperations/{cooperation_id}/timeline")
    def get_timeline(
        request: Request,
        cooperation_id: UUID,
        after: Annotated[int, Query(ge=0)] = 0,
        limit: Annotated[int, Query(ge=1, le=PAGE_MAX)] = 200,
    ) -> dict[str, Any]:
        """Everything that the log says of a cooperation, in the log's order."""
        with request.app.state.journal.database.read() as connection:
            views = Views(connection)
            rows = views.timeline(cooperation_id, after, limit)
            if not rows and views.cooperation(cooperation_id) is None:
                raise _unknown(cooperation_id)
        items = [{"index": index, "corrects": corrects, "event": event} for index, event, corrects in rows]
        return {"items": items, "next": rows[-1][0] + 1 if len(rows) == limit else None}

    @routes.get("/recap")
    def get_recap(
        request: Request, scope: Annotated[str | None, Query(pattern=r"^(nation|[1-9][0-9](\.[0-9]{2})?)$")] = None
    ) -> dict[str, Any]:
        """Counts for the nation, a province with its regions, or one region; all scopes where none is named."""
        with request.app.state.journal.database.read() as connection:
            views = Views(connection)
            return {"scopes": views.recap(scope), "position": min(views.positions.values(), default=0)}

    return routes


def _unknown(cooperation_id: UUID) -> Problem:
    return Problem(404, "cooperation-known", f"Kerja sama {cooperation_id} tidak ada dalam register.")
