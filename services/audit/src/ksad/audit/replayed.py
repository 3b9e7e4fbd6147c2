"""The SQLite file of a replay, and the in-memory rows that are written to it."""

from __future__ import annotations

import sqlite3
from copy import deepcopy
from typing import TYPE_CHECKING, Any

from ksad.ledger.folds.rows import Rows

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from ksad.ledger.folds.listed import Projection
    from ksad.ledger.folds.rows import History, Key, Row, Table


class ReplayRows(Rows):
    """In-memory rows. Rows of append-only tables are collected for the file, so that memory use does not grow."""

    def __init__(self, tables: Sequence[Table], history: History) -> None:
        super().__init__(tables, history)
        self.appended: dict[str, list[tuple[Any, ...]]] = {table.name: [] for table in tables}

    def add(self, name: str, values: tuple[Any, ...]) -> None:
        """Collects the columns of a row for the file."""
        self.appended[name].append(values)

    def packed(self, table: Table) -> list[tuple[Any, ...]]:
        """The rows of a table in stored form."""
        return table.pack(self._cache[table.name])


class UndoableRows(ReplayRows):
    """Rows that can undo all changes since they were last settled."""

    def __init__(self, tables: Sequence[Table], history: History) -> None:
        super().__init__(tables, history)
        self._before: dict[tuple[str, Key], Row | None] = {}
        self._lengths = dict.fromkeys(self.appended, 0)

    def get(self, name: str, key: Key) -> Row | None:
        """The row under a key, or ``None``."""
        self._remember(name, key)
        return super().get(name, key)

    def put(self, name: str, key: Key, row: Row) -> None:
        """Sets the row under a key."""
        self._remember(name, key)
        super().put(name, key, row)

    def edit(self, name: str, key: Key, empty: Callable[[], Row]) -> Row:
        """The row under a key, created by ``empty`` if there is none; the caller changes it in place."""
        self._remember(name, key)
        return super().edit(name, key, empty)

    def _remember(self, name: str, key: Key) -> None:
        if (name, key) not in self._before:
            self._before[name, key] = deepcopy(self._cache[name].get(key))

    def settle(self, *, undo: bool) -> None:
        """Keeps or undoes the changes since the last call."""
        if undo:
            for (name, key), row in self._before.items():
                if row is None:
                    self._cache[name].pop(key, None)
                else:
                    self._cache[name][key] = row
            for name, length in self._lengths.items():
                del self.appended[name][length:]
        self._before.clear()
        self._lengths = {name: len(values) for name, values in self.appended.items()}


class ComparedRows(UndoableRows):
    """Rows that record, from one entry on, what each row was before and which entries have written it.

    Rows of append-only tables are kept from that entry on. Without ``undoable``, less is copied and changes cannot be
    undone.
    """

    def __init__(self, tables: Sequence[Table], history: History, *, undoable: bool) -> None:
        super().__init__(tables, history)
        self.before: dict[tuple[str, Key], Row | None] = {}
        self.touched: dict[tuple[str, Key], list[int]] = {}
        self._undoable = undoable
        self._compared = False
        self._entry = 0

    def begin(self, entry: int, *, compared: bool) -> None:
        """Announces the next entry. ``compared`` says whether it lies between the two days."""
        self._entry, self._compared = entry, compared

    def now(self, name: str, key: Key) -> Row | None:
        """The present row under a key."""
        return self._cache[name].get(key)

    def put(self, name: str, key: Key, row: Row) -> None:
        """Sets the row, and records the entry."""
        super().put(name, key, row)
        self._touch(name, key)

    def edit(self, name: str, key: Key, empty: Callable[[], Row]) -> Row:
        """As `Rows.edit`; records the entry."""
        row = super().edit(name, key, empty)
        self._touch(name, key)
        return row

    def add(self, name: str, values: tuple[Any, ...]) -> None:
        """Adds a row between the two days. Rows added before are dropped, because folds do not read them."""
        if self._compared:
            table = self._by_name[name]
            self.put(name, values[: len(table.key)], table.unpack(values))

    def settle(self, *, undo: bool) -> None:
        """Keeps or undoes the changes of the entry."""
        if undo:
            for place in self._before:
                if self.touched.get(place, [])[-1:] == [self._entry]:
                    self.touched[place].pop()
        super().settle(undo=undo)

    def _remember(self, name: str, key: Key) -> None:
        if self._undoable:
            super()._remember(name, key)
        if self._compared and (name, key) not in self.before:
            self.before[name, key] = deepcopy(self._cache[name].get(key))

    def _touch(self, name: str, key: Key) -> None:
        if self._compared:
            entries = self.touched.setdefault((name, key), [])
            if entries[-1:] != [self._entry]:
                entries.append(self._entry)


class ReplayFile:
    """A new SQLite file with one table per table of the projections."""

    def __init__(self, path: Path, projections: Sequence[Projection]) -> None:
        """:raises FileExistsError: the file exists."""
        if path.exists():
            raise FileExistsError(f"{path} is there already: name a new file")
        self._path = path
        self._projections = projections
        self._rows: dict[str, ReplayRows] = {}
        self._connection = sqlite3.connect(path)
        # A replay that fails removes its file, so nothing has to survive a crash.
        self._connection.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;")

    def begin(self, history: History, *, undoable: bool) -> dict[str, ReplayRows]:
        """Creates the tables, replacing earlier ones; returns empty rows for each projection, by its name."""
        kind = UndoableRows if undoable else ReplayRows
        self._rows = {one.name: kind(one.tables, history) for one in self._projections}
        for table in self._tables():
            columns = ", ".join(
                f"{column} {'INTEGER' if column in table.integers else 'TEXT'}" for column in table.all_columns
            )
            self._connection.execute(f"DROP TABLE IF EXISTS {table.name}")
            self._connection.execute(
                f"CREATE TABLE {table.name} ({columns}, PRIMARY KEY ({', '.join(table.key)})) WITHOUT ROWID"
            )
        return self._rows

    def _tables(self) -> list[Table]:
        return [table for one in self._projections for table in one.tables]

    def spool(self) -> None:
        """Writes the collected rows of append-only tables."""
        for rows in self._rows.values():
            for table in rows.tables:
                if rows.appended[table.name]:
                    self._insert(table, rows.appended[table.name])
                    rows.appended[table.name].clear()
            if isinstance(rows, UndoableRows):
                rows.settle(undo=False)

    def write(self) -> None:
        """Writes all rows as they are now, and commits."""
        self.spool()
        for rows in self._rows.values():
            for table in rows.tables:
                if not table.append_only:
                    self._connection.execute(f"DELETE FROM {table.name}")  # noqa: S608 - names from the code
                    self._insert(table, rows.packed(table))
        self._connection.commit()

    def rows(self, table: Table) -> list[tuple[Any, ...]]:
        """The stored rows of a table, in no particular order."""
        query = f"SELECT {', '.join(table.all_columns)} FROM {table.name}"  # noqa: S608 - names from the code
        return self._connection.execute(query).fetchall()

    def _insert(self, table: Table, packed: list[tuple[Any, ...]]) -> None:
        marks = ", ".join("?" * len(table.all_columns))
        columns = ", ".join(table.all_columns)
        packed.sort()
        self._connection.executemany(f"INSERT INTO {table.name} ({columns}) VALUES ({marks})", packed)  # noqa: S608 - names from the code

    def close(self, *, keep: bool) -> None:
        """Closes the file; without ``keep`` it is deleted."""
        self._connection.close()
        if not keep:
            self._path.unlink(missing_ok=True)
