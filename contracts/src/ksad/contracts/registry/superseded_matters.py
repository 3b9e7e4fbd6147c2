"""Older versions of what is said of bodies, drafts, problems and disputes (``superseded``)."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from ksad.contracts.catalogue import Audience, DocumentRef, Fact
from ksad.contracts.identifiers import Key, Office, RegionCode, ShortText
from ksad.contracts.registry.superseding import UNCONFIRMED, adds, older
from ksad.contracts.registry.vocabulary import Manner

PUBLIC, PARTIES = Audience.PUBLIC, Audience.PARTIES


@older("body_formed", PUBLIC, correctable=("name", "seat", "instrument"))
class BodyFormedV1(Fact, title="BodyFormed"):
    """The parties formed a cooperation body (Pasal 6/10 a.1.d and a.2)."""

    name: ShortText
    seat: ShortText
    instrument: ShortText


adds("body_formed", document=None)


@older("problem_reported", PARTIES, correctable=("description",))
class ProblemReportedV1(Fact, title="ProblemReported"):
    """A problem arose (d.2); a problem is not a dispute."""

    problem: Key
    description: ShortText


adds("problem_reported", agreement=None, document=None)


@older("problem_resolved", PARTIES, correctable=("outcome",))
class ProblemResolvedV1(Fact, title="ProblemResolved"):
    """A reported problem is over."""

    problem: Key
    outcome: ShortText


adds("problem_resolved", document=None)


@older("agreement_dropped", PUBLIC, correctable=("reason",))
class AgreementDroppedV1(Fact, title="AgreementDropped"):
    """An agreement that was being drafted is not gone on with."""

    agreement: Key
    reason: ShortText


adds("agreement_dropped", document=None)


@older("dispute_raised", PARTIES, correctable=("description",))
class DisputeRaisedV1(Fact, title="DisputeRaised"):
    """Two or more parties are in dispute (d.3)."""

    dispute: Key
    between: Annotated[list[RegionCode], Field(min_length=2)]
    description: ShortText


adds("dispute_raised", agreement=None, document=None)


@older("dispute_escalated", PARTIES, correctable=("reason",))
class DisputeEscalatedV1(Fact, title="DisputeEscalated"):
    """The Governor could not settle it, the Minister handles it (UU 23/2014 Pasal 370(3))."""

    dispute: Key
    forum: Office
    reason: ShortText


adds("dispute_escalated", number=None, document=None)


@older("dispute_settled", PARTIES, correctable=("outcome", "number", "document"))
class DisputeSettledV1(Fact, title="DisputeSettled"):
    """A dispute is settled by deliberation or by the forum's decision; ``final`` as the bound profile says."""

    dispute: Key
    manner: Manner
    outcome: ShortText
    number: ShortText | None
    document: DocumentRef | None
    final: bool


adds("dispute_settled", forum=None, law=None, signed_as=None, standing=UNCONFIRMED)
