"""Commands on the end: notice, the checklist of d.4, the ground."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Literal

from ksad.contracts import registry as facts
from ksad.contracts.catalogue import DocumentRef, Fact
from ksad.contracts.identifiers import Key, RegionCode, ShortText
from ksad.contracts.registry import AmountIdr
from ksad.registry.domain import endings
from ksad.registry.domain.commands.command import Command

if TYPE_CHECKING:
    from ksad.registry.domain.context import Context
    from ksad.registry.domain.cooperation import Cooperation


class GiveTerminationNotice(Command):
    """Early notice of the end."""

    FACT = facts.TerminationNoticeGiven

    ground: Key
    planned_end_on: date


class AddTerminationItem(Command):
    """An item beyond a to f ("antara lain")."""

    FACT = facts.TerminationItemAdded

    item: Key
    description: ShortText


class CompleteTerminationItem(Command):
    """A proof for an item of the checklist."""

    FACT = facts.TerminationItemCompleted

    item: Key
    region: RegionCode | None = None
    proof: Literal["evidence", "asset_record", "council_report"] = "evidence"
    document: DocumentRef | None = None
    amount_idr: AmountIdr | None = None


class End(Command):
    """The cooperation ended."""

    ground: Key
    reason: ShortText | None = None

    def facts(self, state: Cooperation, context: Context) -> list[Fact]:
        """With what is still open on the checklist."""
        open_items = endings.open_slots(state, context.profile(state).checklist)
        return [facts.Ended(ground=self.ground, open_items=open_items, reason=self.reason)]
