"""RFC 9457 problem details: each refusal names its rule, its clause if there is one, and what to do."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import structlog
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import ValidationError
from sqlalchemy import exc
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from structlog.contextvars import get_contextvars

from ksad.chassis.bucket import BucketAwayError
from ksad.chassis.database import is_full
from ksad.chassis.documents import UnkeptError
from ksad.chassis.store import ClockError, CommandReusedError, ConflictError, StoreBehindError
from ksad.contracts import wording
from ksad.contracts.canonical import NotCanonicalError
from ksad.contracts.envelope import SIZE_MAX, EnvelopeError
from ksad.contracts.field_words import named, sentence
from ksad.contracts.rules import RefusalKind, RuleBrokenError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from fastapi import FastAPI, Request, Response

    Respond = Callable[["Problem", Request], Response]
    """Makes the response to a refusal: for programs, or for people."""

    from ksad.contracts.wording import FieldFault

MEDIA_TYPE = "application/problem+json"
RULES = "urn:ksad:rule:"
AWAY = "database-reachable"
# Limits of an answer, whose size a client could otherwise choose by its faults.
ERRORS_MAX = 20
STATUS = {
    RefusalKind.UNREADABLE: 400,
    RefusalKind.UNIDENTIFIED: 401,
    RefusalKind.FORBIDDEN: 403,
    RefusalKind.UNKNOWN: 404,
    RefusalKind.UNSERVED: 405,
    RefusalKind.CONFLICT: 409,
    RefusalKind.OUTDATED: 412,
    RefusalKind.TOO_LARGE: 413,
    RefusalKind.INVALID: 422,
    RefusalKind.TOO_MANY: 429,
    RefusalKind.FAULT: 500,
    RefusalKind.UNAVAILABLE: 503,
}
"""The HTTP status of each kind of refusal. No other place in the services chooses it."""
KINDS = {status: kind for kind, status in STATUS.items()}
TITLES = {
    RefusalKind.UNREADABLE: "Permintaan tidak dapat dibaca",
    RefusalKind.UNIDENTIFIED: "Identitas diperlukan",
    RefusalKind.FORBIDDEN: "Tidak berwenang",
    RefusalKind.UNKNOWN: "Tidak ditemukan",
    RefusalKind.UNSERVED: "Metode tidak tersedia",
    RefusalKind.CONFLICT: "Bertentangan dengan keadaan sekarang",
    RefusalKind.OUTDATED: "Keadaan sudah berubah",
    RefusalKind.TOO_LARGE: "Permintaan terlalu besar",
    RefusalKind.INVALID: "Melanggar aturan",
    RefusalKind.TOO_MANY: "Terlalu banyak permintaan",
    RefusalKind.FAULT: "Kesalahan pada platform",
    RefusalKind.UNAVAILABLE: "Belum tersedia",
}
FRAMEWORK = {
    RefusalKind.UNREADABLE: ("request-readable", "Permintaan tidak dapat dibaca. Periksa bentuk isinya."),
    RefusalKind.UNKNOWN: ("route-known", "Alamat ini tidak ada. Periksa alamatnya."),
    RefusalKind.UNSERVED: (
        "method-known",
        "Alamat ini tidak melayani metode itu; header Allow menyebut yang dilayani.",
    ),
}
"""Rule and detail for refusals by the web framework itself."""

log = structlog.get_logger(__name__)


class Problem(RuleBrokenError):
    """A refusal with HTTP headers.

    :param kind: the kind of refusal, which determines the status.
    :param rule: the rule's stable name in kebab-case.
    :param detail: what is wrong and what to do, in Indonesian.
    """

    def __init__(
        self,
        kind: RefusalKind,
        rule: str,
        detail: str,
        *,
        clause: str | None = None,
        headers: Mapping[str, str] | None = None,
        **facts: object,
    ) -> None:
        super().__init__(rule, detail, clause, kind=kind, **facts)
        self.headers = dict(headers or {})

    @property
    def status(self) -> int:
        """The HTTP status."""
        return STATUS[self.kind]

    def details(self, instance: str) -> dict[str, Any]:
        """The problem as RFC 9457 problem details, of the request or place ``instance``."""
        body: dict[str, Any] = {
            "type": RULES + self.rule,
            "title": TITLES[self.kind],
            "status": self.status,
            "detail": _plain(self.detail),
            "instance": _plain(instance),
            "rule": self.rule,
            "clause": self.clause,
            "request_id": get_contextvars().get("correlation_id"),
        }
        if self.policy:
            body["policy"] = True
        extra = {name: _plain(value) for name, value in self.facts.items() if name not in body}
        return body | extra

    def response(self, instance: str) -> JSONResponse:
        """The problem as an HTTP response."""
        return JSONResponse(self.details(instance), self.status, self.headers, media_type=MEDIA_TYPE)


def _plain(value: object) -> Any:  # noqa: ANN401 - JSON
    if value is None or isinstance(value, int | bool):
        return value
    if isinstance(value, str):  # A lone surrogate cannot be encoded.
        return value.encode(errors="replace").decode()
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(item) for item in value]
    return str(value)


def unfit(error: ValidationError) -> Problem:
    """The problem that answers input which does not fit its model."""
    return _invalid(wording.faults(error), error.errors()[0]["type"])


def _invalid(found: Sequence[FieldFault], kind: str) -> Problem:
    """A problem that lists the faulty fields, and the number of those that are left out."""
    facts: dict[str, Any] = {"errors": [one.shown() for one in found[:ERRORS_MAX]]}
    if len(found) > ERRORS_MAX:
        facts["errors_left"] = len(found) - ERRORS_MAX
    if kind == "json_invalid" and found[0].field:
        detail = f"Isi permintaan bukan JSON: tidak terbaca mulai tanda ke-{found[0].field}. Perbaiki isinya."
    else:
        detail = f"Isian tidak sesuai: {sentence(found)}. Perbaiki isian ini."
    return Problem(RefusalKind.INVALID, "request-valid", detail, **facts)


def _conflict(_: Exception) -> Problem:
    return Problem(
        RefusalKind.CONFLICT, "changed-meanwhile", "Data berubah pada saat yang sama. Baca ulang lalu coba lagi."
    )


def _reused(_: Exception) -> Problem:
    detail = "Idempotency-Key ini sudah dipakai untuk permintaan lain. Pakai kunci baru."
    return Problem(RefusalKind.INVALID, "idempotency-key-reused", detail)


def _behind(error: Exception) -> Problem:
    detail = "Layanan sedang memulihkan catatannya dari log dan belum menerima perubahan. Coba lagi nanti."
    return Problem(RefusalKind.UNAVAILABLE, "store-behind-log", detail, headers={"Retry-After": "2"}, reason=str(error))


def _untimely(error: Exception) -> Problem:
    return Problem(RefusalKind.UNAVAILABLE, "clock-plausible", str(error), headers={"Retry-After": "60"})


def _away(error: Exception) -> Problem:
    """The connection may have been lost after a commit, so the text does not say that nothing was recorded."""
    if is_full(error):
        return _full(error)
    detail = (
        "Basis data tidak terjangkau. Coba lagi dengan Idempotency-Key yang sama; yang sudah tercatat tidak diulang."
    )
    return Problem(RefusalKind.UNAVAILABLE, AWAY, detail, headers={"Retry-After": "2"})


def _full(_: Exception) -> Problem:
    """What was being written may have been kept in part, so it is not said that nothing was done."""
    detail = (
        "Ruang penyimpanan habis atau tidak dapat ditulisi. Operator perlu melihatnya. Coba lagi nanti dengan "
        "Idempotency-Key yang sama; yang sudah tercatat tidak diulang."
    )
    return Problem(RefusalKind.UNAVAILABLE, "storage-writable", detail, headers={"Retry-After": "10"})


def _busy(_: Exception) -> Problem:
    """A lock or connection was not available in time, so nothing was recorded."""
    detail = "Basis data sedang sibuk dan permintaan ini belum dicatat. Coba lagi sebentar."
    return Problem(RefusalKind.UNAVAILABLE, "database-free", detail, headers={"Retry-After": "1"})


def _broken_off(_: Exception) -> Problem:
    return Problem(RefusalKind.UNREADABLE, "request-whole", "Permintaan terputus sebelum lengkap. Kirim ulang.")


def _unkept(error: Exception) -> Problem:
    detail = (
        "Dokumen tidak dapat disimpan; kemungkinan ruang penyimpanan habis. Operator perlu melihatnya. Coba lagi nanti."
    )
    log.error("document_not_kept", error=str(error))
    return Problem(RefusalKind.UNAVAILABLE, "document-kept", detail, headers={"Retry-After": "30"})


def _unreached(error: Exception) -> Problem:
    detail = "Dokumen tidak terjangkau: tempat penyimpanannya tidak menjawab. Coba lagi sebentar."
    log.error("documents_away", error=str(error))
    return Problem(RefusalKind.UNAVAILABLE, "documents-reachable", detail, headers={"Retry-After": "10"})


def _uncanonical(error: Exception) -> Problem:
    reason = error if isinstance(error, NotCanonicalError) else error.__cause__
    if isinstance(reason, NotCanonicalError):
        field = wording.readable([re.sub(r"^\$(\[2\])?(\.data)?\.?", "", reason.path)])
        detail = f"Fakta tidak dapat dicatat: {named(field)} {wording.WORDS[reason.kind]}."
        return Problem(RefusalKind.INVALID, "fact-fits", detail, field=field)
    detail = f"Fakta tidak dapat dicatat: lebih dari {SIZE_MAX} byte. Persingkat isian."
    return Problem(RefusalKind.INVALID, "fact-fits", detail)


EDGE = {
    ConflictError: _conflict,
    CommandReusedError: _reused,
    StoreBehindError: _behind,
    ClockError: _untimely,
    EnvelopeError: _uncanonical,
    NotCanonicalError: _uncanonical,
    exc.OperationalError: _away,
    exc.InterfaceError: _away,
    # SQLAlchemy's, for a connection of the pool; BusyError is one as well.
    exc.TimeoutError: _busy,
    UnkeptError: _unkept,
    BucketAwayError: _unreached,
    ClientDisconnect: _broken_off,
}
"""Maps exceptions of the infrastructure to refusals for clients."""
REFUSING = (RuleBrokenError, RequestValidationError)


def problem_of(error: Exception) -> Problem:
    """The refusal for an exception; an unknown exception gives ``platform-fault`` (500)."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, RuleBrokenError):
        problem = Problem(error.kind, error.rule, error.detail, clause=error.clause)
        problem.facts = dict(error.facts)
        return problem
    if isinstance(error, RequestValidationError):
        return _invalid(wording.worded(error.errors()), error.errors()[0]["type"])
    if isinstance(error, HTTPException):
        if isinstance(error.__cause__, REFUSING):  # Raised while FastAPI was reading the body.
            return problem_of(error.__cause__)
        if isinstance(error.__cause__, ValidationError):
            return unfit(error.__cause__)
        kind = KINDS.get(error.status_code, RefusalKind.UNREADABLE)
        rule, detail = FRAMEWORK.get(kind, ("request-accepted", str(error.detail)))
        return Problem(kind, rule, detail, headers=error.headers)
    for raised, make in EDGE.items():
        if isinstance(error, raised):
            return make(error)
    detail = "Terjadi kesalahan pada platform. Coba lagi dengan Idempotency-Key yang sama; yang tercatat tidak diulang."
    return _full(error) if is_full(error) else Problem(RefusalKind.FAULT, "platform-fault", detail)


def in_json(problem: Problem, request: Request) -> Response:
    """Answers programs: the problem as JSON."""
    return problem.response(request.url.path)


def install(app: FastAPI, respond: Respond = in_json) -> None:
    """Registers handlers that answer refusals, with problem details by default. The edge answers faults (500)."""

    async def handle(request: Request, error: Exception) -> Response:
        problem = problem_of(error)
        request.state.rule = problem.rule
        if problem.rule == AWAY:
            log.warning("database_away", path=request.url.path, error=str(error)[:300])
        return respond(problem, request)

    for kind in (RuleBrokenError, RequestValidationError, HTTPException, *EDGE):
        app.add_exception_handler(kind, handle)
