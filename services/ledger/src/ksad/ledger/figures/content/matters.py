"""What stands first in every report: disputes, problems, what the addressee is asked, and who is to be informed."""

from __future__ import annotations

from typing import Literal

from ksad.ledger.figures.content.values import (
    CitedClause,
    CooperationRef,
    IssuedDocument,
    NamedRegion,
    PartialDate,
    Printed,
    ReportStage,
    Text,
)


class ReportedProblem(Printed):
    """A problem, the opinion on it (d.2; ``None`` until one is given), and how it was resolved."""

    cooperation: CooperationRef
    reported_on: PartialDate
    text: Text
    opinion: IssuedDocument | None
    state: Literal["open", "opinion_given", "resolved"]
    resolved_on: PartialDate | None
    outcome: Text | None
    untold: bool = False
    """In an R3: no accepted R2 has it."""


class Settlement(Printed):
    """How a dispute was settled: by deliberation or by a decision with its number, what was decided, whether for good.

    ``signed_as`` is in which capacity the head of the forum signed, and by which letter; ``None``: nobody told.
    ``law`` is the clause under which the decision is final or not; ``None`` where it was not recorded.
    """

    manner: Literal["deliberation", "decision"]
    on: PartialDate
    number: Text | None
    outcome: Text
    final: bool
    law: CitedClause | None
    signed_as: Text | None = None


class ReportedDispute(Printed):
    """A dispute with its sides, its forum, the advice (d.3) and the brief (d.5); one document may serve as both.

    ``forum_clause`` is the ground of the forum; ``None`` where it was not recorded. ``awaits`` says that its decision
    is asked for and has not been made.
    """

    cooperation: CooperationRef
    raised_on: PartialDate
    between: tuple[NamedRegion, ...]
    text: Text
    forum: Text
    forum_clause: CitedClause | None
    advice: IssuedDocument | None
    brief: IssuedDocument | None
    state: Literal["open", "decision_requested", "escalated", "settled"]
    settlement: Settlement | None
    earlier: tuple[Settlement, ...] = ()
    """Decisions of the Governor that were not final, before the dispute came to the Minister."""
    untold: bool = False
    """In an R3: no accepted R2 has it."""

    @property
    def awaits(self) -> bool:
        """Whether the forum has been asked to decide, and has not."""
        return self.state in {"decision_requested", "escalated"}


class InformedCooperation(Printed):
    """A cooperation across provinces of which Governors are to be informed: the home Governors of its parties."""

    cooperation: CooperationRef
    parties: tuple[NamedRegion, ...]
    stage: ReportStage
    supervisor: Text
    governors: tuple[Text, ...]
    problems: int
    disputes: int


class Matters(Printed):
    """Section 1 of a report. ``informed`` are listed for information and counted in no figure."""

    disputes: tuple[ReportedDispute, ...]
    problems: tuple[ReportedProblem, ...]
    informed: tuple[InformedCooperation, ...]

    @property
    def awaiting(self) -> tuple[ReportedDispute, ...]:
        """The disputes on which somebody has to decide."""
        return tuple(one for one in self.disputes if one.awaits)

    def before(self, forum: str) -> tuple[ReportedDispute, ...]:
        """The disputes that lie before a forum, of which nobody has asked it to decide yet."""
        return tuple(one for one in self.disputes if one.state == "open" and one.forum == forum)
