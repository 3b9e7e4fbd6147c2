"""The present code of each region as feed rule 1 answers. Frozen with its faults: old feeds rest on these answers.

The map leads from codes that ended to their successors; a code that is not in the map is in use. It is a plain
dictionary, because it is stored as JSON. A code ends with the event that announces its end, not on the date named in
that event, and only one step is followed. Everything else asks `ksad.ledger.folds.regions`.
"""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

CHANGED = {"ksad.reference.boundary_changed.v1", "ksad.reference.boundary_changed.v2"}
TEXTS = {
    "ksad.reference.reference_adopted.v1",
    "ksad.reference.reference_adopted.v2",
    "ksad.reference.text_supplied.v1",
}
"""The event types that bring a text; all have its kind and content under the same names."""
MOVING = CHANGED | TEXTS
"""The event types for which `new_codes` may return codes."""


def province(codes: Mapping[str, str], code: str) -> str:
    """The present code of the province that a region is or lies in: the first two digits of the region's code."""
    return codes.get(code, code)[:2]


def extended(codes: Mapping[str, str], new: Mapping[str, str]) -> dict[str, str]:
    """The map with the codes of a further fact."""
    return {**codes, **new}


def new_codes(kind: str, data: dict[str, Any]) -> dict[str, str]:
    """The codes that a fact ends, with their successors; empty for a fact that ends none.

    :param kind: the event type.
    :raises KeyError: the data lack a field of the type, or an adopted table lacks a column.
    """
    if kind in CHANGED:
        return {data["region"]: data["successor"]}
    if kind in TEXTS and data.get("kind") == "regions":
        return _successors(data["content"])
    return {}


def _successors(content: str) -> dict[str, str]:
    """For each code with an end in an adopted table (CSV), the code of the same lineage without an end."""
    rows = list(csv.DictReader(io.StringIO(content)))
    lasting = {row["lineage"]: row["code"] for row in rows if not row["valid_to"]}
    return {row["code"]: lasting[row["lineage"]] for row in rows if row["valid_to"] and row["lineage"] in lasting}


class Codes(NamedTuple):
    """The places of regions by feed rule 1."""

    map: dict[str, str]

    def after(self, kind: str, data: dict[str, Any], _time: str, /) -> Codes:
        """The places after a further fact; the same object if the fact does not concern regions."""
        moved = new_codes(kind, data) if kind in MOVING else {}
        return Codes(extended(self.map, moved)) if moved else self

    def moved(self, before: Codes, /) -> bool:
        """Whether a region may have another code than before."""
        return self is not before

    def within(self, codes: Iterable[str]) -> frozenset[str]:
        """The provinces that regions are or lie in."""
        return frozenset(province(self.map, code) for code in codes)
