"""Settings of the commands that work on several machines."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from pydantic import field_validator

from ksad.chassis.broker_settings import BrokerSettings
from ksad.chassis.environment import EnvironmentSettings, RefusedSettingError


class ProvisioningSettings(BrokerSettings):
    """Settings of ``ksad cluster provision``. ``KSAD_NATS_NKEY_SEED_FILE`` is of a user that may make streams."""

    provision_feeds_nkey_seed_file: Path | None = None
    """The file with the seed of the user that may make the feeds' stream, in their account; default: the other user."""


class NodesSettings(EnvironmentSettings):
    """Settings of ``ksad cluster status``."""

    node_urls: str
    """The addresses of all processes of all services on all machines, https://HOST:PORT, separated by commas."""
    node_ca_file: Path | None = None
    """The authority whose certificates are trusted at those addresses; none for the machine's authorities."""

    @field_validator("node_urls")
    @classmethod
    def _refuse_addresses(cls, text: str) -> str:
        for one in _split(text):
            address = urlsplit(one)
            if address.scheme not in {"http", "https"} or not address.hostname:
                raise RefusedSettingError(f"{one!r} is no https://HOST:PORT")
        if not _split(text):
            raise RefusedSettingError("nobody is named: give the addresses of the services")
        return text

    def nodes(self) -> list[str]:
        """The addresses, without a slash at their end."""
        return _split(self.node_urls)


def _split(text: str) -> list[str]:
    return [one.strip().rstrip("/") for one in text.split(",") if one.strip()]
