"""What of a cooperation an office is shown."""

from __future__ import annotations

from typing import Any

from ksad.contracts.catalogue import Audience
from ksad.contracts.sight import WIDTHS

FOR_PARTIES = {"problems", "disputes", "notice", "items_added", "proofs"}
"""What of a cooperation's state comes from facts whose audience is the parties."""


def narrowed(shown: dict[str, Any], seen: Audience) -> dict[str, Any]:
    """A cooperation without what is meant for parties only, where the caller is none."""
    if WIDTHS[seen] >= WIDTHS[Audience.PARTIES]:
        return shown
    return {name: value for name, value in shown.items() if name not in FOR_PARTIES}
