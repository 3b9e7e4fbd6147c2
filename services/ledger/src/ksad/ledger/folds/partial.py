"""Folds of some cooperations without the others, all of whose facts are at hand: a row is made once, in the end.

The results are those of the folds that make a row anew with every fact (`register`, `recap`). What the facts say is
worked out as objects that are kept from one fact of a cooperation to its next, once for both.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from itertools import pairwise
from operator import itemgetter
from typing import TYPE_CHECKING

from ksad.contracts.corrections import is_correction
from ksad.contracts.umbrella import Umbrella
from ksad.contracts.verification import concerns
from ksad.ledger.folds import cooperation, verifying
from ksad.ledger.folds.decoding import name_of
from ksad.ledger.folds.recap import (
    PLACES,
    RECAP,
    RESOLVED,
    RecapProjection,
    difference,
    measures_of,
    refolded,
    scopes_of,
)
from ksad.ledger.folds.regions import FIRST
from ksad.ledger.folds.register import SUPERVISION, RegisterProjection, changed_numbers, count

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ksad.contracts.verification import Entries
    from ksad.ledger.folds.recap import RegionTurn
    from ksad.ledger.folds.regions import Homes
    from ksad.ledger.folds.rows import Event, Rows

NOTHING = Umbrella()


class Evolution:
    """The accords and agreements of cooperations, after each of their facts."""

    def __init__(self) -> None:
        self._known: dict[str, Umbrella] = {}
        self._event: Event | None = None
        self._changed: Umbrella | None = None

    def of(self, subject: str) -> Umbrella:
        """What the facts of a stream have made so far."""
        return self._known.get(subject, NOTHING)

    def after(self, rows: Rows, index: int, event: Event) -> Umbrella | None:
        """What an event makes of its stream; ``None`` where it changes nothing. Whoever asks again is told the same."""
        if event is not self._event:
            subject = event["subject"]
            self._changed = None
            if is_correction(event["type"]):
                self._changed = refolded(rows.history(subject, index))
            elif cooperation.concerns_parts(event):
                self._changed = cooperation.evolve(self.of(subject), event)
            if self._changed is not None:
                self._known[subject] = self._changed
            self._event = event
        return self._changed


class _Case:
    """One cooperation of the register while its facts are folded."""

    __slots__ = ("asked", "changed", "entries", "row")

    def __init__(self, rows: Rows, cooperation_id: str) -> None:
        self.row = rows.edit("cooperations", (cooperation_id,), cooperation.empty)
        self.entries: Entries = verifying.read(self.row["detail"]["entries"])
        self.asked: Counter[str] = Counter()
        self.changed = False


class PartialRegister(RegisterProjection):
    """The register of some cooperations; rows are right after `finish`."""

    def __init__(self, evolution: Evolution) -> None:
        self._evolution = evolution
        self._cases: dict[str, _Case] = {}

    def apply(self, rows: Rows, index: int, event: Event) -> None:
        """Fold one event of a cooperation or its supervision."""
        kind = event["type"]
        if kind.startswith(SUPERVISION):
            super().apply(rows, index, event)
            return
        # Without ``cooperation/``.
        cooperation_id = event["subject"][12:]
        changed = self._evolution.after(rows, index, event)
        if is_correction(kind):
            # It folds the stream again, on rows as they are after each fact; the next fact goes on from there.
            case = self._cases.pop(cooperation_id, None)
            if case is not None:
                self._settle(rows, cooperation_id, case)
            super().apply(rows, index, event)
            return
        case = self._cases.get(cooperation_id)
        if case is None:
            case = self._cases[cooperation_id] = _Case(rows, cooperation_id)
            case.asked = _asked(self._evolution.of(event["subject"])) if case.row["detail"]["parts"] else Counter()
        cooperation.FOLDS[kind](case.row, event)
        cooperation.note_day(case.row["detail"], event)
        case.row["changed_index"] = index
        if changed is not None:
            case.changed = True
            self._ask(rows, cooperation_id, case, changed)
        if concerns(name_of(kind)):
            self._examine(rows, cooperation_id, case, index, event, changed)
        if "parties" in event["data"]:
            self.place(rows, cooperation_id, event["data"]["parties"], event["data"].get("region"))

    def finish(self, rows: Rows) -> None:
        """Makes the rows."""
        for cooperation_id, case in self._cases.items():
            self._settle(rows, cooperation_id, case)

    def _settle(self, rows: Rows, cooperation_id: str, case: _Case) -> None:
        detail = case.row["detail"]
        if case.changed:
            cooperation.show(case.row, self._evolution.of(f"cooperation/{cooperation_id}"))
        elif case.row["closed_on"] is not None:
            case.row["closed_on"] = detail["last_on"]
        verifying.show(detail, case.entries)
        verifying.settle(rows, cooperation_id, detail["entries"])
        count(case.row)

    def _ask(self, rows: Rows, cooperation_id: str, case: _Case, changed: Umbrella) -> None:
        if changed.pending or case.asked:
            asked = _asked(changed)
            for region, proposals in changed_numbers(case.asked, asked):
                rows.put("awaited", (region, cooperation_id), {"proposals": proposals})
            case.asked = asked

    def _examine(
        self, rows: Rows, cooperation_id: str, case: _Case, index: int, event: Event, changed: Umbrella | None
    ) -> None:
        after = verifying.evolved(case.entries, event, changed)
        if after is not case.entries:
            for key in after.keys() - case.entries.keys():
                rows.edit(verifying.ENTRIES.name, (key,), lambda: verifying.recorded(cooperation_id, event, index))
            case.entries = after


class _Member:
    """What a cooperation counts for, while its facts are folded."""

    __slots__ = ("measures", "parties", "passed", "scopes", "subject", "tier")

    def __init__(self, subject: str) -> None:
        self.subject = subject
        self.measures: dict[str, int] = {}
        self.parties: Sequence[str] = ()
        self.scopes = scopes_of(FIRST, ())
        self.tier: str | None = None
        self.passed = 0


class PartialRecap(RecapProjection):
    """Counts some cooperations without the others; the counts of all parts add up to those of the projection.

    Where regions are is known from the beginning, so the facts that say so need not be among those folded. Rows are
    made by `finish`.
    """

    def __init__(self, turns: Sequence[RegionTurn], evolution: Evolution) -> None:
        homes = [FIRST, *(turn.homes for turn in turns)]
        self._turns = [(turn.at, *pair) for turn, pair in zip(turns, pairwise(homes), strict=True)]
        self._evolution = evolution
        self._members: dict[str, _Member] = {}
        self._sums: dict[tuple[str, str], int] = {}

    def apply(self, rows: Rows, index: int, event: Event) -> None:
        """Fold one event of a cooperation or its supervision."""
        kind = event["type"]
        if kind.startswith(PLACES):
            return
        identity = event["subject"].partition("/")[2]
        member = self._members.get(identity)
        if member is None:
            member = self._members[identity] = _Member(f"cooperation/{identity}")
        passed = bisect_right(self._turns, index, key=itemgetter(0))
        homes = self._turns[passed - 1][2] if passed else FIRST
        self._pass(member, passed)
        if kind.startswith(SUPERVISION):
            if kind == RESOLVED:
                member.tier = event["data"]["tier"]
                self._moved(member, self._evolution.of(member.subject), homes)
            return
        changed = self._evolution.after(rows, index, event)
        if changed is not None:
            self._moved(member, changed, homes)

    def finish(self, rows: Rows) -> None:
        """Counts every cooperation where its regions are in the end, and makes the rows."""
        for identity, member in self._members.items():
            self._pass(member, len(self._turns))
            tier = {} if member.tier is None else {"tier": member.tier}
            parts = cooperation.plain(self._evolution.of(member.subject))
            rows.put("recap_members", (identity,), {"detail": {"parts": parts, **tier}})
        for key, number in self._sums.items():
            rows.put(RECAP.name, key, {"number": number})

    def _moved(self, member: _Member, changed: Umbrella, homes: Homes) -> None:
        before, after, scopes = member.measures, measures_of(changed, member.tier), member.scopes
        if changed.parties != member.parties:
            member.parties, member.scopes = changed.parties, scopes_of(homes, changed.parties)
        if member.scopes == scopes:
            if after != before:
                self._add(scopes, difference(before, after))
        else:
            self._add(scopes, difference(before, {}))
            self._add(member.scopes, after)
        member.measures = after

    def _add(self, scopes: set[str], change: dict[str, int]) -> None:
        for measure, number in change.items():
            if number:
                for scope in scopes:
                    key = (scope, measure)
                    self._sums[key] = self._sums.get(key, 0) + number

    def _pass(self, member: _Member, passed: int) -> None:
        for _, _, homes in self._turns[member.passed : passed]:
            joined = scopes_of(homes, member.parties)
            if joined != member.scopes:
                self._add(member.scopes - joined, difference(member.measures, {}))
                self._add(joined - member.scopes, member.measures)
                member.scopes = joined
        member.passed = passed


def _asked(parts: Umbrella) -> Counter[str]:
    """How many acts wait for each region."""
    return Counter(code for act in parts.pending.values() for code in act.awaiting)
