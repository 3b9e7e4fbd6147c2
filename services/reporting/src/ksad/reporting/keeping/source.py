"""The data folder of a platform, as an auditor opens it: databases, documents, keys and the published log."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

import orjson
import sqlalchemy as sa

from ksad.chassis.database import Database

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SERVICES = ("registry", "supervision", "reporting")


class SourceError(Exception):
    """The folder is not that of a platform; the message says what is missing."""


class Source(NamedTuple):
    """Paths below ``--data-dir``."""

    root: Path

    @property
    def keys(self) -> Path:
        """Signing keys and what was signed last."""
        return self.root / "keys"

    @property
    def log(self) -> Path:
        """Published heads and tiles."""
        return self.root / "log"

    def documents(self, service: str) -> Path:
        """A service's documents."""
        return self.root / "documents" / service

    def url(self, service: str) -> str:
        """A service's database: ``KSAD_DATABASE_URL_<SERVICE>`` where set, else an SQLite file here."""
        return os.environ.get(f"KSAD_DATABASE_URL_{service.upper()}") or f"sqlite:///{self.root / service}.sqlite"

    @contextmanager
    def database(self, service: str, *, make: bool = False) -> Iterator[Database]:
        """A service's database.

        :raises SourceError: it is an SQLite file that is not there, and ``make`` does not ask for a new one.
        """
        url = self.url(service)
        if not make and url.startswith("sqlite:///") and not os.path.exists(url.removeprefix("sqlite:///")):  # noqa: PTH110 - a path out of a URL
            raise SourceError(f"{self.root}: no database of {service} here; --data-dir is what `ksad up` was given")
        database = Database(url)
        try:
            yield database
        finally:
            database.close()


def platform_of(connection: sa.Connection) -> str:
    """The platform's name, as the first entry of the journal bears it.

    :raises SourceError: the journal is empty.
    """
    raw = connection.execute(sa.text("SELECT raw FROM journal WHERE entry = 0")).scalar()
    if raw is None:
        raise SourceError("the journal is empty: there is nothing to audit yet")
    platform: str = orjson.loads(bytes(raw))["source"].split(":")[2]
    return platform
