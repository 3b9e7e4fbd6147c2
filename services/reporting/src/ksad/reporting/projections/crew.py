"""The processes of a rebuild, and the rows that they give in the order of the pieces."""

from __future__ import annotations

import subprocess
import sys
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue
from typing import TYPE_CHECKING, NamedTuple, Self

import orjson

from ksad.ledger.folds.poison import PoisonError
from ksad.ledger.log.entries import Entry
from ksad.reporting.projections.pieces import Folded, fold_piece

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from concurrent.futures import Future
    from types import TracebackType

    from ksad.ledger.folds.recap import RegionTurn
    from ksad.reporting.projections.pieces import Piece, PieceReader

MODULE = "ksad.reporting.projections.worker"


class WorkerLostError(OSError):
    """A process of a rebuild ended before it answered; the pieces before are kept, and the next rebuild goes on."""


class FoldedAlike(NamedTuple):
    """What all pieces of a rebuild have in common: names of projections, and where regions are from which entry on."""

    names: Sequence[str]
    turns: Sequence[RegionTurn]


class Alone:
    """Folds pieces in this process."""

    def __init__(self, reader: PieceReader, common: FoldedAlike) -> None:
        self._reader = reader
        self._common = common

    def fold(self, pieces: Iterable[Piece]) -> Iterator[Folded]:
        """What the pieces give, in their order.

        :raises PoisonError: an entry cannot be folded.
        """
        for piece in pieces:
            yield fold_piece(self._reader, piece, *self._common)


class Crew:
    """Folds pieces in several processes, which end with the block."""

    def __init__(self, url: str, common: FoldedAlike, number: int) -> None:
        self._first = {"url": url, "names": common.names, "turns": list(map(tuple, common.turns))}
        self._number = number
        self._idle: SimpleQueue[subprocess.Popen[bytes]] = SimpleQueue()
        self.processes: list[subprocess.Popen[bytes]] = []
        self._threads = ThreadPoolExecutor(number, thread_name_prefix="rebuild")

    def __enter__(self) -> Self:
        for _ in range(self._number):
            process = subprocess.Popen([sys.executable, "-m", MODULE], stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # noqa: S603 - this interpreter
            self.processes.append(process)
            self._idle.put(process)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in self.processes:
            process.kill()
        self._threads.shutdown(cancel_futures=True)
        for process in self.processes:
            process.communicate()

    def fold(self, pieces: Iterable[Piece]) -> Iterator[Folded]:
        """What the pieces give, in their order.

        :raises PoisonError: an entry cannot be folded.
        :raises WorkerLostError: a process was killed.
        """
        for process in self.processes:
            self._tell(process, self._first)
        asked: deque[Future[Folded]] = deque()
        for piece in pieces:
            asked.append(self._threads.submit(self._ask, piece))
            # One more than there are processes: none waits while a piece is written.
            if len(asked) > self._number:
                yield asked.popleft().result()
        while asked:
            yield asked.popleft().result()

    def _ask(self, piece: Piece) -> Folded:
        process = self._idle.get()
        try:
            self._tell(process, piece._asdict())
            line = process.stdout.readline() if process.stdout else b""
        finally:
            self._idle.put(process)
        if not line.endswith(b"\n"):
            raise WorkerLostError(f"a process of the rebuild has ended at piece {piece.number + 1} of {piece.of}")
        told = orjson.loads(line)
        if "poison" in told:
            projection, number, kind, stream, reason = told["poison"]
            raise PoisonError(projection, Entry(number, b""), {"type": kind, "subject": stream}, reason)
        rows = {name: list(map(tuple, packed)) for name, packed in told["rows"].items()}
        return Folded(told["entries"], rows, told["sums"])

    def _tell(self, process: subprocess.Popen[bytes], what: object) -> None:
        assert process.stdin is not None  # noqa: S101 - it was asked for
        try:
            process.stdin.write(orjson.dumps(what) + b"\n")
            process.stdin.flush()
        except BrokenPipeError as error:
            raise WorkerLostError("a process of the rebuild has ended") from error
