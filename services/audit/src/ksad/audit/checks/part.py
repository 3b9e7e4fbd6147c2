"""Reads files of leaves for all checks at once; two processes share several files."""

from __future__ import annotations

from collections import deque
from contextlib import contextmanager
from itertools import chain
from struct import iter_unpack
from typing import TYPE_CHECKING, NamedTuple

from ksad.audit.checks.beside import beside, possible
from ksad.audit.checks.facts import Facts
from ksad.audit.checks.form import Fault, Form
from ksad.audit.checks.meaning import Meaning
from ksad.audit.checks.order import Run
from ksad.ledger.archive.archive import ArchiveError, read_blocks
from ksad.ledger.log.growth import perfect_root
from ksad.ledger.log.tiles import WIDTH
from ksad.ledger.log.tree import HASH_SIZE, hash_leaves

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from ksad.audit.checks.beside import Copy
    from ksad.ledger.archive.archive import LineFile

LINES_MAX = 65_536
"""The most lines of a file, far above what exports write: few compressed bytes may hold any number of empty lines."""
AHEAD = 2
"""Files given to the second process in advance, so that it does not wait for the first one."""


class Part(NamedTuple):
    """The findings in one file."""

    digests: bytes
    """The hashes of its leaves."""
    roots: dict[int, bytes]
    """The roots of its full tiles of level 0, by tile number."""
    fault: Fault | None
    """The first leaf that is not a valid envelope."""
    unfit: Fault | None
    """The first envelope whose fact is invalid."""
    platforms: dict[str, int]
    """The platforms that sources name, with the first leaf of each."""
    unsourced: list[int]
    """The legacy facts that name no source file."""
    services: bytes
    """The service of each leaf, as the letter at `facts.TELLING`."""
    run: Run
    meaning: Meaning


class FileReader:
    """Reads files one by one, and remembers accepted values across them."""

    def __init__(self) -> None:
        self._form = Form()
        self._facts = Facts()

    def read(self, file: LineFile, meanwhile: Callable[[], None] = lambda: None) -> Part:
        """Reads and checks a file.

        :param meanwhile: called every few hundred leaves.
        :raises ArchiveError: the file is damaged or has too many lines.
        """
        form, facts, run, meaning, digests = self._form, self._facts, Run(), Meaning(), list[bytes]()
        form.fault = None
        facts.begin()
        for block in read_blocks(file):
            raws, leaves = form.take(file.first + len(digests), block)
            digests += hash_leaves(raws)
            run.take(leaves)
            facts.take(leaves)
            for at in meaning.take(leaves):
                facts.refuse(at, "its data has not the shape of its type")
            if len(digests) > LINES_MAX:
                raise ArchiveError(f"{file.path.name}: more than {LINES_MAX} lines")
            meanwhile()
        run.end()
        roots = _roots(file.first, digests)
        told = (form.fault, facts.fault, facts.platforms, facts.unsourced, bytes(facts.services))
        return Part(b"".join(digests), roots, *told, run, meaning)


@contextmanager
def shared(files: Sequence[LineFile]) -> Iterator[Iterator[Part]]:
    """The findings in each file, in order. With several files, a second process starts to read at once.

    :raises ArchiveError: a file is damaged (raised by the iterator).
    """
    reader = FileReader()

    def read(number: int) -> Part:
        return reader.read(files[number])

    if len(files) > 1 and possible():
        with beside(read) as copy:
            copy.give(0)
            yield _in_two(files, reader, copy)
    else:
        yield map(reader.read, files)


def _in_two(files: Sequence[LineFile], reader: FileReader, copy: Copy[int, Part]) -> Iterator[Part]:
    """As `shared`, with a fork that was given the first file. Each process takes the next file when it is free."""
    todo, done = deque(range(1, len(files))), dict[int, Part | ArchiveError]()

    def look() -> None:
        while copy.given and copy.answered():
            receive()
        while copy.alive and len(copy.given) < AHEAD and len(todo) > len(copy.given):
            copy.give(todo.popleft())

    def receive() -> None:
        number, part = copy.given[0], copy.answer()
        if part is None:
            todo.extendleft(reversed(copy.given))
            copy.given.clear()
        else:
            done[number] = part

    for number in range(len(files)):
        look()
        while number not in done:
            if todo:
                own = todo.popleft()
                try:
                    done[own] = reader.read(files[own], look)
                except ArchiveError as error:  # one before it may be broken, too
                    done[own] = error
                    todo.clear()
            else:
                receive()
            look()
        found = done.pop(number)
        if isinstance(found, ArchiveError):
            raise found
        yield found


def _roots(first: int, digests: Sequence[bytes]) -> dict[int, bytes]:
    numbers = range(-(-first // WIDTH), (first + len(digests)) // WIDTH)
    return {number: perfect_root(digests[(start := number * WIDTH - first) : start + WIDTH]) for number in numbers}


def split(digests: bytes) -> Iterator[bytes]:
    """Splits concatenated hashes."""
    return chain.from_iterable(iter_unpack(f"{HASH_SIZE}s", digests))
