"""Events of a cooperation's end: notice, the termination checklist of d.4, and the ground."""

from __future__ import annotations

from datetime import date
from typing import Literal

from ksad.contracts.catalogue import Audience, DocumentRef, Fact, Service, declare
from ksad.contracts.identifiers import Key, RegionCode, ShortText
from ksad.contracts.registry.vocabulary import AmountIdr

PUBLIC, PARTIES = Audience.PUBLIC, Audience.PARTIES


@declare(
    Service.REGISTRY, "ksad.cooperation.termination_notice_given", 1, PARTIES, correctable=("ground", "planned_end_on")
)
class TerminationNoticeGiven(Fact):
    """Early notice of the end: the reminder of d.4 is owed at once."""

    ground: Key
    planned_end_on: date


@declare(Service.REGISTRY, "ksad.cooperation.termination_item_added", 1, PARTIES)
class TerminationItemAdded(Fact):
    """An item beyond a to f: the list of d.4 is open ("antara lain")."""

    item: Key
    description: ShortText


@declare(
    Service.REGISTRY, "ksad.cooperation.termination_item_completed", 1, PARTIES, correctable=("document", "amount_idr")
)
class TerminationItemCompleted(Fact):
    """One proof for an item of the checklist d.4 a to f, done by the parties; ``region`` where it is per party."""

    item: Key
    region: RegionCode | None
    proof: Literal["evidence", "asset_record", "council_report"]
    document: DocumentRef | None
    amount_idr: AmountIdr | None


@declare(Service.REGISTRY, "ksad.cooperation.ended", 1, PUBLIC)
class Ended(Fact):
    """The cooperation ended on a ground of its profile; items left open are named with the reason."""

    ground: Key
    open_items: list[ShortText]
    reason: ShortText | None
