"""RFC 9457 problem details: every refusal names its rule, the clause where there is one, and how to mend it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import structlog
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from chassis.store import CommandReusedError, ConflictError, StoreBehindError
from contracts.canonical import NotCanonicalError
from contracts.envelope import EnvelopeError
from contracts.rules import RuleBrokenError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fastapi import FastAPI, Request

MEDIA_TYPE = "application/problem+json"
RULES = "urn:ksad:rule:"
PLATFORM_TITLES = {
    400: "Permintaan tidak dapat dibaca",
    401: "Identitas diperlukan",
    403: "Tidak berwenang",
    404: "Tidak ditemukan",
    405: "Metode tidak tersedia",
    409: "Bertentangan dengan keadaan sekarang",
    412: "Keadaan sudah berubah",
    413: "Permintaan terlalu besar",
    422: "Melanggar aturan",
    429: "Terlalu banyak permintaan",
    500: "Kesalahan pada platform",
    503: "Belum tersedia",
}
log = structlog.get_logger(__name__)


class Problem(Exception):
    """A refusal at the edge.

    :param rule: the rule's stable name in kebab-case.
    :param detail: what is wrong and how to mend it, in Indonesian.
    """

    def __init__(
        self,
        status: int,
        rule: str,
        detail: str,
        *,
        clause: str | None = None,
        headers: Mapping[str, str] | None = None,
        **facts: object,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.rule = rule
        self.detail = detail
        self.clause = clause
        self.headers = dict(headers or {})
        self.facts = facts

    def response(self, instance: str) -> JSONResponse:
        """The problem as an HTTP response."""
        body: dict[str, Any] = {
            "type": RULES + self.rule,
            "title": PLATFORM_TITLES.get(self.status, "Ditolak"),
            "status": self.status,
            "detail": self.detail,
            "instance": instance,
            "rule": self.rule,
            "clause": self.clause,
        }
        extra = {name: _plain(value) for name, value in self.facts.items() if name not in body}
        return JSONResponse(body | extra, self.status, self.headers, media_type=MEDIA_TYPE)


def _plain(value: object) -> Any:  # noqa: ANN401 - JSON
    if value is None or isinstance(value, str | int | bool):
        return value
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(item) for item in value]
    return str(value)


def _invalid(error: RequestValidationError) -> Problem:
    errors = [
        {"field": ".".join(str(part) for part in one["loc"] if part != "body"), "message": one["msg"]}
        for one in error.errors()
    ]
    fields = ", ".join(one["field"] or "isi permintaan" for one in errors[:5])
    return Problem(422, "request-valid", f"Isian tidak sesuai: {fields}. Perbaiki isian ini.", errors=errors)


def _conflict(_: Exception) -> Problem:
    return Problem(409, "changed-meanwhile", "Data berubah pada saat yang sama. Baca ulang lalu coba lagi.")


def _reused(_: Exception) -> Problem:
    detail = "Idempotency-Key ini sudah dipakai untuk permintaan lain. Pakai kunci baru."
    return Problem(422, "idempotency-key-reused", detail)


def _behind(error: Exception) -> Problem:
    detail = "Layanan sedang memulihkan catatannya dari log dan belum menerima perubahan. Coba lagi nanti."
    return Problem(503, "store-behind-log", detail, headers={"Retry-After": "2"}, reason=str(error))


def _unfit(error: Exception) -> Problem:
    return Problem(422, "fact-fits", f"Fakta tidak dapat dicatat: {error}. Persingkat isian.")


EDGE = {
    ConflictError: _conflict,
    CommandReusedError: _reused,
    StoreBehindError: _behind,
    EnvelopeError: _unfit,
    NotCanonicalError: _unfit,
}
"""The one table from what the machinery raises to what a clerk is told."""


def problem_of(error: Exception) -> Problem:
    """The problem that an exception is at the edge."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, RuleBrokenError):
        problem = Problem(getattr(error, "status", 422), error.rule, error.detail, clause=error.clause)
        problem.facts = dict(error.facts)
        return problem
    if isinstance(error, RequestValidationError):
        return _invalid(error)
    if isinstance(error, HTTPException):
        rule = {404: "route-known", 405: "method-known"}.get(error.status_code, "request-accepted")
        return Problem(error.status_code, rule, str(error.detail), headers=error.headers)
    for kind, make in EDGE.items():
        if isinstance(error, kind):
            return make(error)
    return Problem(500, "platform-fault", "Terjadi kesalahan pada platform; permintaan tidak diproses.")


def install(app: FastAPI) -> None:
    """Have the app answer every refusal and fault with a problem."""

    async def handle(request: Request, error: Exception) -> JSONResponse:
        problem = problem_of(error)
        if problem.status >= 500 and problem.rule == "platform-fault":  # noqa: PLR2004 - HTTP
            log.error("platform_fault", path=request.url.path, error=repr(error), exc_info=error)
        return problem.response(request.url.path)

    known = (Problem, RuleBrokenError, RequestValidationError, HTTPException, *EDGE, Exception)
    for kind in known:
        app.add_exception_handler(kind, handle)
