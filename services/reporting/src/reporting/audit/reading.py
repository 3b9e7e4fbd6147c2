"""Reads the leaves of an archive once, in order, for all checks at the same time; of a large one in two processes."""

from __future__ import annotations

from contextlib import ExitStack
from functools import partial
from hashlib import sha256
from itertools import chain
from struct import iter_unpack
from typing import TYPE_CHECKING, NamedTuple

from reporting.audit.archive import EVENTS, ArchiveError, line_files, read_blocks
from reporting.audit.beside import beside, possible
from reporting.audit.form import Fault, Form
from reporting.audit.meaning import Meaning
from reporting.audit.order import Order
from reporting.transparency.growth import perfect_root
from reporting.transparency.proof import frontier_at
from reporting.transparency.tiles import WIDTH
from reporting.transparency.tree import HASH_SIZE, parents
from reporting.work import without_collection

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from importlib.resources.abc import Traversable

    from reporting.audit.archive import LineFile
    from reporting.audit.meaning import Anchor
    from reporting.audit.membership import Feed
    from reporting.audit.order import Needs

SHARE = 0.46
"""Of the files, what the process reads that afterwards puts all together; another one reads the rest meanwhile."""
MANY = 50_000
"""From so many entries of feeds on, a second process computes the roots of half of them."""


class Found(NamedTuple):
    """What the leaves say and break: the first fault of each check, and what they commit to."""

    late: int
    faults: dict[str, Fault]
    anchors: list[Anchor]
    cited: dict[str, int]
    feeds: dict[str, Feed]


class Rest(NamedTuple):
    """What a process found in leaves within a log, all of them envelopes and in order among themselves."""

    digests: bytes
    roots: dict[int, bytes]
    needs: Needs
    late: int
    meaning: Meaning


class Part:
    """Consecutive leaves, looked at from all sides."""

    def __init__(self, first: int = 0) -> None:
        self.digests = bytearray()
        self.form = Form()
        self.order = Order(within=first > 0)
        self.meaning = Meaning()
        self._first = first

    @property
    def end(self) -> int:
        """The index of the leaf that is next."""
        return self._first + len(self.digests) // HASH_SIZE

    def read(self, files: Sequence[LineFile]) -> Iterator[list[bytes]]:
        """Take the leaves in files that follow on; gives their hashes, some hundred at a time.

        :raises ArchiveError: one is missing or broken.
        """
        for file in files:
            for block in read_blocks(file, self.end):
                raws, leaves = self.form.take(self.end, block)
                digests = [sha256(b"\x00" + raw).digest() for raw in raws]
                self.order.take(leaves)
                for at in self.meaning.take(leaves):
                    self.form.refuse(at, "its data has not the shape of its type")
                self.digests += b"".join(digests)
                yield digests

    def roots(self) -> dict[int, bytes]:
        """The roots over 256 leaves each, by the number of their tile."""
        numbers = range(-(-self._first // WIDTH), self.end // WIDTH)
        size = WIDTH * HASH_SIZE
        starts = [number * size - self._first * HASH_SIZE for number in numbers]
        return {
            number: perfect_root(list(_split(self.digests[start : start + size])))
            for number, start in zip(numbers, starts, strict=True)
        }

    def follow(self, rest: Rest) -> bool:
        """Take what another process found in the leaves that follow on, if their order holds after these."""
        if not self.order.meets(rest.needs):
            return False
        self.digests += rest.digests
        self.order.late += rest.late
        self.meaning.follow(rest.meaning)
        return True

    def found(self) -> Found:
        """What was found so far."""
        self.meaning.select()
        faults = self.order.faults if self.form.fault is None else {**self.order.faults, "envelopes": self.form.fault}
        meaning = self.meaning
        return Found(self.order.late, faults, meaning.anchors, meaning.cited, meaning.feeds())


class Reading:
    """One pass over the leaves: their hashes for whoever rebuilds the tree; afterwards what was found in them."""

    def __init__(self, events: Traversable) -> None:
        self.found = Found(0, {}, [], {}, {})
        self._events = events
        self.roots: dict[int, bytes] = {}
        """Roots of full tiles that were computed on the way."""
        self._digests = b""

    @property
    def leaves(self) -> int:
        """How many leaves were read."""
        return len(self._digests) // HASH_SIZE

    def hashes(self) -> Iterator[bytes]:
        """The hash of each leaf in order; all of them must be taken before anything is known.

        Half of a large log is read by a second process. Where anything in there is odd, it is read here once more, so
        that each fault is found as if all had been read here.

        :raises ArchiveError: a file of events is missing or broken.
        """
        files = line_files(self._events, EVENTS)
        middle = round(len(files) * SHARE) if possible() else 0
        ours, theirs = (files[:middle], files[middle:]) if middle else (files, [])
        part = Part()
        with without_collection(), ExitStack() as stack:
            answer = stack.enter_context(beside(partial(_rest, theirs))) if theirs else None
            yield from chain.from_iterable(part.read(ours))
            part.meaning.select()
            rest = answer() if answer else None
            if rest is not None and part.end == theirs[0].first and part.follow(rest):
                self.roots |= rest.roots
                yield from _split(rest.digests)
            else:
                yield from chain.from_iterable(part.read(theirs))
        self.found, self._digests = part.found(), bytes(part.digests)

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
        with beside(partial(self._roots, sizes, theirs)) as answer:
            found = self._roots(sizes, ours)
            return found | (answer() or self._roots(sizes, theirs))

    def _roots(self, sizes: Mapping[str, Iterable[int]], provinces: Iterable[str]) -> dict[str, dict[int, bytes]]:
        return {province: self._roots_of(province, sizes[province]) for province in provinces}

    def _roots_of(self, province: str, sizes: Iterable[int]) -> dict[int, bytes]:
        layers = [list(self.feed(province))]
        while len(layers[-1]) > 1:
            layers.append(parents(layers[-1]))
        sizes = {size for size in sizes if size <= len(layers[0])}
        return {size: frontier_at(size, lambda level, index: layers[level][index]).root() for size in sizes}


def _split(digests: bytes | bytearray) -> Iterator[bytes]:
    return chain.from_iterable(iter_unpack(f"{HASH_SIZE}s", digests))


def _rest(files: Sequence[LineFile]) -> Rest | None:
    """What is in the last files of a log, unless anything there is odd."""
    part = Part(files[0].first)
    with without_collection():
        try:
            for _ in part.read(files):
                if part.form.fault or part.order.faults:
                    return None
        except ArchiveError:
            return None
    return Rest(bytes(part.digests), part.roots(), part.order.needs, part.order.late, part.meaning)
