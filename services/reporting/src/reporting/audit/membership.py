"""What each province's feed had to contain, recomputed from the national leaves alone by the feeds' own rule."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING, Any

from reporting.feeds.concern import CHANGING, MOVING, SUPERVISOR, Case, audience_of, changes, cooperation_of, new_codes

if TYPE_CHECKING:
    from collections.abc import Iterable

NEW_CODES = -1


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

    def take(self, at: int, kind: str, subject: str, data: dict[str, Any]) -> None:
        """Read a leaf.

        :raises LookupError, TypeError, ValueError, AttributeError: its data has not the shape of its type.
        """
        if kind in MOVING and (moved := new_codes(kind, data)):
            _expect_texts([*moved, *moved.values()])
            self.moves[at] = moved
            self.at.append(at)
            self.what.append(NEW_CODES)
        audience = audience_of(kind)
        if audience is None or (cooperation := cooperation_of(subject, data)) is None:
            return
        if kind in CHANGING and (changed := changes(kind, data)):
            _expect_texts(changed.get("parties", ()))
            self.changes[at] = changed
        known = self.cooperations
        self.at.append(at)
        self.what.append(2 * known.setdefault(cooperation, len(known)) + (audience == SUPERVISOR))


class _Followed:
    """A cooperation: its facts so far, what each province received, and where facts go now.

    A fact is twice its index, plus 1 where only the supervisor's province may see it.
    """

    __slots__ = ("case", "facts", "going_to", "received")

    def __init__(self) -> None:
        self.case = Case()
        self.facts = array("q")
        self.received: dict[str, array[int]] = {}
        self.going_to: list[tuple[bool, array[int], array[int]]] = []


class Membership:
    """The selection of :mod:`reporting.feeds.appender`, in memory: takes leaves in order, gives each feed's indexes."""

    def __init__(self) -> None:
        self.feeds: dict[str, array[int]] = {}
        self._codes: dict[str, str] = {}
        self._followed: dict[str, _Followed] = {}

    def take(self, concerns: Concerns) -> None:
        """Select for the leaves that follow on those taken before."""
        followed = [self._followed.setdefault(name, _Followed()) for name in concerns.cooperations]
        for at, what in zip(concerns.at, concerns.what, strict=True):
            if what == NEW_CODES:
                self._move({**self._codes, **concerns.moves[at]})
                continue
            one, restricted = followed[what >> 1], what & 1
            one.facts.append(2 * at + restricted)
            if at in concerns.changes:
                case = one.case._replace(**concerns.changes[at])
                if case != one.case:
                    one.case = case
                    self._catch_up(one)
                    continue
            for supervises, received, feed in one.going_to:
                if supervises or not restricted:
                    received.append(at)
                    feed.append(at)

    def _move(self, codes: dict[str, str]) -> None:
        before, self._codes = self._codes, codes
        for _, one in sorted(self._followed.items()):
            if one.case.provinces(before) != one.case.provinces(codes):
                self._catch_up(one)

    def _catch_up(self, one: _Followed) -> None:
        """Deliver what its provinces are entitled to now and have not received, and note the provinces."""
        one.going_to = [
            (
                one.case.entitled(province, SUPERVISOR),
                one.received.setdefault(province, array("q")),
                self.feeds.setdefault(province, array("q")),
            )
            for province in sorted(one.case.provinces(self._codes))
        ]
        for supervises, received, feed in one.going_to:
            had = set(received)
            due = [fact >> 1 for fact in one.facts if supervises or not fact & 1]
            new = [at for at in due if at not in had]
            received.extend(new)
            feed.extend(new)


def _expect_texts(values: Iterable[Any]) -> None:
    for value in values:
        if not isinstance(value, str):
            raise TypeError
