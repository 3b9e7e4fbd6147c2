"""Reporting's own settings."""

from __future__ import annotations

from pathlib import Path

from chassis.settings import Settings


class ReportingSettings(Settings):
    """``keys_dir`` holds the signing keys of the logs and what was last signed: never inside the database."""

    keys_dir: Path
    checkpoint_seconds: float = 1.0
