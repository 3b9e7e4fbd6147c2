"""The SQL tables of projections, one set per generation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

if TYPE_CHECKING:
    from ksad.ledger.folds.rows import Table


TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
"""In the order of bytes on both databases: in the language of a database, an index serves no range and no page."""


def table_name(table: Table, generation: int) -> str:
    """The name of the SQL table for a generation of a projection's table."""
    return f"{table.name}_g{generation}"


def sql_table(table: Table, generation: int, metadata: sa.MetaData, *, keyed: bool = True) -> sa.Table:
    """The SQLAlchemy table of a generation.

    :param keyed: whether it has its primary key.
    """
    name = table_name(table, generation)
    if name in metadata.tables:
        return metadata.tables[name]
    columns = [
        sa.Column(
            column,
            sa.BigInteger if column in table.integers else TEXT,
            primary_key=keyed and column in table.key,
            nullable=column not in table.key,
            autoincrement=False,
        )
        for column in table.all_columns
    ]
    # WITHOUT ROWID stores rows in the order of their keys; otherwise the key would be a second index.
    return sa.Table(name, metadata, *columns, sqlite_with_rowid=False)


def create_table(connection: sa.Connection, table: Table, generation: int) -> None:
    """Creates the table of a generation. On PostgreSQL, append-only tables get their primary key later."""
    keyed = not table.append_only or connection.dialect.name == "sqlite"
    sql_table(table, generation, sa.MetaData(), keyed=keyed).create(connection)


def missing_indexes(connection: sa.Connection, table: Table, generation: int) -> list[str]:
    """The statements that create what a table lacks of its indexes and its primary key.

    A rebuild writes twice as fast without them.
    """
    name = table_name(table, generation)
    found = []
    if not sa.inspect(connection).get_pk_constraint(name)["constrained_columns"]:
        found.append(f"ALTER TABLE {name} ADD PRIMARY KEY ({', '.join(table.key)})")
    for index, columns in zip(index_names(table, generation), table.indexes, strict=True):
        found.append(f"CREATE INDEX IF NOT EXISTS {index} ON {name} ({', '.join(columns)})")
    return found


def index_names(table: Table, generation: int) -> list[str]:
    """The names of the secondary indexes of a table."""
    return [f"{table_name(table, generation)}_i{number}" for number in range(len(table.indexes))]
