"""What each province's feed had to contain, recomputed from the national leaves alone by the feeds' own rule."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING, Any, NamedTuple

from contracts.regions import RegionTable
from contracts.registry import ReferenceKind
from reporting.audit.form import UNSURE
from reporting.feeds.concern import (
    ADOPTED,
    AUDIENCES,
    CHANGING,
    MOVING,
    SUPERVISOR,
    Case,
    changes,
    cooperation_of,
    new_codes,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reporting.audit.form import Leaves

NEW_CODES = -1


class Rule(NamedTuple):
    """What the feeds' rule does with the facts of a type."""

    restricted: bool
    changing: bool
    moving: bool


RULES = {kind: Rule(audience == SUPERVISOR, kind in CHANGING, kind in MOVING) for kind, audience in AUDIENCES.items()}


class Concerns:
    """What the rule reads in consecutive leaves: little enough to pass it from one process to another.

    Each entry is a leaf's index and what it is: `NEW_CODES`, or twice the cooperation's number, plus 1 where only the
    supervisor's province may see the fact.
    """

    def __init__(self) -> None:
        self.at = array("q")
        self.what = array("q")
        self.cooperations: dict[str, int] = {}
        self.changes: dict[int, dict[str, Any]] = {}
        self.moves: dict[int, dict[str, str]] = {}

    def take(self, leaves: Leaves) -> list[int]:
        """Read leaves; the indexes of those whose data has not the shape of its type."""
        odd, known, rule_of = list[int](), self.cooperations, RULES.get
        note_at, note_what = self.at.append, self.what.append
        for at, kind, subject, data in zip(leaves.at, leaves.types, leaves.subjects, leaves.data, strict=True):
            rule = rule_of(kind)
            if rule is None:
                continue
            restricted, changing, moving = rule
            try:
                if moving:
                    self._move(at, kind, data)
                cooperation = cooperation_of(subject.decode(), data)
                if cooperation is None:
                    continue
                if changing:
                    self._change(at, kind, data)
            except UNSURE:
                odd.append(at)
                continue
            number = known.get(cooperation)
            if number is None:
                number = known[cooperation] = len(known)
            note_at(at)
            note_what(2 * number + restricted)
        return odd

    def _move(self, at: int, kind: str, data: dict[str, Any]) -> None:
        if kind == ADOPTED and data["kind"] == ReferenceKind.REGIONS:
            RegionTable.from_csv(data["content"])
        moved = new_codes(kind, data)
        if moved:
            _expect_texts([*moved, *moved.values()])
            self.moves[at] = moved
            self.at.append(at)
            self.what.append(NEW_CODES)

    def _change(self, at: int, kind: str, data: dict[str, Any]) -> None:
        changed = changes(kind, data)
        if changed:
            _expect_texts(changed.get("parties", ()))
            self.changes[at] = changed


class _Followed:
    """A cooperation: its facts so far, what each province received, and where facts go now.

    What a province received is told only of the facts that are ``settled``: noting it with each would take as long as
    the selection itself.

    A fact is twice its index, plus 1 where only the supervisor's province may see it.
    """

    __slots__ = ("case", "facts", "feeds", "going_to", "received", "settled")

    def __init__(self) -> None:
        self.case = Case()
        self.facts = array("q")
        self.received: dict[str, array[int]] = {}
        self.going_to: list[str] = []
        self.feeds: tuple[list[array[int]], list[array[int]]] = ([], [])
        """Of the provinces that it goes to: all, and the supervisor's alone."""
        self.settled = 0

    def due(self, province: str, start: int = 0) -> list[int]:
        """The indexes of its facts, from a number on, that a province is entitled to now."""
        facts = self.facts[start:]
        supervises = self.case.entitled(province, SUPERVISOR)
        return [fact >> 1 for fact in facts if supervises or not fact & 1]

    def settle(self) -> None:
        """Note as received what went to its provinces after the facts that are settled."""
        for province in self.going_to:
            self.received[province].extend(self.due(province, self.settled))


class Membership:
    """The selection of :mod:`reporting.feeds.appender`, in memory: takes leaves in order, gives each feed's indexes."""

    def __init__(self) -> None:
        self.feeds: dict[str, array[int]] = {}
        self._codes: dict[str, str] = {}
        self._followed: dict[str, _Followed] = {}

    def take(self, concerns: Concerns) -> None:
        """Select for the leaves that follow on those taken before."""
        followed = [self._followed.setdefault(name, _Followed()) for name in concerns.cooperations]
        changes_at = concerns.changes
        for at, what in zip(concerns.at, concerns.what, strict=True):
            if what == NEW_CODES:
                self._move({**self._codes, **concerns.moves[at]})
                continue
            one, restricted = followed[what >> 1], what & 1
            if at in changes_at and (case := one.case._replace(**changes_at[at])) != one.case:
                one.settle()
                one.case = case
                one.facts.append(2 * at + restricted)
                self._catch_up(one)
                continue
            one.facts.append(2 * at + restricted)
            for feed in one.feeds[restricted]:
                feed.append(at)

    def _move(self, codes: dict[str, str]) -> None:
        before, self._codes = self._codes, codes
        for _, one in sorted(self._followed.items()):
            if one.case.provinces(before) != one.case.provinces(codes):
                one.settle()
                self._catch_up(one)

    def _catch_up(self, one: _Followed) -> None:
        """Deliver what its provinces are entitled to now and have not received, and note the provinces."""
        one.going_to = sorted(one.case.provinces(self._codes))
        one.feeds = ([], [])
        for province in one.going_to:
            feed = self.feeds.setdefault(province, array("q"))
            received = one.received.setdefault(province, array("q"))
            had = set(received)
            new = [at for at in one.due(province) if at not in had]
            received.extend(new)
            feed.extend(new)
            one.feeds[0].append(feed)
            if one.case.entitled(province, SUPERVISOR):
                one.feeds[1].append(feed)
        one.settled = len(one.facts)


def _expect_texts(values: Iterable[Any]) -> None:
    for value in values:
        if not isinstance(value, str):
            raise TypeError
