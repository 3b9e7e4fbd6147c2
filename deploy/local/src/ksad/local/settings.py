"""Settings of the commands that work on several machines."""

from __future__ import annotations

from pathlib import Path

from ksad.chassis.broker_settings import BrokerSettings


class ProvisioningSettings(BrokerSettings):
    """Settings of ``ksad cluster provision``. ``KSAD_NATS_NKEY_SEED_FILE`` is of a user that may make streams."""

    provision_feeds_nkey_seed_file: Path | None = None
    """The file with the seed of the user that may make the feeds' stream, in their account; default: the other user."""
