"""Where the parts of a platform lie: all below one data folder, or wherever the settings of a process say."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ksad.chassis.database import Database
from ksad.contracts.catalogue import Service

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SQLITE = "sqlite:///"
SERVICES = tuple(one.value for one in Service)


class MissingPartError(Exception):
    """A part of the platform is not where it was looked for; the message says which, and what to set."""


@contextmanager
def open_database(database: Database, service: str, *, make: bool = False) -> Iterator[Database]:
    """A service's database, closed when the block ends.

    :param make: an SQLite file that is not there is made.
    :raises MissingPartError: it is an SQLite file that is not there.
    """
    if not make and database.file is not None and not database.file.exists():
        raise MissingPartError(
            f"no database of {service} here: {database.file} does not exist; "
            f"`python -m ksad.{service} migrate` makes one"
        )
    try:
        yield database
    finally:
        database.close()


class Places(ABC):
    """Databases and documents of the services, and the folders of keys and of the published log."""

    @property
    @abstractmethod
    def keys(self) -> Path:
        """Signing keys and what was signed last."""

    @property
    @abstractmethod
    def log(self) -> Path:
        """Published heads and tiles."""

    @abstractmethod
    def documents(self, service: str) -> Path:
        """A service's content-addressed documents.

        :raises MissingPartError: nobody told where they are.
        """

    @abstractmethod
    def database_url(self, service: str) -> str:
        """The address of a service's database.

        :raises MissingPartError: nobody told where it is.
        """

    @contextmanager
    def database(self, service: str, *, make: bool = False) -> Iterator[Database]:
        """A service's database, opened.

        :param make: an SQLite file that is not there is made.
        :raises MissingPartError: nobody told where it is, or it is an SQLite file that is not there.
        """
        with open_database(Database(self.database_url(service)), service, make=make) as database:
            yield database


@dataclass(frozen=True)
class DataFolder(Places):
    """A platform on one machine: everything below one folder."""

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
        """A service's content-addressed documents."""
        return self.root / "documents" / service

    def database_url(self, service: str) -> str:
        """A service's database: ``KSAD_DATABASE_URL_<SERVICE>`` where set, else an SQLite file here."""
        chosen = os.environ.get(f"KSAD_DATABASE_URL_{service.upper()}")
        return chosen or f"{SQLITE}{self.root / service}.sqlite"


@dataclass(frozen=True)
class NamedPlaces(Places):
    """A platform whose parts lie where settings say; a database or a folder that is not named is in no mapping."""

    database_urls: Mapping[str, str]
    document_folders: Mapping[str, Path]
    keys_dir: Path
    log_dir: Path

    @property
    def keys(self) -> Path:
        """Signing keys and what was signed last."""
        return self.keys_dir

    @property
    def log(self) -> Path:
        """Published heads and tiles."""
        return self.log_dir

    def documents(self, service: str) -> Path:
        """A service's content-addressed documents.

        :raises MissingPartError: no setting names them.
        """
        if service not in self.document_folders:
            raise MissingPartError(f"no documents of {service}: set KSAD_DOCUMENTS_DIR_{service.upper()}")
        return self.document_folders[service]

    def database_url(self, service: str) -> str:
        """The address of a service's database.

        :raises MissingPartError: no setting names it.
        """
        if service not in self.database_urls:
            raise MissingPartError(f"no database of {service}: set KSAD_DATABASE_URL_{service.upper()}")
        return self.database_urls[service]
