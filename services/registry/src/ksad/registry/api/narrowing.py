"""Which fields of a cooperation an office may see."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ksad.contracts.catalogue import Audience
from ksad.contracts.sight import WIDTHS

if TYPE_CHECKING:
    from ksad.contracts.sight import FormerParty

FOR_PARTIES = {"problems", "disputes", "notice", "items_added", "proofs", "settlements", "entries", "chronology"}
"""What of a cooperation's state comes from facts whose audience is the parties."""


def narrowed(shown: dict[str, Any], seen: Audience, former: FormerParty | None) -> dict[str, Any]:
    """A cooperation; without the fields for parties if the caller belongs to a smaller audience.

    A former party still sees the settlements that it takes part in.
    """
    if WIDTHS[seen] >= WIDTHS[Audience.PARTIES]:
        return shown
    public = {name: value for name, value in shown.items() if name not in FOR_PARTIES}
    if former is None or not former.settlements:
        return public
    mine = {key: one for key, one in shown["settlements"].items() if key in former.settlements}
    return public | {"settlements": mine}
