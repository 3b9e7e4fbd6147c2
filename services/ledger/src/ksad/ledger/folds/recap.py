"""The recapitulation: counts of cooperations for the nation, each province and each region.

A cooperation counts once in every scope that one of its current parties belongs to, and each of its agreements with
it. A region whose code has changed counts under the code that it has on the log's day (`ksad.ledger.folds.regions`).
"""

from __future__ import annotations

from collections import Counter
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from ksad.contracts.catalogue import NEWEST
from ksad.contracts.corrections import is_correction, substituted
from ksad.contracts.regions import AdoptedRegions, BoundaryChange
from ksad.contracts.umbrella import CooperationStatus, Umbrella
from ksad.ledger.folds import cooperation
from ksad.ledger.folds.regions import FIRST, Homes
from ksad.ledger.folds.rows import Table

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ksad.ledger.folds.rows import Event, Row, Rows

RECAP = Table("recap", key=("scope", "measure"), columns=("number",), integers=("number",))
MEMBERS = Table("recap_members", key=("member",), columns=(), json=("detail",))
DAY, REGIONS = ("day",), ("regions",)
"""The rows that keep where regions are: the day changes often, the adopted text hardly ever."""
RESOLVED = f"ksad.supervision.jurisdiction_resolved.v{NEWEST['ksad.supervision.jurisdiction_resolved']}"


def _member() -> Row:
    return {"detail": {"parts": {}}}


def _zero() -> Row:
    return {"number": 0}


def _measures(parts: Umbrella, tier: str | None) -> dict[str, int]:
    """What one cooperation counts for, in every one of its scopes."""
    if parts.stage is None or parts.furthest is None:
        return {}
    states = Counter(f"agreements_{one.state.value}" for one in parts.agreements.values())
    measures = {"cooperations": 1, parts.status.value: 1, **states}
    if parts.settlement is not None:
        measures[f"settlement_{parts.settlement}"] = 1
    if parts.status in {CooperationStatus.PROPOSED, CooperationStatus.RUNNING}:
        measures[f"stage_{parts.furthest.value}"] = 1
        if tier is not None:
            measures[f"tier_{tier}"] = 1
    if parts.status is not CooperationStatus.WITHDRAWN and not parts.closed:
        measures["problems_open"] = sum(one.open for one in parts.problems.values())
        measures["disputes_open"] = sum(one.open for one in parts.disputes.values())
    return measures


def _difference(before: dict[str, int], after: dict[str, int]) -> dict[str, int]:
    change = dict(after)
    for measure, number in before.items():
        change[measure] = change.get(measure, 0) - number
    return change


class RecapProjection:
    """Folds cooperation and supervision streams into counts."""

    name = "recap"
    version = 5
    tables = (RECAP, MEMBERS)
    prefixes = ("ksad.cooperation.", "ksad.supervision.", "ksad.reference.", "ksad.calendar.")

    def apply(self, rows: Rows, index: int, event: Event) -> None:
        """Fold one event: take the cooperation's old share out of the counts and put the new one in."""
        kind, data = event["type"], event["data"]
        homes = self._turn(rows, kind, data, event["time"])
        if kind.startswith(("ksad.reference.", "ksad.calendar.")):
            return
        key = (event["subject"].partition("/")[2],)
        detail = rows.edit("recap_members", key, _member)["detail"]
        known, tier = Umbrella.model_validate(detail["parts"]), detail.get("tier")
        changed = known
        if kind.startswith("ksad.supervision."):
            if kind != RESOLVED:
                return
            detail["tier"] = data["tier"]
        elif is_correction(kind):
            changed = _refolded(rows.history(event["subject"], index))
        else:
            changed = cooperation.parts_after(detail["parts"], event) or known
        detail["parts"] = cooperation.plain(changed)
        before, after = _measures(known, tier), _measures(changed, detail.get("tier"))
        scopes, moved = (_scopes(homes, one.parties) for one in (known, changed))
        if moved == scopes:
            self._count(rows, scopes, _difference(before, after))
        else:
            self._count(rows, scopes, _difference(before, {}))
            self._count(rows, moved, after)

    def _count(self, rows: Rows, scopes: set[str], change: dict[str, int]) -> None:
        for measure, number in change.items():
            if number:
                for scope in scopes:
                    rows.edit("recap", (scope, measure), _zero)["number"] += number

    def _turn(self, rows: Rows, kind: str, data: dict[str, Any], time: str) -> Homes:
        """Where regions are after a fact; what counts elsewhere from now on is counted there."""
        before = _read(rows)
        homes = before.after(kind, data, time)
        if homes is before:
            return homes
        moved = homes.moved(before)
        if moved:
            for key, row in list(rows.every("recap_members")):
                if key not in (DAY, REGIONS):
                    self._move(rows, row["detail"], before, homes)
        # A day on which no code changes is not kept: a day that merely passes leaves every row as it was.
        if moved or homes.regions is not before.regions:
            _keep(rows, before, homes)
        return homes

    def _move(self, rows: Rows, detail: Row, before: Homes, homes: Homes) -> None:
        parts = Umbrella.model_validate(detail["parts"])
        left, joined = _scopes(before, parts.parties), _scopes(homes, parts.parties)
        if left != joined:
            measures = _measures(parts, detail.get("tier"))
            self._count(rows, left - joined, _difference(measures, {}))
            self._count(rows, joined - left, measures)


def _scopes(homes: Homes, parties: Sequence[str]) -> set[str]:
    codes = {homes.code(party) for party in parties}
    return {"nation", *(code[:2] for code in codes), *codes}


def _read(rows: Rows) -> Homes:
    day, regions = rows.get("recap_members", DAY), rows.get("recap_members", REGIONS)
    if day is None or regions is None:
        return FIRST
    kept = regions["detail"]
    return _homes(kept["text"], tuple(map(tuple, kept["changes"])), day["detail"]["day"])


@lru_cache(maxsize=4)
def _homes(text: str | None, changes: tuple[tuple[str, str, str], ...], day: str) -> Homes:
    listed = tuple(BoundaryChange(region, successor, date.fromisoformat(on)) for region, successor, on in changes)
    return Homes.on(AdoptedRegions(text, listed), date.fromisoformat(day))


def _keep(rows: Rows, before: Homes, homes: Homes) -> None:
    rows.put("recap_members", DAY, {"detail": {"day": homes.day.isoformat()}})
    if homes.regions is not before.regions or before is FIRST:
        text, changes = homes.regions
        listed = [[one.region, one.successor, one.effective_on.isoformat()] for one in changes]
        rows.put("recap_members", REGIONS, {"detail": {"text": text, "changes": listed}})


def _refolded(history: Iterable[Event]) -> Umbrella:
    """The parts of a cooperation whose stream was corrected: a term may read otherwise now."""
    parts = Umbrella()
    for event in substituted(history):
        parts = cooperation.parts_after(cooperation.plain(parts), event) or parts
    return parts
