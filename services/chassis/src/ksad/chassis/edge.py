"""The edge of a service: limits, security headers, idempotency keys, one canonical log line per request."""

from __future__ import annotations

import asyncio
import hashlib
import math
import re
import time
import uuid
from typing import TYPE_CHECKING, Any, NamedTuple

import structlog
from fastapi import Request, Response
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter

from ksad.chassis import tracing
from ksad.chassis.answer import Answer
from ksad.chassis.problems import FRAMEWORK, STATUS, Problem, problem_of
from ksad.chassis.routes import Routes
from ksad.chassis.store import request_events
from ksad.contracts import canonical
from ksad.contracts.identifiers import command_id
from ksad.contracts.rules import RefusalKind

if TYPE_CHECKING:
    from uuid import UUID

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from ksad.chassis.auth import Authenticator, Caller
    from ksad.chassis.metrics import Metrics
    from ksad.chassis.routes import Place
    from ksad.chassis.settings import Settings
    from ksad.chassis.store.request_events import RequestEvents

BODY_MAX = 1024 * 1024
UPLOAD_MAX = 50 * 1024 * 1024
UPLOADS = "/documents"
READING = {"GET", "HEAD", "OPTIONS"}
KEY = re.compile(r"[\x21-\x7e]{1,128}")
VERSION = re.compile(r'(?:W/)?"(\d{1,9})"')
SINGLE = {b"authorization", b"idempotency-key", b"if-match", b"content-type", b"ksad-wait", b"host"}
SUBJECTS = {"cooperation_id", "task_id", "report_id"}
UUID_LENGTH = 36
NAMED_MAX = 20
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
    request.state.command_id = command_id(caller.office, key)
    return Submission(caller, request.state.command_id, hashlib.sha256(asked).hexdigest(), _expected(request))


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
        self._routes: Routes | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or pass on what is no request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if self._routes is None:
            self._routes = Routes(scope["app"])
        started = time.perf_counter()
        headers = dict(scope["headers"])
        place = self._routes.at(scope["path"])
        state = scope.setdefault("state", {})
        named = {"correlation_id": str(uuid.uuid4()), **tracing.trace_fields(headers)}
        answer = Answer(send, scope["method"], headers, named["correlation_id"])
        recorded = request_events.begin()
        with structlog.contextvars.bound_contextvars(**named):
            try:
                await self._serve(scope, place, receive, answer)
            except Exception as error:
                problem = problem_of(error)
                state["rule"] = problem.rule
                if problem.kind is RefusalKind.FAULT:
                    log.exception("platform_fault", route=place.pattern)
                if answer.status:
                    raise
                await problem.response(scope["path"])(scope, receive, answer)
            except asyncio.CancelledError:
                if answer.status or not scope["app"].health.draining:
                    raise
                await _ending().response(scope["path"])(scope, receive, answer)
            finally:
                status = answer.status or STATUS[RefusalKind.FAULT]
                seconds = time.perf_counter() - started
                self._metrics.observe(scope["method"], place.pattern, status, seconds)
                self._tell(scope, place, status, seconds, _of_command(state, place, answer, recorded))

    async def _serve(self, scope: Scope, place: Place, receive: Receive, answer: Answer) -> None:
        headers = dict(scope["headers"])
        _check_form(scope)
        method = scope["method"]
        size_max = UPLOAD_MAX if scope["path"] == UPLOADS else BODY_MAX
        authorization = headers.get(b"authorization", b"").decode("latin-1") or None
        caller = self._authenticator.remembered(authorization)
        if caller is None:
            self._limits.check((scope.get("client") or ("unknown",))[0])
        if place.actions and method != "OPTIONS" and method not in place.actions:
            raise Problem(RefusalKind.UNSERVED, *FRAMEWORK[RefusalKind.UNSERVED], headers={"Allow": place.methods})
        if caller is None and not place.is_open(method) and (authorization is not None or method not in READING):
            caller = await self._authenticator.identify(authorization)
        if caller is not None:
            scope["state"]["caller"] = caller
            self._limits.check(caller)
        if method == "OPTIONS" and place.actions:
            await Response(status_code=204, headers={"Allow": place.methods})(scope, receive, answer)
            return
        length = headers.get(b"content-length", b"0")
        if not length.isdigit() or int(length) > size_max:
            raise _too_large(size_max)
        if method == "HEAD":
            scope = {**scope, "method": "GET"}
        await self._app(scope, _bounded(receive, size_max), answer)

    def _tell(self, scope: Scope, place: Place, status: int, seconds: float, command: dict[str, Any]) -> None:
        """The canonical line of a request."""
        state = scope["state"]
        fields: dict[str, Any] = {"method": scope["method"], "route": place.pattern, "status": status, **command}
        if "caller" in state:
            fields["office"] = state["caller"].office
        if "rule" in state:
            fields["rule"] = state["rule"]
        tell = log.warning if status in REFUSALS else log.info
        tell("request", **fields, milliseconds=round(seconds * 1000, 2))


def _of_command(state: dict[str, Any], place: Place, answer: Answer, recorded: RequestEvents) -> dict[str, Any]:
    """What a request was about and what it made, so that both can be found from a fact, and a fact from both."""
    fields: dict[str, Any] = {}
    if "command_id" in state:
        fields["command_id"] = str(state["command_id"])
    for name in SUBJECTS & set(place.parameters):
        fields[name] = place.parameters[name][:UUID_LENGTH]
    if answer.position is not None and recorded.events:
        events = recorded.events
        streams = dict.fromkeys(one.subject for one in events)
        fields |= {"position": answer.position, "repeated": recorded.repeated, "events_count": len(events)}
        fields |= {"events": [str(one.id) for one in events[:NAMED_MAX]], "streams": list(streams)[:NAMED_MAX]}
        kind, _, identity = events[0].subject.partition("/")
        fields.setdefault("cooperation_id", identity if kind == "cooperation" else str(events[0].correlationid))
    return fields


def _check_form(scope: Scope) -> None:
    """Refuse what two programs on a request's way could read differently.

    :raises Problem: 400, a NUL, or a header twice that there can be one of.
    """
    if "\x00" in scope["path"] or b"%00" in scope["query_string"]:
        raise Problem(RefusalKind.UNREADABLE, "request-readable", "Alamat memuat tanda yang bukan bagian dari teks.")
    names = [name for name, _ in scope["headers"] if name in SINGLE]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1).decode()
        raise Problem(RefusalKind.UNREADABLE, "header-once", f"Header {twice} hanya boleh satu.")


def _ending() -> Problem:
    """What is cut off when a service ends may have been recorded all the same: its thread is not cut off."""
    detail = "Layanan sedang berhenti. Coba lagi dengan Idempotency-Key yang sama; yang tercatat tidak diulang."
    return Problem(RefusalKind.UNAVAILABLE, "service-running", detail, headers={"Retry-After": "2"})


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
