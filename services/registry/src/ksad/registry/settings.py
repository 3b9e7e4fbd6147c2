"""The registry's own settings."""

from __future__ import annotations

from ksad.chassis.settings import Settings


class RegistrySettings(Settings):
    """Nothing beyond what every service is told."""
