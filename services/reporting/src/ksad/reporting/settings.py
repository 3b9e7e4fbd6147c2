"""Reporting's own settings."""

from __future__ import annotations

from pathlib import Path

from ksad.chassis.settings import Settings


class ReportingSettings(Settings):
    """``keys_dir`` holds the signing keys of the logs and what was last signed: never inside the database.

    Heads and tiles are written to ``log_dir``, which is ``log`` beside ``keys_dir`` where it is not set. The feeds are
    published by a user of their own, whose seed is in ``feeds_nkey_seed_file``; where it is not set, by reporting's.
    """

    keys_dir: Path
    log_dir: Path | None = None
    checkpoint_seconds: float = 1.0
    feeds_nkey_seed_file: Path | None = None

    @property
    def published_dir(self) -> Path:
        """Where heads and tiles are written to."""
        return self.log_dir or self.keys_dir.parent / "log"
