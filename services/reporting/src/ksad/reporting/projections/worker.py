"""A process of a rebuild: folds the pieces that it is told of, one after the other, and tells their rows.

It is told by lines of JSON on its standard input, beginning with what all pieces have in common, and answers each piece
by one line. It ends with its input, so it does not outlive the process that started it.
"""

from __future__ import annotations

import os
import signal
import sqlite3
import sys
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import orjson

from ksad.ledger.folds.poison import PoisonError
from ksad.ledger.folds.recap import RegionTurn
from ksad.reporting.projections.pieces import Piece, PieceReader, fold_piece

if TYPE_CHECKING:
    from collections.abc import Iterator

SQLITE = "sqlite:///"
LOWEST = 19
"""The niceness of a process that waits for all others."""


@contextmanager
def opened(url: str) -> Iterator[PieceReader]:
    """A reader of the journal in a database of its own connection."""
    if url.startswith(SQLITE):
        # By the standard library: importing the other one takes as long as folding twenty thousand entries.
        file = f"file:{quote(str(Path(url.removeprefix(SQLITE)).absolute()))}?mode=ro"
        with closing(sqlite3.connect(file, uri=True, isolation_level=None)) as connection:
            yield PieceReader(connection.cursor, "?")
        return
    from ksad.chassis.database import Database  # noqa: PLC0415 - as above

    with closing(Database(url, pool_size=1)) as database, database.read() as reading:
        yield PieceReader(lambda: reading.connection.cursor(binary=True), "%s")


def answer(reader: PieceReader, order: dict[str, Any], common: dict[str, Any]) -> dict[str, Any]:
    """What is told of a piece: its rows, or the entry that could not be folded."""
    try:
        turns = [RegionTurn(*one) for one in common["turns"]]
        return fold_piece(reader, Piece(**order), common["names"], turns)._asdict()
    except PoisonError as poison:
        return {"poison": [poison.projection, poison.entry.number, poison.kind, poison.stream, poison.reason]}


def main() -> None:
    """Answers until there are no more orders."""
    # What was typed to end the rebuild is for the process that started this one.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.nice(LOWEST)
    orders, answers = sys.stdin.buffer, sys.stdout.buffer
    common = orjson.loads(orders.readline())
    with opened(common["url"]) as reader:
        for order in orders:
            answers.write(orjson.dumps(answer(reader, orjson.loads(order), common)) + b"\n")
            answers.flush()


if __name__ == "__main__":
    main()
