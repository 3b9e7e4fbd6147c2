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
