"""Routes of the feed rule: which version holds, and the act by which another one begins."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request, Response
from pydantic import Field

from ksad.chassis.access import require
from ksad.chassis.edge import submission_of
from ksad.chassis.openapi import ResponseModel
from ksad.chassis.requests import Received, Router
from ksad.chassis.waiting import require_current
from ksad.contracts.identifiers import ShortText
from ksad.contracts.positions import POSITION_HEADER
from ksad.contracts.strict import Day, Strict
from ksad.ledger.feeds.rules import NEWEST
from ksad.reporting.parts import Running


class FeedRuleAdoption(Strict):
    """The version that is to hold, with number and date of the decision; only a platform's first start has none."""

    version: Annotated[int, Field(ge=2, le=1_000)]
    decision_number: ShortText | None = None
    decided_on: Day | None = None


class FeedRuleAnswer(ResponseModel):
    """Which version of the rule the feeds follow (``held``), and which was adopted last, by which event and decision.

    ``newest`` is the newest version that this release knows. ``untold`` is true while no feed has an entry, and
    ``lag_events`` is the number of journal entries that the feeds have not examined yet.
    """

    held: int
    newest: int
    untold: bool
    lag_events: int
    adopted: int
    event_id: UUID | None
    decision_number: str | None
    decided_on: date | None
    recorded_by: str | None


class FeedRuleRecorded(ResponseModel):
    """The events that the command recorded, and the log position by which a reading can wait for them."""

    events: list[UUID]
    position: str


def router() -> Router:
    """The routes of the feed rule."""
    routes = Router(tags=["feeds"])

    @routes.get("/feed-rule", dependencies=[Depends(require_current("read-feed-rule"))])
    def get_feed_rule(parts: Running) -> FeedRuleAnswer:
        """The version of the rule by which facts are selected for the provinces' feeds (`docs/feed-rule.md`)."""
        adopted, followed = parts.feed_rule.newest(), parts.feed_rule.followed()
        return FeedRuleAnswer(
            held=followed.version,
            newest=NEWEST,
            untold=followed.untold,
            lag_events=followed.lag_events,
            adopted=adopted.version,
            event_id=adopted.event_id,
            decision_number=adopted.decision_number,
            decided_on=adopted.decided_on,
            recorded_by=adopted.recorded_by,
        )

    @routes.post("/feed-rule", dependencies=[Depends(require("adopt-feed-rule"))])
    def adopt_feed_rule(
        request: Request, response: Response, parts: Running, body: Received[FeedRuleAdoption]
    ) -> FeedRuleRecorded:
        """Adopts another version of the rule, from this fact on and for ever."""
        submission = submission_of(request, body.model_dump(mode="json"))
        record = parts.feed_rule.adopt(submission, body.version, body.decision_number, body.decided_on)
        position = str(record.position)
        response.headers[POSITION_HEADER] = position
        return FeedRuleRecorded(events=record.events, position=position)

    return routes
