"""Settings of the reporting service and its commands."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from pydantic import model_validator

from ksad.chassis.blobs import blobs_of
from ksad.chassis.bucket_settings import BucketSettings
from ksad.chassis.documents import Documents
from ksad.chassis.environment import RefusedSettingError
from ksad.chassis.places import NamedPlaces, Places
from ksad.chassis.settings import DatabaseSettings, Settings, database_fault


class StoresSettings(DatabaseSettings):
    """Settings of ``reconcile``: the databases of the other services as well, which are only read."""

    database_url_registry: str | None = None
    """The registry's database, for the command reconcile only; permission to read is enough."""
    database_url_supervision: str | None = None
    """Supervision's database, for the command reconcile only; permission to read is enough."""

    @model_validator(mode="after")
    def _refuse_stores(self) -> Self:
        for name, url in (("REGISTRY", self.database_url_registry), ("SUPERVISION", self.database_url_supervision)):
            fault = None if url is None else database_fault(url, f"KSAD_DATABASE_URL_{name}")
            if fault is not None:
                raise RefusedSettingError(fault)
        return self

    def databases(self) -> dict[str, str]:
        """The known database addresses by service."""
        named = {
            "registry": self.database_url_registry,
            "supervision": self.database_url_supervision,
            "reporting": self.database_url,
        }
        return {service: url for service, url in named.items() if url}

    def places(self) -> Places:
        """The places of the databases. Folders are not part of these settings."""
        return NamedPlaces(self.databases(), {}, Path(), Path())


class KeepingSettings(StoresSettings, BucketSettings):
    """Settings of ``export`` and ``restore``: also the folders of keys, of the published log and of all documents."""

    documents_dir: Path
    """The folder of reporting's documents; each file is named by its SHA-256."""
    documents_dir_registry: Path | None = None
    """The folder of the registry's documents, for the commands export and restore only."""
    documents_dir_supervision: Path | None = None
    """The folder of supervision's documents, for the commands export and restore only."""
    keys_dir: Path
    """The folder of the logs' signing keys and of the record of what each log signed last."""
    log_dir: Path | None = None
    """The folder of published heads and tiles; log beside KSAD_KEYS_DIR if it is not set."""
    platform: str | None = None
    """The platform's name, for the verb restore: it refuses the archive of another one."""
    signs_alone: bool = False
    """Whether no other machine has the signing keys; only then does export sign what stopped services left unsigned."""

    def places(self) -> Places:
        """The places of the databases and folders."""
        named = {
            "registry": self.documents_dir_registry,
            "supervision": self.documents_dir_supervision,
            "reporting": self.documents_dir,
        }
        documents = {service: path for service, path in named.items() if path is not None}
        log = self.log_dir or self.keys_dir.parent / "log"
        return NamedPlaces(self.databases(), documents, self.keys_dir, log, self.bucket())


class ReportingSettings(Settings):
    """Settings of the running service."""

    keys_dir: Path
    """The folder of the logs' signing keys and of the record of what was signed last; must be outside the database."""
    log_dir: Path | None = None
    """The folder in which checkpoints and tiles are published; default: the folder log beside the folder of keys."""
    checkpoint_seconds: float = 1.0
    """The least number of seconds between two checkpoints of a growing log."""
    documents_dir_registry: Path | None = None
    """The folder of the registry's documents, for provinces that read what their feed cites; reading is enough."""
    documents_dir_supervision: Path | None = None
    """The folder of supervision's documents, in the same way."""
    feeds_nkey_seed_file: Path | None = None
    """The file with the seed (NKey) of the broker's user that publishes the feeds; default: the service's own user."""

    def readable_documents(self) -> tuple[Documents, ...]:
        """The documents that are readable here, this service's own first; of a bucket those of all services."""
        folders = {
            "reporting": self.documents_dir,
            "registry": self.documents_dir_registry,
            "supervision": self.documents_dir_supervision,
        }
        known = {name: folder for name, folder in folders.items() if folder is not None or self.documents_bucket}
        return tuple(
            Documents(folder or self.documents_dir, blobs=blobs_of(self, name, folder or self.documents_dir))
            for name, folder in known.items()
        )

    @property
    def published_dir(self) -> Path:
        """The folder in which checkpoints and tiles are published."""
        return self.log_dir or self.keys_dir.parent / "log"
