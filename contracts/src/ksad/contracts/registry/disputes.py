"""Events of problems (d.2) and disputes (d.3, d.5). A problem is not a dispute: it has no forum and no decision."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from ksad.contracts.catalogue import Audience, DocumentRef, Fact, Service, declare
from ksad.contracts.identifiers import Key, Office, RegionCode, ShortText
from ksad.contracts.registry.vocabulary import Manner

PUBLIC, PARTIES = Audience.PUBLIC, Audience.PARTIES


@declare(Service.REGISTRY, "ksad.cooperation.problem_reported", 1, PARTIES, correctable=("description",))
class ProblemReported(Fact):
    """A problem arose (d.2); a problem is not a dispute."""

    problem: Key
    description: ShortText


@declare(Service.REGISTRY, "ksad.cooperation.problem_resolved", 1, PARTIES, correctable=("outcome",))
class ProblemResolved(Fact):
    """A reported problem is over."""

    problem: Key
    outcome: ShortText


@declare(Service.REGISTRY, "ksad.cooperation.dispute_raised", 1, PARTIES, correctable=("description",))
class DisputeRaised(Fact):
    """Two or more parties are in dispute (d.3)."""

    dispute: Key
    between: Annotated[list[RegionCode], Field(min_length=2)]
    description: ShortText


@declare(Service.REGISTRY, "ksad.cooperation.dispute_decision_requested", 1, PARTIES)
class DisputeDecisionRequested(Fact):
    """A decision of the forum is asked for (d.5)."""

    dispute: Key


@declare(Service.REGISTRY, "ksad.cooperation.dispute_escalated", 1, PARTIES, correctable=("reason",))
class DisputeEscalated(Fact):
    """The Governor could not settle it, the Minister handles it (UU 23/2014 Pasal 370(3))."""

    dispute: Key
    forum: Office
    reason: ShortText


@declare(
    Service.REGISTRY, "ksad.cooperation.dispute_settled", 1, PARTIES, correctable=("outcome", "number", "document")
)
class DisputeSettled(Fact):
    """A dispute is settled by deliberation or by the forum's decision; ``final`` as the bound profile says."""

    dispute: Key
    manner: Manner
    outcome: ShortText
    number: ShortText | None
    document: DocumentRef | None
    final: bool
