"""What each province's feed had to contain, recomputed from the national leaves alone by the feeds' own rule."""

from __future__ import annotations

from array import array
from typing import Any

from reporting.feeds.concern import SUPERVISOR, Case, audience_of, cooperation_of, new_codes


class _Followed:
    """A cooperation: its facts so far with their audiences, what each province received, and where facts go now."""

    __slots__ = ("case", "facts", "going_to", "received")

    def __init__(self) -> None:
        self.case = Case()
        self.facts: list[tuple[int, str]] = []
        self.received: dict[str, array[int]] = {}
        self.going_to: list[tuple[str, array[int], array[int]]] = []


class Membership:
    """The selection of :mod:`reporting.feeds.appender`, in memory: takes leaves in order, gives each feed's indexes."""

    def __init__(self) -> None:
        self.feeds: dict[str, array[int]] = {}
        self._codes: dict[str, str] = {}
        self._followed: dict[str, _Followed] = {}

    def take(self, index: int, event: dict[str, Any]) -> None:
        """Select for a leaf."""
        moved = new_codes(event)
        if moved:
            self._move({**self._codes, **moved})
        audience = audience_of(event)
        identity = None if audience is None else cooperation_of(event)
        if identity is None or audience is None:
            return
        one = self._followed.get(identity)
        if one is None:
            one = self._followed[identity] = _Followed()
        one.facts.append((index, audience))
        before = one.case
        one.case = before.folded(event)
        if one.case is not before and one.case != before:
            self._catch_up(one)
            return
        for province, received, feed in one.going_to:
            if audience != SUPERVISOR or one.case.entitled(province, audience):
                received.append(index)
                feed.append(index)

    def _move(self, codes: dict[str, str]) -> None:
        before, self._codes = self._codes, codes
        for _, one in sorted(self._followed.items()):
            if one.case.provinces(before) != one.case.provinces(codes):
                self._catch_up(one)

    def _catch_up(self, one: _Followed) -> None:
        """Deliver what its provinces are entitled to now and have not received, and note the provinces."""
        one.going_to = [
            (province, one.received.setdefault(province, array("Q")), self.feeds.setdefault(province, array("Q")))
            for province in sorted(one.case.provinces(self._codes))
        ]
        for province, received, feed in one.going_to:
            had = set(received)
            for index, audience in one.facts:
                if index not in had and one.case.entitled(province, audience):
                    received.append(index)
                    feed.append(index)
