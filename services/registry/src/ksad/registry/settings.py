"""Settings of the registry service."""

from __future__ import annotations

from ksad.chassis.settings import Settings


class RegistrySettings(Settings):
    """The settings of every service; the registry has no others."""
