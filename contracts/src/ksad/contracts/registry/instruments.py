"""Events of the instruments: the accord, which plans, and the agreement, which implements (Pasal 1 nos. 5 and 6).

A cooperation has accords one after another and agreements side by side, each under a key. ``between`` are the parties
of one of them: never the name of the cooperation's own list, which is ``parties``.
"""

from __future__ import annotations

from typing import Literal

from ksad.contracts.catalogue import Audience, DocumentRef, Fact, Service, declare
from ksad.contracts.dates import Precision
from ksad.contracts.identifiers import Key, RegionCode, ShortText
from ksad.contracts.registry.vocabulary import (
    Budget,
    InstrumentKind,
    KnownNumbers,
    Signatory,
    Stage,
    Standing,
    TermKind,
)
from ksad.contracts.strict import Day

PUBLIC, PARTIES = Audience.PUBLIC, Audience.PARTIES
Between = list[RegionCode]


@declare(Service.REGISTRY, "ksad.cooperation.signing_scheduled", 2, PARTIES, correctable=("signing_on", "institutions"))
class SigningScheduled(Fact):
    """An accord or agreement, of that key, is about to be signed: the milestone of c.1 or c.2."""

    instrument: InstrumentKind
    signing_on: Day
    institutions: list[ShortText]
    key: Key


@declare(
    Service.REGISTRY,
    "ksad.cooperation.accord_signed",
    2,
    PUBLIC,
    correctable=(
        "numbers",
        "signatories",
        "effective_on",
        "ends_on",
        "ends_precision",
        "term",
        "place",
        "witnesses",
        "document",
    ),
    verifiable=True,
)
class AccordSigned(Fact):
    """The regional heads signed an accord (Pasal 1 no. 5). ``replaces`` is the accord that it renews."""

    accord: Key
    between: Between
    numbers: KnownNumbers
    signatories: list[Signatory]
    effective_on: Day | None
    ends_on: Day | None
    ends_precision: Precision | None
    term: TermKind
    replaces: Key | None
    place: ShortText | None
    witnesses: list[ShortText]
    document: DocumentRef | None
    standing: Standing


@declare(
    Service.REGISTRY,
    "ksad.cooperation.agreement_opened",
    1,
    PUBLIC,
    correctable=("title", "object", "affair", "scope"),
)
class AgreementOpened(Fact):
    """Drafting of an agreement began, on a line of stages of its own (b, c, d), beside those that there are.

    ``accord`` is the accord that it carries out, ``continues`` the ended agreement that it goes on from.
    """

    agreement: Key
    accord: Key | None
    between: Between
    title: ShortText
    object: ShortText | None
    affair: Key | None
    scope: ShortText | None
    continues: Key | None
    stage: Stage


@declare(Service.REGISTRY, "ksad.cooperation.agreement_dropped", 2, PUBLIC, correctable=("reason", "document"))
class AgreementDropped(Fact):
    """A draft of an agreement is given up; ``document`` is the paper from which the supervising body records it."""

    agreement: Key
    reason: ShortText
    document: DocumentRef | None


@declare(
    Service.REGISTRY,
    "ksad.cooperation.council_approval_recorded",
    2,
    PUBLIC,
    correctable=("number", "document", "outcome"),
    verifiable=True,
)
class CouncilApprovalRecorded(Fact):
    """A party's regional council decided on an agreement (PP 28/2018 Pasal 6(2); no clause in 23/2009)."""

    agreement: Key
    region: RegionCode
    number: ShortText | None
    document: DocumentRef | None
    outcome: Literal["approved", "rejected"]


@declare(
    Service.REGISTRY,
    "ksad.cooperation.agreement_signed",
    2,
    PUBLIC,
    correctable=(
        "numbers",
        "title",
        "object",
        "affair",
        "scope",
        "signatories",
        "effective_on",
        "ends_on",
        "ends_precision",
        "term",
        "budget",
        "place",
        "witnesses",
        "document",
    ),
    verifiable=True,
)
class AgreementSigned(Fact):
    """The regional heads signed a cooperation agreement (Pasal 1 no. 6).

    ``title``, ``object`` and ``affair`` are null where they are those of the cooperation.
    """

    agreement: Key
    accord: Key | None
    between: Between
    numbers: KnownNumbers
    title: ShortText | None
    object: ShortText | None
    affair: Key | None
    scope: ShortText | None
    signatories: list[Signatory]
    effective_on: Day | None
    ends_on: Day | None
    ends_precision: Precision | None
    term: TermKind
    continues: Key | None
    budget: Budget
    place: ShortText | None
    witnesses: list[ShortText]
    document: DocumentRef | None
    standing: Standing


@declare(
    Service.REGISTRY,
    "ksad.cooperation.agreement_amended",
    2,
    PUBLIC,
    correctable=("numbers", "changes", "ends_on", "ends_precision", "term", "budget", "document"),
    verifiable=True,
)
class AgreementAmended(Fact):
    """An agreement was amended (practice; no clause in 23/2009). ``ends_on`` and ``term`` are null: the end stays."""

    agreement: Key
    numbers: KnownNumbers
    changes: ShortText | None
    ends_on: Day | None
    ends_precision: Precision | None
    term: TermKind | None
    budget: Budget
    document: DocumentRef | None
    standing: Standing


@declare(
    Service.REGISTRY,
    "ksad.cooperation.agreement_extended",
    2,
    PUBLIC,
    correctable=("numbers", "changes", "ends_on", "ends_precision", "term", "document"),
    verifiable=True,
)
class AgreementExtended(Fact):
    """An agreement's end was moved (practice; no clause in 23/2009); null where nobody knows until when."""

    agreement: Key
    numbers: KnownNumbers
    changes: ShortText | None
    ends_on: Day | None
    ends_precision: Precision | None
    term: TermKind
    document: DocumentRef | None
    standing: Standing
