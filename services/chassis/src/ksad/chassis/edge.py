"""The edge of a service: limits, security headers, idempotency keys, one canonical log line per request."""

from __future__ import annotations

import hashlib
import math
import re
import time
import uuid
from typing import TYPE_CHECKING, Any, NamedTuple

import structlog
from fastapi import Request
from fastapi.routing import iter_route_contexts
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter

from ksad.chassis.problems import STATUS, Problem, problem_of
from ksad.contracts import canonical
from ksad.contracts.identifiers import command_id
from ksad.contracts.rules import RefusalKind

if TYPE_CHECKING:
    from uuid import UUID

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from ksad.chassis.auth import Authenticator, Caller
    from ksad.chassis.metrics import Metrics
    from ksad.chassis.settings import Settings

BODY_MAX = 1024 * 1024
UPLOAD_MAX = 50 * 1024 * 1024
UPLOADS = "/documents"
READING = {"GET", "HEAD", "OPTIONS"}
KEY = re.compile(r"[\x21-\x7e]{1,128}")
VERSION = re.compile(r'(?:W/)?"(\d{1,9})"')
SECURITY = {
    b"x-content-type-options": b"nosniff",
    b"x-frame-options": b"DENY",
    b"referrer-policy": b"no-referrer",
    b"cache-control": b"no-store",
    b"content-security-policy": b"default-src 'none'; frame-ancestors 'none'",
}
REFUSALS = {
    STATUS[kind]
    for kind in (RefusalKind.UNIDENTIFIED, RefusalKind.FORBIDDEN, RefusalKind.TOO_LARGE, RefusalKind.TOO_MANY)
}
"""What whoever watches for attacks wants to see, whatever else is not logged."""
log = structlog.get_logger(__name__)


class Submission(NamedTuple):
    """What is common to all writing requests: the caller, the id and digest of the command, the version it expects."""

    caller: Caller
    command_id: UUID
    digest: str
    expected: int | None

    def check_expected(self, version: int) -> None:
        """Refuse where ``If-Match`` names another version than the present one.

        :raises Problem: with the present version as ETag.
        """
        if self.expected is not None and self.expected != version:
            detail = f"Data sudah berubah (versi {version}). Baca ulang lalu coba lagi."
            raise Problem(RefusalKind.OUTDATED, "version-matches", detail, headers={"ETag": f'"{version}"'})


def submission_of(request: Request, body: object) -> Submission:
    """The submission in a writing request whose caller is known already.

    :raises Problem: 400, the ``Idempotency-Key`` is missing, or ``If-Match`` is no version.
    """
    caller: Caller = request.state.caller
    key = request.headers.get("idempotency-key", "")
    if not KEY.fullmatch(key):
        detail = "Sertakan Idempotency-Key: 1 sampai 128 karakter tanpa spasi, baru untuk setiap perintah."
        raise Problem(RefusalKind.UNREADABLE, "idempotency-key-present", detail)
    asked = canonical.encode([request.method, request.url.path, body])
    return Submission(caller, command_id(caller.office, key), hashlib.sha256(asked).hexdigest(), _expected(request))


def _expected(request: Request) -> int | None:
    header = request.headers.get("if-match")
    if header is None or header.strip() == "*":
        return None
    found = VERSION.fullmatch(header.strip())
    if found is None:
        raise Problem(
            RefusalKind.UNREADABLE, "if-match-readable", 'If-Match berisi ETag yang pernah dijawab, misalnya "3".'
        )
    return int(found[1])


class Limits:
    """How often a minute: an office's pseudonym whom we know, and an address from which somebody unknown comes."""

    def __init__(self, settings: Settings) -> None:
        self._known = RateLimitItemPerMinute(settings.requests_per_minute, namespace="known")
        self._unknown = RateLimitItemPerMinute(settings.anonymous_requests_per_minute, namespace="unknown")
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())

    def check(self, who: Caller | str) -> None:
        """Count one request of a caller, or of somebody at an address.

        :raises Problem: 429, there were too many.
        """
        item, names = (self._unknown, (who,)) if isinstance(who, str) else (self._known, tuple(who))
        if not self._limiter.hit(item, *names):
            left = self._limiter.get_window_stats(item, *names).reset_time - time.time()
            headers = {"Retry-After": str(max(1, math.ceil(left)))}
            raise Problem(
                RefusalKind.TOO_MANY, "rate-limited", "Terlalu banyak permintaan. Coba lagi nanti.", headers=headers
            )


class Edge:
    """ASGI middleware around a whole service: whoever is refused here costs neither a body nor a thread."""

    def __init__(self, app: ASGIApp, metrics: Metrics, authenticator: Authenticator, limits: Limits) -> None:
        self._app = app
        self._metrics = metrics
        self._authenticator = authenticator
        self._limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or pass on what is no request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        correlation = str(uuid.uuid4())
        state = scope.setdefault("state", {})
        status = 0

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
            await self._serve(scope, receive, answer, state)
        except Exception as error:
            problem = problem_of(error)
            state["rule"] = problem.rule
            if problem.kind is RefusalKind.FAULT:
                log.exception("platform_fault", route=_route(scope))
            if status:
                raise
            await problem.response(scope["path"])(scope, receive, answer)
        finally:
            self._note(scope, status or STATUS[RefusalKind.FAULT], time.perf_counter() - started)
            structlog.contextvars.unbind_contextvars("correlation_id")

    async def _serve(self, scope: Scope, receive: Receive, send: Send, state: dict[str, Any]) -> None:
        headers = dict(scope["headers"])
        if "\x00" in scope["path"] or b"%00" in scope["query_string"]:
            raise Problem(
                RefusalKind.UNREADABLE, "request-readable", "Alamat memuat tanda yang bukan bagian dari teks."
            )
        size_max = UPLOAD_MAX if scope["path"] == UPLOADS else BODY_MAX
        authorization = headers.get(b"authorization", b"").decode("latin-1") or None
        caller = self._authenticator.remembered(authorization)
        if caller is None:
            self._limits.check((scope.get("client") or ("unknown",))[0])
            if authorization is not None or scope["method"] not in READING:
                caller = await self._authenticator.identify(authorization)
        if caller is not None:
            state["caller"] = caller
            self._limits.check(caller)
        length = headers.get(b"content-length", b"0")
        if not length.isdigit() or int(length) > size_max:
            raise _too_large(size_max)
        await self._app(scope, _bounded(receive, size_max), send)

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        state = scope["state"]
        fields: dict[str, Any] = {"method": scope["method"], "route": _route(scope), "status": status}
        if "caller" in state:
            fields["office"] = state["caller"].office
        if "rule" in state:
            fields["rule"] = state["rule"]
        self._metrics.observe(scope["method"], fields["route"], status, seconds)
        tell = log.warning if status in REFUSALS else log.info
        tell("request", **fields, milliseconds=round(seconds * 1000, 2))


def _route(scope: Scope) -> str:
    """The pattern of the route that a request is for, found here where the request was refused before."""
    route = scope.get("route")
    if route is not None:
        return str(route.path)
    fits = (one for one in iter_route_contexts(scope["app"].routes) if one.path_regex.match(scope["path"]))
    return next((str(one.path) for one in fits), "unknown")


def _too_large(size_max: int) -> Problem:
    return Problem(
        RefusalKind.TOO_LARGE, "body-small", f"Isi permintaan paling besar {size_max} byte. Kirim lebih sedikit."
    )


def _bounded(receive: Receive, size_max: int) -> Receive:
    """Refuse a body that turns out larger than it said."""
    seen = 0

    async def bounded() -> Message:
        nonlocal seen
        message = await receive()
        if message["type"] == "http.request":
            seen += len(message.get("body", b""))
            if seen > size_max:
                raise _too_large(size_max)
        return message

    return bounded
