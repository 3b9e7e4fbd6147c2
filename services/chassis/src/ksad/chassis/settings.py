"""Settings from the environment (prefix ``KSAD_``), and the ones that are refused at start."""

from __future__ import annotations

import os
import sys
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import parse_qs, urlsplit

from pydantic import Field, StringConstraints, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

LOCAL_ISSUER = "local"


class RefusedSettingError(ValueError):
    """A setting under which the platform could lose or forge facts; the message says what to set instead."""


def is_loopback(host: str) -> bool:
    """Whether an address is reachable from this machine only."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _driver_fault() -> str | None:
    if os.environ.get("POSTGRES_ENABLE_DB_FUNCTIONS", "").lower() in {"y", "yes", "t", "true", "on", "1"}:
        return (
            "POSTGRES_ENABLE_DB_FUNCTIONS drops the table lock: a tailing reader loses events. Unset it "
            "(docs/decisions, own recorder)."
        )
    return None


def database_fault(url: str, name: str) -> str | None:
    """What is wrong with the address of a database, or None.

    :param name: the setting that gave it.
    """
    if not url.startswith(("sqlite:///", "postgresql://")):
        return f"{name} must be sqlite:///PATH or postgresql://…"
    if url == "sqlite:///" or ":memory:" in url:
        return f"an SQLite database in memory forgets every fact: give {name} a file"
    return None


def _standby_fault(url: str) -> str | None:
    sought = parse_qs(urlsplit(url).query).get("target_session_attrs", ["read-write"])
    if sought not in (["read-write"], ["primary"]):
        return "a standby takes no facts: leave target_session_attrs out of KSAD_DATABASE_URL, or say read-write"
    return None


class DatabaseSettings(BaseSettings):
    """What a verb is told that works on a service's database alone, beside running processes or without them."""

    model_config = SettingsConfigDict(
        env_prefix="KSAD_", extra="ignore", frozen=True, hide_input_in_errors=True, use_attribute_docstrings=True
    )
    # A database address holds a password, which a refusal must not write to a log.

    database_url: str
    """The service's own database: sqlite:///PATH or postgresql://USER@HOST:PORT/NAME."""
    database_pool_size: Annotated[int, Field(ge=4, le=100)] = 8
    """Connections to the database that a process keeps open; as many again may be opened while all are busy."""
    database_wait_seconds: Annotated[float, Field(ge=0.1, le=60)] = 5.0
    """Seconds that a transaction waits for a connection and for the locks of others."""

    @classmethod
    def from_environment(cls) -> Self:
        """The settings of this process.

        :raises SystemExit: a setting is missing, unreadable or refused; each is told in a line of its own.
        """
        try:
            return cls()
        except ValidationError as error:
            faults = [
                f"{'.'.join(['KSAD', *map(str, one['loc'])]).replace('.', '_').upper()}: {one['msg']}"
                if one["loc"]
                else one["msg"]
                for one in error.errors(include_url=False, include_input=False)
            ]
            sys.exit("\n".join(faults))

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


class Settings(DatabaseSettings):
    """What every service is told. A service adds its own fields in its ``settings`` module."""

    platform: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,32}$")] = "local"
    """The platform's name, in the source of every event and the origin of every log. It never changes."""
    nats_url: str
    """The broker: nats://HOST:PORT, several separated by commas."""
    nats_nkey_seed_file: Path | None = None
    """The file with the seed of the service's own user at the broker; none for a broker without users."""
    documents_dir: Path
    """The folder of the service's documents, each named by its SHA-256."""
    host: str = "127.0.0.1"
    """The address to listen on. Outside loopback, the local issuer and a simulated clock are refused."""
    port: Annotated[int, Field(ge=0, le=65535)] = 0
    """The port to listen on; 0 takes a free one."""
    stuck_seconds: Annotated[float, Field(gt=0)] = 15.0
    """Seconds that something may stand still before /readyz is red."""
    clock: Literal["real", "simulated"] = "real"
    """The machine's clock, or one that all services of a demonstration share."""
    clock_file: Path | None = None
    """The file that holds the moment of a simulated clock."""
    issuer: str = LOCAL_ISSUER
    """Whose tokens are accepted: an OIDC issuer's address, or the development issuer of one machine."""
    jwks_url: str | None = None
    """Where the issuer publishes its keys: https://, or http:// on loopback."""
    issuer_keys_dir: Path | None = None
    """The folder with the keys of the local issuer."""
    audience: Annotated[str, StringConstraints(min_length=1)] = "ksad"
    """What the tokens' aud must name."""
    requests_per_minute: Annotated[int, Field(ge=1)] = 60_000
    """Requests that one caller may send in a minute; more are answered 429."""
    anonymous_requests_per_minute: Annotated[int, Field(ge=1)] = 6_000
    """Requests that may come from one address without a valid token in a minute."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """The least severe lines that are logged."""
    log_json: bool = True
    """Whether a line of the log is one JSON object, or text for people."""

    @model_validator(mode="after")
    def _refuse(self) -> Self:
        for message in (self._clock_fault(), self._issuer_fault()):
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

    def source(self, service: str) -> str:
        """The CloudEvents ``source`` of a service's events."""
        return f"urn:ksad:{self.platform}:{service}"
