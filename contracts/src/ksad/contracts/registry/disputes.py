"""Events of problems (d.2) and disputes (d.3, d.5). A problem is not a dispute: it has no forum and no decision."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from ksad.contracts.catalogue import Audience, DocumentRef, Fact, Service, declare
from ksad.contracts.identifiers import Key, Office, RegionCode, ShortText
from ksad.contracts.registry.vocabulary import LawApplied, Manner, SignedAs, Standing

PUBLIC, PARTIES = Audience.PUBLIC, Audience.PARTIES


@declare(Service.REGISTRY, "ksad.cooperation.problem_reported", 2, PARTIES, correctable=("description", "document"))
class ProblemReported(Fact):
    """A problem arose (d.2); a problem is not a dispute. ``agreement`` null: of the whole cooperation."""

    problem: Key
    description: ShortText
    agreement: Key | None
    document: DocumentRef | None


@declare(Service.REGISTRY, "ksad.cooperation.problem_resolved", 2, PARTIES, correctable=("outcome", "document"))
class ProblemResolved(Fact):
    """A reported problem is over; ``document`` is the paper from which the supervising body records it."""

    problem: Key
    outcome: ShortText
    document: DocumentRef | None


@declare(Service.REGISTRY, "ksad.cooperation.dispute_raised", 2, PARTIES, correctable=("description", "document"))
class DisputeRaised(Fact):
    """Two or more parties are in dispute (d.3). ``agreement`` null: of the whole cooperation."""

    dispute: Key
    between: Annotated[list[RegionCode], Field(min_length=2)]
    description: ShortText
    agreement: Key | None
    document: DocumentRef | None


@declare(Service.REGISTRY, "ksad.cooperation.dispute_decision_requested", 1, PARTIES)
class DisputeDecisionRequested(Fact):
    """A decision of the forum is asked for (d.5)."""

    dispute: Key


@declare(
    Service.REGISTRY,
    "ksad.cooperation.dispute_escalated",
    2,
    PARTIES,
    correctable=("reason", "number", "document"),
)
class DisputeEscalated(Fact):
    """The Governor could not settle it, the Minister handles it (UU 23/2014 Pasal 370(3)).

    ``number`` and ``document`` are those of the Governor's letter; null where none was given.
    """

    dispute: Key
    forum: Office
    reason: ShortText
    number: ShortText | None
    document: DocumentRef | None


@declare(
    Service.REGISTRY,
    "ksad.cooperation.dispute_settled",
    2,
    PARTIES,
    correctable=("outcome", "number", "document"),
    verifiable=True,
)
class DisputeSettled(Fact):
    """A dispute is settled by deliberation or by the decision of a forum.

    ``final`` is whether that is final and binding, under the ``law`` that was applied; null: not recorded.
    """

    dispute: Key
    manner: Manner
    outcome: ShortText
    number: ShortText | None
    document: DocumentRef | None
    final: bool
    forum: Office | None
    law: LawApplied | None
    signed_as: SignedAs | None
    standing: Standing
