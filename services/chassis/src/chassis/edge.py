"""The edge of a service: limits, security headers, idempotency keys, one canonical log line per request."""

from __future__ import annotations

import hashlib
import re
import time
import uuid
from typing import TYPE_CHECKING, Any, NamedTuple

import structlog
from fastapi import Request
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from chassis.problems import Problem
from contracts import canonical
from contracts.identifiers import command_id

if TYPE_CHECKING:
    from uuid import UUID

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from chassis.auth import Caller
    from chassis.metrics import Metrics

BODY_MAX = 1024 * 1024
UPLOAD_MAX = 50 * 1024 * 1024
UPLOADS = "/documents"
REQUESTS_PER_MINUTE = 60_000
KEY = re.compile(r"[\x21-\x7e]{1,128}")
VERSION = re.compile(r'(?:W/)?"(\d{1,9})"')
POSITION = re.compile(r"(registry|supervision|reporting):(\d{1,15})")
SECURITY = {
    b"x-content-type-options": b"nosniff",
    b"x-frame-options": b"DENY",
    b"referrer-policy": b"no-referrer",
    b"cache-control": b"no-store",
    b"content-security-policy": b"default-src 'none'; frame-ancestors 'none'",
}
log = structlog.get_logger(__name__)


class Command(NamedTuple):
    """What every write brings: who, under which id, with which digest, and the version it expects."""

    caller: Caller
    command_id: UUID
    digest: str
    expected: int | None


def command_of(request: Request, body: object) -> Command:
    """The command in a write request whose caller is known already.

    :raises Problem: 400, the ``Idempotency-Key`` is missing, or ``If-Match`` is no version.
    """
    caller: Caller = request.state.caller
    key = request.headers.get("idempotency-key", "")
    if not KEY.fullmatch(key):
        detail = "Sertakan Idempotency-Key: 1 sampai 128 karakter tanpa spasi, baru untuk setiap perintah."
        raise Problem(400, "idempotency-key-present", detail)
    asked = canonical.encode([request.method, request.url.path, body])
    return Command(caller, command_id(caller.office, key), hashlib.sha256(asked).hexdigest(), _expected(request))


def _expected(request: Request) -> int | None:
    header = request.headers.get("if-match")
    if header is None or header.strip() == "*":
        return None
    found = VERSION.fullmatch(header.strip())
    if found is None:
        raise Problem(400, "if-match-readable", 'If-Match berisi ETag yang pernah dijawab, misalnya "3".')
    return int(found[1])


def not_older_than(request: Request) -> tuple[str, int] | None:
    """The position that a reading must have reached (``Ksad-After``), or None.

    :raises Problem: 400, the header is no position.
    """
    header = request.headers.get("ksad-after")
    if header is None:
        return None
    found = POSITION.fullmatch(header)
    if found is None:
        raise Problem(400, "position-readable", "Ksad-After berisi posisi yang pernah dijawab, misalnya registry:12.")
    return found[1], int(found[2])


class Edge:
    """ASGI middleware around a whole service."""

    def __init__(self, app: ASGIApp, metrics: Metrics, per_minute: int = REQUESTS_PER_MINUTE) -> None:
        self._app = app
        self._metrics = metrics
        self._limit = RateLimitItemPerMinute(per_minute)
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or pass on what is no request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        correlation = str(uuid.uuid4())
        status = 500
        size_max = UPLOAD_MAX if scope["path"] == UPLOADS else BODY_MAX

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                present = {name for name, _ in message["headers"]}
                extra = [(name, value) for name, value in SECURITY.items() if name not in present]
                message["headers"] = [*message["headers"], *extra, (b"x-request-id", correlation.encode())]
            await send(message)

        structlog.contextvars.bind_contextvars(correlation_id=correlation)
        try:
            refusal = self._refusal(scope, size_max)
            if refusal is not None:
                await refusal.response(scope["path"])(scope, receive, answer)
            else:
                await self._app(scope, _bounded(receive, size_max), answer)
        finally:
            self._note(scope, status, time.perf_counter() - started)
            structlog.contextvars.unbind_contextvars("correlation_id")

    def _refusal(self, scope: Scope, size_max: int) -> Problem | None:
        headers = dict(scope["headers"])
        length = headers.get(b"content-length", b"0")
        if not length.isdigit() or int(length) > size_max:
            return Problem(413, "body-small", f"Isi permintaan paling besar {size_max} byte. Kirim lebih sedikit.")
        address = (scope.get("client") or ("unknown",))[0]
        if not self._limiter.hit(self._limit, address, headers.get(b"authorization", b"")[-16:].hex()):
            return Problem(
                429, "rate-limited", "Terlalu banyak permintaan. Coba lagi nanti.", headers={"Retry-After": "10"}
            )
        return None

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        route = scope.get("route")
        path = getattr(route, "path", "unknown")
        self._metrics.observe(scope["method"], path, status, seconds)
        caller = scope.get("state", {}).get("caller")
        fields: dict[str, Any] = {"method": scope["method"], "route": path, "status": status}
        if caller is not None:
            fields["office"] = caller.office
        log.info("request", **fields, milliseconds=round(seconds * 1000, 2))


def _bounded(receive: Receive, size_max: int) -> Receive:
    """Refuse a body that turns out larger than it said."""
    seen = 0

    async def bounded() -> Message:
        nonlocal seen
        message = await receive()
        if message["type"] == "http.request":
            seen += len(message.get("body", b""))
            if seen > size_max:
                raise Problem(413, "body-small", f"Isi permintaan paling besar {size_max} byte. Kirim lebih sedikit.")
        return message

    return bounded
