"""What of the register an office is shown."""

from __future__ import annotations

from typing import Any

from ksad.contracts.catalogue import Audience
from ksad.contracts.sight import WIDTHS

FOR_PARTIES = {"signings", "problems", "disputes", "notice", "items_added", "proofs"}
"""What of the register comes from facts whose audience is the parties."""


def narrowed(item: dict[str, Any], seen: Audience) -> dict[str, Any]:
    """A row of the register without what is meant for parties only, where the caller is none."""
    if WIDTHS[seen] >= WIDTHS[Audience.PARTIES]:
        return item
    return {name: value for name, value in item.items() if name not in FOR_PARTIES}
