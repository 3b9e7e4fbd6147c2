"""Supervision's own settings."""

from __future__ import annotations

from ksad.chassis.settings import Settings


class SupervisionSettings(Settings):
    """Nothing beyond what every service is told."""
