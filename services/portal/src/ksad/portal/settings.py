"""Settings of the portal."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

from pydantic import model_validator

from ksad.chassis.environment import RefusedSettingError
from ksad.chassis.settings import LOCAL_ISSUER, ServerSettings

if TYPE_CHECKING:
    from collections.abc import Mapping


class PortalSettings(ServerSettings):
    """Where the three services are reached. The portal has no broker, no documents and no log of its own."""

    registry_url: str
    """The address of registry for the portal: https://HOST:PORT, or http:// inside a closed network."""
    supervision_url: str
    """The address of supervision for the portal."""
    reporting_url: str
    """The address of reporting for the portal."""
    services_certificate_file: Path | None = None
    """The services' own certificate, the only one trusted at https://; none for the machine's authorities."""

    @model_validator(mode="after")
    def _refuse_addresses(self) -> Self:
        for service, url in self.services.items():
            address = urlsplit(url)
            if address.scheme not in {"http", "https"} or not address.hostname:
                raise RefusedSettingError(f"KSAD_{service.upper()}_URL={url} is no http(s)://HOST:PORT")
        return self

    @property
    def services(self) -> Mapping[str, str]:
        """The address of each service by its name, without a slash at its end."""
        return {
            "registry": self.registry_url.rstrip("/"),
            "supervision": self.supervision_url.rstrip("/"),
            "reporting": self.reporting_url.rstrip("/"),
        }

    @property
    def tls(self) -> bool:
        """Whether browsers reach the portal over HTTPS; cookies are then bound to its host and to HTTPS."""
        return self.tls_certificate_file is not None

    @property
    def development(self) -> bool:
        """Whether anybody may sign in as any office; :class:`ServerSettings` refuses that outside loopback."""
        return self.issuer == LOCAL_ISSUER
