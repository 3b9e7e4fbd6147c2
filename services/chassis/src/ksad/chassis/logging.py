"""Logging: structlog to stderr, one line per unit of work, without secrets and personal data."""

from __future__ import annotations

import logging
import re
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

import orjson
import structlog

if TYPE_CHECKING:
    from structlog.typing import EventDict, WrappedLogger

    from ksad.chassis.settings import ServerSettings

SECRET = re.compile(
    r"(?i:Bearer)\s+[A-Za-z0-9._~+/=-]{8,}"
    r"|eyJ[A-Za-z0-9._-]{8,}"
    r"|\bS[UAON][A-Z2-7]{40,}"
    r"|PRIVATE\+KEY\+\S+"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)"
    r"|(?<=://)[^\s/@]+:[^\s/@]+(?=@)"
)
"""Bearer tokens, JWTs, NKey seeds, signing keys, PEM keys, and user and password in addresses."""
SECRET_NAMES = ("token", "secret", "seed", "password", "authorization")


def redact(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Replaces tokens, seeds and passwords in a log line, at any depth, by ``…`` (a structlog processor)."""
    for name, value in event.items():
        event[name] = _clean(name, value)
    return event


def _clean(name: object, value: object) -> object:
    if any(secret in str(name).lower() for secret in SECRET_NAMES):
        return "…"
    if isinstance(value, dict):
        return {key: _clean(key, item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_clean("", item) for item in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    return SECRET.sub("…", value if isinstance(value, str) else repr(value))


class Foreign(logging.Formatter):
    """Formats log records of libraries, including tracebacks, with secrets replaced."""

    def format(self, record: logging.LogRecord) -> str:
        """The formatted line."""
        return SECRET.sub("…", super().format(record))


def _json(event: EventDict, **_: object) -> str:
    return orjson.dumps(event, default=repr).decode()


class LogLines:
    """Writes log lines to stderr.

    A line that cannot be written, because the disk is full or the stream is closed, is lost. It must not make a request
    or the relay fail.
    """

    def msg(self, message: str) -> None:
        """Writes a line, if possible."""
        with suppress(OSError, ValueError):
            sys.stderr.write(message + "\n")
            sys.stderr.flush()

    debug = info = warning = error = critical = exception = log = msg


def lines(*_: object) -> LogLines:
    """The logger factory for all processes of the platform."""
    return LogLines()


def configure(settings: ServerSettings, service: str) -> None:
    """Configures logging of a process: JSON lines, or text for people."""
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer(_json) if settings.log_json else structlog.dev.ConsoleRenderer(colors=False)
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            redact,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, settings.log_level.upper())),
        logger_factory=lines,
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(service=service)
    foreign = logging.StreamHandler(sys.stderr)
    foreign.setFormatter(Foreign("%(name)s %(message)s"))
    logging.basicConfig(handlers=[foreign], level=logging.WARNING, force=True)
