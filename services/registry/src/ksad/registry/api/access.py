"""Who may record what in the registry: the table, as data, and the conditions that it names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ksad.chassis.access import AccessTable, Grant
from ksad.contracts.catalogue import Audience
from ksad.contracts.law import resolve
from ksad.contracts.registry import Manner
from ksad.contracts.rules import RuleBrokenError
from ksad.contracts.sight import WIDTHS, sight
from ksad.registry.domain.commands import COMMANDS, Register, SettleDispute
from ksad.registry.domain.disputes import MINISTER, forum

if TYPE_CHECKING:
    from collections.abc import Callable

    from ksad.chassis.auth import Caller
    from ksad.registry.domain.commands import Command
    from ksad.registry.domain.context import Context
    from ksad.registry.domain.cooperation import Cooperation

READERS = ("minister", "joint_secretariat", "governor:*", "tkksd:*", "region:*", "auditor", "operator")
CENTRAL = ("joint_secretariat", "operator")
FOR_PARTIES = {"problems", "disputes", "notice", "items_added", "proofs"}
"""What of a cooperation's state comes from facts whose audience is the parties."""
RESERVED = {"pin-profile", "settle-dispute", "escalate-dispute", "close-backfill"}

POLICY = AccessTable(
    (
        Grant("read", READERS),
        Grant("upload", ("minister", "joint_secretariat", "governor:*", "tkksd:*", "region:*", "operator")),
        Grant("operate", ("operator",)),
        Grant("adopt", ("operator",)),
        Grant("pass-day", ("operator",)),
        Grant("establish-body", ("minister", "operator"), clause="P5(1)"),
        Grant("establish-body", ("governor:*",), "own-body", "P9(1)"),
        Grant("register", CENTRAL),
        Grant("register", ("region:*",), "is-party", "P1.3"),
        Grant("register", ("tkksd:*", "governor:*"), "supervises", "P3"),
        *(
            grant
            for action in COMMANDS
            if action not in RESERVED
            for grant in (
                Grant(action, CENTRAL),
                Grant(action, ("region:*",), "is-party", "P1.3"),
                Grant(action, ("tkksd:*", "governor:*"), "supervises", "P3"),
            )
        ),
        Grant("pin-profile", ("operator",)),
        Grant("close-backfill", CENTRAL),
        Grant("close-backfill", ("tkksd:*", "governor:*"), "supervises", "P3"),
        Grant("escalate-dispute", ("governor:*",), "is-forum", "UU 23/2014 Pasal 370(3)"),
        Grant("escalate-dispute", ("minister", *CENTRAL)),
        Grant("settle-dispute", ("governor:*",), "is-forum", "P10.d.5"),
        Grant("settle-dispute", ("minister", "joint_secretariat"), "ministers-or-deliberation", "P6.d.5"),
        Grant("settle-dispute", ("region:*",), "party-deliberation", "P1.3"),
        Grant("settle-dispute", ("operator",)),
    ),
    {
        "own-body": "the body is the TKKSD of the Governor's own province",
        "is-party": "the region, read by its lineage, is a party of the cooperation",
        "supervises": "the province's TKKSD supervises the cooperation: all parties are its regencies and cities",
        "is-forum": "the Governor settles this dispute: all parties are his regencies and cities, his province is none",
        "ministers-or-deliberation": "the Minister is the forum, the dispute was escalated, or the parties deliberated",
        "party-deliberation": "the parties settled it by deliberation, and the region is one of them",
    },
)


def conditions(caller: Caller, command: Command | None, state: Cooperation, context: Context) -> Callable[[str], bool]:
    """Whether a named condition holds for a caller and a cooperation, or one that is about to be registered."""
    parties = tuple(command.parties) if isinstance(command, Register) else state.parties

    def is_party() -> bool:
        regions = context.adopted.regions
        own = caller.office.removeprefix("region:")
        try:
            return regions.lineage(own) in {regions.lineage(code) for code in parties}
        except RuleBrokenError:
            return False

    def supervises() -> bool:
        return _supervising_body(parties, context) == f"tkksd:{caller.office.rpartition(':')[2]}"

    def is_forum() -> bool:
        return forum(state, context) == caller.office

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


def sight_of(caller: Caller, state: Cooperation, context: Context) -> Audience:
    """The widest audience of a cooperation that the caller belongs to on a day."""

    def now(code: str) -> str:
        return context.adopted.regions.code_on(code, context.on)

    return sight(caller.office, state.parties, _supervising_body(state.parties, context), now)


def narrowed(shown: dict[str, Any], seen: Audience) -> dict[str, Any]:
    """A cooperation without what is meant for parties only, where the caller is none."""
    if WIDTHS[seen] >= WIDTHS[Audience.PARTIES]:
        return shown
    return {name: value for name, value in shown.items() if name not in FOR_PARTIES}
