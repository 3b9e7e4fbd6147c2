"""Creates indexes and drops tables of generations, one statement to a transaction, so that others wait for one only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ksad.reporting.projections import generations
from ksad.reporting.projections.tables import index_names, missing_indexes, table_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ksad.chassis.database import Database
    from ksad.ledger.folds.listed import Projection
    from ksad.ledger.folds.rows import Table
    from ksad.reporting.projections.generations import Generation

SLICED_FROM = 200_000
"""Of a generation with more entries, SQLite would hold its lock for long to drop a table: it is emptied before."""
SLICE = 5_000


def index(database: Database, projections: Mapping[str, Projection], building: Sequence[Generation]) -> None:
    """Creates the secondary indexes of new generations.

    :raises ksad.reporting.projections.generations.MovedError: another rebuild works on one of them.
    """
    for one in building:
        for table in projections[one.name].tables:
            with database.read() as connection:
                generations.check_unmoved(connection, building)
                statements = missing_indexes(connection, table, one.number)
            for statement in statements:
                with database.write() as connection:
                    generations.check_unmoved(connection, building)
                    connection.exec_driver_sql(statement)


def sweep(database: Database, projections: Mapping[str, Projection]) -> None:
    """Drops the tables of generations that were given up."""
    with database.read() as connection:
        found = generations.dropping(connection)
    for one in found:
        for table in projections[one.name].tables if one.name in projections else ():
            _drop(database, table, one)
        with database.write() as connection:
            generations.forget(connection, one)


def _drop(database: Database, table: Table, generation: Generation) -> None:
    name = table_name(table, generation.number)
    if database.dialect == "sqlite" and generation.position > SLICED_FROM:
        for other in index_names(table, generation.number):
            _execute(database, f"DROP INDEX IF EXISTS {other}")
        key = ", ".join(table.key)
        while _execute(database, f"DELETE FROM {name} WHERE ({key}) IN (SELECT {key} FROM {name} LIMIT {SLICE})"):  # noqa: S608 - names from the code
            pass
    _execute(database, f"DROP TABLE IF EXISTS {name}")


def _execute(database: Database, statement: str) -> int:
    with database.write() as connection:
        return connection.exec_driver_sql(statement).rowcount
