"""Settings from the environment (prefix ``KSAD_``), and the ones that are refused at start."""

from __future__ import annotations

import os
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator
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


class Settings(BaseSettings):
    """What every service is told. A service adds its own fields in its ``settings`` module."""

    model_config = SettingsConfigDict(env_prefix="KSAD_", extra="ignore", frozen=True, hide_input_in_errors=True)
    # A database address holds a password, which a refusal must not write to a log.

    platform: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,32}$")] = "local"
    database_url: str
    database_pool_size: Annotated[int, Field(ge=4, le=100)] = 8
    nats_url: str
    nats_nkey_seed_file: Path | None = None
    documents_dir: Path
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 0
    ready_file: Path | None = None
    clock: Literal["real", "simulated"] = "real"
    clock_file: Path | None = None
    issuer: str = LOCAL_ISSUER
    jwks_url: str | None = None
    issuer_keys_dir: Path | None = None
    audience: str = "ksad"
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_json: bool = True

    @model_validator(mode="after")
    def _refuse(self) -> Self:
        if os.environ.get("POSTGRES_ENABLE_DB_FUNCTIONS", "").lower() in {"y", "yes", "t", "true", "on", "1"}:
            message = (
                "POSTGRES_ENABLE_DB_FUNCTIONS drops the table lock: a tailing reader loses events. Unset it "
                "(docs/decisions, own recorder)."
            )
            raise RefusedSettingError(message)
        if not self.database_url.startswith(("sqlite:///", "postgresql://")):
            message = "KSAD_DATABASE_URL must be sqlite:///PATH or postgresql://…"
            raise RefusedSettingError(message)
        if self.database_url in {"sqlite:///", "sqlite:///:memory:"}:
            message = "an SQLite database in memory forgets every fact: give KSAD_DATABASE_URL a file"
            raise RefusedSettingError(message)
        if not is_loopback(self.host) and self.clock == "simulated":
            message = "a simulated clock serves loopback only: set KSAD_CLOCK=real, or KSAD_HOST=127.0.0.1"
            raise RefusedSettingError(message)
        if not is_loopback(self.host) and self.issuer == LOCAL_ISSUER:
            message = "the local issuer serves loopback only: set KSAD_ISSUER and KSAD_JWKS_URL"
            raise RefusedSettingError(message)
        if self.issuer != LOCAL_ISSUER and not self.jwks_url:
            message = "KSAD_ISSUER without KSAD_JWKS_URL: tokens could not be verified"
            raise RefusedSettingError(message)
        if self.clock == "simulated" and self.clock_file is None:
            message = "KSAD_CLOCK=simulated needs KSAD_CLOCK_FILE, which all services share"
            raise RefusedSettingError(message)
        return self

    def source(self, service: str) -> str:
        """The CloudEvents ``source`` of a service's events."""
        return f"urn:ksad:{self.platform}:{service}"
