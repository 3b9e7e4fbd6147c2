"""Routes for operators: status, parked events and streams, retry and dismissal."""

from __future__ import annotations

from typing import Any

from fastapi import Depends
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool

from ksad.chassis.access import require
from ksad.chassis.leadership import leaders_of
from ksad.chassis.requests import Router
from ksad.chassis.status import FollowingStatus
from ksad.contracts.identifiers import report_id
from ksad.reporting.parts import Parts, Running
from ksad.reporting.projections import generations
from ksad.reporting.reports.queue import ParkedOrder


class JournalStatus(BaseModel):
    """The journal: number of entries, and root hash (hex) of the tree over them."""

    size: int
    root: str


class SignedStatus(BaseModel):
    """The number of entries under the newest signed checkpoint, and why no more are signed (null if they are)."""

    size: int
    refused: str | None


class ProjectionStatus(BaseModel):
    """A generation of a projection: its status (building, live or retired), entries folded and entries missing."""

    projection: str
    generation: int
    status: str
    position: int
    lag_events: int


class ReportingStatus(FollowingStatus):
    """The progress of reporting.

    ``held`` counts events that wait for their predecessor or cause. ``contradictions`` counts events with the id of an
    admitted event and other bytes.
    """

    journal: JournalStatus
    signed: SignedStatus
    projections: list[ProjectionStatus]
    held: int
    contradictions: int


def router() -> Router:
    """The routes for operators."""
    routes = Router(tags=["operation"], dependencies=[Depends(require("operate"))])

    @routes.get("/status")
    def get_status(parts: Running) -> ReportingStatus:
        """Positions and lag of all stages, and the number of held, parked and contradictory events."""
        return _status(parts)

    @routes.get("/parked")
    def get_parked(parts: Running) -> dict[str, Any]:
        """The events, streams and orders for reports that were parked, with reasons."""
        with parts.database.read() as connection:
            rows = parts.follower.parking.items(connection) + [
                {
                    "follower": f"{row['name']} g{row['number']}",
                    "event_id": f"entry {row['entry']}",
                    "stream": row["stream"],
                    "reason": row["reason"],
                    "code_version": str(row["code_version"]),
                }
                for row in generations.parked_list(connection)
            ]
        return {"items": rows + [_order(one) for one in parts.compilations.parked()]}

    @routes.post("/parked/retry")
    async def retry_parked(parts: Running) -> dict[str, int]:
        """Try the follower's parked events again, in order, and take up reports again that could not be compiled.

        Streams parked by a projection need a rebuild.
        """
        ordered = await run_in_threadpool(parts.compilations.take_up_again)
        if ordered:
            parts.compilations_added()
        return {**await parts.follower.retry_parked(), "ordered": ordered}

    @routes.post("/parked/dismiss")
    async def dismiss_quarantined(parts: Running) -> dict[str, int]:
        """Reset the count of quarantined messages after an operator has examined them; they remain in the stream."""
        return {"dismissed": await parts.follower.dismiss_quarantined()}

    return routes


def _order(one: ParkedOrder) -> dict[str, Any]:
    return {
        "follower": "compilations",
        "event_id": str(one.command_id),
        "stream": f"report/{report_id(one.kind, one.office, one.period)}",
        "reason": f"{one.kind} {one.office} {one.period}: {one.reason}",
        "code_version": "",
    }


def _status(parts: Parts) -> ReportingStatus:
    """Collects the status.

    The order matters: due anchors are read after the follower's position, and the store's head after both, so that no
    event on its way between stages is missed and ``settled`` is never true too early.
    """
    relay, follower = parts.relay.status(), parts.follower.status()
    due = parts.anchors.pending()
    head = parts.store.head()
    unsent = max(0, head - relay.position)
    with parts.database.read() as connection:
        journal = parts.journal.frontier(connection)
        every = generations.every(connection)
        held, contradictions = parts.journal.held_count(connection), parts.journal.conflict_count(connection)
        set_aside = len(generations.parked_list(connection))
    set_aside += parts.compilations.parked_count()
    projections = [
        ProjectionStatus(
            projection=one.name,
            generation=one.number,
            status=one.status,
            position=one.position,
            lag_events=journal.size - one.position,
        )
        for one in every
    ]
    lag = max((one.lag_events for one in projections if one.status == "live"), default=0)
    return ReportingStatus(
        service="reporting",
        head=head,
        relayed=relay.position,
        sent=relay.stream_sequence,
        followed=follower.position,
        lag_events=unsent + follower.lag_events + lag,
        lag_seconds=round(max(relay.lag_seconds, follower.lag_seconds), 3),
        settled=not due and unsent == 0 and follower.lag_events == 0 and lag == 0,
        behind=relay.behind,
        leaders=leaders_of(parts.database),
        role=follower.role,
        parked=follower.parked + set_aside,
        quarantined=follower.quarantined,
        journal=JournalStatus(size=journal.size, root=journal.root().hex()),
        signed=SignedStatus(size=parts.checkpoints.signed_size(), refused=parts.checkpoints.refused),
        projections=projections,
        held=held,
        contradictions=contradictions,
    )
