"""The edge of a service: limits, authentication, idempotency keys, and one log line per request."""

from __future__ import annotations

import asyncio
import hashlib
import re
import time
import uuid
from typing import TYPE_CHECKING, Any, NamedTuple

import structlog
from fastapi import Request, Response

from ksad.chassis import tracing
from ksad.chassis.access import READING
from ksad.chassis.answer import Answer
from ksad.chassis.auth import token_missing
from ksad.chassis.foreseeing import DRY_RUN
from ksad.chassis.offices import OFFICE_HEADER
from ksad.chassis.problems import ERRORS_MAX, FRAMEWORK, STATUS, Problem, in_json, problem_of
from ksad.chassis.routes import Routes
from ksad.chassis.store import request_events
from ksad.contracts import canonical
from ksad.contracts.free_text import CONFIRMED, CONFIRMS, looks_personal, unreadable
from ksad.contracts.identifiers import command_id
from ksad.contracts.rules import RefusalKind
from ksad.contracts.wording import readable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from ksad.chassis.auth import Authenticator, Caller
    from ksad.chassis.limiting import Limits
    from ksad.chassis.metrics import Metrics
    from ksad.chassis.offices import Holder
    from ksad.chassis.problems import Respond
    from ksad.chassis.routes import Place
    from ksad.chassis.store.request_events import RequestEvents
    from ksad.contracts.wording import FieldFault

BODY_MAX = 1024 * 1024
UPLOAD_MAX = 50 * 1024 * 1024
PROBES = {"/livez", "/readyz", "/metrics"}
"""Asked every few seconds by whoever watches: a line for each would be most of an idle service's log."""
OFFICE_FIELD = OFFICE_HEADER.lower().encode()
KEY = re.compile(r"[\x21-\x7e]{1,128}")
VERSION = re.compile(r'(?:W/)?"(\d{1,9})"')
SINGLE = {
    *(b"authorization", b"content-type", b"host", b"idempotency-key", b"if-match"),
    *(b"ksad-dry-run", b"ksad-office", b"ksad-wait"),
}
RECORDED = "Perintah ini tidak dapat dicoba tanpa dicatat. Kirim tanpa permintaan percobaan bila memang dimaksud."
UNTRIED = RefusalKind.INVALID, "dry-run-known", RECORDED
SUBJECTS = {"cooperation_id", "task_id", "report_id"}
NAMED_MAX = 20
"""Events and streams named in a log line; a command can record many more."""
REFUSALS = {
    STATUS[kind]
    for kind in (RefusalKind.UNIDENTIFIED, RefusalKind.FORBIDDEN, RefusalKind.TOO_LARGE, RefusalKind.TOO_MANY)
}
"""Statuses that are logged as warnings, because they may indicate an attack."""
log = structlog.get_logger(__name__)


class Submission(NamedTuple):
    """The common part of writing requests: the caller, the command's id and digest, and the expected version."""

    caller: Caller
    command_id: UUID
    digest: str
    expected: int | None

    def check_expected(self, version: int) -> None:
        """Checks the version stated in ``If-Match``.

        :raises Problem: 412, the present version is another one, which is in the ETag.
        """
        if self.expected is not None and self.expected != version:
            detail = f"Data sudah berubah (versi {version}). Baca ulang lalu coba lagi."
            raise Problem(RefusalKind.OUTDATED, "version-matches", detail, headers={"ETag": f'"{version}"'})


def submission_of(request: Request, body: object, *, dry: bool = False) -> Submission:
    """Reads the submission of a writing request, after the caller was identified.

    :param dry: whether a dry run is what is answered; a command that knows none is not recorded in its place.
    :raises Problem: 400, the ``Idempotency-Key`` is missing or malformed, or ``If-Match`` is not a version; 422, a text
        has invisible signs, or looks like a person and is not confirmed.
    """
    if DRY_RUN in request.headers and not dry:
        raise Problem(*UNTRIED)
    caller: Caller = request.state.caller
    key = request.headers.get("idempotency-key", "")
    if not KEY.fullmatch(key):
        detail = "Sertakan Idempotency-Key: 1 sampai 128 karakter tanpa spasi, baru untuk setiap perintah."
        raise Problem(RefusalKind.UNREADABLE, "idempotency-key-present", detail)
    _check_texts(body)
    if isinstance(body, dict):  # Whoever confirms a text asks for the same as before.
        body = {name: value for name, value in body.items() if name != CONFIRMS}
    # The whole request, so that a key cannot be used again for another command, or on another record.
    asked = canonical.encode([request.method, request.url.path, body])
    identity = command_id(caller.office, key)
    # A dry run is no first sending, and finds nothing that was recorded under its key.
    request.state.command_id = uuid.uuid5(identity, DRY_RUN) if dry else identity
    return Submission(caller, request.state.command_id, hashlib.sha256(asked).hexdigest(), _expected(request))


def _check_texts(body: object) -> None:
    if faults := unreadable(body):
        detail = "Teks memuat tanda yang tidak terlihat atau mengubah arah baca. Tulis ulang isian ini."
        raise Problem(RefusalKind.INVALID, "text-readable", detail, errors=_listed(faults))
    if faults := looks_personal(body):
        detail = (
            "Teks tampak memuat data orang, yang akan tersimpan selamanya. Sebut jabatannya saja; bila bukan orang "
            "atau memang harus demikian, kirim lagi dengan pernyataan bahwa hal itu sudah diperiksa."
        )
        raise Problem(RefusalKind.INVALID, CONFIRMED, detail, errors=_listed(faults), confirms=[CONFIRMED])


def _listed(faults: Sequence[FieldFault]) -> list[dict[str, object]]:
    return [one._replace(field=readable([one.field])).shown() for one in faults[:ERRORS_MAX]]


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


class Edge:
    """ASGI middleware around a service. A request refused here has cost neither its body nor a worker thread."""

    def __init__(
        self, app: ASGIApp, metrics: Metrics, authenticator: Authenticator, limits: Limits, respond: Respond = in_json
    ) -> None:
        """:param respond: makes the response to a refusal."""
        self._app = app
        self._metrics = metrics
        self._authenticator = authenticator
        self._limits = limits
        self._respond = respond
        self._routes: Routes | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one HTTP request; passes other ASGI events through."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if self._routes is None:
            self._routes = Routes(scope["app"])
        started = time.perf_counter()
        headers = dict(scope["headers"])
        place = self._routes.at(scope["path"])
        state = scope.setdefault("state", {})
        named = {"correlation_id": str(uuid.uuid4()), **tracing.request_fields(headers)}
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
                await self._respond(problem, Request(scope))(scope, receive, answer)
            # The server cancels requests that still run when its time to stop is over.
            except asyncio.CancelledError:
                if answer.status or not scope["app"].health.draining:
                    raise
                await self._respond(_ending(), Request(scope))(scope, receive, answer)
            finally:
                status = answer.status or STATUS[RefusalKind.FAULT]
                seconds = time.perf_counter() - started
                self._metrics.observe(scope["method"], place.pattern, status, seconds)
                self._tell(scope, place, status, seconds, _of_command(state, place, answer, recorded))

    async def _serve(self, scope: Scope, place: Place, receive: Receive, answer: Answer) -> None:
        headers = dict(scope["headers"])
        _check_form(scope)
        method = scope["method"]
        size_max = UPLOAD_MAX if place.pattern in scope["app"].uploads else BODY_MAX
        authorization = headers.get(b"authorization", b"").decode("latin-1") or None
        address = (scope.get("client") or ("unknown",))[0]
        holder = self._authenticator.remembered(authorization)
        served = not place.actions or method == "OPTIONS" or method in place.actions
        if holder is None and (authorization is None or place.is_open(method) or not served):
            self._limits.check(address)
        if not served:
            raise Problem(RefusalKind.UNSERVED, *FRAMEWORK[RefusalKind.UNSERVED], headers={"Allow": place.methods})
        if holder is None and not place.is_open(method) and (authorization is not None or method not in READING):
            holder = await self._identified(authorization, address)
        if holder is not None:
            scope["state"]["caller"] = holder.acting(headers.get(OFFICE_FIELD, b"").decode("latin-1") or None)
            self._limits.check(scope["state"]["caller"])
        if method == "OPTIONS" and place.actions:
            await Response(status_code=204, headers={"Allow": place.methods})(scope, receive, answer)
            return
        length = headers.get(b"content-length", b"0")
        if not length.isdigit() or int(length) > size_max:
            raise _too_large(size_max)
        if b"ksad-dry-run" in headers and (place.pattern in scope["app"].uploads or method in {"PUT", "DELETE"}):
            raise Problem(*UNTRIED)
        if method == "HEAD":
            # The routes know GET only; `Answer` leaves the body out.
            scope = {**scope, "method": "GET"}
        await self._app(scope, _bounded(receive, size_max), answer)

    async def _identified(self, authorization: str | None, address: str) -> Holder:
        if authorization is None:
            raise token_missing()
        # Before the token is verified, which costs more than to refuse.
        self._limits.check_tokens(address)
        try:
            return await self._authenticator.identify(authorization)
        except Problem as problem:
            if problem.kind is RefusalKind.UNIDENTIFIED:
                self._limits.count_refused(address)
            raise

    def _tell(self, scope: Scope, place: Place, status: int, seconds: float, command: dict[str, Any]) -> None:
        """Writes the log line of a request."""
        state = scope["state"]
        fields: dict[str, Any] = {"method": scope["method"], "route": place.pattern, "status": status, **command}
        if "caller" in state:
            fields["office"] = state["caller"].office
        if "rule" in state:
            fields["rule"] = state["rule"]
        tell = log.debug if place.pattern in PROBES else log.warning if status in REFUSALS else log.info
        tell("request", **fields, milliseconds=round(seconds * 1000, 2))


def _of_command(state: dict[str, Any], place: Place, answer: Answer, recorded: RequestEvents) -> dict[str, Any]:
    """Fields on a command: its id, subject, position and events, which link log lines and events."""
    fields: dict[str, Any] = {}
    if "command_id" in state:
        fields["command_id"] = str(state["command_id"])
    for name in SUBJECTS & set(place.parameters):
        fields[name] = place.parameters[name][:36]  # of a UUID
    if answer.position is not None and recorded.events:
        events = recorded.events
        streams = dict.fromkeys(one.subject for one in events)
        fields |= {"position": answer.position, "repeated": recorded.repeated, "events_count": len(events)}
        fields |= {"events": [str(one.id) for one in events[:NAMED_MAX]], "streams": list(streams)[:NAMED_MAX]}
        kind, _, identity = events[0].subject.partition("/")
        fields.setdefault("cooperation_id", identity if kind == "cooperation" else str(events[0].correlationid))
    return fields


def _check_form(scope: Scope) -> None:
    """Checks for ambiguous input that programs along the way could interpret differently.

    :raises Problem: 400, a NUL in the address, or a repeated header that may occur once.
    """
    if "\x00" in scope["path"] or b"%00" in scope["query_string"]:
        raise Problem(RefusalKind.UNREADABLE, "request-readable", "Alamat memuat tanda yang bukan bagian dari teks.")
    names = [name for name, _ in scope["headers"] if name in SINGLE]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1).decode()
        raise Problem(RefusalKind.UNREADABLE, "header-once", f"Header {twice} hanya boleh satu.")


def _ending() -> Problem:
    """The refusal of a request cut off when the service ends. It may have been recorded: its thread is not cut off."""
    detail = "Layanan sedang berhenti. Coba lagi dengan Idempotency-Key yang sama; yang tercatat tidak diulang."
    return Problem(RefusalKind.UNAVAILABLE, "service-running", detail, headers={"Retry-After": "2"})


def _too_large(size_max: int) -> Problem:
    return Problem(
        RefusalKind.TOO_LARGE, "body-small", f"Isi permintaan paling besar {size_max} byte. Kirim lebih sedikit."
    )


def _bounded(receive: Receive, size_max: int) -> Receive:
    """Limits the size of a body while it is received, whatever ``Content-Length`` says."""
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
