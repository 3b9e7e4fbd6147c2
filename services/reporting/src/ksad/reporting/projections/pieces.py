"""Folds the journal piece by piece: all streams of some identities at once, so that each row is made in one go.

A row of a projection is made by the streams of one identity (of a cooperation: its own and that of its supervision),
or is a sum over them. So a piece is folded with its rows in memory, without a look at what other pieces make. This
module is imported by each process of a rebuild before it begins: it needs no library for that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from ksad.ledger.collection import without_collection
from ksad.ledger.folds.folding import Fold, fold
from ksad.ledger.folds.listed import PROJECTIONS
from ksad.ledger.folds.partial import Evolution, PartialRecap, PartialRegister
from ksad.ledger.folds.recap import RECAP
from ksad.ledger.folds.rows import Rows
from ksad.ledger.log.entries import Entry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from ksad.ledger.folds.recap import RegionTurn
    from ksad.ledger.folds.rows import Event, History, Table

    Packed = tuple[Any, ...]
    Cursor = Callable[[], Any]
    Sums = dict[str, dict[str, int]]

NOUNS = ("cooperation", "report", "supervision", "task")
"""The nouns of streams that are divided, in the order of the alphabet. Identities begin with hexadecimal digits."""
TOGETHER = ("cooperation/", "supervision/")
"""Streams that make rows together: of one identity, in the order of the journal."""
DIGITS = 4
BELOW, ABOVE = "", "g"
AT_ONCE = 2_000
"""Entries of the other streams that are read at a time."""


class Piece(NamedTuple):
    """Piece ``number`` of ``of``; the last one has the streams that no other has. Entries from ``size`` on are left."""

    number: int
    of: int
    size: int

    @property
    def rest(self) -> bool:
        """Whether it has what no other has."""
        return self.number == self.of - 1

    def ranges(self) -> list[tuple[str, str]]:
        """From which name of a stream on, and up to which."""
        shares = self.of - 1
        low, high = (self._bound(number, shares) for number in (self.number, self.number + 1))
        return [(f"{noun}/{low}", f"{noun}/{high}") for noun in NOUNS]

    @staticmethod
    def _bound(number: int, shares: int) -> str:
        return ABOVE if number == shares else f"{(number << 4 * DIGITS) // shares:0{DIGITS}x}"


class Folded(NamedTuple):
    """What a piece gave: its entries, the rows by table, and what is to be added to the rows of sums, by their keys."""

    entries: int
    rows: dict[str, list[Packed]]
    sums: list[Packed]


class PieceRows(Rows):
    """The rows of a piece. Those of append-only tables are kept as they are stored."""

    def __init__(self, tables: Sequence[Table], history: History) -> None:
        super().__init__(tables, history)
        self._added: dict[str, list[Packed]] = {table.name: [] for table in tables}

    def add(self, name: str, values: tuple[Any, ...]) -> None:
        """Adds a row to an append-only table."""
        self._added[name].append(values)

    def packed(self, table: Table) -> list[Packed]:
        """The rows of a table as they are stored."""
        return [*self._added[table.name], *table.pack(self._cache[table.name])]


class PieceReader:
    """Reads pieces of a journal through a cursor of its database's driver."""

    def __init__(self, cursor: Cursor, mark: str) -> None:
        """:param cursor: makes a cursor that gives bytes as bytes.
        :param mark: how the driver marks a parameter.
        """
        self._cursor = cursor
        between = f"stream >= {mark} AND stream < {mark} AND entry < {mark}"
        self._between = f"SELECT entry, raw FROM journal WHERE {between}"  # noqa: S608 - no value of anybody
        self._page = (
            f"SELECT stream, version, entry, raw FROM journal WHERE (stream, version) > ({mark}, {mark})"  # noqa: S608 - as above
            f" AND stream < {mark} AND entry < {mark} ORDER BY stream, version LIMIT {AT_ONCE}"
        )
        self._last = self._page.replace(f" AND stream < {mark}", "")
        self._stream = f"SELECT raw FROM journal WHERE stream = {mark} AND entry <= {mark} ORDER BY version"  # noqa: S608 - as above
        self._whole = f"SELECT entry, raw FROM journal WHERE stream = {mark} AND entry < {mark}"  # noqa: S608 - as above
        self._after = (
            f"SELECT entry, raw FROM journal WHERE entry >= {mark} AND entry < {mark} ORDER BY entry LIMIT {AT_ONCE}"  # noqa: S608 - as above
        )

    def read(self, piece: Piece) -> Iterator[list[Entry]]:
        """The entries of a piece, in parts; those of one identity are in the order of the journal."""
        if piece.rest:
            yield from self._others(piece.size)
        else:
            found = [one for low, high in piece.ranges() for one in self._rows(self._between, low, high, piece.size)]
            yield _entries(found)

    def stream(self, name: str, size: int) -> list[Entry]:
        """The entries of a stream, in their order."""
        return _entries(self._rows(self._whole, name, size))

    def history(self, stream: str, until: int) -> list[Event]:
        """The decoded events of a stream up to an entry."""
        return [orjson.loads(row[0]) for row in self._rows(self._stream, stream, until)]

    def between(self, start: int, stop: int) -> Iterator[Entry]:
        """The entries of an interval, in their order."""
        while page := _entries(self._rows(self._after, start, stop)):
            yield from page
            start = page[-1].number + 1

    def _others(self, size: int) -> Iterator[list[Entry]]:
        """What lies below, between and above the names of streams that are divided."""
        held: list[tuple[int, bytes]] = []
        lows = (BELOW, *(f"{noun}/{ABOVE}" for noun in NOUNS))
        highs = (*(f"{noun}/0" for noun in NOUNS), None)
        for low, high in zip(lows, highs, strict=True):
            # From the first version on: names of streams, and so ``low`` itself, may be equal to the bound.
            stream, version = low, -1
            while page := self._rows_after(stream, version, high, size):
                stream, version = page[-1][:2]
                held += [row[2:] for row in page if row[0].startswith(TOGETHER)]
                yield _entries(row[2:] for row in page if not row[0].startswith(TOGETHER))
        yield _entries(held)

    def _rows_after(self, stream: str, version: int, high: str | None, size: int) -> list[Any]:
        if high is None:
            return self._rows(self._last, stream, version, size)
        return self._rows(self._page, stream, version, high, size)

    def _rows(self, query: str, *values: object) -> list[Any]:
        cursor = self._cursor()
        try:
            cursor.execute(query, values)
            return list(cursor.fetchall())
        finally:
            cursor.close()


@without_collection()
def fold_piece(reader: PieceReader, piece: Piece, names: Sequence[str], turns: Sequence[RegionTurn]) -> Folded:
    """Folds a piece into new rows of some projections.

    :param turns: where regions are from which entry on.
    :raises PoisonError: an entry cannot be folded.
    """
    evolution = Evolution()
    partial = {one.name: one for one in (PartialRegister(evolution), PartialRecap(turns, evolution))}
    chosen = [partial.get(one.name, one) for one in PROJECTIONS if one.name in names]
    folds = [Fold(one, PieceRows(one.tables, reader.history)) for one in chosen]
    count = 0
    for entries in reader.read(piece):
        fold(folds, entries)
        count += len(entries)
    made: dict[str, list[Packed]] = {}
    for one in folds:
        if one.projection.name in partial:
            partial[one.projection.name].finish(one.rows)
        if isinstance(one.rows, PieceRows):
            made |= {table.name: one.rows.packed(table) for table in one.projection.tables}
    return Folded(count, made, made.pop(RECAP.name, []))


def added(sums: Sums, folded: Folded) -> Sums:
    """Sums after a piece, by the two columns of their key; rows that are 0 stay, as in any other fold."""
    for scope, measure, number in folded.sums:
        mine = sums.setdefault(scope, {})
        mine[measure] = mine.get(measure, 0) + number
    return sums


def summed(sums: Sums) -> list[Packed]:
    """The rows of sums as they are stored."""
    return [(scope, measure, number) for scope, mine in sums.items() for measure, number in mine.items()]


def _entries(rows: Iterable[tuple[int, bytes]]) -> list[Entry]:
    return sorted(map(Entry._make, rows))
