"""The SQLite file of a replay, and the in-memory rows that are written to it."""

from __future__ import annotations

import sqlite3
from copy import deepcopy
from typing import TYPE_CHECKING, Any

from ksad.ledger.folds.rows import KeptRows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from ksad.ledger.folds.listed import Projection
    from ksad.ledger.folds.rows import History, Key, Row, Table


class ReplayRows(KeptRows):
    """Rows of which some are in memory and all others in the file, so that memory use does not grow with the log."""

    def __init__(self, tables: Sequence[Table], history: History, file: ReplayFile) -> None:
        super().__init__(tables, history)
        self.appended: dict[str, list[tuple[Any, ...]]] = {table.name: [] for table in tables}
        self._file = file
        self._spilled: set[str] = set()

    def kept(self, table: Table, key: Key) -> Row | None:
        """The row under a key as the file has it."""
        return self._file.row(table, key) if table.name in self._spilled else None

    def every_kept(self, table: Table) -> Iterable[tuple[Any, ...]]:
        """The rows that the file has, in the order of their keys."""
        return self._file.rows(table, table.key) if table.name in self._spilled else ()

    def add(self, name: str, values: tuple[Any, ...]) -> None:
        """Collects the columns of a row for the file."""
        self.appended[name].append(values)

    def spill(self) -> None:
        """Writes what has changed to the file, and forgets the rows of tables of which too many are held."""
        for table in self.tables:
            if len(self._cache[table.name]) > table.held_max:
                self.write(table)
                self._cache[table.name] = {}
                self._spilled.add(table.name)

    def write(self, table: Table) -> None:
        """Writes what has changed in a table to the file."""
        self._file.store(table, table.pack(self._dirty[table.name]))
        self._dirty[table.name] = {}


class UndoableRows(ReplayRows):
    """Rows that can undo all changes since they were last settled."""

    def __init__(self, tables: Sequence[Table], history: History, file: ReplayFile) -> None:
        super().__init__(tables, history, file)
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
            self._before[name, key] = deepcopy(super().get(name, key))

    def settle(self, *, undo: bool) -> None:
        """Keeps or undoes the changes since the last call."""
        if undo:
            for (name, key), row in self._before.items():
                if row is None:
                    self._cache[name].pop(key, None)
                    self._dirty[name].pop(key, None)
                else:
                    super().put(name, key, row)
            for name, length in self._lengths.items():
                del self.appended[name][length:]
        self._before.clear()
        self._lengths = {name: len(values) for name, values in self.appended.items()}


class ComparedRows(UndoableRows):
    """Rows that record, from one entry on, what each row was before and which entries have written it.

    Rows of append-only tables are kept from that entry on. Without ``undoable``, less is copied and changes cannot be
    undone.
    """

    def __init__(self, tables: Sequence[Table], history: History, file: ReplayFile, *, undoable: bool) -> None:
        super().__init__(tables, history, file)
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
        return ReplayRows.get(self, name, key)

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
            self.before[name, key] = deepcopy(self.now(name, key))

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
        self.projections = projections
        self._rows: dict[str, ReplayRows] = {}
        self._connection = sqlite3.connect(path)
        # A replay that fails removes its file, so nothing has to survive a crash.
        self._connection.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;")

    def begin(self, history: History, *, undoable: bool) -> dict[str, ReplayRows]:
        """Creates the tables, replacing earlier ones; returns empty rows for each projection, by its name."""
        kind = UndoableRows if undoable else ReplayRows
        self._rows = {one.name: kind(one.tables, history, self) for one in self.projections}
        self.create()
        return self._rows

    def create(self) -> None:
        """Creates the tables, replacing earlier ones."""
        for table in (table for one in self.projections for table in one.tables):
            columns = ", ".join(
                f"{column} {'INTEGER' if column in table.integers else 'TEXT'}" for column in table.all_columns
            )
            self._connection.execute(f"DROP TABLE IF EXISTS {table.name}")
            self._connection.execute(
                f"CREATE TABLE {table.name} ({columns}, PRIMARY KEY ({', '.join(table.key)})) WITHOUT ROWID"
            )

    def spool(self) -> None:
        """Writes the collected rows of append-only tables, and other rows where memory holds too many."""
        for rows in self._rows.values():
            for table in rows.tables:
                if rows.appended[table.name]:
                    self.store(table, rows.appended[table.name])
                    rows.appended[table.name].clear()
            if isinstance(rows, UndoableRows):
                rows.settle(undo=False)
            rows.spill()

    def write(self) -> None:
        """Writes all rows as they are now, and commits."""
        self.spool()
        for rows in self._rows.values():
            for table in rows.tables:
                rows.write(table)
        self._connection.commit()

    def row(self, table: Table, key: Key) -> Row | None:
        """The stored row under a key."""
        where = " AND ".join(f"{column} = ?" for column in table.key)
        query = f"SELECT {', '.join(table.all_columns)} FROM {table.name} WHERE {where}"  # noqa: S608 - names from the code
        values = self._connection.execute(query, key).fetchone()
        return None if values is None else table.unpack(values)

    def rows(self, table: Table, order: Sequence[str]) -> Iterator[tuple[Any, ...]]:
        """The stored rows of a table, by some expressions of SQL."""
        query = f"SELECT {', '.join(table.all_columns)} FROM {table.name} ORDER BY {', '.join(order)}"  # noqa: S608 - names from the code
        yield from self._connection.execute(query)

    def store(self, table: Table, packed: list[tuple[Any, ...]]) -> None:
        """Writes rows in the place of those with the same keys."""
        marks = ", ".join("?" * len(table.all_columns))
        columns = ", ".join(table.all_columns)
        packed.sort()
        self._connection.executemany(f"INSERT OR REPLACE INTO {table.name} ({columns}) VALUES ({marks})", packed)  # noqa: S608 - names from the code

    def close(self, *, keep: bool) -> None:
        """Closes the file; without ``keep`` it is deleted."""
        self._connection.close()
        if not keep:
            self._path.unlink(missing_ok=True)
