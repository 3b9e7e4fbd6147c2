"""Rows that a projection folds events into, in memory, and the shape of the tables that they stand in.

The same folds then answer for any prefix of the log; reporting keeps such rows in a database (its ``stored``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from operator import itemgetter
from typing import Any, NamedTuple

import orjson

Key = tuple[Any, ...]
Row = dict[str, Any]
Event = dict[str, Any]
History = Callable[[str, int], Iterable[Event]]
"""Gives the events of a stream up to and including an entry of the log; a stream with corrections is folded again."""


class Table(NamedTuple):
    """The shape of one projection table: key columns, plain columns, and columns that hold JSON.

    A table without update (``append_only``) is written and never read back while folding.
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
        """Every column, in the order in which rows are written and compared."""
        return (*self.key, *self.columns, *self.json)

    def pack(self, rows: Mapping[Key, Row]) -> list[tuple[Any, ...]]:
        """The rows as they are stored: JSON columns as sorted text."""
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
        """The row as folds see it, without its key."""
        start = len(self.key)
        row = dict(zip(self.columns, values[start:], strict=False))
        for column, text in zip(self.json, values[start + len(self.columns) :], strict=True):
            row[column] = orjson.loads(text)
        return row


def _values(columns: tuple[str, ...]) -> Callable[[Row], tuple[Any, ...]]:
    """What reads some columns of a row at once."""
    if len(columns) > 1:
        return itemgetter(*columns)
    if columns:
        only = columns[0]
        return lambda row: (row[only],)
    return lambda _: ()


def no_history(stream: str, until: int) -> Iterable[Event]:
    """The history of rows whose folds meet no correction."""
    raise LookupError(f"nobody kept the events of {stream} up to entry {until}")


class Rows:
    """The rows of one projection, in memory."""

    def __init__(self, tables: Sequence[Table], history: History = no_history) -> None:
        self.tables = tables
        self.history = history
        self._by_name = {table.name: table for table in tables}
        self._cache: dict[str, dict[Key, Row]] = {table.name: {} for table in tables}

    def get(self, name: str, key: Key) -> Row | None:
        """The row under a key, or None. Change it only together with :meth:`put`."""
        return self._cache[name].get(key)

    def put(self, name: str, key: Key, row: Row) -> None:
        """Set the row under a key."""
        self._cache[name][key] = row

    def edit(self, name: str, key: Key, empty: Callable[[], Row]) -> Row:
        """The row under a key, or an empty one, to be changed in place."""
        row = self._cache[name].get(key)
        if row is None:
            row = self._cache[name][key] = empty()
        return row

    def add(self, name: str, values: tuple[Any, ...]) -> None:
        """Append the columns of a row to a table that is only appended to."""
        table = self._by_name[name]
        self._cache[name][values[: len(table.key)]] = table.unpack(values)

    def every(self, name: str) -> Iterator[tuple[Key, Row]]:
        """All rows of a table, in key order."""
        yield from sorted(self._cache[name].items())


class Traced(Rows):
    """Rows that remember which entries of the log wrote each."""

    def __init__(self, tables: Sequence[Table], history: History = no_history) -> None:
        super().__init__(tables, history)
        self.entry = 0
        """The entry that is being folded."""
        self.touched: dict[tuple[str, Key], list[int]] = {}

    def put(self, name: str, key: Key, row: Row) -> None:
        """Set the row, and note the entry."""
        super().put(name, key, row)
        self._note(name, key)

    def edit(self, name: str, key: Key, empty: Callable[[], Row]) -> Row:
        """Give the row to be changed, and note the entry."""
        self._note(name, key)
        return super().edit(name, key, empty)

    def add(self, name: str, values: tuple[Any, ...]) -> None:
        """Append, and note the entry."""
        super().add(name, values)
        self._note(name, values[: len(self._by_name[name].key)])

    def _note(self, name: str, key: Key) -> None:
        self.touched.setdefault((name, key), []).append(self.entry)
