"""What each province's feed had to contain, recomputed from the national leaves alone by the feeds' own rule."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from typing import TYPE_CHECKING, Any

from ksad.audit.checks.form import UNSURE
from ksad.contracts.regions import RegionTable
from ksad.contracts.registry import ReferenceKind
from ksad.ledger.feeds.concern import (
    AUDIENCES,
    BELONGING,
    CHANGING,
    COOPERATION,
    NAMING,
    PARTIES,
    RESOLVED,
    SUPERVISOR,
    ConcernState,
    changes,
    cooperation_of,
)
from ksad.ledger.folds.regions import ADOPTED, MOVING, extended, new_codes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from ksad.audit.checks.form import Leaves

    Note = Callable[[int], None]

NEW_CODES = -1
RESTRICTED, PERHAPS, SURELY = 1, 2, 4
RULES = {
    kind: RESTRICTED * (audience == SUPERVISOR)
    + PERHAPS * (kind in CHANGING)
    + SURELY * (kind in MOVING or kind.startswith(RESOLVED))
    for kind, audience in AUDIENCES.items()
}
"""What the feeds' rule does with the facts of a type: for the supervisor's province alone, and whether they may change
where facts go, which a fact of a cooperation does only where it names parties."""


class Concerns:
    """What the rule reads in consecutive leaves: little enough to pass it from one process to another.

    Each entry is a leaf's index and what it is: `NEW_CODES`, or twice the cooperation's number, plus 1 where only the
    supervisor's province may see the fact. ``turns`` has the places of the entries that may change where facts go.
    """

    def __init__(self) -> None:
        self.at = array("q")
        self.what = array("q")
        self.turns: list[int] = []
        self.cooperations: dict[str, int] = {}
        self.changes: dict[int, dict[str, Any]] = {}
        self.moves: dict[int, dict[str, str]] = {}
        self._named: dict[str, int] = {}
        """The numbers of cooperations by the subjects that name them."""

    def take(self, leaves: Leaves) -> list[int]:
        """Read leaves; the indexes of those whose data has not the shape of its type."""
        odd, named, known = list[int](), self._named.get, self.cooperations.get
        note_at, note_what = self.at.append, self.what.append
        rules = map(RULES.get, leaves.types)
        rows = zip(leaves.at, rules, leaves.types, leaves.subjects, leaves.data, strict=True)
        for at, rule, kind, subject, data in rows:
            if rule is None:
                continue
            try:
                number = named(subject)
                if number is None and subject.startswith(BELONGING) and type(name := data.get(COOPERATION)) is str:
                    number = known(name)
                if number is None or (rule > RESTRICTED and (rule >= SURELY or PARTIES in data)):
                    number = self._read(at, kind, subject, data)
            except UNSURE:
                odd.append(at)
                continue
            if number is not None:
                note_at(at)
                note_what(2 * number + (rule & RESTRICTED))
        return odd

    def _read(self, at: int, kind: str, subject: str, data: dict[str, Any]) -> int | None:
        """The number of the cooperation that a fact belongs to, whatever it is; notes what it changes."""
        if kind in MOVING:
            self._move(at, kind, data)
        cooperation = cooperation_of(subject, data)
        if cooperation is None:
            return None
        changed = changes(kind, data) if kind in CHANGING else {}
        _expect_texts(changed.get(PARTIES, ()))
        number = self.cooperations.setdefault(cooperation, len(self.cooperations))
        if subject.startswith(NAMING):
            self._named[subject] = number
        if changed:
            self.turns.append(len(self.at))
            self.changes[at] = changed
        return number

    def _move(self, at: int, kind: str, data: dict[str, Any]) -> None:
        if kind == ADOPTED and data["kind"] == ReferenceKind.REGIONS:
            RegionTable.from_csv(data["content"])
        moved = new_codes(kind, data)
        if moved:
            _expect_texts([*moved, *moved.values()])
            self.moves[at] = moved
            self.turns.append(len(self.at))
            self.at.append(at)
            self.what.append(NEW_CODES)


class Feed:
    """What a province had to receive: most facts as they came, others later, with the fact that made them its own."""

    __slots__ = ("came", "late")

    def __init__(self) -> None:
        self.came = array("q")
        self.late: list[tuple[int, array[int]]] = []

    def __len__(self) -> int:
        return len(self.came) + sum(len(facts) for _, facts in self.late)

    def __iter__(self) -> Iterator[int]:
        """The indexes of the leaves, as the feed has them."""
        came, start = sorted(self.came), 0
        for turn, facts in self.late:
            stop = bisect_left(came, turn, start)
            yield from came[start:stop]
            yield from facts
            start = stop
        yield from came[start:]


class _Followed:
    """A cooperation: its facts so far, where they go now, and how many of them each province received.

    There are two kinds of facts: for all its provinces, and for the supervisor's alone. Of either kind a province has
    received the first ones, for whatever it missed it gets as soon as it is entitled to the next.
    """

    __slots__ = ("case", "facts", "going_to", "received")

    def __init__(self) -> None:
        self.case = ConcernState()
        self.facts = (array("q"), array("q"))
        self.going_to: list[str] = []
        self.received: dict[str, tuple[int, int]] = {}

    def deliver(self, province: str) -> array[int]:
        """The indexes of the facts that a province is entitled to now and has not received; now it has."""
        free, restricted = self.facts
        had, had_restricted = self.received.get(province, (0, 0))
        new = free[had:]
        if len(restricted) > had_restricted and self.case.entitled(province, SUPERVISOR):
            new = array("q", sorted(new + restricted[had_restricted:]))
            had_restricted = len(restricted)
        self.received[province] = (len(free), had_restricted)
        return new


class Membership:
    """What reporting appends to each feed, computed in memory: takes leaves in order, gives each feed's indexes."""

    def __init__(self) -> None:
        self._codes: dict[str, str] = {}
        self._feeds: dict[str, Feed] = {}
        self._followed: dict[str, _Followed] = {}

    def take(self, concerns: Concerns) -> None:
        """Select for the leaves that follow on those taken before."""
        followed = [self._followed.setdefault(name, _Followed()) for name in concerns.cooperations]
        notes = [facts.append for one in followed for facts in one.facts]
        start = 0
        for turn in concerns.turns:
            _note(notes, concerns, start, turn)
            start = turn + self._turn(turn, concerns, followed)
        _note(notes, concerns, start, len(concerns.at))

    def feeds(self) -> dict[str, Feed]:
        """By province, what its feed had to contain, as far as leaves were taken."""
        for one in self._followed.values():
            self._settle(one)
        return {province: feed for province, feed in self._feeds.items() if len(feed)}

    def _turn(self, place: int, concerns: Concerns, followed: list[_Followed]) -> bool:
        """Follow the entry at a place, which may change where facts go; whether it is selected for by that."""
        at, what = concerns.at[place], concerns.what[place]
        if what == NEW_CODES:
            self._move(at, extended(self._codes, concerns.moves[at]))
            return True
        one = followed[what >> 1]
        case = one.case._replace(**concerns.changes[at])
        if case == one.case:
            return False
        self._settle(one)
        one.case = case
        one.facts[what & 1].append(at)
        self._catch_up(at, one)
        return True

    def _move(self, at: int, codes: dict[str, str]) -> None:
        before, self._codes = self._codes, codes
        for _, one in sorted(self._followed.items()):
            if one.case.provinces(before) != one.case.provinces(codes):
                self._settle(one)
                self._catch_up(at, one)

    def _settle(self, one: _Followed) -> None:
        """Note what came to its provinces since it was last looked at: to do so with each fact would take longer."""
        for province in one.going_to:
            self._feeds[province].came.extend(one.deliver(province))

    def _catch_up(self, at: int, one: _Followed) -> None:
        """Note the provinces from a fact on; with it they get what they are entitled to and have not received."""
        one.going_to = sorted(one.case.provinces(self._codes))
        for province in one.going_to:
            feed = self._feeds.setdefault(province, Feed())
            if new := one.deliver(province):
                feed.late.append((at, new))


def _note(notes: list[Note], concerns: Concerns, start: int, stop: int) -> None:
    """Note facts from a place to another one, between which nothing changes where facts go."""
    for at, what in zip(concerns.at[start:stop], concerns.what[start:stop], strict=True):
        notes[what](at)


def _expect_texts(values: Iterable[Any]) -> None:
    for value in values:
        if not isinstance(value, str):
            raise TypeError
