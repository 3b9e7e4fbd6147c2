"""Settings of the portal."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Self
from urllib.parse import urlsplit

from pydantic import Field, model_validator

from ksad.chassis.environment import RefusedSettingError
from ksad.chassis.loopback import is_loopback
from ksad.chassis.settings import LOCAL_ISSUER, ServerSettings

if TYPE_CHECKING:
    from collections.abc import Mapping


KEY_BYTES = 32
MAIL_ADDRESS = re.compile(r"[A-Za-z0-9._+-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")


def is_loopback_url(url: str) -> bool:
    """Whether an address leads to this machine itself."""
    return is_loopback(urlsplit(url).hostname or "")


def _file_fault(one: tuple[str, Path, int]) -> str | None:
    """Why a file of a secret is unusable: it is missing or too short."""
    name, path, least = one
    try:
        size = len(path.read_bytes().strip())
    except OSError as error:
        return f"{name}={path} cannot be read: {error.strerror}"
    return f"{name}={path} has {size} bytes, and needs at least {least}" if size < least else None


def _is_mail_server(url: str) -> bool:
    try:
        address = urlsplit(url)
        named = address.scheme in {"smtp", "smtps"} and bool(address.hostname) and address.port != 0
    except ValueError:
        return False
    return named and address.path in {"", "/"} and not address.query and not address.fragment


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

    portal_url: str | None = None
    """The portal's own address for browsers, to which an issuer sends them back: https://HOST; on loopback http://."""
    oidc_client_id: str | None = None
    """The name under which the portal is registered with the issuer; none, and nobody signs in through it."""
    oidc_client_secret_file: Path | None = None
    """The file with the secret of that registration; none for a registration without one (PKCE alone)."""
    oidc_scope: str = "openid"
    """What the portal asks the issuer for; some issuers give refresh tokens only for ``openid offline_access``."""
    session_key_file: Path | None = None
    """The file with at least 32 random bytes by which officers' tokens are encrypted in the portal's database."""
    session_idle_seconds: Annotated[int, Field(ge=60, le=24 * 3600)] = 30 * 60
    """Seconds without a request after which a session is over."""
    session_whole_seconds: Annotated[int, Field(ge=60, le=7 * 24 * 3600)] = 10 * 3600
    """Seconds after which a session is over, however much it is used."""

    smtp_url: Annotated[str | None, Field(repr=False)] = None
    """The mail server for reminders: smtps://USER:PASSWORD@HOST, or smtp:// with STARTTLS; none keeps them."""
    smtp_ca_file: Path | None = None
    """The authorities that the mail server's certificate is checked against; none for the machine's."""
    mail_from: str | None = None
    """The sender of reminders: an address of the ministry's, which nobody has to read."""
    mailer_token_file: Path | None = None
    """A file with a token of the office ``mailer``, read for each call; with the local issuer none is needed."""

    @model_validator(mode="after")
    def _refuse_identity(self) -> Self:
        fault = self._identity_fault() or self._mail_fault()
        if fault is not None:
            raise RefusedSettingError(fault)
        return self

    def _identity_fault(self) -> str | None:
        address = urlsplit(self.portal_url or "")
        safe = address.scheme == "https" or (address.scheme == "http" and is_loopback(address.hostname or ""))
        if self.portal_url is not None and not (safe and address.hostname and address.path in {"", "/"}):
            return "KSAD_PORTAL_URL is the portal's https:// address without a path, or http:// on loopback"
        if self.oidc_client_id is None:
            return None
        if self.issuer == LOCAL_ISSUER:
            return "KSAD_OIDC_CLIENT_ID without KSAD_ISSUER: say with which issuer the portal is registered"
        if urlsplit(self.issuer).scheme not in {"https", "http"}:
            return "officers sign in at the issuer's address: KSAD_ISSUER must be https://HOST"
        if urlsplit(self.issuer).scheme == "http" and not is_loopback(urlsplit(self.issuer).hostname or ""):
            return "whoever sits on the line could take codes and tokens: give KSAD_ISSUER an https:// address"
        if self.portal_url is None:
            return "KSAD_OIDC_CLIENT_ID needs KSAD_PORTAL_URL, to which the issuer sends browsers back"
        if self.session_key_file is None:
            return "KSAD_OIDC_CLIENT_ID needs KSAD_SESSION_KEY_FILE, by which tokens are encrypted"
        return next((fault for fault in map(_file_fault, self._secret_files()) if fault), None)

    def _mail_fault(self) -> str | None:
        """What is wrong with the settings of mail. None shows the address of the server: it may hold a password."""
        if self.smtp_url is None:
            return None
        if not _is_mail_server(self.smtp_url):
            return "KSAD_SMTP_URL is smtps://USER:PASSWORD@HOST:PORT, or smtp:// for a server with STARTTLS"
        if self.mail_from is None or not MAIL_ADDRESS.fullmatch(self.mail_from):
            return "KSAD_SMTP_URL needs KSAD_MAIL_FROM, the address that reminders come from: NAME@HOST"
        if self.portal_url is None:
            return "KSAD_SMTP_URL needs KSAD_PORTAL_URL, to which the links of reminders lead"
        return None if self.smtp_ca_file is None else _file_fault(("KSAD_SMTP_CA_FILE", self.smtp_ca_file, 1))

    def _secret_files(self) -> list[tuple[str, Path, int]]:
        files = [
            ("KSAD_SESSION_KEY_FILE", self.session_key_file, KEY_BYTES),
            ("KSAD_OIDC_CLIENT_SECRET_FILE", self.oidc_client_secret_file, 1),
        ]
        return [(name, path, least) for name, path, least in files if path is not None]

    @property
    def oidc_client_secret(self) -> str | None:
        """The secret of the registration."""
        return None if self.oidc_client_secret_file is None else self.oidc_client_secret_file.read_text().strip()

    @property
    def session_key(self) -> bytes:
        """The key by which tokens are encrypted."""
        assert self.session_key_file is not None  # noqa: S101 - asked where a client is registered
        return self.session_key_file.read_bytes().strip()

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
        return self.tls_certificate_file is not None or urlsplit(self.portal_url or "").scheme == "https"

    @property
    def development(self) -> bool:
        """Whether anybody may sign in as any office; :class:`ServerSettings` refuses that outside loopback."""
        return self.issuer == LOCAL_ISSUER
