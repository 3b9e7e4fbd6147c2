"""The journal as lines, as reporting's verb ``journal`` writes them and ``refill`` and ``restore`` read them.

A line is ``ENTRY SERVICE:NOTIFICATION EVENT``, the event in its exact bytes; the last one is ``end`` and how many came
before, so that lines that broke off are known from those that are all there.
"""

from __future__ import annotations

import re
import tempfile
from array import array
from collections import defaultdict
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from ksad.chassis.broker import Stored
from ksad.chassis.relay.refill import Refill
from ksad.contracts.envelope import Envelope, EnvelopeError, nats_subject
from ksad.contracts.positions import PATTERN, POSITION_HEADER, Position

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from typing import BinaryIO

    import sqlalchemy as sa

    from ksad.chassis.store import EventStore

PAGE = 500
ORIGIN = "journal"
"""What events that were fetched from the journal are noted under, beside those of streams."""
LINE = re.compile(rb"(0|[1-9][0-9]{0,14}) " + PATTERN.encode() + rb" ([^\n]+)\n")
END = re.compile(rb"end (0|[1-9][0-9]{0,14})\n?")


class BrokenLinesError(Exception):
    """The lines are not those of a journal, or broke off."""


class JournalLine(NamedTuple):
    """An entry of the journal: its index, the position that its service gave it, and its bytes."""

    entry: int
    position: Position
    raw: bytes

    def to_bytes(self) -> bytes:
        """The line."""
        return b"%d %b %b\n" % (self.entry, str(self.position).encode(), self.raw)


def end_of(count: int) -> bytes:
    """The last line after so many."""
    return b"end %d\n" % count


def _line(text: bytes, number: int) -> JournalLine:
    found = LINE.fullmatch(text)
    if found is None:
        raise BrokenLinesError(f"line {number} is not ENTRY SERVICE:NOTIFICATION EVENT")
    return JournalLine(int(found[1]), Position(found[2].decode(), int(found[3])), found[4])


class JournalLines:
    """All lines of a journal, kept in a file: in its order, or a service's own ones in the order of their ids."""

    def __init__(self, kept: BinaryIO) -> None:
        self._kept = kept
        self._count = 0
        self._places: defaultdict[str, tuple[array[int], array[int]]] = defaultdict(lambda: (array("q"), array("q")))

    def take(self, stream: Iterable[bytes]) -> None:
        """Keep all lines of a stream.

        :raises BrokenLinesError: they are not those of a journal, or broke off.
        """
        for text in stream:
            ended = END.fullmatch(text)
            if ended is not None:
                if int(ended[1]) != self._count:
                    raise BrokenLinesError(f"{int(ended[1])} entries were sent, {self._count} came")
                return
            line = _line(text, self._count + 1)
            ids, offsets = self._places[line.position.service]
            ids.append(line.position.notification)
            offsets.append(self._kept.tell())
            self._kept.write(text)
            self._count += 1
        raise BrokenLinesError(
            f"they broke off after {self._count} lines: `python -m ksad.reporting journal` writes all of them"
        )

    def __iter__(self) -> Iterator[JournalLine]:
        self._kept.seek(0)
        for number in range(self._count):
            yield _line(self._kept.readline(), number + 1)

    def of(self, service: str) -> Iterator[JournalLine]:
        """A service's own entries, in the order in which it recorded them."""
        ids, offsets = self._places[service]
        for place in sorted(range(len(ids)), key=ids.__getitem__):
            self._kept.seek(offsets[place])
            yield _line(self._kept.readline(), place + 1)


@contextmanager
def whole(stream: Iterable[bytes]) -> Iterator[JournalLines]:
    """The lines of a stream once the last one has come: nothing begins on a part of them.

    :raises BrokenLinesError: they are not those of a journal, or broke off.
    """
    with tempfile.TemporaryFile() as kept:
        lines = JournalLines(kept)
        lines.take(stream)
        yield lines


def refill(
    store: EventStore,
    service: str,
    lines: JournalLines,
    restored: Callable[[sa.Connection, Sequence[Envelope]], None] | None = None,
    *,
    under_old_ids: bool = False,
) -> int:
    """Append what a store lacks of its own events in the journal, byte for byte; how many it lacked.

    :param restored: called in the transactions that append, so that local tables follow.
    :param under_old_ids: the store is empty, and events get the ids that they had.
    :raises ksad.chassis.relay.ContradictionError: store and journal hold different events in one place.
    :raises BrokenLinesError: an entry is no event.
    """
    filling = Refill(store, ORIGIN, restored, under_old_ids=under_old_ids)
    page: list[Stored] = []
    for line in lines.of(service):
        if len(page) == PAGE:
            filling.apply(page, last=False)
            page = []
        page.append(_message(line))
    filling.apply(page, last=True)
    return filling.count


def _message(line: JournalLine) -> Stored:
    """An entry as the stream would give it."""
    try:
        subject = nats_subject(Envelope.from_bytes(line.raw))
    except EnvelopeError as error:
        raise BrokenLinesError(f"entry {line.entry} is no event: {error}") from error
    return Stored(line.entry, subject, line.raw, {POSITION_HEADER: str(line.position)}, 0)
