"""A lock on a store that somebody else keeps."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

import psycopg


@contextmanager
def locked(url: str) -> Iterator[None]:
    """Somebody keeps all writers out."""
    if url.startswith("sqlite:///"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)) as holder:
            holder.execute("BEGIN IMMEDIATE")
            yield
    else:
        with psycopg.connect(url) as holder:
            holder.execute("LOCK TABLE stored_events IN SHARE UPDATE EXCLUSIVE MODE")
            yield
            holder.rollback()
