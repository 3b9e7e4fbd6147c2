"""The locations of a platform's databases and folders: in one data folder, or as settings say."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ksad.contracts.catalogue import Service

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ksad.chassis.blobs import Blobs
    from ksad.chassis.bucket_settings import BucketAccess
    from ksad.chassis.database import Database

SQLITE = "sqlite:///"
DRILL = "restore-drill.json"
"""The file beside the folder of keys in which restore drills are recorded."""
SERVICES = tuple(one.value for one in Service)


class MissingPartError(Exception):
    """A part of the platform is missing; the message says which, and what to set."""


class BrokenPartError(Exception):
    """A database is not as it should be; the message says which, what is wrong, and what to do."""


@contextmanager
def open_database(database: Database, service: str, *, make: bool = False) -> Iterator[Database]:
    """A service's database, which is closed at the end of the block.

    :param make: whether to create a missing SQLite file.
    :raises MissingPartError: the SQLite file is missing.
    :raises BrokenPartError: it is damaged, full or not to be reached; the message says which.
    """
    import sqlalchemy as sa  # noqa: PLC0415 - as below

    from ksad.chassis.database import wrong  # noqa: PLC0415 - as below

    if not make and database.file is not None and not database.file.exists():
        raise MissingPartError(
            f"no database of {service} here: {database.file} does not exist; "
            f"`python -m ksad.{service} migrate` makes one"
        )
    try:
        yield database
    except (sa.exc.OperationalError, sa.exc.InterfaceError) as error:
        raise BrokenPartError(wrong(error, database.where)) from error
    finally:
        database.close()


class Places(ABC):
    """The locations of the services' databases and documents, and of the folders of keys and of the published log."""

    @property
    @abstractmethod
    def keys(self) -> Path:
        """The folder of signing keys and records of what was signed last."""

    @property
    @abstractmethod
    def log(self) -> Path:
        """The folder of published checkpoints and tiles."""

    @abstractmethod
    def documents(self, service: str) -> Path:
        """The folder of a service's documents.

        :raises MissingPartError: its location is not known.
        """

    def blobs(self, service: str) -> Blobs:
        """Where a service's documents lie.

        :raises MissingPartError: it is not known.
        """
        from ksad.chassis.blobs import BlobFolder  # noqa: PLC0415 - as below

        return BlobFolder(self.documents(service))

    @abstractmethod
    def database_url(self, service: str) -> str:
        """The address of a service's database.

        :raises MissingPartError: it is not known.
        """

    @contextmanager
    def database(self, service: str, *, make: bool = False) -> Iterator[Database]:
        """Opens a service's database; it is closed at the end of the block.

        :param make: whether to create a missing SQLite file.
        :raises MissingPartError: its address is not known, or the SQLite file is missing.
        """
        # Most programs need the names only, and SQLAlchemy would be a third of what they import.
        from ksad.chassis.database import Database  # noqa: PLC0415 - as said above

        with open_database(Database(self.database_url(service)), service, make=make) as database:
            yield database


@dataclass(frozen=True)
class DataFolder(Places):
    """A platform on one machine, with everything in one folder."""

    root: Path

    @property
    def keys(self) -> Path:
        """The folder of signing keys and records of what was signed last."""
        return self.root / "keys"

    @property
    def log(self) -> Path:
        """The folder of published checkpoints and tiles."""
        return self.root / "log"

    def documents(self, service: str) -> Path:
        """The folder of a service's documents."""
        return self.root / "documents" / service

    def database_url(self, service: str) -> str:
        """The address of a service's database: ``KSAD_DATABASE_URL_<SERVICE>``, or else an SQLite file here."""
        chosen = os.environ.get(f"KSAD_DATABASE_URL_{service.upper()}")
        return chosen or f"{SQLITE}{self.root / service}.sqlite"


@dataclass(frozen=True)
class NamedPlaces(Places):
    """A platform whose locations come from settings; parts that are not configured are in no mapping."""

    database_urls: Mapping[str, str]
    document_folders: Mapping[str, Path]
    keys_dir: Path
    log_dir: Path
    bucket: BucketAccess | None = None

    @property
    def keys(self) -> Path:
        """The folder of signing keys and records of what was signed last."""
        return self.keys_dir

    @property
    def log(self) -> Path:
        """The folder of published checkpoints and tiles."""
        return self.log_dir

    def documents(self, service: str) -> Path:
        """The folder of a service's documents.

        :raises MissingPartError: it is not configured.
        """
        if service not in self.document_folders:
            raise MissingPartError(f"no documents of {service}: set KSAD_DOCUMENTS_DIR_{service.upper()}")
        return self.document_folders[service]

    def blobs(self, service: str) -> Blobs:
        """Where a service's documents lie: in the bucket of all services, if there is one.

        :raises MissingPartError: there is none, and no folder is configured.
        """
        if self.bucket is None:
            return super().blobs(service)
        from ksad.chassis.bucket import Bucket  # noqa: PLC0415 - as above

        return Bucket(self.bucket, service)

    def database_url(self, service: str) -> str:
        """The address of a service's database.

        :raises MissingPartError: it is not configured.
        """
        if service not in self.database_urls:
            raise MissingPartError(f"no database of {service}: set KSAD_DATABASE_URL_{service.upper()}")
        return self.database_urls[service]
