"""The journal as lines: written by reporting's command ``journal``, read by ``refill`` and ``restore``.

A line is ``ENTRY SERVICE:NOTIFICATION EVENT``, with the exact bytes of the event. The last line is ``end COUNT``, so
that incomplete input is recognised.
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
"""The name under which events fetched from the journal are recorded, in place of a stream's identity."""
LINE = re.compile(rb"(0|[1-9][0-9]{0,14}) " + PATTERN.encode() + rb" ([^\n]+)\n")
END = re.compile(rb"end (0|[1-9][0-9]{0,14})\n?")


class BrokenLinesError(Exception):
    """The lines are not those of a journal, or are incomplete."""


class JournalLine(NamedTuple):
    """An entry of the journal: its index, its position in the store of its service, and its bytes."""

    entry: int
    position: Position
    raw: bytes

    def to_bytes(self) -> bytes:
        """The line, with its newline."""
        return b"%d %b %b\n" % (self.entry, str(self.position).encode(), self.raw)


def end_of(count: int) -> bytes:
    """The last line after ``count`` entries."""
    return b"end %d\n" % count


def _line(text: bytes, number: int) -> JournalLine:
    found = LINE.fullmatch(text)
    if found is None:
        raise BrokenLinesError(f"line {number} is not ENTRY SERVICE:NOTIFICATION EVENT")
    return JournalLine(int(found[1]), Position(found[2].decode(), int(found[3])), found[4])


class JournalLines:
    """The lines of a journal in a temporary file, readable in the journal's order or in a service's own order."""

    def __init__(self, kept: BinaryIO) -> None:
        self._kept = kept
        self._count = 0
        self._places: defaultdict[str, tuple[array[int], array[int]]] = defaultdict(lambda: (array("q"), array("q")))

    def take(self, stream: Iterable[bytes]) -> None:
        """Stores all lines of an input.

        :raises BrokenLinesError: they are not those of a journal, or are incomplete.
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
        """The entries of a service in the order of their notification ids."""
        ids, offsets = self._places[service]
        # The journal's order of a service's events can differ from its own, since an event may have been held.
        for place in sorted(range(len(ids)), key=ids.__getitem__):
            self._kept.seek(offsets[place])
            yield _line(self._kept.readline(), place + 1)


@contextmanager
def whole(stream: Iterable[bytes]) -> Iterator[JournalLines]:
    """The lines of an input, after the last one has arrived, so that no work begins on incomplete input.

    :raises BrokenLinesError: they are not those of a journal, or are incomplete.
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
    """Appends to a store those of its own events in the journal that it lacks, byte for byte; returns their number.

    :param restored: called in the appending transactions, so that local tables can follow.
    :param under_old_ids: keep the old notification ids; the store must be empty.
    :raises ksad.chassis.relay.ContradictionError: store and journal have different events at the same place.
    :raises BrokenLinesError: an entry is not an event.
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
    """An entry in the form of a message of the stream."""
    try:
        subject = nats_subject(Envelope.from_bytes(line.raw))
    except EnvelopeError as error:
        raise BrokenLinesError(f"entry {line.entry} is no event: {error}") from error
    return Stored(line.entry, subject, line.raw, {POSITION_HEADER: str(line.position)}, 0)
