"""Settings of the connection to the broker, and what is refused of them."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import Field, model_validator

from ksad.chassis.certificates import ClientTls
from ksad.chassis.environment import EnvironmentSettings, RefusedSettingError


def _is_web_address(text: str) -> bool:
    try:
        address = urlsplit(text)
        return address.scheme in {"http", "https"} and bool(address.hostname) and address.port != 0
    except ValueError:
        return False


class BrokerSettings(EnvironmentSettings):
    """Settings of every program that connects to the broker."""

    nats_url: str
    """The broker's address: nats://HOST:PORT, or tls://HOST:PORT; several are separated by commas."""
    nats_certificate_file: Path | None = None
    """The broker's own certificate, the only one trusted at tls:// addresses; none for the machine's authorities."""
    nats_ca_file: Path | None = None
    """The authority whose certificates are trusted at tls:// addresses if they name the host; instead of the former."""
    nats_client_certificate_file: Path | None = None
    """The certificate that is shown to a broker which asks for one."""
    nats_client_key_file: Path | None = None
    """The private key of that certificate."""
    nats_nkey_seed_file: Path | None = None
    """The file with the seed (NKey) of the service's user at the broker; none for a broker without users."""
    nats_replicas: Annotated[int, Field(ge=1, le=5)] = 1
    """The least number of replicas of every stream; with 1 a service makes its streams, with more it only checks."""
    nats_monitor_urls: str | None = None
    """The monitoring addresses of all servers of the broker's cluster, http://HOST:PORT, separated by commas."""

    @model_validator(mode="after")
    def _refuse_broker(self) -> Self:
        for message in (self._monitor_fault(), self._authority_fault(), self._broker_fault()):
            if message is not None:
                raise RefusedSettingError(message)
        return self

    def nats_monitors(self) -> list[str]:
        """The monitoring addresses of the broker's servers, without a slash at their end."""
        return [one.strip().rstrip("/") for one in (self.nats_monitor_urls or "").split(",") if one.strip()]

    def nats_tls(self) -> ClientTls:
        """Whom the broker is trusted as, and how this program names itself to it."""
        own = (self.nats_client_certificate_file, self.nats_client_key_file)
        return ClientTls(self.nats_certificate_file, self.nats_ca_file, *own)

    def _monitor_fault(self) -> str | None:
        wrong = next((one for one in self.nats_monitors() if not _is_web_address(one)), None)
        return f"KSAD_NATS_MONITOR_URLS: {wrong!r} is no http://HOST:PORT" if wrong is not None else None

    def _authority_fault(self) -> str | None:
        if self.nats_certificate_file is not None and self.nats_ca_file is not None:
            return "KSAD_NATS_CERTIFICATE_FILE trusts one certificate, KSAD_NATS_CA_FILE an authority: set one of them"
        if (self.nats_client_certificate_file is None) != (self.nats_client_key_file is None):
            return "a certificate needs its key: set KSAD_NATS_CLIENT_CERTIFICATE_FILE and _KEY_FILE, or none of them"
        return None

    def _broker_fault(self) -> str | None:
        tls = self.nats_tls()
        named = [
            (name, path)
            for name, path in zip(("CERTIFICATE_FILE", "CA_FILE", "CLIENT_CERTIFICATE_FILE"), tls[:3], strict=True)
            if path is not None
        ]
        if not named:
            return None
        variable = f"KSAD_NATS_{named[0][0]}"
        plain = next((one for one in self.nats_url.split(",") if not one.strip().startswith("tls://")), None)
        if plain is not None:
            return f"{variable} is for tls:// addresses, and KSAD_NATS_URL has {plain.strip()}"
        if tls.certificate is not None or tls.authority is not None:
            try:
                ssl.create_default_context(cafile=tls.certificate or tls.authority)
            except (OSError, ValueError) as error:
                return f"{variable}={named[0][1]} is no certificate that can be read: {error}"
        try:
            tls.context()
        except (OSError, ValueError) as error:
            return f"KSAD_NATS_CLIENT_CERTIFICATE_FILE and _KEY_FILE are no certificate with its key: {error}"
        return None
