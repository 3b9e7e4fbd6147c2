"""Types that several events of the registry share."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from ksad.contracts.catalogue import ValueObject
from ksad.contracts.identifiers import Office, RegionCode, ShortText
from ksad.contracts.strict import Day


class Stage(StrEnum):
    """The four stages of Pasal 4; the last is one stage."""

    EXPLORATION = "exploration"
    NEGOTIATION = "negotiation"
    SIGNING = "signing"
    IMPLEMENTATION_AND_TERMINATION = "implementation_and_termination"


class InstrumentKind(StrEnum):
    """Pasal 1 nos. 5 and 6: the accord plans, the agreement carries out."""

    ACCORD = "accord"
    AGREEMENT = "agreement"


class Category(StrEnum):
    """UU 23/2014 Pasal 363: from the 2018 profile on."""

    MANDATORY = "mandatory"
    VOLUNTARY = "voluntary"


class Manner(StrEnum):
    """How a dispute is settled."""

    DELIBERATION = "deliberation"
    GOVERNOR_DECISION = "governor_decision"
    MINISTER_DECISION = "minister_decision"


class ReferenceKind(StrEnum):
    """What decisions rest on and is therefore adopted into the log."""

    REGIONS = "regions"
    PROFILE = "profile"
    POLICY = "policy"
    HOLIDAYS = "holidays"
    AFFAIRS = "affairs"
    OPENINGS = "openings"
    OFFICES = "offices"


Numbers = dict[RegionCode, ShortText]
"""Document numbers by party: each party gives an instrument a number of its own."""


KnownNumbers = dict[RegionCode, ShortText | None]
"""Document numbers by party; null where nobody knows the number, in what was recorded from paper."""


class TermKind(StrEnum):
    """How long an accord or agreement is in force: until a day, without limit, or nobody knows."""

    DATED = "dated"
    OPEN = "open"
    UNKNOWN = "unknown"


class Standing(ValueObject):
    """Why an act of several parties has effect.

    All parties asked have confirmed it, the supervising body recorded the signed instrument, it came in as legacy, or
    it was recorded without asking (``unconfirmed``). ``proposal`` is the event in which it was proposed.
    """

    by: Literal["parties", "instrument", "legacy", "unconfirmed"]
    proposal: UUID | None


class Mandate(ValueObject):
    """The letter (surat kuasa) by which somebody else than the head signs (PP 28/2018 Pasal 2)."""

    number: ShortText
    date: Day


class Signatory(ValueObject):
    """Who signed for a party: an office, never a person's name. ``mandated`` names the mandate."""

    region: RegionCode
    office: ShortText
    capacity: Literal["head", "acting", "mandated"]
    mandate: Mandate | None


class BudgetStatement(ValueObject):
    """What a party stated of an agreement: whether it burdens its people and region, whether it is in its budget.

    The approval of its council is owed by it (PP 28/2018 Pasal 6(2)); null: not stated.
    """

    burdens: bool | None
    budgeted: bool | None


Budget = dict[RegionCode, BudgetStatement]


class SignedAs(ValueObject):
    """In which capacity the head of an office signed, with number and day of the letter that says so."""

    capacity: Literal["definitif", "plt", "plh", "pj", "pjs"]
    number: ShortText | None
    date: Day | None


class DecisionCited(ValueObject):
    """A decision of an office: number and day."""

    number: ShortText
    date: Day
    office: Office


class LawApplied(ValueObject):
    """The clause that a decision was recorded under, and whether the law says so or somebody read it so."""

    clause: ShortText
    basis: Literal["text", "inference", "memory", "policy"]


class Scope(StrEnum):
    """What an end is the end of."""

    AGREEMENT = "agreement"
    ACCORD = "accord"
    COOPERATION = "cooperation"


AmountIdr = Annotated[int, Field(ge=0, le=2**53 - 1)]
"""An amount in whole rupiah. Integers only, because canonical JSON has no floats."""


SignedIdr = Annotated[int, Field(ge=-(2**53 - 1), le=2**53 - 1)]
"""An amount in whole rupiah that may be negative: what somebody owes instead of getting it."""
