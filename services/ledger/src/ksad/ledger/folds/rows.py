"""In-memory rows of projections, and the description of the tables that hold them.

The same folds give the state at any prefix of the log. Reporting stores such rows in a database.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from operator import itemgetter
from typing import Any, NamedTuple

import orjson

Key = tuple[Any, ...]
Row = dict[str, Any]
Event = dict[str, Any]
History = Callable[[str, int], Iterable[Event]]
"""Returns the events of a stream up to and including an entry, given subject and index. Corrections need them."""


HELD_MAX = 10_000
"""Rows of a table beyond which a fold forgets those in memory, so that memory does not grow with the log."""


class Table(NamedTuple):
    """The description of a projection's table: key columns, plain columns, and columns that hold JSON.

    Columns named in ``integers`` hold integers, other plain columns text. Rows of an ``append_only`` table are written
    once and not read while folding.
    """

    name: str
    key: tuple[str, ...]
    columns: tuple[str, ...]
    json: tuple[str, ...] = ()
    integers: tuple[str, ...] = ()
    indexes: tuple[tuple[str, ...], ...] = ()
    append_only: bool = False

    @property
    def all_columns(self) -> tuple[str, ...]:
        """All columns, in the order in which rows are stored and compared."""
        return (*self.key, *self.columns, *self.json)

    @property
    def held_max(self) -> int:
        """How many rows are held in memory where others are kept elsewhere: a row with JSON weighs as much as ten."""
        return HELD_MAX // 10 if self.json else HELD_MAX

    def pack(self, rows: Mapping[Key, Row]) -> list[tuple[Any, ...]]:
        """The stored form of rows: the values of `all_columns`, with JSON columns as text with sorted keys."""
        values = _values(self.columns)
        if not self.json:
            return [(*key, *values(row)) for key, row in rows.items()]
        return [
            (
                *key,
                *values(row),
                *[orjson.dumps(row[column], option=orjson.OPT_SORT_KEYS).decode() for column in self.json],
            )
            for key, row in rows.items()
        ]

    def unpack(self, values: Sequence[Any]) -> Row:
        """The row in the form that folds use, without its key, from stored values."""
        start = len(self.key)
        row = dict(zip(self.columns, values[start:], strict=False))
        for column, text in zip(self.json, values[start + len(self.columns) :], strict=True):
            row[column] = orjson.loads(text)
        return row


def _values(columns: tuple[str, ...]) -> Callable[[Row], tuple[Any, ...]]:
    """A function that reads several columns of a row at once; faster than one look-up each."""
    if len(columns) > 1:
        return itemgetter(*columns)
    if columns:
        only = columns[0]
        return lambda row: (row[only],)
    return lambda _: ()


def no_history(stream: str, until: int) -> Iterable[Event]:
    """The history for folds that meet no correction.

    :raises LookupError: always.
    """
    raise LookupError(f"nobody kept the events of {stream} up to entry {until}")


class Rows:
    """The rows of one projection, by table name and key."""

    def __init__(self, tables: Sequence[Table], history: History = no_history) -> None:
        self.tables = tables
        self.history = history
        self._by_name = {table.name: table for table in tables}
        self._cache: dict[str, dict[Key, Row]] = {table.name: {} for table in tables}

    def get(self, name: str, key: Key) -> Row | None:
        """The row under a key, or ``None``. Change it by :meth:`put` or :meth:`edit`, which may record the change."""
        return self._cache[name].get(key)

    def put(self, name: str, key: Key, row: Row) -> None:
        """Sets the row under a key."""
        self._cache[name][key] = row

    def edit(self, name: str, key: Key, empty: Callable[[], Row]) -> Row:
        """The row under a key, created by ``empty`` if there is none; the caller changes it in place."""
        row = self._cache[name].get(key)
        if row is None:
            row = self._cache[name][key] = empty()
        return row

    def add(self, name: str, values: tuple[Any, ...]) -> None:
        """Adds a row to an append-only table, given the values of all its columns."""
        table = self._by_name[name]
        self._cache[name][values[: len(table.key)]] = table.unpack(values)

    def every(self, name: str) -> Iterator[tuple[Key, Row]]:
        """All rows of a table in the order of their keys."""
        yield from sorted(self._cache[name].items())


def overlaid(stored: Iterable[tuple[Key, Row]], cached: Mapping[Key, Row]) -> Iterator[tuple[Key, Row]]:
    """Stored rows in the order of their keys, with cached rows in the place of what is stored of them.

    Only the cached rows are held.
    """
    fresh = sorted(cached.items(), key=itemgetter(0), reverse=True)
    for key, row in stored:
        while fresh and fresh[-1][0] < key:
            yield fresh.pop()
        if fresh and fresh[-1][0] == key:
            yield fresh.pop()
        else:
            yield key, row
    yield from reversed(fresh)


class KeptRows(Rows, ABC):
    """Rows of which some are in memory and all others where a subclass keeps them; each is read there at most once."""

    def __init__(self, tables: Sequence[Table], history: History = no_history) -> None:
        super().__init__(tables, history)
        self._dirty: dict[str, dict[Key, Row]] = {table.name: {} for table in tables}

    @abstractmethod
    def kept(self, table: Table, key: Key) -> Row | None:
        """The row under a key as it is kept, or ``None``; asked for rows that are not in memory."""

    @abstractmethod
    def every_kept(self, table: Table) -> Iterable[tuple[Any, ...]]:
        """The stored form of all rows that are kept, in the order of their keys."""

    def get(self, name: str, key: Key) -> Row | None:
        """The row under a key, or ``None``; from where it is kept if it is not in memory."""
        row = self._cache[name].get(key)
        if row is None:
            row = self.kept(self._by_name[name], key)
            if row is not None:
                self._cache[name][key] = row
        return row

    def put(self, name: str, key: Key, row: Row) -> None:
        """Sets the row under a key; it has changed until it is written."""
        self._cache[name][key] = self._dirty[name][key] = row

    def edit(self, name: str, key: Key, empty: Callable[[], Row]) -> Row:
        """As `Rows.edit`; the row has changed until it is written."""
        row = self._dirty[name].get(key)
        if row is None:
            row = self.get(name, key)
            row = empty() if row is None else row
            self._cache[name][key] = self._dirty[name][key] = row
        return row

    def every(self, name: str) -> Iterator[tuple[Key, Row]]:
        """All rows of a table, in memory or not, in the order of their keys."""
        table = self._by_name[name]
        width = len(table.key)
        kept = ((values[:width], table.unpack(values)) for values in self.every_kept(table))
        return overlaid(kept, self._cache[name])


class Traced(Rows):
    """Rows that record for each row the indexes of the entries that changed it, in ``touched``."""

    def __init__(self, tables: Sequence[Table], history: History = no_history) -> None:
        super().__init__(tables, history)
        self.entry = 0
        """The index of the entry that is being folded; set by the caller."""
        self.touched: dict[tuple[str, Key], list[int]] = {}

    def put(self, name: str, key: Key, row: Row) -> None:
        """As `Rows.put`; records the entry."""
        super().put(name, key, row)
        self._note(name, key)

    def edit(self, name: str, key: Key, empty: Callable[[], Row]) -> Row:
        """As `Rows.edit`; records the entry."""
        self._note(name, key)
        return super().edit(name, key, empty)

    def add(self, name: str, values: tuple[Any, ...]) -> None:
        """As `Rows.add`; records the entry."""
        super().add(name, values)
        self._note(name, values[: len(self._by_name[name].key)])

    def _note(self, name: str, key: Key) -> None:
        self.touched.setdefault((name, key), []).append(self.entry)
