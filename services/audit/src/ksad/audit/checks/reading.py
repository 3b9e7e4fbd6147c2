"""Reads the leaves of an archive once, in order, for all checks at the same time; of a large one in two processes."""

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
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from importlib.resources.abc import Traversable

    from ksad.audit.checks.meaning import Anchored, CitedDocument, DayLeaf, NamedPrefix
    from ksad.audit.checks.part import Part

SETTLING = timedelta(hours=1)
"""How long after a fact its feeds have signed heads over it in any case; they need seconds."""
MANY = 50_000
"""From so many entries of feeds on, a second process computes the roots of half of them."""


class Found(NamedTuple):
    """What the leaves say and break: the first fault of each check, and what they commit to.

    ``settled`` leaves were recorded more than an hour before the newest one, or stand before such a leaf.
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


class _Whole:
    """Puts together what was found in parts."""

    def __init__(self) -> None:
        self.digests = bytearray()
        self._faults: dict[str, Fault] = {}
        self._platforms: dict[str, int] = {}
        self._order = Order()
        self._prefixes: list[NamedPrefix] = []
        self._days: list[DayLeaf] = []
        self._anchored: list[Anchored] = []
        self._cited: dict[CitedDocument, int] = {}
        self._unsourced: list[int] = []
        self._services = bytearray()
        self._membership = Membership()

    def follow(self, part: Part) -> None:
        """Take the part that is next."""
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
        for citation, at in part.meaning.cited.items():
            self._cited.setdefault(citation, at)
        self._unsourced += part.unsourced
        self._services += part.services
        self._membership.take(part.meaning.concerns)

    def found(self) -> Found:
        """What was found: all parts are here."""
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
        )


class Reading:
    """One pass over the leaves: their hashes for whoever rebuilds the tree; afterwards what was found in them.

    It begins with its block, within which the hashes may be asked for once.
    """

    def __init__(self, events: Traversable) -> None:
        self.found = _Whole().found()
        self._events = events
        self.roots: dict[int, bytes] = {}
        """Roots of full tiles that were computed on the way."""
        self._digests = b""
        self._stack = ExitStack()
        self._files = list[LineFile]()
        self._parts: Iterator[Part] = iter(())
        self._broken: ArchiveError | None = None

    def __enter__(self) -> Self:
        try:
            self._files = line_files(self._events, EVENTS)
        except ArchiveError as error:  # it is said where the hashes are asked for
            self._broken = error
        self._stack.enter_context(without_collection())
        self._parts = self._stack.enter_context(shared(self._files))
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    @property
    def leaves(self) -> int:
        """How many leaves were read."""
        return len(self._digests) // HASH_SIZE

    def hashes(self) -> Iterator[bytes]:
        """The hash of each leaf in order; all of them must be taken before anything is known.

        :raises ArchiveError: a file of events is missing or broken.
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
        """The leaf hashes that a province's feed had to contain, in order."""
        digests, size = self._digests, HASH_SIZE
        return (digests[size * at : size * at + size] for at in self.found.feeds.get(province, ()))

    def feed_roots(self, sizes: Mapping[str, Iterable[int]]) -> dict[str, dict[int, bytes]]:
        """The roots of provinces' feeds at some sizes; a size beyond what one had to contain has none."""
        feeds = self.found.feeds
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
