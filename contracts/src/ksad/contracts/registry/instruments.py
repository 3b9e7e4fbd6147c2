"""Events of the instruments: the accord, which plans, and the agreement, which implements (Pasal 1 nos. 5 and 6)."""

from __future__ import annotations

from datetime import date

from ksad.contracts.catalogue import Audience, DocumentRef, Fact, Service, declare
from ksad.contracts.identifiers import RegionCode, ShortText
from ksad.contracts.registry.vocabulary import InstrumentKind, Numbers

PUBLIC, PARTIES = Audience.PUBLIC, Audience.PARTIES


@declare(Service.REGISTRY, "ksad.cooperation.signing_scheduled", 1, PARTIES, correctable=("signing_on", "institutions"))
class SigningScheduled(Fact):
    """An accord or agreement is about to be signed: the milestone of c.1 or c.2."""

    instrument: InstrumentKind
    signing_on: date
    institutions: list[ShortText]


@declare(
    Service.REGISTRY, "ksad.cooperation.accord_signed", 1, PUBLIC, correctable=("numbers", "witnesses", "document")
)
class AccordSigned(Fact):
    """The regional heads signed the accord (Pasal 1 no. 5)."""

    numbers: Numbers
    witnesses: list[ShortText]
    document: DocumentRef | None


@declare(Service.REGISTRY, "ksad.cooperation.council_approval_recorded", 1, PUBLIC, correctable=("number",))
class CouncilApprovalRecorded(Fact):
    """A party's regional council approved (PP 28/2018 Pasal 6(2); no clause in 23/2009)."""

    region: RegionCode
    number: ShortText


@declare(
    Service.REGISTRY,
    "ksad.cooperation.agreement_signed",
    1,
    PUBLIC,
    correctable=("numbers", "effective_on", "ends_on", "scope", "witnesses", "document"),
)
class AgreementSigned(Fact):
    """The regional heads signed the cooperation agreement (Pasal 1 no. 6)."""

    numbers: Numbers
    effective_on: date | None
    ends_on: date | None
    scope: ShortText | None
    witnesses: list[ShortText]
    document: DocumentRef | None


@declare(
    Service.REGISTRY,
    "ksad.cooperation.agreement_amended",
    1,
    PUBLIC,
    correctable=("numbers", "changes", "ends_on", "document"),
)
class AgreementAmended(Fact):
    """The agreement was amended (practice; no clause in 23/2009). ``ends_on`` is null when the end stays."""

    numbers: Numbers
    changes: ShortText | None
    ends_on: date | None
    document: DocumentRef | None


@declare(
    Service.REGISTRY,
    "ksad.cooperation.agreement_extended",
    1,
    PUBLIC,
    correctable=("numbers", "changes", "ends_on", "document"),
)
class AgreementExtended(Fact):
    """The agreement's end was moved (practice; no clause in 23/2009)."""

    numbers: Numbers
    changes: ShortText | None
    ends_on: date
    document: DocumentRef | None
