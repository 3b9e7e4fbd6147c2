"""Checks the provinces' feeds: signed, anchored and received entries against what was due to each feed by then.

A root proves the entries below it, but not that no others were due. Sizes are therefore checked as well. An anchor must
cover all entries due when its day had passed. A signed checkpoint must cover all entries due by the last anchored day,
and all that the log recorded more than an hour before its newest fact. Only newer entries may still be unsigned.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from ksad.audit.checks.owed import OwedCount
from ksad.audit.checks.verdict import Check, fault

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ksad.audit.checks.meaning import Anchor, Anchored, DayLeaf
    from ksad.audit.checks.reading import Found
    from ksad.audit.checks.verdict import Claim


class AnchorRecord(NamedTuple):
    """An anchor's leaf, the leaf of the day it follows (-1 if there is none), and its heads by province."""

    at: int
    passed: int
    heads: dict[str, Anchor]


class Fed:
    """Checks the feeds of one archive."""

    def __init__(self, found: Found, size: int, prefix: str) -> None:
        """:param size: the number of leaves of the national log.
        :param prefix: the beginning of the names of its feeds, such as ``ksad/demo``.
        """
        self._size = size
        self._prefix = prefix
        self._settled = found.settled
        self._feeds = found.feeds
        self._told: list[AnchorRecord] = []
        self._wrong: tuple[int, str] | None = None
        days = {day.id: day for day in found.days}
        for one in found.anchored:
            self._told.append(self._tells(one, days))
        self._last = max((one.passed + 1 for one in self._told), default=0)

    def _tells(self, anchored: Anchored, days: Mapping[str, DayLeaf]) -> AnchorRecord:
        """Reads an anchor, and records what is wrong with it."""
        passed = days.get(anchored.cause or "")
        if passed is None or passed.at > anchored.at or passed.day != anchored.day:
            self._note(anchored.at, f"it is of {anchored.day}, but follows no day {anchored.day} that has passed")
            passed = None
        heads = {head.province: head for head in anchored.heads}
        if len(heads) < len(anchored.heads):
            self._note(anchored.at, "it names a feed twice")
        for head in anchored.heads:
            name = f"{self._prefix}/feed/{head.province}"
            if head.origin != name and not head.origin.removeprefix(f"{name}/").isdecimal():
                self._note(anchored.at, f"it names the origin {head.origin[:80]}, which is no feed of {head.province}")
        return AnchorRecord(anchored.at, -1 if passed is None else passed.at, heads)

    def _note(self, at: int, detail: str) -> None:
        self._wrong = self._wrong or (at, f"the anchor at {at}: {detail}")

    def anchors(self) -> Check:
        """Checks that each anchor follows a day that has passed, and names feeds of this platform."""
        if self._wrong is not None:
            at, detail = self._wrong
            return Check("anchors", ok=False, detail=detail, first_bad=at)
        return Check("anchors", ok=True, detail=f"{len(self._told)} anchors follow days that have passed")

    def claims(self) -> dict[str, list[Anchor]]:
        """The anchored heads by province."""
        claims = defaultdict(list)
        for one in self._told:
            for province, head in one.heads.items():
                claims[province].append(head)
        return dict(claims)

    def feed(self, province: str, claims: Sequence[Claim], head: Claim | None, roots: Mapping[int, str]) -> Check:
        """Checks one feed.

        :param claims: all its signed and anchored heads.
        :param head: the signed one, if there is one.
        :param roots: the recomputed roots (hex) by size.
        """
        name, owed = f"feed {province}", OwedCount(self._feeds.get(province))
        total = owed.through(self._size)
        wrong = min((one for one in claims if roots.get(one.size) != one.root), key=lambda one: one.size, default=None)
        if wrong is not None:
            told = "but not those that the national log says it had to contain"
            return fault(
                name, f"{wrong.source} is over {wrong.size} entries, {told}", between(wrong, claims, roots, total)
            )
        lacking = self._anchored(province, owed) or self._signed(province, owed, head)
        if lacking is not None:
            at, detail = lacking
            return Check(name, ok=False, detail=detail, first_bad=at)
        return Check(name, ok=True, detail=_whole(total, len(claims) - 1, head))

    def _anchored(self, province: str, owed: OwedCount) -> tuple[int, str] | None:
        """The first anchor over fewer or more entries than were due, with the first entry concerned."""
        size = 0
        for at, passed, heads in self._told:
            before, size = size, heads[province].size if province in heads else size
            due, most = owed.through(passed + 1), owed.through(at)
            if size < max(before, due):
                known = f"{size} of the {due} entries that were owed when its day had passed"
                went = f"{size} entries, and one before it was over {before}"
                return size, f"the anchor at {at} is over {known if size < due else went}"
            if size > most:
                return most, f"the anchor at {at} is over {size} entries, and {most} were owed by then"
        return None

    def _signed(self, province: str, owed: OwedCount, head: Claim | None) -> tuple[int, str] | None:
        """The entries that the signed head lacks of those anchored or due, with the first of them."""
        if head is None:
            return None
        at, most = max(
            ((one.at, one.heads[province].size) for one in self._told if province in one.heads),
            key=lambda one: one[1],
            default=(0, 0),
        )
        if head.size < most:
            told = f"{head.source} is over {head.size} entries, the anchor at {at} over {most}"
            return head.size, f"{told}: an older head was put in the place of the newest"
        due, total = owed.through(max(self._last, self._settled)), owed.through(self._size)
        if head.size < due:
            return head.size, (
                f"{head.source} is over {head.size} of the {total} entries that the national log says it had to "
                f"contain, {due} of which are older than the last anchored day, or than an hour"
            )
        return None


def _whole(total: int, anchors: int, head: Claim | None) -> str:
    """The detail of a feed that holds."""
    if head is None:
        return f"the national log gave it {total or 'no'} entries, and nothing is signed"
    if head.size < total:
        return (
            f"{head.size} of the {total} entries that the national log says it had to contain are under its signed "
            "head; the others were recorded within the log's last hour"
        )
    told = f", and {anchors} anchors tell how it grew" if anchors else ""
    return f"all {total} entries that the national log says it had to contain are under its signed head{told}"


def between(wrong: Claim, heads: Sequence[Claim], roots: Mapping[int, str], count: int) -> range:
    """The range of the first wrong or missing leaf of ``count``, as far as it follows from the heads that hold."""
    holds = {one.size for one in heads if roots.get(one.size) == one.root}
    fails = {one.size for one in heads if roots.get(one.size) != one.root}
    start = max((size for size in holds if size < wrong.size), default=0)
    return range(start, min([count + 1, *(size for size in fails if size > start)]))
