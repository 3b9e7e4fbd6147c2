"""Settings of the registry service."""

from __future__ import annotations

from ksad.chassis.settings import Settings


class RegistrySettings(Settings):
    """The settings of every service, and who lets days pass."""

    passes_days: bool = False
    """Whether the leader of the role calendar passes each day once it is over; otherwise `ksad pass-day` has to."""
