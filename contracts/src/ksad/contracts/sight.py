"""What an office may see of a cooperation: the widest audience that it belongs to.

What is public every office sees. A party, and the Governor and the team of a province in which a party lies, see what
is meant for parties too. Who supervises sees everything: the body and its head, and those who answer for the whole.
The regulation is silent on this: it is the platform's policy, and the feeds of the provinces follow the same one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ksad.contracts.catalogue import DECLARATIONS, Audience

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

EVERYWHERE = frozenset({"minister", "joint_secretariat", "auditor", "operator"})
WIDTHS = {Audience.PUBLIC: 0, Audience.PARTIES: 1, Audience.SUPERVISOR: 2}


def sight(office: str, parties: Iterable[str], supervising_body: str | None, now: Callable[[str], str]) -> Audience:
    """The widest audience of a cooperation that an office belongs to.

    :param now: from a region's code to the one it has today.
    """
    if office in EVERYWHERE:
        return Audience.SUPERVISOR
    role, _, code = office.partition(":")
    codes = {now(party) for party in parties}
    if role in {"governor", "tkksd"}:
        if supervising_body == f"tkksd:{code}":
            return Audience.SUPERVISOR
        return Audience.PARTIES if code in {one[:2] for one in codes} else Audience.PUBLIC
    return Audience.PARTIES if role == "region" and now(code) in codes else Audience.PUBLIC


def admits(seen: Audience, event_type: str) -> bool:
    """Whether who belongs to an audience may see facts of a type; those of an unknown type are for supervisors only."""
    declaration = DECLARATIONS.get(event_type)
    return WIDTHS[declaration.audience if declaration else Audience.SUPERVISOR] <= WIDTHS[seen]
