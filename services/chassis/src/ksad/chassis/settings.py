"""The settings of services and of the commands on their databases, and the values that are refused at the start."""

from __future__ import annotations

import os
import ssl
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import parse_qs, urlsplit

from pydantic import Field, StringConstraints, model_validator

from ksad.chassis.broker_settings import BrokerSettings
from ksad.chassis.bucket_settings import BucketSettings
from ksad.chassis.environment import EnvironmentSettings, RefusedSettingError
from ksad.chassis.loopback import is_loopback

LOCAL_ISSUER = "local"
VERIFIED = {"verify-ca", "verify-full"}
"""The values of ``sslmode`` with which PostgreSQL's certificate is checked; ``require`` takes anybody's."""


def _driver_fault() -> str | None:
    if os.environ.get("POSTGRES_ENABLE_DB_FUNCTIONS", "").lower() in {"y", "yes", "t", "true", "on", "1"}:
        return (
            "POSTGRES_ENABLE_DB_FUNCTIONS drops the table lock: a tailing reader loses events. Unset it "
            "(docs/decisions, own recorder)."
        )
    return None


def database_fault(url: str, name: str) -> str | None:
    """Why the address of a database is unusable; ``None`` if it is usable.

    :param name: the environment variable, for the message.
    """
    if not url.startswith(("sqlite:///", "postgresql://")):
        return f"{name} must be sqlite:///PATH or postgresql://…"
    if url == "sqlite:///" or ":memory:" in url:
        return f"an SQLite database in memory forgets every fact: give {name} a file"
    return None


def database_hosts(url: str) -> list[str]:
    """The hosts that a ``postgresql://`` address names, in it or in its parameter ``host``; a folder of sockets is
    ``localhost``.
    """
    parts = urlsplit(url)
    named = [one for one in parts.netloc.rpartition("@")[2].split(",") if one]
    named += [one for value in parse_qs(parts.query).get("host", []) for one in value.split(",")]
    hosts = [one.removeprefix("[").partition("]")[0] if one.startswith("[") else one.partition(":")[0] for one in named]
    return ["localhost" if one.startswith("/") else one for one in hosts] or ["localhost"]


def is_verified(url: str) -> bool:
    """Whether a ``postgresql://`` address asks for TLS with a certificate that is checked."""
    return bool(VERIFIED & set(parse_qs(urlsplit(url).query).get("sslmode", [])))


def _standby_fault(url: str) -> str | None:
    sought = parse_qs(urlsplit(url).query).get("target_session_attrs", ["read-write"])
    if sought not in (["read-write"], ["primary"]):
        return "a standby takes no facts: leave target_session_attrs out of KSAD_DATABASE_URL, or say read-write"
    return None


class DatabaseSettings(EnvironmentSettings):
    """Settings of commands that work on a service's database only."""

    database_url: Annotated[str, Field(repr=False)]
    """The service's own database: sqlite:///PATH or postgresql://USER@HOST:PORT/NAME."""
    database_pool_size: Annotated[int, Field(ge=4, le=100)] = 8
    """Connections to the database that a process keeps open; as many more may be opened while all are in use."""
    database_wait_seconds: Annotated[float, Field(ge=0.1, le=60)] = 5.0
    """Seconds that a transaction waits for a connection and for locks."""

    @model_validator(mode="after")
    def _refuse_database(self) -> Self:
        message = (
            _driver_fault()
            or database_fault(self.database_url, "KSAD_DATABASE_URL")
            or _standby_fault(self.database_url)
        )
        if message is not None:
            raise RefusedSettingError(message)
        return self


class ServerSettings(DatabaseSettings):
    """Settings of every program that answers HTTP: where it listens, by which clock, and whose tokens it accepts."""

    host: str = "127.0.0.1"
    """The address to listen on. Outside loopback, the local issuer and the simulated clock are refused."""
    port: Annotated[int, Field(ge=0, le=65535)] = 0
    """The port to listen on; 0 selects a free one."""
    tls_certificate_file: Path | None = None
    """The certificate, with those between it and its authority, that HTTPS is served with; none for plain HTTP."""
    tls_key_file: Path | None = None
    """The private key of the certificate."""
    clock: Literal["real", "simulated"] = "real"
    """The machine's clock, or a simulated one shared by all services of a demonstration."""
    clock_file: Path | None = None
    """The file with the time of the simulated clock."""
    issuer: str = LOCAL_ISSUER
    """The issuer whose tokens are accepted: an OIDC issuer's address, or ``local`` for the development issuer."""
    jwks_url: str | None = None
    """The address of the issuer's keys (JWKS): https://, or http:// on loopback."""
    issuer_keys_dir: Path | None = None
    """The folder with the key of the local issuer."""
    audience: Annotated[str, StringConstraints(min_length=1)] = "ksad"
    """The audience that tokens must name in ``aud``."""
    requests_per_minute: Annotated[int, Field(ge=1)] = 60_000
    """Requests per minute allowed to one caller; more are answered 429."""
    anonymous_requests_per_minute: Annotated[int, Field(ge=1)] = 6_000
    """Requests per minute allowed from one address without a token, and as many with refused ones; more: 429."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """The lowest severity that is logged."""
    log_json: bool = True
    """Whether log lines are JSON objects; otherwise text for people."""

    @model_validator(mode="after")
    def _refuse_server(self) -> Self:
        for message in (self._clock_fault(), self._issuer_fault(), self._tls_fault()):
            if message is not None:
                raise RefusedSettingError(message)
        return self

    def _clock_fault(self) -> str | None:
        if not is_loopback(self.host) and self.clock == "simulated":
            return "a simulated clock serves loopback only: set KSAD_CLOCK=real, or KSAD_HOST=127.0.0.1"
        if self.clock == "simulated" and self.clock_file is None:
            return "KSAD_CLOCK=simulated needs KSAD_CLOCK_FILE, which all services share"
        return None

    def _issuer_fault(self) -> str | None:
        if self.issuer == LOCAL_ISSUER:
            if not is_loopback(self.host):
                return "the local issuer serves loopback only: set KSAD_ISSUER and KSAD_JWKS_URL"
            if self.jwks_url is not None:
                return "KSAD_JWKS_URL without KSAD_ISSUER: say whose keys they are, or unset it for the local issuer"
            if self.issuer_keys_dir is None:
                return "the local issuer keeps its key in a folder: set KSAD_ISSUER_KEYS_DIR, or KSAD_ISSUER"
            return None
        if not self.jwks_url:
            return "KSAD_ISSUER without KSAD_JWKS_URL: tokens could not be verified"
        address = urlsplit(self.jwks_url)
        if address.scheme != "https" and not (address.scheme == "http" and is_loopback(address.hostname or "")):
            return "whoever sits on the line could swap the issuer's keys: give KSAD_JWKS_URL an https:// address"
        return None

    def _tls_fault(self) -> str | None:
        certificate, key = self.tls_certificate_file, self.tls_key_file
        if certificate is None and key is None:
            return None
        if certificate is None or key is None:
            return "HTTPS needs a certificate and its key: set KSAD_TLS_CERTIFICATE_FILE and KSAD_TLS_KEY_FILE, or none"
        for path in (certificate, key):
            if not os.access(path, os.R_OK):
                return f"{path} is not there, or this user may not read it: see KSAD_TLS_CERTIFICATE_FILE and _KEY_FILE"
        try:
            ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(certificate, key)
        except (OSError, ValueError) as error:
            return f"KSAD_TLS_CERTIFICATE_FILE and KSAD_TLS_KEY_FILE are no certificate with its key: {error}"
        return None


class Settings(ServerSettings, BrokerSettings, BucketSettings):
    """Settings of every service that records facts. A service adds its own fields in its module ``settings``."""

    platform: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,32}$")] = "local"
    """The platform's name, part of the source of every event and of the origin of every log; it must never change."""
    documents_dir: Path
    """The folder of the service's documents, each a file named by its SHA-256; with a bucket, of those on their way."""
    documents_quota_mib: Annotated[int, Field(ge=1)] | None = 10_240
    """How many mebibytes of documents one office may upload to the service in all; empty for any number."""
    stuck_seconds: Annotated[float, Field(gt=0)] = 15.0
    """Seconds without progress after which /readyz fails."""

    @model_validator(mode="after")
    def _refuse_lines(self) -> Self:
        message = self._line_fault() if self.nats_replicas > 1 else None
        if message is not None:
            raise RefusedSettingError(message)
        return self

    def _line_fault(self) -> str | None:
        """What would go over the lines between several machines unencrypted, or to a server that nobody has checked."""
        for url in self.nats_url.split(","):
            host = urlsplit(url.strip()).hostname or ""
            if not url.strip().startswith("tls://") and not is_loopback(host):
                return f"KSAD_NATS_URL goes to {host} in the clear: give tls:// addresses and KSAD_NATS_CA_FILE"
        if not self.database_url.startswith("postgresql://"):
            return "several machines share one database: give KSAD_DATABASE_URL a postgresql:// address"
        if not all(map(is_loopback, database_hosts(self.database_url))) and not is_verified(self.database_url):
            return (
                "KSAD_DATABASE_URL leads to another machine that nobody checks: add "
                "?sslmode=verify-full&sslrootcert=/PATH/ca.pem"
            )
        return None

    def source(self, service: str) -> str:
        """The CloudEvents ``source`` of a service's events."""
        return f"urn:ksad:{self.platform}:{service}"
