"""Reporting's own settings."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from pydantic import model_validator

from ksad.chassis.places import NamedPlaces, Places
from ksad.chassis.settings import DatabaseSettings, RefusedSettingError, Settings, database_fault


class StoresSettings(DatabaseSettings):
    """What ``reconcile`` is told: the addresses of the other services' databases too, which it only reads."""

    database_url_registry: str | None = None
    """The registry's database; reading is enough. For the verb reconcile only."""
    database_url_supervision: str | None = None
    """Supervision's database, in the same way."""

    @model_validator(mode="after")
    def _refuse_stores(self) -> Self:
        for name, url in (("REGISTRY", self.database_url_registry), ("SUPERVISION", self.database_url_supervision)):
            fault = None if url is None else database_fault(url, f"KSAD_DATABASE_URL_{name}")
            if fault is not None:
                raise RefusedSettingError(fault)
        return self

    def databases(self) -> dict[str, str]:
        """The addresses that are known, by service."""
        named = {
            "registry": self.database_url_registry,
            "supervision": self.database_url_supervision,
            "reporting": self.database_url,
        }
        return {service: url for service, url in named.items() if url}

    def places(self) -> Places:
        """Where the databases are; of folders these settings say nothing."""
        return NamedPlaces(self.databases(), {}, Path(), Path())


class KeepingSettings(StoresSettings):
    """What ``export`` and ``restore`` are told: the folders of keys, of the published log and of all documents too."""

    documents_dir: Path
    """The folder of reporting's documents, each named by its SHA-256."""
    documents_dir_registry: Path | None = None
    """The folder of the registry's documents. For the verbs export and restore only."""
    documents_dir_supervision: Path | None = None
    """The folder of supervision's documents, in the same way."""
    keys_dir: Path
    """The folder of the logs' signing keys, and of what each signed last."""
    log_dir: Path | None = None
    """The folder of published heads and tiles; log beside KSAD_KEYS_DIR if it is not set."""

    def places(self) -> Places:
        """Where the databases and the folders are."""
        named = {
            "registry": self.documents_dir_registry,
            "supervision": self.documents_dir_supervision,
            "reporting": self.documents_dir,
        }
        documents = {service: path for service, path in named.items() if path is not None}
        return NamedPlaces(self.databases(), documents, self.keys_dir, self.log_dir or self.keys_dir.parent / "log")


class ReportingSettings(Settings):
    """``keys_dir`` holds the signing keys of the logs and what was last signed: never inside the database.

    Heads and tiles are written to ``log_dir``, which is ``log`` beside ``keys_dir`` where it is not set. The feeds are
    published by a user of their own, whose seed is in ``feeds_nkey_seed_file``; where it is not set, by reporting's.
    """

    keys_dir: Path
    """The folder with the signing keys of the logs and with what was signed last: never inside the database."""
    log_dir: Path | None = None
    """The folder that heads and tiles are published in; `log` beside the folder of keys where it is not set."""
    checkpoint_seconds: float = 1.0
    """Seconds between two signings of a log that grows, at the least."""
    feeds_nkey_seed_file: Path | None = None
    """The seed of the broker's user who publishes the feeds; reporting's own where it is not set."""

    @property
    def published_dir(self) -> Path:
        """Where heads and tiles are written to."""
        return self.log_dir or self.keys_dir.parent / "log"
