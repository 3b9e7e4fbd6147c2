"""Settings of the supervision service."""

from __future__ import annotations

from ksad.chassis.settings import Settings


class SupervisionSettings(Settings):
    """The settings of every service; supervision has no others."""
