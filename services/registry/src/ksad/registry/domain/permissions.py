"""Authority over a cooperation: what a grant's condition asks, and how much of it an office sees."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ksad.contracts.law import resolve
from ksad.contracts.registry import Manner
from ksad.contracts.rules import RuleBrokenError
from ksad.contracts.sight import sight
from ksad.registry.domain.commands import Register, SettleDispute
from ksad.registry.domain.disputes import MINISTER, forum

if TYPE_CHECKING:
    from collections.abc import Callable

    from ksad.contracts.catalogue import Audience
    from ksad.registry.domain.commands import Command
    from ksad.registry.domain.context import Context
    from ksad.registry.domain.cooperation import Cooperation


def conditions(office: str, command: Command | None, state: Cooperation, context: Context) -> Callable[[str], bool]:
    """Whether a named condition holds for an office and a cooperation, or one that is about to be registered."""
    parties = tuple(command.parties) if isinstance(command, Register) else state.parties

    def is_party() -> bool:
        regions = context.adopted.regions
        own = office.removeprefix("region:")
        try:
            return regions.lineage(own) in {regions.lineage(code) for code in parties}
        except RuleBrokenError:
            return False

    def supervises() -> bool:
        return _supervising_body(parties, context) == f"tkksd:{office.rpartition(':')[2]}"

    def is_forum() -> bool:
        return forum(state, context) == office

    def deliberated() -> bool:
        return isinstance(command, SettleDispute) and command.manner is Manner.DELIBERATION

    def ministers() -> bool:
        if not isinstance(command, SettleDispute):
            return False
        dispute = state.dispute(command.dispute)
        escalated = dispute is not None and dispute.status == "escalated"
        return deliberated() or escalated or forum(state, context) == MINISTER

    named: dict[str, Callable[[], bool]] = {
        "is-party": is_party,
        "supervises": supervises,
        "is-forum": is_forum,
        "ministers-or-deliberation": ministers,
        "party-deliberation": lambda: deliberated() and is_party(),
    }
    return lambda name: named[name]()


def _supervising_body(parties: tuple[str, ...], context: Context) -> str | None:
    try:
        profile = context.adopted.law.in_force(context.on)
        return resolve(parties, context.adopted.regions, context.on, profile).supervising_body
    except RuleBrokenError:
        return None


def sight_of(office: str, state: Cooperation, context: Context) -> Audience:
    """The widest audience of a cooperation that an office belongs to on a day."""

    def now(code: str) -> str:
        return context.adopted.regions.code_on(code, context.on)

    return sight(office, state.parties, _supervising_body(state.parties, context), now)
