"""Rows that a projection folds events into: a cache over one generation's tables, written back in batches.

Within a batch each row is read at most once and written at most once, however many events touch it. Without a
connection the rows live in memory only: the same folds then answer for any prefix of the journal.
"""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson
import sqlalchemy as sa

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

CACHED_ROWS_MAX = 300_000

Key = tuple[Any, ...]
Row = dict[str, Any]
Event = dict[str, Any]
History = "Callable[[str, int], Iterable[Event]]"


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

    def at(self, generation: int) -> str:
        """The SQL table of a generation."""
        return f"{self.name}_g{generation}"

    def create(self, connection: sa.Connection, generation: int) -> None:
        """Create the table; on PostgreSQL what is only appended to gets its key with the other indexes."""
        keyed = not self.append_only or connection.dialect.name == "sqlite"
        self.sql(generation, sa.MetaData(), keyed=keyed).create(connection)

    def sql(self, generation: int, metadata: sa.MetaData, *, keyed: bool = True) -> sa.Table:
        """The SQLAlchemy table of a generation."""
        name = self.at(generation)
        if name in metadata.tables:
            return metadata.tables[name]
        columns = [
            sa.Column(
                column,
                sa.BigInteger if column in self.integers else sa.Text,
                primary_key=keyed and column in self.key,
                nullable=column not in self.key,
                autoincrement=False,
            )
            for column in self.all_columns
        ]
        return sa.Table(name, metadata, *columns, sqlite_with_rowid=False)

    def make_indexes(self, connection: sa.Connection, generation: int) -> None:
        """Make the indexes that a rebuild does without, and so writes twice as fast."""
        name = self.at(generation)
        if not sa.inspect(connection).get_pk_constraint(name)["constrained_columns"]:
            connection.exec_driver_sql(f"ALTER TABLE {name} ADD PRIMARY KEY ({', '.join(self.key)})")
        for number, index in enumerate(self.indexes):
            columns = ", ".join(index)
            connection.exec_driver_sql(f"CREATE INDEX IF NOT EXISTS {name}_i{number} ON {name} ({columns})")

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


class Rows:
    """The rows of one projection at one generation, or in memory."""

    def __init__(self, tables: Sequence[Table], generation: int = 0, *, fresh: bool = True) -> None:
        """:param fresh: the tables are empty, so a row that is not cached does not exist."""
        self.tables = tables
        self.generation = generation
        self._fresh = fresh
        self._cache: dict[str, dict[Key, Row]] = {table.name: {} for table in tables}
        self._dirty: dict[str, dict[Key, Row]] = {table.name: {} for table in tables}
        self._stored: dict[str, set[Key]] = {table.name: set() for table in tables}
        self._connection: sa.Connection | None = None
        self._by_name = {table.name: table for table in tables}
        self._added: dict[str, list[tuple[Any, ...]]] = {table.name: [] for table in tables}
        self.history: Any = None

    @property
    def connection(self) -> sa.Connection:
        """The transaction that the rows are bound to."""
        assert self._connection is not None  # noqa: S101 - asked only while folding into a database
        return self._connection

    def bind(self, connection: sa.Connection | None) -> None:
        """Read and write through this transaction from now on."""
        self._connection = connection

    def get(self, name: str, key: Key) -> Row | None:
        """The row under a key, or None. Change it only together with :meth:`put`."""
        row = self._cache[name].get(key)
        if row is None and not self._fresh and self._connection is not None:
            row = self._select(self._by_name[name], key)
            if row is not None:
                self._cache[name][key] = row
        return row

    def put(self, name: str, key: Key, row: Row) -> None:
        """Write a row at the end of the batch."""
        self._cache[name][key] = self._dirty[name][key] = row

    def edit(self, name: str, key: Key, empty: Callable[[], Row]) -> Row:
        """The row under a key, or an empty one, to be changed in place and written at the end of the batch."""
        row = self._dirty[name].get(key)
        if row is None:
            row = self.get(name, key)
            self._dirty[name][key] = row = empty() if row is None else row
            self._cache[name][key] = row
        return row

    def add(self, name: str, values: tuple[Any, ...]) -> None:
        """Write the columns of a row at the end of the batch; its table is only appended to."""
        if self._connection is not None:
            self._added[name].append(values)
        else:
            table = self._by_name[name]
            self._cache[name][values[: len(table.key)]] = table.unpack(values)

    def every(self, name: str) -> Iterator[tuple[Key, Row]]:
        """All rows of a small table, written or not, in key order."""
        table = self._by_name[name]
        found = dict(self._cache[name])
        if not self._fresh and self._connection is not None:
            columns = ", ".join(table.all_columns)
            query = f"SELECT {columns} FROM {table.at(self.generation)}"  # noqa: S608 - names from the code
            for values in self._connection.exec_driver_sql(query):
                found.setdefault(tuple(values[: len(table.key)]), table.unpack(values))
        yield from sorted(found.items())

    def _select(self, table: Table, key: Key) -> Row | None:
        assert self._connection is not None  # noqa: S101 - guarded by the caller
        mark = "?" if self._connection.dialect.name == "sqlite" else "%s"
        where = " AND ".join(f"{column} = {mark}" for column in table.key)
        query = f"SELECT {', '.join(table.all_columns)} FROM {table.at(self.generation)} WHERE {where}"  # noqa: S608 - as above
        values = self._connection.exec_driver_sql(query, key).one_or_none()
        return None if values is None else table.unpack(values)

    def flush(self) -> None:
        """Write what changed through the bound connection."""
        for table in self.tables:
            dirty, added = self._dirty[table.name], self._added[table.name]
            if self._connection is not None and dirty:
                self._store(self._connection, table, dirty)
            if self._connection is not None and added:
                _write(self._connection, table, self.generation, added, insert_only=True)
            self._dirty[table.name], self._added[table.name] = {}, []
            if len(self._cache[table.name]) > CACHED_ROWS_MAX:
                self._cache[table.name] = {}
                self._fresh = False

    def _store(self, connection: sa.Connection, table: Table, dirty: dict[Key, Row]) -> None:
        """Insert what cannot be there yet, and replace the rest."""
        if self._fresh:
            stored = self._stored[table.name]
            new = {key: row for key, row in dirty.items() if key not in stored}
            old = {key: row for key, row in dirty.items() if key in stored}
            stored.update(new)
        else:
            new, old = {}, dirty
        for rows, insert_only in ((new, True), (old, False)):
            if rows:
                _write(connection, table, self.generation, table.pack(rows), insert_only=insert_only)

    def forget(self) -> None:
        """Drop what was folded and not committed, after a failed transaction."""
        self._cache = {table.name: {} for table in self.tables}
        self._dirty = {table.name: {} for table in self.tables}
        self._added = {table.name: [] for table in self.tables}
        self._stored = {table.name: set() for table in self.tables}
        self._fresh = False


class Traced(Rows):
    """Rows in memory that remember which entries of the journal wrote each."""

    def __init__(self, tables: Sequence[Table]) -> None:
        super().__init__(tables)
        self.entry = 0
        """The entry that is being folded."""
        self.touched: dict[tuple[str, Key], list[int]] = {}

    def put(self, name: str, key: Key, row: Row) -> None:
        """Write, and note the entry."""
        super().put(name, key, row)
        self._note(name, key)

    def edit(self, name: str, key: Key, empty: Callable[[], Row]) -> Row:
        """Give the row to be changed, and note the entry."""
        self._note(name, key)
        return super().edit(name, key, empty)

    def add(self, name: str, values: tuple[Any, ...]) -> None:
        """Write, and note the entry."""
        super().add(name, values)
        self._note(name, values[: len(self._by_name[name].key)])

    def _note(self, name: str, key: Key) -> None:
        self.touched.setdefault((name, key), []).append(self.entry)


def _write(
    connection: sa.Connection, table: Table, generation: int, packed: list[tuple[Any, ...]], *, insert_only: bool
) -> None:
    packed.sort()  # by key: neighbours share a page
    name, columns = table.at(generation), ", ".join(table.all_columns)
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
        target = f"pending_{name}"
        cursor.execute(f"CREATE TEMP TABLE IF NOT EXISTS {target} (LIKE {name}) ON COMMIT DELETE ROWS")
        cursor.execute(f"TRUNCATE {target}")
    with cursor.copy(f"COPY {target} ({columns}) FROM STDIN") as copy:
        for values in packed:
            copy.write_row(values)
    if not insert_only:
        cursor.execute(f"INSERT INTO {name} ({columns}) SELECT {columns} FROM {target}{conflict}")  # noqa: S608 - as above
