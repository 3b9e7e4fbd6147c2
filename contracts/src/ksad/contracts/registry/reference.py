"""Events of reference data (regions, profiles, policy, holidays), of supervising bodies, and of the calendar."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import Field

from ksad.contracts.catalogue import Audience, Fact, Service, declare
from ksad.contracts.identifiers import Key, Office, RegionCode, Sha256, ShortText
from ksad.contracts.registry.vocabulary import ReferenceKind

PUBLIC, PARTIES = Audience.PUBLIC, Audience.PARTIES


@declare(Service.REGISTRY, "ksad.reference.reference_adopted", 1, PUBLIC)
class ReferenceAdopted(Fact):
    """Regions, a profile, policy periods or holidays: the content itself, so that a replay needs no file."""

    kind: ReferenceKind
    name: Key
    content: str
    sha256: Sha256
    source: ShortText


@declare(Service.REGISTRY, "ksad.reference.boundary_changed", 1, PUBLIC)
class BoundaryChanged(Fact):
    """A region goes on under another code (region split, Glossary no. 74)."""

    region: RegionCode
    successor: RegionCode
    effective_on: date
    legal_basis: ShortText


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
    decided_on: date
    seat: ShortText
    members: Annotated[list[ShortText], Field(min_length=1)]


# Deadlines and reminders follow from this event and not from a clock, so that a replay on another day decides the same.
@declare(Service.REGISTRY, "ksad.calendar.day_passed", 1, PUBLIC)
class DayPassed(Fact):
    """A day of Asia/Jakarta is over; all that depends on the calendar follows from it."""

    day: date
