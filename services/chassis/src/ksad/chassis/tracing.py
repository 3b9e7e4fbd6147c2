"""Identifiers of requests, for log lines: the client's, and a trace that goes on in the services that are called."""

from __future__ import annotations

import re
import secrets
from typing import TYPE_CHECKING

from structlog.contextvars import get_contextvars

if TYPE_CHECKING:
    from collections.abc import Mapping

CLIENT_ID = re.compile(rb"[A-Za-z0-9._:/+=@-]{1,128}")
TRACE = re.compile(
    rb"(?P<version>[0-9a-f]{2})-(?P<trace>[0-9a-f]{32})-(?P<span>[0-9a-f]{16})-[0-9a-f]{2}(?P<more>-[!-~]*)?"
)
FORBIDDEN_VERSION = b"ff"
FIRST_VERSION = b"00"
TRACE_BYTES, SPAN_BYTES = 16, 8


def trace_fields(headers: Mapping[bytes, bytes]) -> dict[str, str]:
    """The log fields from the headers ``X-Request-Id`` (any form) and ``traceparent`` (W3C Trace Context).

    Malformed values are left out.
    """
    found = {}
    client = headers.get(b"x-request-id", b"")
    if CLIENT_ID.fullmatch(client):
        found["client_request_id"] = client.decode()
    trace = TRACE.fullmatch(headers.get(b"traceparent", b""))
    if trace is not None and _valid(trace):
        found["trace_id"] = trace["trace"].decode()
        found["parent_id"] = trace["span"].decode()
    return found


def request_fields(headers: Mapping[bytes, bytes]) -> dict[str, str]:
    """What the log lines of a request say: `trace_fields`, with a trace of our own where none came, and its part of it.

    ``span_id`` is this request's own; what it asks of other services has it as ``parent_id``.
    """
    begun = {"trace_id": secrets.token_hex(TRACE_BYTES), "span_id": secrets.token_hex(SPAN_BYTES)}
    return begun | trace_fields(headers)


def trace_headers() -> dict[str, str]:
    """The header by which a called service writes its lines under the trace of the present request; none without one.

    Its flags say that nothing of it is recorded but log lines.
    """
    known = get_contextvars()
    if "span_id" not in known:
        return {}
    return {"traceparent": f"00-{known['trace_id']}-{known['span_id']}-00"}


def _valid(trace: re.Match[bytes]) -> bool:
    """Whether a ``traceparent`` is valid: ids are not all zeros, and version 00 has no further fields."""
    if trace["version"] == FORBIDDEN_VERSION or (trace["version"] == FIRST_VERSION and trace["more"] is not None):
        return False
    return any(trace["trace"].strip(b"0")) and any(trace["span"].strip(b"0"))
