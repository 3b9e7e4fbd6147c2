"""How many entries a feed had to contain when the national log had so many leaves."""

from __future__ import annotations

from bisect import bisect_left
from itertools import accumulate
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ksad.audit.checks.membership import Feed


class OwedCount:
    """Counts what was owed to one province; a province without a feed was owed nothing."""

    def __init__(self, feed: Feed | None) -> None:
        self._came = [] if feed is None else sorted(feed.came)
        late = [] if feed is None else feed.late
        self._turns = [turn for turn, _ in late]
        self._totals = [0, *accumulate(len(facts) for _, facts in late)]

    def through(self, leaves: int) -> int:
        """Entries that the first so many leaves of the national log gave to the feed."""
        return bisect_left(self._came, leaves) + self._totals[bisect_left(self._turns, leaves)]
