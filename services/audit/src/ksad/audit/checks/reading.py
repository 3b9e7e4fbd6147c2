"""Reads the leaves of an archive once, in order, for all checks; large archives in two processes."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, NamedTuple, Self

from ksad.audit.checks.beside import beside, possible
from ksad.audit.checks.form import Fault
from ksad.audit.checks.membership import Feed, Membership
from ksad.audit.checks.order import Order
from ksad.audit.checks.part import shared, split
from ksad.ledger.archive.archive import EVENTS, ArchiveError, LineFile, expect, line_files
from ksad.ledger.collection import without_collection
from ksad.ledger.log.proof import frontier_at
from ksad.ledger.log.tree import HASH_SIZE, parents

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from importlib.resources.abc import Traversable

    from ksad.audit.checks.meaning import Anchored, CitedDocument, ContinuedLog, DayLeaf, NamedPrefix
    from ksad.audit.checks.part import Part

SETTLING = timedelta(hours=1)
"""After this time a fact must be covered by the signed heads of its feeds; normally that takes seconds."""
MANY = 50_000
"""From this number of feed entries on, a second process computes the roots of half of the feeds."""


class Found(NamedTuple):
    """The findings in all leaves: the first fault of each check, and what the leaves commit to.

    ``settled`` is the number of leaves up to the last one recorded more than an hour before the newest. ``late`` counts
    facts recorded on a later day than they happened.
    """

    late: int
    faults: dict[str, Fault]
    prefixes: Sequence[NamedPrefix]
    days: Sequence[DayLeaf]
    anchored: Sequence[Anchored]
    cited: dict[CitedDocument, int]
    feeds: dict[str, Feed]
    settled: int
    platforms: dict[str, int]
    unsourced: list[int]
    services: bytes
    continued: Sequence[ContinuedLog]
    newest: Callable[[int], str]
    """The latest recorded time among so many first leaves."""


class _Whole:
    """Combines the findings of parts."""

    def __init__(self) -> None:
        self.digests = bytearray()
        self._faults: dict[str, Fault] = {}
        self._platforms: dict[str, int] = {}
        self._order = Order()
        self._prefixes: list[NamedPrefix] = []
        self._days: list[DayLeaf] = []
        self._anchored: list[Anchored] = []
        self._continued: list[ContinuedLog] = []
        self._cited: dict[CitedDocument, int] = {}
        self._unsourced: list[int] = []
        self._services = bytearray()
        self._membership = Membership()

    def follow(self, part: Part) -> None:
        """Appends the next part."""
        self.digests += part.digests
        for name, fault in (("envelopes", part.fault), ("facts", part.unfit)):
            if fault is not None:
                self._faults.setdefault(name, fault)
        for platform, at in part.platforms.items():
            self._platforms[platform] = min(at, self._platforms.get(platform, at))
        self._order.follow(part.run)
        self._prefixes += part.meaning.prefixes
        self._days += part.meaning.days
        self._anchored += part.meaning.anchored
        self._continued += part.meaning.continued
        for citation, at in part.meaning.cited.items():
            self._cited.setdefault(citation, at)
        self._unsourced += part.unsourced
        self._services += part.services
        self._membership.take(part.meaning.concerns)

    def found(self) -> Found:
        """The findings, after the last part."""
        self._order.end()
        faults = self._order.faults | self._faults
        return Found(
            self._order.late,
            faults,
            self._prefixes,
            self._days,
            self._anchored,
            self._cited,
            self._membership.feeds(),
            self._order.settled(SETTLING),
            self._platforms,
            self._unsourced,
            bytes(self._services),
            self._continued,
            self._order.newest,
        )


class Reading:
    """One pass over the leaves: `hashes` yields their hashes; afterwards ``found`` has the findings.

    Use it as a context manager, and call `hashes` once within the block.
    """

    def __init__(self, events: Traversable) -> None:
        self.found = _Whole().found()
        self._events = events
        self.roots: dict[int, bytes] = {}
        """Roots of full tiles of level 0 computed during the pass, by tile number."""
        self._digests = b""
        self._stack = ExitStack()
        self._files = list[LineFile]()
        self._parts: Iterator[Part] = iter(())
        self._broken: ArchiveError | None = None

    def __enter__(self) -> Self:
        try:
            self._files = line_files(self._events, EVENTS)
        except ArchiveError as error:  # raised by `hashes`, so that verify reports it as a check
            self._broken = error
        self._stack.enter_context(without_collection())
        self._parts = self._stack.enter_context(shared(self._files))
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    @property
    def leaves(self) -> int:
        """The number of leaves read."""
        return len(self._digests) // HASH_SIZE

    def hashes(self) -> Iterator[bytes]:
        """The hash of each leaf, in order. The findings are complete only when the iterator is exhausted.

        :raises ArchiveError: a file of events is missing or damaged.
        """
        if self._broken:
            raise self._broken
        whole = _Whole()
        for file, part in zip(self._files, self._parts, strict=True):
            expect(file, len(whole.digests) // HASH_SIZE)
            whole.follow(part)
            self.roots |= part.roots
            yield from split(part.digests)
        self.found, self._digests = whole.found(), bytes(whole.digests)

    def feed(self, province: str) -> Iterator[bytes]:
        """The leaf hashes due to a province's feed, in order."""
        digests, size = self._digests, HASH_SIZE
        return (digests[size * at : size * at + size] for at in self.found.feeds.get(province, ()))

    def feed_roots(self, sizes: Mapping[str, Iterable[int]]) -> dict[str, dict[int, bytes]]:
        """The roots of feeds at given sizes, by province; sizes beyond what was due are left out."""
        feeds = self.found.feeds
        # Sorted by size and dealt out in turn, so that both processes have about the same to do.
        ordered = sorted(sizes, key=lambda province: len(feeds.get(province, ())))
        ours, theirs = ordered[::2], ordered[1::2]
        if not possible() or sum(map(len, feeds.values())) < MANY:
            return self._roots(sizes, ordered)
        with beside(partial(self._roots, sizes)) as copy:
            copy.give(theirs)
            found = self._roots(sizes, ours)
            return found | (copy.answer() or self._roots(sizes, theirs))

    def _roots(self, sizes: Mapping[str, Iterable[int]], provinces: Iterable[str]) -> dict[str, dict[int, bytes]]:
        return {province: self._roots_of(province, sizes[province]) for province in provinces}

    def _roots_of(self, province: str, sizes: Iterable[int]) -> dict[int, bytes]:
        layers = [list(self.feed(province))]
        while len(layers[-1]) > 1:
            layers.append(parents(layers[-1]))
        sizes = {size for size in sizes if size <= len(layers[0])}
        return {size: frontier_at(size, lambda level, index: layers[level][index]).root() for size in sizes}
