"""What operators ask of reporting: its status, what is parked, and to try that again."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from ksad.chassis.access import require
from ksad.chassis.status import FollowingStatus
from ksad.reporting.parts import Parts, Running
from ksad.reporting.projections import generations


class JournalStatus(BaseModel):
    """How many entries the journal has, and the root of the tree over them in hexadecimal."""

    size: int
    root: str


class SignedStatus(BaseModel):
    """How many entries the newest signed head covers, and why nothing more is signed, if so."""

    size: int
    refused: str | None


class ProjectionStatus(BaseModel):
    """A generation of a projection: building, live or retired, and how many entries it has folded and has not."""

    projection: str
    generation: int
    status: str
    position: int
    lag_events: int


class ReportingStatus(FollowingStatus):
    """How far reporting is.

    ``held`` events wait for their predecessor or their cause; ``contradictions`` have the id of an admitted event and
    other bytes.
    """

    journal: JournalStatus
    signed: SignedStatus
    projections: list[ProjectionStatus]
    held: int
    contradictions: int


def router() -> APIRouter:
    """Routes for operators."""
    routes = APIRouter(tags=["operation"], dependencies=[Depends(require("operate"))])

    @routes.get("/status")
    def get_status(parts: Running) -> ReportingStatus:
        """Head, positions, lag, what is held, parked or contradictory."""
        return _status(parts)

    @routes.get("/parked")
    def get_parked(parts: Running) -> dict[str, Any]:
        """What followers and projections have set aside, with reasons."""
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
        return {"items": rows}

    @routes.post("/parked/retry")
    async def retry_parked(parts: Running) -> dict[str, int]:
        """Try parked events again, in order; a projection drains by a rebuild."""
        return await parts.follower.retry_parked()

    @routes.post("/parked/dismiss")
    async def dismiss_quarantined(parts: Running) -> dict[str, int]:
        """Count the quarantined messages no more: an operator has looked at them; they stay in the stream."""
        return {"dismissed": await parts.follower.dismiss_quarantined()}

    return routes


def _status(parts: Parts) -> ReportingStatus:
    """How far everything is.

    What a day makes due is looked at after the follower, and the head after that: nothing on its way is overlooked.
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
        role=follower.role,
        parked=follower.parked + set_aside,
        quarantined=follower.quarantined,
        journal=JournalStatus(size=journal.size, root=journal.root().hex()),
        signed=SignedStatus(size=parts.checkpoints.signed_size(), refused=parts.checkpoints.refused),
        projections=projections,
        held=held,
        contradictions=contradictions,
    )
