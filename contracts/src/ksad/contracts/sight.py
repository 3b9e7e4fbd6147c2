"""Which events of a cooperation an office may see: those of the widest audience that the office belongs to.

Every office sees public events. A party, and the Governor and the TKKSD of a province in which a party lies, also see
events for parties. The supervising body and its head see all events, and so do the Minister, the Joint Secretariat,
auditors and operators. Whoever supervises an agreement in it counts as a supervisor. A former party sees what was for
parties until its last day, and the settlement of agreements in which it still takes part. A region that a proposal
asks without being a party, and its province, see what is said of that proposal. A correction is seen by whoever sees
what it corrects. The regulation says nothing about this: it is the platform's policy, and the feeds of
the provinces follow the same policy (record 0029).
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

from ksad.contracts.catalogue import DECLARATIONS, Audience

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

EVERYWHERE = frozenset({"minister", "joint_secretariat", "auditor", "operator"})
# Each audience includes the narrower ones before it.
WIDTHS = {Audience.PUBLIC: 0, Audience.PARTIES: 1, Audience.SUPERVISOR: 2}


SETTLEMENT = frozenset(
    f"ksad.cooperation.{name}"
    for name in (
        "termination_item_added",
        "termination_item_completed",
        "goods_inventoried",
        "obligations_listed",
        "division_agreed",
        "settlement_closed",
    )
)
"""The facts by which an agreement is settled, without versions."""
ONLY_AGREEMENT = "perjanjian-1"
"""The agreement of facts from the time when there was one only."""
ACT = "ksad.cooperation.act_"
"""How the types of events of consent begin."""


def team_of(office: str) -> str:
    """The supervising body that an office is, or that assists it; a region's office is its own."""
    if office in {"minister", "joint_secretariat"}:
        return "joint_secretariat"
    role, _, code = office.partition(":")
    return f"tkksd:{code}" if role in {"governor", "tkksd"} else office


class FormerParty(NamedTuple):
    """An office of a region that left, or of its province: the last day, and the agreements still being settled."""

    until: date
    settlements: frozenset[str]

    def admits(self, event_type: str, on: date, data: Mapping[str, Any]) -> bool:
        """Whether it may see a fact of the cooperation that happened on a day."""
        if not admits(Audience.PARTIES, event_type):
            return False
        name = event_type.rpartition(".v")[0]
        return on <= self.until or (name in SETTLEMENT and data.get("agreement", ONLY_AGREEMENT) in self.settlements)


def former_party(
    office: str,
    left: Iterable[tuple[str, date]],
    participants: Mapping[str, Iterable[str]],
    now: Callable[[str], str],
) -> FormerParty | None:
    """What an office is as a former party; ``None`` if it is none, nor an office of the province of one.

    :param left: the regions that left, each with its last day.
    :param participants: who takes part in the settlement of each agreement, by its key.
    """
    mine = [(region, day) for region, day in left if concerned(office, [region], now)]
    if not mine:
        return None
    regions = {region for region, _ in mine}
    settlements = frozenset(key for key, some in participants.items() if regions.intersection(some))
    return FormerParty(max(day for _, day in mine), settlements)


def concerned(office: str, regions: Iterable[str], now: Callable[[str], str]) -> bool:
    """Whether an office is one of some regions, or of the province of one.

    :param regions: their codes, as recorded.
    """
    role, _, code = office.partition(":")
    if role in {"governor", "tkksd"}:
        return code in {now(region)[:2] for region in regions}
    return role == "region" and now(code) in {now(region) for region in regions}


def proposal_of(event_id: str, event_type: str, data: Mapping[str, Any]) -> str | None:
    """The proposal that an event of consent is about, by the event that proposed it; ``None`` for any other event."""
    if not event_type.startswith(ACT):
        return None
    return event_id if event_type.startswith(f"{ACT}proposed.") else str(data["proposal"])


def sight(office: str, parties: Iterable[str], bodies: Iterable[str | None], now: Callable[[str], str]) -> Audience:
    """The widest audience of a cooperation that an office belongs to.

    :param parties: the region codes of the cooperation's parties, as recorded.
    :param bodies: the offices that supervise the cooperation and agreements in it; None where none is resolved yet.
    :param now: converts a region code to the one that the region has today.
    """
    if office in EVERYWHERE:
        return Audience.SUPERVISOR
    role, _, code = office.partition(":")
    codes = {now(party) for party in parties}
    if role in {"governor", "tkksd"}:
        if f"tkksd:{code}" in bodies:
            return Audience.SUPERVISOR
        # The first two digits of a region's code are its province's code.
        return Audience.PARTIES if code in {one[:2] for one in codes} else Audience.PUBLIC
    return Audience.PARTIES if role == "region" and now(code) in codes else Audience.PUBLIC


def admits(seen: Audience, event_type: str) -> bool:
    """Whether members of an audience may see events of a type."""
    # The audience of an unknown type is unknown too, so that only the supervising side may see such events.
    declaration = DECLARATIONS.get(event_type)
    return WIDTHS[declaration.audience if declaration else Audience.SUPERVISOR] <= WIDTHS[seen]
