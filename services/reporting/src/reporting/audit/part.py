"""One file of leaves, looked at from all sides; of many files, half by a second process."""

from __future__ import annotations

from collections import deque
from hashlib import sha256
from itertools import chain
from struct import iter_unpack
from typing import TYPE_CHECKING, NamedTuple

from reporting.audit.archive import read_blocks
from reporting.audit.beside import beside, possible
from reporting.audit.form import Fault, Form
from reporting.audit.meaning import Meaning
from reporting.audit.order import Run
from reporting.transparency.growth import perfect_root
from reporting.transparency.tiles import WIDTH
from reporting.transparency.tree import HASH_SIZE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from reporting.audit.archive import LineFile
    from reporting.audit.beside import Copy


class Part(NamedTuple):
    """What is in one file."""

    digests: bytes
    """The hashes of its leaves."""
    roots: dict[int, bytes]
    """The roots over 256 leaves each, by the number of their tile."""
    fault: Fault | None
    """The first leaf that is no envelope."""
    run: Run
    meaning: Meaning


class Reader:
    """Reads files one by one; what it accepted once it does not ask about again."""

    def __init__(self) -> None:
        self._form = Form()

    def read(self, file: LineFile, meanwhile: Callable[[], None] = lambda: None) -> Part:
        """Read a file; something else is done meanwhile, every few hundred leaves.

        :raises ArchiveError: it is broken.
        """
        form, run, meaning, digests = self._form, Run(), Meaning(), list[bytes]()
        form.fault = None
        for block in read_blocks(file):
            raws, leaves = form.take(file.first + len(digests), block)
            digests += [sha256(b"\x00" + raw).digest() for raw in raws]
            run.take(leaves)
            for at in meaning.take(leaves):
                form.refuse(at, "its data has not the shape of its type")
            meanwhile()
        run.end()
        return Part(b"".join(digests), _roots(file.first, digests), form.fault, run, meaning)


def read_parts(files: Sequence[LineFile]) -> Iterator[Part]:
    """What is in each of the files, in order.

    :raises ArchiveError: one is broken.
    """
    reader = Reader()

    def read(number: int) -> Part:
        return reader.read(files[number])

    if len(files) > 1 and possible():
        with beside(read) as copy:
            yield from _in_two(files, reader, copy)
    else:
        yield from map(reader.read, files)


def _in_two(files: Sequence[LineFile], reader: Reader, copy: Copy[int, Part]) -> Iterator[Part]:
    """The same with a copy: either process takes the next file when it is done with one."""
    todo, done = deque(range(len(files))), dict[int, Part]()

    def look() -> None:
        if copy.piece is not None and copy.answered():
            receive(copy.piece)
        if copy.alive and copy.piece is None and todo:
            copy.give(todo.popleft())

    def receive(number: int) -> None:
        part = copy.answer()
        if part is None:
            todo.appendleft(number)
        else:
            done[number] = part

    for number in range(len(files)):
        look()
        while number not in done:
            if todo:
                own = todo.popleft()
                done[own] = reader.read(files[own], look)
            else:
                receive(number)
            look()
        yield done.pop(number)


def _roots(first: int, digests: Sequence[bytes]) -> dict[int, bytes]:
    numbers = range(-(-first // WIDTH), (first + len(digests)) // WIDTH)
    return {number: perfect_root(digests[(start := number * WIDTH - first) : start + WIDTH]) for number in numbers}


def split(digests: bytes) -> Iterator[bytes]:
    """Hashes that stand one behind the other."""
    return chain.from_iterable(iter_unpack(f"{HASH_SIZE}s", digests))
