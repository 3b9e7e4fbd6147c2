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
        return _addresses(text, "the services")

    def nodes(self) -> list[str]:
        """The addresses, without a slash at their end."""
        return _split(self.node_urls)


class SwitchoverSettings(EnvironmentSettings):
    """Settings of ``ksad cluster switchover``."""

    patroni_urls: str
    """The addresses of Patroni on all machines, https://HOST:8008, separated by commas."""
    patroni_user: str = "patroni"
    """Who may give orders to Patroni: its restapi.authentication."""
    patroni_password_file: Path
    """The file with that user's password."""
    node_ca_file: Path | None = None
    """The authority whose certificates are trusted at those addresses; none for the machine's authorities."""

    @field_validator("patroni_urls")
    @classmethod
    def _refuse_addresses(cls, text: str) -> str:
        return _addresses(text, "Patroni")

    @field_validator("patroni_password_file")
    @classmethod
    def _refuse_file(cls, path: Path) -> Path:
        if not path.is_file():
            raise RefusedSettingError(f"{path} is no file")
        return path

    def patronis(self) -> list[str]:
        """The addresses, without a slash at their end."""
        return _split(self.patroni_urls)

    def patroni_login(self) -> tuple[str, str]:
        """User and password."""
        return self.patroni_user, self.patroni_password_file.read_text().strip()


def _addresses(text: str, whose: str) -> str:
    """The text, if it has addresses and nothing else."""
    for one in _split(text):
        address = urlsplit(one)
        if address.scheme not in {"http", "https"} or not address.hostname:
            raise RefusedSettingError(f"{one!r} is no https://HOST:PORT")
    if not _split(text):
        raise RefusedSettingError(f"nobody is named: give the addresses of {whose}")
    return text


def _split(text: str) -> list[str]:
    return [one.strip().rstrip("/") for one in text.split(",") if one.strip()]
