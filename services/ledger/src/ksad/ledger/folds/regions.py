"""The code that each region has now, folded from the log's reference facts; read by sight, recapitulation and feeds.

The map goes from codes that ended to those that go on in their place; a code that is not in it is still in use. It is
kept as JSON wherever it is kept, so it is a plain dictionary.

A code ends with the fact that names its end, not on the day that the fact names, and is followed by one step only. Who
received what in the feeds rests on these answers: others need a new version of the feeds' rule.
"""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

CHANGED, ADOPTED = "ksad.reference.boundary_changed.v1", "ksad.reference.reference_adopted.v1"
MOVING = {CHANGED, ADOPTED}
"""The event types that may bring `new_codes`."""


def now(codes: Mapping[str, str], code: str) -> str:
    """The code that a region has now."""
    return codes.get(code, code)


def province(codes: Mapping[str, str], code: str) -> str:
    """The code of the province that a region is, or lies in, now."""
    return codes.get(code, code)[:2]


def extended(codes: Mapping[str, str], new: Mapping[str, str]) -> dict[str, str]:
    """The map after a fact that brought new codes."""
    return {**codes, **new}


def new_codes(kind: str, data: dict[str, Any]) -> dict[str, str]:
    """From codes that ended to those that go on in their place, as far as one fact says.

    :param kind: the fact's event type.
    :raises KeyError: the data has not the shape of its type.
    """
    if kind == CHANGED:
        return {data["region"]: data["successor"]}
    if kind == ADOPTED and data.get("kind") == "regions":
        return _successors(data["content"])
    return {}


def _successors(content: str) -> dict[str, str]:
    """By each code of an adopted table that has an end: the code of the same lineage that has none."""
    rows = list(csv.DictReader(io.StringIO(content)))
    lasting = {row["lineage"]: row["code"] for row in rows if not row["valid_to"]}
    return {row["code"]: lasting[row["lineage"]] for row in rows if row["valid_to"] and row["lineage"] in lasting}
