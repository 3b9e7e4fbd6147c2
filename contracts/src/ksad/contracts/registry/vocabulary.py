"""Types that several events of the registry share."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from ksad.contracts.identifiers import RegionCode, ShortText


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


Numbers = dict[RegionCode, ShortText]
"""Document numbers by party: each party gives an instrument a number of its own."""


AmountIdr = Annotated[int, Field(ge=0, le=2**53 - 1)]
"""An amount in whole rupiah. Integers only, because canonical JSON has no floats."""
