"""Authority over a cooperation: which office may give a command, and what an office may see."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ksad.contracts.access.registry import TABLE
from ksad.contracts.law import resolve
from ksad.contracts.registry import Manner
from ksad.contracts.rules import RuleBrokenError
from ksad.contracts.sight import sight
from ksad.registry.domain.commands import NAMES, Register, SettleDispute
from ksad.registry.domain.disputes import MINISTER, forum

if TYPE_CHECKING:
    from collections.abc import Callable

    from ksad.contracts.catalogue import Audience
    from ksad.registry.domain.commands import Command
    from ksad.registry.domain.context import Context
    from ksad.registry.domain.cooperation import Cooperation


def check(office: str, command: Command, state: Cooperation, context: Context) -> None:
    """The office may give this command on a cooperation, or on one that is about to be registered.

    :raises RuleBrokenError: of kind FORBIDDEN, it may not.
    """
    TABLE.check(office, NAMES[type(command)], _conditions(office, command, state, context))


def check_establishing(office: str, body: str) -> None:
    """The office may record that a body was established: a Governor its own team (TKKSD) only.

    :raises RuleBrokenError: of kind FORBIDDEN, it may not.
    """
    own = f"tkksd:{office.removeprefix('governor:')}"
    TABLE.check(office, "establish-body", lambda _: body == own)


def _conditions(office: str, command: Command, state: Cooperation, context: Context) -> Callable[[str], bool]:
    """Whether a named condition of the table holds."""
    parties = tuple(command.parties) if isinstance(command, Register) else state.parties

    def is_party() -> bool:
        regions = context.adopted.regions
        try:
            return regions.lineage(office.removeprefix("region:")) in {regions.lineage(code) for code in parties}
        except RuleBrokenError:
            return False

    def supervises() -> bool:
        return _supervising_body(parties, context) == f"tkksd:{office.rpartition(':')[2]}"

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
        "is-forum": lambda: forum(state, context) == office,
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
    """The widest audience of a cooperation that the office belongs to on a day."""

    def now(code: str) -> str:
        return context.adopted.regions.code_on(code, context.on)

    return sight(office, state.parties, _supervising_body(state.parties, context), now)
