"""When that happened on which later facts rest: each date as exactly as it is known.

The umbrella, which all services fold, knows days; the rules of order ask what a partly known date can mean.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeAlias

from ksad.contracts import registry as facts
from ksad.contracts.registry import Stage

if TYPE_CHECKING:
    from collections.abc import Callable

    from ksad.contracts.catalogue import Fact
    from ksad.contracts.dates import PartialDate


class Point(StrEnum):
    """What has a date."""

    REGISTERED = "registered"
    STAGE = "stage"
    SIGNING_STAGE = "signing_stage"
    ACCORD = "accord"
    OPENED = "opened"
    AGREEMENT = "agreement"
    JOINED = "joined"
    PROBLEM = "problem"
    DISPUTE = "dispute"
    ESCALATION = "escalation"
    DECISION = "decision"
    NOTICE = "notice"
    ITEM = "item"


Mark: TypeAlias = tuple[Point, str | None, str | None]
"""A point and what it is of: an agreement (None: the cooperation) or another key, and a region or item of it."""

Chronology: TypeAlias = Mapping[Mark, "PartialDate"]

LATEST = frozenset({Point.STAGE, Point.ITEM})
"""Of what happens again and again, the date after which nothing earlier follows is kept; of the rest the newest."""


def mark(point: Point, of: str | None = None, part: str | None = None) -> Mark:
    """The mark of a point."""
    return point, of, part


def _stage(fact: facts.StageEntered) -> Iterable[Mark]:
    yield mark(Point.STAGE, fact.agreement)
    if fact.stage is Stage.SIGNING:
        yield mark(Point.SIGNING_STAGE, fact.agreement)


def _joined(fact: facts.PartyJoined) -> Iterable[Mark]:
    if fact.umbrella:
        yield mark(Point.JOINED, None, fact.region)
    for key in fact.agreements:
        yield mark(Point.JOINED, key, fact.region)


Entry = facts.GoodsInventoried | facts.ObligationsListed | facts.DivisionAgreed | facts.TerminationItemCompleted
"""What is entered into the workbook of an agreement's end."""
ITEMS: dict[type[Fact], str] = {
    facts.GoodsInventoried: "a",
    facts.ObligationsListed: "b",
    facts.DivisionAgreed: "c",
}
"""The items of d.4 that have a fact of their own."""


def item_of(fact: Entry) -> str:
    """The item of d.4 that an entry of the workbook is of."""
    return fact.item if isinstance(fact, facts.TerminationItemCompleted) else ITEMS[type(fact)]


def _entered(fact: Entry) -> Iterable[Mark]:
    yield mark(Point.ITEM, fact.agreement, item_of(fact))


MARKS: dict[type[Fact], Callable[[Any], Iterable[Mark]]] = {
    facts.Registered: lambda _: (mark(Point.REGISTERED), mark(Point.STAGE)),
    facts.StageEntered: _stage,
    facts.AccordSigned: lambda fact: (mark(Point.ACCORD, fact.accord),),
    facts.AgreementOpened: lambda fact: (mark(Point.OPENED, fact.agreement), mark(Point.STAGE, fact.agreement)),
    facts.AgreementSigned: lambda fact: (mark(Point.AGREEMENT, fact.agreement),),
    facts.PartyJoined: _joined,
    facts.ProblemReported: lambda fact: (mark(Point.PROBLEM, fact.problem),),
    facts.DisputeRaised: lambda fact: (mark(Point.DISPUTE, fact.dispute),),
    facts.DisputeEscalated: lambda fact: (mark(Point.ESCALATION, fact.dispute),),
    facts.DisputeSettled: lambda fact: (mark(Point.DECISION, fact.dispute),),
    facts.TerminationNoticeGiven: lambda fact: (mark(Point.NOTICE, fact.agreement),),
    facts.GoodsInventoried: _entered,
    facts.ObligationsListed: _entered,
    facts.DivisionAgreed: _entered,
    facts.TerminationItemCompleted: _entered,
}


def noted(chronology: Chronology, fact: Fact, when: PartialDate) -> Chronology:
    """The chronology after a fact."""
    marks = MARKS.get(type(fact))
    if marks is None:
        return chronology
    after = dict(chronology)
    for one in marks(fact):
        known = after.get(one)
        if known is None or one[0] not in LATEST or known.first < when.first:
            after[one] = when
    return after
