"""Insert or replace (upsert) on both databases."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

if TYPE_CHECKING:
    from collections.abc import Sequence

UPSERT_ROWS_MAX = 500


def upsert(connection: sa.Connection, table: sa.Table, rows: Sequence[dict[str, Any]]) -> None:
    """Inserts rows, or replaces the non-key columns of those whose primary key exists. All rows have all columns."""
    for start in range(0, len(rows), UPSERT_ROWS_MAX):
        connection.execute(_upsert(table, connection.dialect.name), rows[start : start + UPSERT_ROWS_MAX])


@cache
def _upsert(table: sa.Table, dialect: str) -> sa.Executable:
    """The statement, built once: building it takes as long as executing it for one row."""
    insert = import_module(f"sqlalchemy.dialects.{dialect}").insert(table)
    keys = [column.name for column in table.primary_key]
    changed = {column.name: insert.excluded[column.name] for column in table.columns if column.name not in keys}
    statement: sa.Executable = (
        insert.on_conflict_do_update(index_elements=keys, set_=changed)
        if changed
        else insert.on_conflict_do_nothing(index_elements=keys)
    )
    return statement
