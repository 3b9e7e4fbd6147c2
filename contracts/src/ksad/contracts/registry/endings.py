"""Events of a cooperation's end: notice, the termination checklist of d.4, and the ground."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from ksad.contracts.catalogue import Audience, DocumentRef, Fact, Service, declare
from ksad.contracts.identifiers import Key, Office, RegionCode, ShortText
from ksad.contracts.registry.vocabulary import AmountIdr, Scope, Standing
from ksad.contracts.strict import Day

PUBLIC, PARTIES = Audience.PUBLIC, Audience.PARTIES


@declare(
    Service.REGISTRY,
    "ksad.cooperation.termination_notice_given",
    2,
    PARTIES,
    correctable=("ground", "planned_end_on"),
    verifiable=True,
)
class TerminationNoticeGiven(Fact):
    """Early notice of an agreement's end: the reminder of d.4 is owed at once. It never lengthens the term.

    One notice lives at a time: ``replaces`` is the event of the notice whose place it takes.
    """

    agreement: Key
    ground: Key
    planned_end_on: Day
    given_by: Office | None
    document: DocumentRef | None
    replaces: UUID | None


@declare(Service.REGISTRY, "ksad.cooperation.termination_notice_revoked", 1, PARTIES, correctable=("reason",))
class TerminationNoticeRevoked(Fact):
    """A notice of termination, the event of that id, was taken back: the agreement runs until its term again."""

    agreement: Key
    notice: UUID
    reason: ShortText
    document: DocumentRef | None


@declare(Service.REGISTRY, "ksad.cooperation.termination_item_added", 2, PARTIES)
class TerminationItemAdded(Fact):
    """An item beyond a to f: the list of d.4 is open ("antara lain")."""

    agreement: Key
    item: Key
    description: ShortText


@declare(
    Service.REGISTRY,
    "ksad.cooperation.termination_item_completed",
    2,
    PARTIES,
    correctable=("document", "amount_idr", "number", "nihil"),
    verifiable=True,
)
class TerminationItemCompleted(Fact):
    """One proof for an item of the checklist d.4 a to f, done by the parties; ``region`` where it is per party.

    ``nihil`` is the reason why there is nothing to prove.
    """

    agreement: Key
    item: Key
    region: RegionCode | None
    proof: Literal["evidence", "asset_record", "council_report", "deposit", "payment", "report"]
    number: ShortText | None
    document: DocumentRef | None
    amount_idr: AmountIdr | None
    nihil: ShortText | None


@declare(Service.REGISTRY, "ksad.cooperation.ended", 2, PUBLIC, verifiable=True)
class Ended(Fact):
    """An agreement, an accord or the cooperation with all of them ended; what was left open then is named.

    ``rests_on`` is the end of the term that passed: where the term reads otherwise, by a correction or by an extension
    that was recorded late, the end is without effect. ``clause`` is the law's for the ground.
    """

    of: Scope
    key: Key | None
    ground: Key
    rests_on: Day | None
    open_items: list[ShortText]
    reason: ShortText | None
    clause: ShortText | None
    document: DocumentRef | None
    standing: Standing


@declare(Service.REGISTRY, "ksad.cooperation.settlement_closed", 1, PUBLIC)
class SettlementClosed(Fact):
    """Nothing of an ended agreement is left open: items, problems, disputes. The register records it by itself."""

    agreement: Key
