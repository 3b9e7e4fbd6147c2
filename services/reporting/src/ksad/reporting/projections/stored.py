"""Rows of a projection in the database: a write-back cache over the tables of one generation.

Within a batch each row is read at most once and written at most once, however many events change it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ksad.ledger.folds.folding import Fold
from ksad.ledger.folds.rows import KeptRows
from ksad.reporting.projections.comparing import stored_rows
from ksad.reporting.projections.tables import table_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import sqlalchemy as sa

    from ksad.ledger.folds.listed import Projection
    from ksad.ledger.folds.rows import History, Key, Row, Table
    from ksad.reporting.projections.generations import Generation


class StoredRows(KeptRows):
    """The rows of one generation of a projection, bound to one transaction at a time."""

    def __init__(self, tables: Sequence[Table], generation: int, history: History, *, fresh: bool) -> None:
        """:param fresh: the tables are empty, so that a row outside the cache does not exist and is not looked up."""
        super().__init__(tables, history)
        self.generation = generation
        self._fresh = {table.name for table in tables} if fresh else set()
        self._stored: dict[str, set[Key]] = {table.name: set() for table in tables}
        self._added: dict[str, list[tuple[Any, ...]]] = {table.name: [] for table in tables}
        self._connection: sa.Connection | None = None

    @property
    def connection(self) -> sa.Connection:
        """The connection of the transaction that the rows are bound to."""
        assert self._connection is not None  # noqa: S101 - asked only while folding into a database
        return self._connection

    def bind(self, connection: sa.Connection) -> None:
        """Sets the transaction for further reads and writes."""
        self._connection = connection

    def kept(self, table: Table, key: Key) -> Row | None:
        """The row under a key as the database has it; a table that began empty is not asked."""
        return None if table.name in self._fresh else self._select(table, key)

    def every_kept(self, table: Table) -> Iterable[tuple[Any, ...]]:
        """The rows that the database has, in the order of their keys."""
        return () if table.name in self._fresh else stored_rows(self.connection, table, self.generation, table.key)

    def add(self, name: str, values: tuple[Any, ...]) -> None:
        """Adds a row to an append-only table; it is written at the end of the batch."""
        self._added[name].append(values)

    def _select(self, table: Table, key: Key) -> Row | None:
        mark = "?" if self.connection.dialect.name == "sqlite" else "%s"
        where = " AND ".join(f"{column} = {mark}" for column in table.key)
        name = table_name(table, self.generation)
        query = f"SELECT {', '.join(table.all_columns)} FROM {name} WHERE {where}"  # noqa: S608 - names from the code
        values = self.connection.exec_driver_sql(query, key).one_or_none()
        return None if values is None else table.unpack(values)

    def flush(self) -> None:
        """Writes all changes through the bound transaction."""
        for table in self.tables:
            dirty, added = self._dirty[table.name], self._added[table.name]
            if dirty:
                self._store(table, dirty)
            if added:
                write_rows(self.connection, table, self.generation, added, insert_only=True)
            self._dirty[table.name], self._added[table.name] = {}, []
            if len(self._cache[table.name]) > table.held_max:
                self._cache[table.name], self._stored[table.name] = {}, set()
                self._fresh.discard(table.name)

    def _store(self, table: Table, dirty: dict[Key, Row]) -> None:
        """Inserts rows that cannot exist yet, which is faster, and inserts or replaces the others."""
        if table.name in self._fresh:
            stored = self._stored[table.name]
            new = {key: row for key, row in dirty.items() if key not in stored}
            old = {key: row for key, row in dirty.items() if key in stored}
            stored.update(new)
        else:
            new, old = {}, dirty
        for rows, insert_only in ((new, True), (old, False)):
            if rows:
                write_rows(self.connection, table, self.generation, table.pack(rows), insert_only=insert_only)

    def forget(self) -> None:
        """Discards all cached rows, after a failed transaction."""
        self._cache = {table.name: {} for table in self.tables}
        self._dirty = {table.name: {} for table in self.tables}
        self._added = {table.name: [] for table in self.tables}
        self._stored = {table.name: set() for table in self.tables}
        self._fresh = set()


class StoredFold(Fold):
    """A projection with the stored rows of one generation."""

    rows: StoredRows

    def __init__(self, projection: Projection, generation: Generation, history: History) -> None:
        rows = StoredRows(projection.tables, generation.number, history, fresh=generation.position == 0)
        super().__init__(projection, rows)
        self.generation = generation


def write_rows(
    connection: sa.Connection, table: Table, generation: int, packed: list[tuple[Any, ...]], *, insert_only: bool
) -> None:
    """Writes rows of a generation, which it sorts.

    :param insert_only: no row has the key of one that is stored; otherwise those are replaced.
    """
    packed.sort()  # by key, so that neighbouring rows are written to the same page
    name, columns = table_name(table, generation), ", ".join(table.all_columns)
    rest = [column for column in table.all_columns if column not in table.key]
    change = ", ".join(f"{column} = excluded.{column}" for column in rest)
    conflict = "" if insert_only else f" ON CONFLICT ({', '.join(table.key)}) DO UPDATE SET {change}"
    if connection.dialect.name == "sqlite":
        marks = ", ".join("?" * len(table.all_columns))
        connection.exec_driver_sql(f"INSERT INTO {name} ({columns}) VALUES ({marks}){conflict}", packed)  # noqa: S608 - names from the code
        return
    cursor = connection.connection.cursor()
    target = name
    if not insert_only:
        # COPY is the fastest way to write many rows, but cannot replace any; so they go through a temporary table.
        target = f"pending_{name}"
        cursor.execute(f"CREATE TEMP TABLE IF NOT EXISTS {target} (LIKE {name}) ON COMMIT DELETE ROWS")
        cursor.execute(f"TRUNCATE {target}")
    with cursor.copy(f"COPY {target} ({columns}) FROM STDIN") as copy:
        for values in packed:
            copy.write_row(values)
    if not insert_only:
        cursor.execute(f"INSERT INTO {name} ({columns}) SELECT {columns} FROM {target}{conflict}")  # noqa: S608 - as above
