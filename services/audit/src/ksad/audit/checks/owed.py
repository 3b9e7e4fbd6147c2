"""Counts the entries that a feed had to contain at a size of the national log."""

from __future__ import annotations

from bisect import bisect_left
from itertools import accumulate
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ksad.audit.checks.membership import Feed


class OwedCount:
    """The entries due to one province; none if it has no feed."""

    def __init__(self, feed: Feed | None) -> None:
        self._came = [] if feed is None else sorted(feed.came)
        late = [] if feed is None else feed.late
        self._turns = [turn for turn, _ in late]
        self._totals = [0, *accumulate(len(facts) for _, facts in late)]

    def through(self, leaves: int) -> int:
        """The number of entries due from the first ``leaves`` leaves of the national log."""
        return bisect_left(self._came, leaves) + self._totals[bisect_left(self._turns, leaves)]
