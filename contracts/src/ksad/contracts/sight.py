"""Which events of a cooperation an office may see: those of the widest audience that the office belongs to.

Every office sees public events. A party, and the Governor and the TKKSD of a province in which a party lies, also see
events for parties. The supervising body and its head see all events, and so do the Minister, the Joint Secretariat,
auditors and operators. The regulation says nothing about this: it is the platform's policy, and the feeds of the
provinces follow the same policy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ksad.contracts.catalogue import DECLARATIONS, Audience

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

EVERYWHERE = frozenset({"minister", "joint_secretariat", "auditor", "operator"})
# Each audience includes the narrower ones before it.
WIDTHS = {Audience.PUBLIC: 0, Audience.PARTIES: 1, Audience.SUPERVISOR: 2}


def sight(office: str, parties: Iterable[str], supervising_body: str | None, now: Callable[[str], str]) -> Audience:
    """The widest audience of a cooperation that an office belongs to.

    :param parties: the region codes of the cooperation's parties, as recorded.
    :param supervising_body: the office that supervises the cooperation; ``None`` if none has been resolved yet.
    :param now: converts a region code to the one that the region has today.
    """
    if office in EVERYWHERE:
        return Audience.SUPERVISOR
    role, _, code = office.partition(":")
    codes = {now(party) for party in parties}
    if role in {"governor", "tkksd"}:
        if supervising_body == f"tkksd:{code}":
            return Audience.SUPERVISOR
        # The first two digits of a region's code are its province's code.
        return Audience.PARTIES if code in {one[:2] for one in codes} else Audience.PUBLIC
    return Audience.PARTIES if role == "region" and now(code) in codes else Audience.PUBLIC


def admits(seen: Audience, event_type: str) -> bool:
    """Whether members of an audience may see events of a type."""
    # The audience of an unknown type is unknown too, so that only the supervising side may see such events.
    declaration = DECLARATIONS.get(event_type)
    return WIDTHS[declaration.audience if declaration else Audience.SUPERVISOR] <= WIDTHS[seen]
