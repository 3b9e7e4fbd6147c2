"""Reads the leaves of an archive once, in order, for all checks at the same time; of a large one in two processes."""

from __future__ import annotations

import multiprocessing
import threading
from hashlib import sha256
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from reporting.audit.archive import ArchiveError, read_events
from reporting.audit.form import UNSURE, Fault, Form
from reporting.audit.meaning import Meaning
from reporting.audit.order import Order
from reporting.transparency.tree import Frontier
from reporting.work import without_collection

if TYPE_CHECKING:
    from array import array
    from collections.abc import Iterable, Iterator
    from importlib.resources.abc import Traversable
    from multiprocessing.connection import Connection

    from reporting.audit.meaning import Anchor

CHUNK = 64
"""Few enough leaves to stay in the processor's cache while they are looked at from all sides."""
LARGE = 50_000
"""From this size on, a second process takes half of the work; a smaller archive is read before it has begun."""
SHARE = 3
"""Of so many chunks, the process that follows their order and meaning judges the form of one, the other of the rest."""


class Found(NamedTuple):
    """What the leaves say and break: the first fault of each check, and what they commit to."""

    late: int
    faults: dict[str, Fault]
    anchors: list[Anchor]
    cited: dict[str, int]
    feeds: dict[str, array[int]]


class Reading:
    """One pass over the leaves: their hashes for whoever rebuilds the tree; afterwards what was found in them."""

    def __init__(self, events: Traversable, size: int) -> None:
        """:param size: how many leaves there should be."""
        self.found = Found(0, {}, [], {}, {})
        self._events = events
        self._large = size >= LARGE and threading.active_count() == 1
        self._digests: list[bytes] = []

    @property
    def leaves(self) -> int:
        """How many leaves were read."""
        return len(self._digests)

    def hashes(self) -> Iterator[bytes]:
        """The hash of each leaf in order; all of them must be taken before anything is known.

        :raises ArchiveError: a file of events is missing or broken.
        """
        with without_collection():
            yield from self._beside() if self._large else self._alone()

    def feed(self, province: str) -> Iterator[bytes]:
        """The leaf hashes that a province's feed had to contain, in order."""
        return map(self._digests.__getitem__, self.found.feeds.get(province, ()))

    def feed_roots(self, province: str, sizes: Iterable[int]) -> dict[int, bytes]:
        """The roots of a province's feed at some sizes; a size beyond what it had to contain has none."""
        found: dict[int, bytes] = {}
        hashes, count = self.feed(province), len(self.found.feeds.get(province, ()))
        tree = Frontier.empty()
        for size in sorted(set(sizes)):
            if size <= count:
                tree = tree.extended(islice(hashes, size - tree.size))
                found[size] = tree.root()
        return found

    def _chunks(self) -> Iterator[tuple[int, list[bytes], list[bytes]]]:
        for index, raws in _chunks(self._events):
            digests = [sha256(b"\x00" + raw).digest() for raw in raws]
            self._digests += digests
            yield index, raws, digests

    def _alone(self) -> Iterator[bytes]:
        form, order, meaning = Form(), Order(), Meaning()
        for index, raws, digests in self._chunks():
            events = form.take(index, raws)
            order.take(index, events)
            for at, (raw, event) in enumerate(zip(raws, events, strict=True), index):
                try:
                    if event is not None:
                        meaning.take(at, raw, event)
                except UNSURE:
                    form.refuse(at, "its data has not the shape of its type")
            yield from digests
        self.found = _found(form, order, meaning)

    def _beside(self) -> Iterator[bytes]:
        """With a process of its own for order and meaning. If any leaf is no envelope, all is done once more, alone."""
        context = multiprocessing.get_context("fork")
        receiving, sending = context.Pipe(duplex=False)
        child = context.Process(target=_follow, args=(self._events, sending), daemon=True)
        child.start()
        sending.close()
        form = Form()
        try:
            for number, (index, raws, digests) in enumerate(self._chunks()):
                if number % SHARE:
                    form.take(index, raws)
                yield from digests
            found = _received(receiving)
        finally:
            receiving.close()
            child.terminate()
            child.join()
        if found is not None and form.fault is None:
            self.found = found
            return
        self._digests = []
        for _ in self._alone():
            pass


def _chunks(events: Traversable) -> Iterator[tuple[int, list[bytes]]]:
    leaves, index = read_events(events), 0
    while raws := list(islice(leaves, CHUNK)):
        yield index, raws
        index += len(raws)


def _found(form: Form, order: Order, meaning: Meaning) -> Found:
    faults = order.faults if form.fault is None else {**order.faults, "envelopes": form.fault}
    feeds = {province: feed for province, feed in meaning.membership.feeds.items() if feed}
    return Found(order.late, faults, meaning.anchors, meaning.cited, feeds)


def _follow(events: Traversable, sending: Connection) -> None:
    """What a second process does; it answers nothing unless every leaf that it saw is an envelope."""
    form, order, meaning = Form(), Order(), Meaning()
    with sending, without_collection():
        try:
            for number, (index, raws) in enumerate(_chunks(events)):
                checked = None if number % SHARE else form.take(index, raws)
                read = list(map(orjson.loads, raws)) if checked is None else [one for one in checked if one is not None]
                if len(read) < len(raws):
                    return
                order.take(index, read)
                for at, (raw, event) in enumerate(zip(raws, read, strict=True), index):
                    meaning.take(at, raw, event)
        except (ArchiveError, *UNSURE):
            return
        sending.send(_found(form, order, meaning))


def _received(receiving: Connection) -> Found | None:
    try:
        found: Any = receiving.recv()
    except EOFError:
        return None
    return found if isinstance(found, Found) else None
