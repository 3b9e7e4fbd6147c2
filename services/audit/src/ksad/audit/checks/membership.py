"""Recomputes from the national leaves, by the feed rule, which entries each province's feed had to contain."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from typing import TYPE_CHECKING

from ksad.audit.checks.concerns import CLASSES, EVERYBODY, NOBODY, TURN, said_by
from ksad.ledger.feeds.audiences import SUPERVISOR
from ksad.ledger.feeds.concern import ConcernState
from ksad.ledger.feeds.rules import RULE_ADOPTED, RULES
from ksad.ledger.feeds.threads import TO

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from ksad.audit.checks.concerns import Concerns, Turn
    from ksad.ledger.feeds.rules import Rule

    Note = Callable[[int], None]


class Feed:
    """The entries due to a province: most at the fact itself (``came``), others at a later one (``late``)."""

    __slots__ = ("came", "late")

    def __init__(self) -> None:
        self.came = array("q")
        self.late: list[tuple[int, array[int]]] = []

    def __len__(self) -> int:
        return len(self.came) + sum(len(facts) for _, facts in self.late)

    def __iter__(self) -> Iterator[int]:
        """The indexes of the leaves in the order of the feed."""
        came, start = sorted(self.came), 0
        for turn, facts in self.late:
            stop = bisect_left(came, turn, start)
            yield from came[start:stop]
            yield from facts
            start = stop
        yield from came[start:]

    def follow(self, at: int, facts: Iterable[int], *, sort: bool) -> None:
        """Adds entries due at the fact ``at``; with ``sort``, in the log's order also if several matters add some."""
        if sort and self.late and self.late[-1][0] == at:
            facts = sorted([*self.late.pop()[1], *facts])
        self.late.append((at, array("q", facts)))


class _Followed:
    """A matter: its facts so far by class, their recipients, and how many of each class each province has received.

    Of each class a province has received a first part without gaps, because missed facts are delivered as soon as it is
    entitled to them.
    """

    __slots__ = ("case", "facts", "going_to", "received", "threads", "visited")

    def __init__(self) -> None:
        self.case = ConcernState()
        self.facts: dict[int, array[int]] = {}
        self.going_to: list[str] = []
        self.received: dict[str, dict[int, int]] = {}
        self.threads: list[tuple[str, int, int]] = []
        """The facts of threads: which thread, index and class."""
        self.visited: dict[str, set[int]] = {}
        """What a province received as a guest of a thread."""

    def deliver(self, province: str, version: int) -> array[int]:
        """Delivers to a province the facts that it is entitled to and has not received; returns their indexes."""
        received, new = self.received.setdefault(province, {}), array("q")
        supervises = self.case.entitled(province, SUPERVISOR)
        parts = 0
        for what, facts in self.facts.items():
            whom = said_by(version, what)
            had = received.get(what, 0)
            if had < len(facts) and whom != NOBODY and (supervises or whom == EVERYBODY):
                new += facts[had:]
                received[what] = len(facts)
                parts += 1
        if visited := self.visited.get(province):
            new = array("q", [at for at in new if at not in visited])
        return array("q", sorted(new)) if parts > 1 else new

    def visit(self, province: str, threads: frozenset[str], version: int) -> array[int]:
        """Delivers the facts of threads that a guest's province has received neither as a guest nor otherwise."""
        received, visited = self.received.get(province, {}), self.visited.setdefault(province, set())
        new = array("q")
        for thread, at, what in self.threads:
            if thread not in threads or at in visited or not _admitted(thread, what, version):
                continue
            if bisect_left(self.facts[what], at) >= received.get(what, 0):
                new.append(at)
        visited.update(new)
        return new


def _admitted(thread: str, what: int, version: int) -> bool:
    """Whether the guests of a thread may see a fact of a class."""
    whom = said_by(version, what)
    return whom == EVERYBODY or (whom != NOBODY and thread.startswith(TO))


class _Selection:
    """Computes what one version of the rule gives to each feed, from the first leaf on."""

    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        self.feeds: dict[str, Feed] = {}
        self.had: dict[str, set[int]] = {}
        """What a province received by an earlier version alone, which is not given to it again."""
        self._places = rule.places
        self._followed: dict[str, _Followed] = {}

    def take(self, concerns: Concerns, start: int, stop: int) -> None:
        """Processes the entries between two positions, which follow on those taken before."""
        followed = [self._followed.setdefault(name, _Followed()) for name in concerns.matters]
        notes = _Notes(followed)
        for place in [place for place in concerns.turns if start <= place < stop]:
            _note(notes, concerns, start, place)
            start = place + self._turn(place, concerns, followed, notes)
        _note(notes, concerns, start, stop)

    def settle(self) -> None:
        """Delivers the facts so far."""
        for one in self._followed.values():
            self._settle(one)

    def go_on(self, before: dict[str, Feed], at: int) -> None:
        """Continues the feeds of an earlier version, which get at the fact ``at`` what they lack of this one's."""
        for province in {*before, *self.feeds}:
            own, feed = set(self.feeds.get(province, ())), before.setdefault(province, Feed())
            given = set(feed)
            if lacking := sorted(own - given):
                feed.follow(at, lacking, sort=True)
            if others := given - own:
                self.had[province] = others
        self.feeds = before

    def _turn(self, place: int, concerns: Concerns, followed: list[_Followed], notes: _Notes) -> bool:
        """Processes an entry that may change recipients; ``True`` if that also delivered the entry itself."""
        at, what, turn = concerns.at[place], concerns.what[place], concerns.turns[place]
        if what == TURN:
            self._move(at, turn)
            return True
        one = followed[what // CLASSES]
        case = one.case.after(turn.changes[self.rule.version - 1])
        thread = self.rule.thread_of(turn.event_id, turn.kind, turn.data, case) if turn.event_id else None
        if case == one.case:
            if thread is not None:
                self._tell_guests(one, thread, at, what % CLASSES)
            return False
        self._settle(one)
        left = one.case
        one.case = case
        notes[what](at)
        if thread is not None:
            one.threads.append((thread, at, what % CLASSES))
        gone = left.provinces(self._places) - case.provinces(self._places) if self.rule.tells_leavers else ()
        for province in gone:
            self._give(one, province, at)
        self._catch_up(at, one)
        return True

    def _tell_guests(self, one: _Followed, thread: str, at: int, what: int) -> None:
        """Delivers a fact that changes nothing to those guests of its thread who do not get it as parties."""
        one.threads.append((thread, at, what))
        if not _admitted(thread, what, self.rule.version):
            return
        restricted = said_by(self.rule.version, what) != EVERYBODY
        for province in self._places.within(region for name, region in one.case.guests if name == thread):
            told = province in one.going_to and not (restricted and not one.case.entitled(province, SUPERVISOR))
            if not told and at not in self.had.get(province, ()):
                one.visited.setdefault(province, set()).add(at)
                self.feeds.setdefault(province, Feed()).came.append(at)

    def _move(self, at: int, turn: Turn) -> None:
        before, self._places = self._places, self._places.after(turn.kind, turn.data, turn.time)
        if not self._places.moved(before):
            return
        for _, one in sorted(self._followed.items()):
            same = one.case.provinces(before) == one.case.provinces(self._places)
            if not same or one.case.guests_of(before) != one.case.guests_of(self._places):
                self._settle(one)
                self._catch_up(at, one)

    def _settle(self, one: _Followed) -> None:
        """Delivers the facts since the last call to the present recipients; doing so for each fact takes longer."""
        for province in one.going_to:
            self.feeds[province].came.extend(self._new(one, province))

    def _catch_up(self, at: int, one: _Followed) -> None:
        """Sets the recipients from a fact on, and delivers with it what they have become entitled to."""
        one.going_to = sorted(one.case.provinces(self._places))
        for province in one.going_to:
            self._give(one, province, at)
        if one.case.guests:
            for province, threads in one.case.guests_of(self._places).items():
                self._follow(province, at, one.visit(province, threads, self.rule.version))

    def _give(self, one: _Followed, province: str, at: int) -> None:
        self._follow(province, at, one.deliver(province, self.rule.version))

    def _follow(self, province: str, at: int, facts: array[int]) -> None:
        feed = self.feeds.setdefault(province, Feed())
        if new := self._without(province, facts):
            feed.follow(at, new, sort=self.rule.version > 1)

    def _new(self, one: _Followed, province: str) -> array[int]:
        return self._without(province, one.deliver(province, self.rule.version))

    def _without(self, province: str, facts: array[int]) -> array[int]:
        """Those of the facts that the province did not receive by an earlier version."""
        had = self.had.get(province)
        return array("q", [at for at in facts if at not in had]) if had else facts


class Membership:
    """Computes what reporting appends to each feed: takes leaves in order and returns the indexes for each feed."""

    def __init__(self) -> None:
        self._selection = _Selection(RULES[1])
        self._past: list[Concerns] = []

    def take(self, concerns: Concerns) -> None:
        """Processes the next run of leaves."""
        start = 0
        for place, turn in concerns.turns.items():
            if turn.kind == RULE_ADOPTED and turn.data["version"] > self._selection.rule.version:
                self._selection.take(concerns, start, place + 1)
                self._adopt(RULES[turn.data["version"]], concerns, place + 1)
                start = place + 1
        self._selection.take(concerns, start, len(concerns.at))
        self._past.append(concerns)

    def feeds(self) -> dict[str, Feed]:
        """The entries due to each province, by its code, from the leaves taken so far."""
        self._selection.settle()
        return {province: feed for province, feed in self._selection.feeds.items() if len(feed)}

    def _adopt(self, rule: Rule, concerns: Concerns, stop: int) -> None:
        """Applies another version to all leaves so far, as if it had held from the first one on; continues with it."""
        following = _Selection(rule)
        for past in self._past:
            following.take(past, 0, len(past.at))
        following.take(concerns, 0, stop)
        following.settle()
        self._selection.settle()
        following.go_on(self._selection.feeds, concerns.at[stop - 1])
        self._selection = following


class _Notes(dict[int, "Note"]):
    """Functions that add a fact to its matter, by the entry's ``what``."""

    def __init__(self, followed: list[_Followed]) -> None:
        super().__init__()
        self._followed = followed

    def __missing__(self, what: int) -> Note:
        facts = self._followed[what // CLASSES].facts.setdefault(what % CLASSES, array("q"))
        note = self[what] = facts.append
        return note


def _note(notes: _Notes, concerns: Concerns, start: int, stop: int) -> None:
    """Adds the facts between two positions, between which recipients do not change."""
    for at, what in zip(concerns.at[start:stop], concerns.what[start:stop], strict=True):
        notes[what](at)
