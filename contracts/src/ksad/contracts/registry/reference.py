"""Events of reference data (regions, profiles, policy, holidays, affairs, openings), of bodies, and of the calendar."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import Field, StringConstraints

from ksad.contracts.catalogue import Audience, Fact, Service, ValueObject, declare
from ksad.contracts.dates import in_words
from ksad.contracts.identifiers import Key, Office, RegionCode, Sha256, ShortText
from ksad.contracts.registry.vocabulary import ReferenceKind, SignedAs
from ksad.contracts.strict import Day

PUBLIC = Audience.PUBLIC

DecidingOffice: TypeAlias = Literal["minister", "joint_secretariat"]
"""The offices that adopt what binds everybody."""
DECIDING = {"minister": "Menteri Dalam Negeri", "joint_secretariat": "Sekretariat Bersama"}
PROVISIONAL = "bawaan perangkat lunak, belum ditetapkan"
UNDECIDED = "ditetapkan sebelum kewenangan diatur"
"""How a text binds that was adopted before the platform asked for a decision."""


class AdoptingDecision(ValueObject):
    """The decision by which the Minister or the Joint Secretariat adopts what binds everybody.

    ``signed_as`` is the capacity in which its head signed, null where that was not told.
    """

    number: Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True)]
    date: Day
    office: DecidingOffice
    signed_as: SignedAs | None = None

    @property
    def cited(self) -> str:
        """The decision as an official cites it, in Indonesian."""
        return f"Keputusan {DECIDING[self.office]} Nomor {self.number} tanggal {in_words(self.date)}"


class PackagedText(ValueObject):
    """One of the texts that a platform opened with, by its hash."""

    kind: ReferenceKind
    name: Key
    sha256: Sha256
    source: ShortText


@declare(Service.REGISTRY, "ksad.reference.platform_opened", 2, PUBLIC)
class PlatformOpened(Fact):
    """A new platform opened with the texts of the software, which follow in events of their own.

    They bind provisionally, each until a text of its name is adopted by decision. Facts from before ``day`` are
    legacy, for all regions for which the adopted openings name no other day. A platform that opened for ``training``
    is one for ever: all that it prints and sends is marked, and none can become one later.
    """

    day: Day
    texts: Annotated[list[PackagedText], Field(min_length=1)]
    training: bool


class ReferenceText(Fact):
    """A text on which decisions rest: the content itself, so that a replay needs no file."""

    kind: ReferenceKind
    name: Key
    content: str
    sha256: Sha256
    source: ShortText

    @property
    def standing(self) -> str:
        """By what the text binds, in Indonesian, for everything that prints what rests on it."""
        return PROVISIONAL


@declare(Service.REGISTRY, "ksad.reference.text_supplied", 1, PUBLIC)
class TextSupplied(ReferenceText):
    """A text that came with the software binds provisionally: nobody has adopted it."""


@declare(Service.REGISTRY, "ksad.reference.reference_adopted", 2, PUBLIC)
class ReferenceAdopted(ReferenceText):
    """Regions, a profile, policy periods, holidays, affairs or opening days were adopted by decision.

    Without decision: adopted before the platform asked for one.
    """

    decision: AdoptingDecision | None

    @property
    def standing(self) -> str:
        """The decision as it is cited, or that there was none yet."""
        return UNDECIDED if self.decision is None else self.decision.cited


@declare(Service.REGISTRY, "ksad.reference.boundary_changed", 2, PUBLIC)
class BoundaryChanged(Fact):
    """A region goes on under another code (region split, Glossary no. 74); without decision as for a text."""

    region: RegionCode
    successor: RegionCode
    effective_on: Day
    legal_basis: ShortText
    decision: AdoptingDecision | None


@declare(
    Service.REGISTRY,
    "ksad.body.supervising_body_established",
    1,
    PUBLIC,
    correctable=("decision_number", "decided_on", "seat", "members"),
)
class SupervisingBodyEstablished(Fact):
    """A Joint Secretariat or TKKSD was established by decision (Pasal 5(1)-(4), 9(1)-(4)); members by office."""

    body: Office
    decision_number: ShortText
    decided_on: Day
    seat: ShortText
    members: Annotated[list[ShortText], Field(min_length=1)]


# Deadlines and reminders follow from this event and not from a clock, so that a replay on another day decides the same.
@declare(Service.REGISTRY, "ksad.calendar.day_passed", 1, PUBLIC)
class DayPassed(Fact):
    """A day of Asia/Jakarta is over; all that depends on the calendar follows from it."""

    day: Day
