"""The recapitulation: counts of cooperations for the nation, each province and each region.

A cooperation counts once in every scope that one of its current parties belongs to, and each of its agreements with
it. A region whose code has changed counts under the code that it has on the log's day (`ksad.ledger.folds.regions`).
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from ksad.contracts.catalogue import NEWEST
from ksad.contracts.corrections import is_correction, substituted
from ksad.contracts.regions import AdoptedRegions, BoundaryChange
from ksad.contracts.umbrella import CooperationStatus, Umbrella
from ksad.ledger.folds import cooperation
from ksad.ledger.folds.regions import FIRST, Homes
from ksad.ledger.folds.rows import Rows, Table

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ksad.ledger.folds.rows import Event, Row

RECAP = Table("recap", key=("scope", "measure"), columns=("number",), integers=("number",))
MEMBERS = Table("recap_members", key=("member",), columns=(), json=("detail",))
PLACES = ("ksad.reference.", "ksad.calendar.")
"""Facts that may say where regions are, and count nothing."""
DAY, REGIONS = ("day",), ("regions",)
"""The rows that keep where regions are: the day changes often, the adopted text hardly ever."""
RESOLVED = f"ksad.supervision.jurisdiction_resolved.v{NEWEST['ksad.supervision.jurisdiction_resolved']}"


def _member() -> Row:
    return {"detail": {"parts": {}}}


def _zero() -> Row:
    return {"number": 0}


def measures_of(parts: Umbrella, tier: str | None) -> dict[str, int]:
    """What one cooperation counts for, in every one of its scopes."""
    if parts.stage is None or (furthest := parts.furthest) is None:
        return {}
    status, settlement = parts.status, parts.settlement
    measures = {"cooperations": 1, status.value: 1}
    for one in parts.agreements.values():
        state = f"agreements_{one.state.value}"
        measures[state] = measures.get(state, 0) + 1
    if settlement is not None:
        measures[f"settlement_{settlement}"] = 1
    if status in {CooperationStatus.PROPOSED, CooperationStatus.RUNNING}:
        measures[f"stage_{furthest.value}"] = 1
        if tier is not None:
            measures[f"tier_{tier}"] = 1
    if status is not CooperationStatus.WITHDRAWN and not parts.closed:
        measures["problems_open"] = sum(one.open for one in parts.problems.values())
        measures["disputes_open"] = sum(one.open for one in parts.disputes.values())
    return measures


def difference(before: dict[str, int], after: dict[str, int]) -> dict[str, int]:
    """What is to be added by measure, so that counts before are counts after."""
    change = dict(after)
    for measure, number in before.items():
        change[measure] = change.get(measure, 0) - number
    return change


class RecapProjection:
    """Folds cooperation and supervision streams into counts."""

    name = "recap"
    version = 5
    tables = (RECAP, MEMBERS)
    prefixes = ("ksad.cooperation.", "ksad.supervision.", *PLACES)

    def apply(self, rows: Rows, index: int, event: Event) -> None:
        """Fold one event: take the cooperation's old share out of the counts and put the new one in."""
        kind = event["type"]
        homes = self._turn(rows, kind, event["data"], event["time"])
        if not kind.startswith(PLACES):
            self._take(rows, homes, index, event)

    def _take(self, rows: Rows, homes: Homes, index: int, event: Event) -> None:
        kind, data = event["type"], event["data"]
        key = (event["subject"].partition("/")[2],)
        detail = rows.edit("recap_members", key, _member)["detail"]
        known, tier = Umbrella.model_validate(detail["parts"]), detail.get("tier")
        changed = known
        if kind.startswith("ksad.supervision."):
            if kind != RESOLVED:
                return
            detail["tier"] = data["tier"]
        elif is_correction(kind):
            changed = refolded(rows.history(event["subject"], index))
        else:
            changed = cooperation.parts_after(detail["parts"], event) or known
        detail["parts"] = cooperation.plain(changed)
        before, after = measures_of(known, tier), measures_of(changed, detail.get("tier"))
        scopes, moved = (scopes_of(homes, one.parties) for one in (known, changed))
        if moved == scopes:
            self._count(rows, scopes, difference(before, after))
        else:
            self._count(rows, scopes, difference(before, {}))
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
            for key, row in rows.every("recap_members"):
                if key not in (DAY, REGIONS):
                    self._move(rows, row["detail"], before, homes)
        # A day on which no code changes is not kept: a day that merely passes leaves every row as it was.
        if moved or homes.regions is not before.regions:
            _keep(rows, before, homes)
        return homes

    def _move(self, rows: Rows, detail: Row, before: Homes, homes: Homes) -> None:
        parts = Umbrella.model_validate(detail["parts"])
        left, joined = scopes_of(before, parts.parties), scopes_of(homes, parts.parties)
        if left != joined:
            measures = measures_of(parts, detail.get("tier"))
            self._count(rows, left - joined, difference(measures, {}))
            self._count(rows, joined - left, measures)


class RegionTurn(NamedTuple):
    """From entry ``at`` on, before it is folded, regions are as a text and boundary changes have them on a day."""

    at: int
    day: str
    text: str | None
    changes: tuple[tuple[str, str, str], ...]

    @property
    def homes(self) -> Homes:
        """Where regions are."""
        return _homes(self.text, tuple(map(tuple, self.changes)), self.day)


def turn_after(before: RegionTurn | None, index: int, event: Event) -> RegionTurn | None:
    """The turn that an event brings; ``None`` if it brings none."""
    known = before.homes if before else FIRST
    homes = known.after(event["type"], event["data"], event["time"])
    if homes.moved(known) or homes.regions is not known.regions:
        return RegionTurn(index, *_written(homes))
    return None


def kept_turn(turn: RegionTurn) -> list[tuple[Any, ...]]:
    """The stored rows of the last turn of a log."""
    rows = Rows((MEMBERS,))
    _keep(rows, FIRST, turn.homes)
    return MEMBERS.pack(dict(rows.every("recap_members")))


def scopes_of(homes: Homes, parties: Sequence[str]) -> set[str]:
    """The nation, the provinces and the regions in which a cooperation of some parties counts."""
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
    day, text, changes = _written(homes)
    rows.put("recap_members", DAY, {"detail": {"day": day}})
    if homes.regions is not before.regions or before is FIRST:
        rows.put("recap_members", REGIONS, {"detail": {"text": text, "changes": [list(one) for one in changes]}})


def _written(homes: Homes) -> tuple[str, str | None, tuple[tuple[str, str, str], ...]]:
    text, changes = homes.regions
    listed = ((one.region, one.successor, one.effective_on.isoformat()) for one in changes)
    return homes.day.isoformat(), text, tuple(listed)


def refolded(history: Iterable[Event]) -> Umbrella:
    """The parts of a cooperation whose stream was corrected: a term may read otherwise now."""
    parts = Umbrella()
    for event in substituted(history):
        parts = cooperation.parts_after(cooperation.plain(parts), event) or parts
    return parts
