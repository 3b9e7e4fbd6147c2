"""What each province's feed had to contain, recomputed from the national leaves alone by the feeds' own rule."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING, Any

from contracts.regions import RegionTable
from contracts.registry import ReferenceKind
from reporting.audit.form import UNSURE
from reporting.feeds.concern import (
    ADOPTED,
    AUDIENCES,
    BELONGING,
    CHANGING,
    COOPERATION,
    MOVING,
    NAMING,
    PARTIES,
    RESOLVED,
    SUPERVISOR,
    Case,
    changes,
    cooperation_of,
    new_codes,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from reporting.audit.form import Leaves

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
BELONGS = tuple(prefix.encode() for prefix in BELONGING)


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
        self._named: dict[bytes, int] = {}
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
                if number is None and subject.startswith(BELONGS) and type(name := data.get(COOPERATION)) is str:
                    number = known(name)
                if number is None or (rule > RESTRICTED and (rule >= SURELY or PARTIES in data)):
                    number = self._read(at, kind, subject.decode(), data)
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
            self._named[subject.encode()] = number
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


class _Followed:
    """A cooperation: its facts so far, what each province received, and where facts go now.

    There are two kinds of facts: for all its provinces, and for the supervisor's alone. What a province received is
    told only of the facts that are ``settled``: noting it with each would take as long as the selection itself.
    """

    __slots__ = ("case", "facts", "goes", "going_to", "received", "settled")

    def __init__(self) -> None:
        self.case = Case()
        self.facts = (array("q"), array("q"))
        self.goes: tuple[list[Note], list[Note]] = ([self.facts[0].append], [self.facts[1].append])
        """What notes a fact of either kind: with the facts, and in the feeds that it goes to."""
        self.received: dict[str, array[int]] = {}
        self.going_to: list[str] = []
        self.settled = (0, 0)

    def due(self, province: str, start: tuple[int, int] = (0, 0)) -> list[int]:
        """The indexes of its facts, from a number of each kind on, that a province is entitled to now."""
        free, restricted = (facts[number:] for facts, number in zip(self.facts, start, strict=True))
        return sorted(free + restricted) if self.case.entitled(province, SUPERVISOR) else list(free)

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
        goes = [notes for one in followed for notes in one.goes]
        start = 0
        for turn in concerns.turns:
            _note(goes, concerns, start, turn)
            start = turn + self._turn(turn, concerns, followed)
        _note(goes, concerns, start, len(concerns.at))

    def _turn(self, place: int, concerns: Concerns, followed: list[_Followed]) -> bool:
        """Follow the entry at a place, which may change where facts go; whether it is selected for by that."""
        at, what = concerns.at[place], concerns.what[place]
        if what == NEW_CODES:
            self._move({**self._codes, **concerns.moves[at]})
            return True
        one = followed[what >> 1]
        case = one.case._replace(**concerns.changes[at])
        if case == one.case:
            return False
        one.settle()
        one.case = case
        one.facts[what & 1].append(at)
        self._catch_up(one)
        return True

    def _move(self, codes: dict[str, str]) -> None:
        before, self._codes = self._codes, codes
        for _, one in sorted(self._followed.items()):
            if one.case.provinces(before) != one.case.provinces(codes):
                one.settle()
                self._catch_up(one)

    def _catch_up(self, one: _Followed) -> None:
        """Deliver what its provinces are entitled to now and have not received, and note the provinces."""
        one.going_to = sorted(one.case.provinces(self._codes))
        for notes in one.goes:
            del notes[1:]
        for province in one.going_to:
            feed = self.feeds.setdefault(province, array("q"))
            received = one.received.setdefault(province, array("q"))
            had = set(received)
            new = [at for at in one.due(province) if at not in had]
            received.extend(new)
            feed.extend(new)
            one.goes[0].append(feed.append)
            if one.case.entitled(province, SUPERVISOR):
                one.goes[1].append(feed.append)
        one.settled = (len(one.facts[0]), len(one.facts[1]))


def _note(goes: list[list[Note]], concerns: Concerns, start: int, stop: int) -> None:
    """Select for the entries from a place to another one, between which nothing changes where facts go."""
    for at, what in zip(concerns.at[start:stop], concerns.what[start:stop], strict=True):
        for note in goes[what]:
            note(at)


def _expect_texts(values: Iterable[Any]) -> None:
    for value in values:
        if not isinstance(value, str):
            raise TypeError
