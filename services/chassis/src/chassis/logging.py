"""Logging: structlog configured once, to stderr; one canonical line per unit of work, and no personal data."""

from __future__ import annotations

import logging
import re
import sys
from typing import TYPE_CHECKING

import orjson
import structlog

if TYPE_CHECKING:
    from structlog.typing import EventDict, WrappedLogger

    from chassis.settings import Settings

SECRET = re.compile(r"(Bearer\s+|eyJ)[A-Za-z0-9._-]{8,}|\bS[UAON][A-Z2-7]{40,}")
SECRET_NAMES = ("token", "secret", "seed", "password", "authorization")


def redact(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Take tokens, seeds and passwords out of a line, whatever name they come under."""
    for name, value in event.items():
        if any(secret in name.lower() for secret in SECRET_NAMES):
            event[name] = "…"
        elif isinstance(value, str):
            event[name] = SECRET.sub("…", value)
    return event


def _json(event: EventDict, **_: object) -> str:
    return orjson.dumps(event, default=repr).decode()


def configure(settings: Settings, service: str) -> None:
    """Configure logging of a process: JSON for machines, or console lines for people."""
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
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(service=service)
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(name)s %(message)s", force=True)
