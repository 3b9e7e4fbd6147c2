"""RFC 9457 problem details: every refusal names its rule, the clause where there is one, and how to mend it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import structlog
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy import exc
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from ksad.chassis.documents import UnkeptError
from ksad.chassis.store import ClockError, CommandReusedError, ConflictError, StoreBehindError
from ksad.contracts.canonical import NotCanonicalError
from ksad.contracts.envelope import EnvelopeError
from ksad.contracts.rules import RefusalKind, RuleBrokenError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from fastapi import FastAPI, Request

MEDIA_TYPE = "application/problem+json"
RULES = "urn:ksad:rule:"
AWAY = "database-reachable"
ERRORS_MAX = 20
FIELD_MAX = 100
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
"""The HTTP status of every kind of refusal. Nothing else in the services chooses the status of a refusal."""
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
"""What the web framework refuses by itself."""

log = structlog.get_logger(__name__)


class Problem(RuleBrokenError):
    """A refusal as HTTP answers it: a broken rule with the headers of its answer.

    :param kind: what stands in the way; it decides the status.
    :param rule: the rule's stable name in kebab-case.
    :param detail: what is wrong and how to mend it, in Indonesian.
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

    def response(self, instance: str) -> JSONResponse:
        """The problem as an HTTP response."""
        body: dict[str, Any] = {
            "type": RULES + self.rule,
            "title": TITLES[self.kind],
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


WORDS = {
    "missing": "wajib diisi",
    "extra_forbidden": "tidak dikenal di sini",
    "json_invalid": "bukan JSON yang dapat dibaca",
    "string_type": "harus berupa teks",
    "string_unicode": "memuat tanda yang bukan Unicode",
    "string_too_short": "terlalu pendek",
    "string_too_long": "terlalu panjang",
    "string_pattern_mismatch": "bentuknya tidak sesuai",
    "enum": "bukan salah satu pilihan",
    "literal_error": "bukan salah satu pilihan",
    "int_type": "harus berupa bilangan bulat",
    "int_parsing": "harus berupa bilangan bulat",
    "greater_than_equal": "terlalu kecil",
    "less_than_equal": "terlalu besar",
    "bool_type": "harus true atau false",
    "bool_parsing": "harus true atau false",
    "list_type": "harus berupa daftar",
    "dict_type": "harus berupa objek",
    "model_type": "harus berupa objek",
    "model_attributes_type": "harus berupa objek",
    "too_short": "terlalu sedikit isinya",
    "too_long": "terlalu banyak isinya",
    "uuid_type": "harus berupa UUID",
    "uuid_parsing": "harus berupa UUID",
    "date_type": "harus berupa tanggal YYYY-MM-DD",
    "date_parsing": "harus berupa tanggal YYYY-MM-DD",
    "date_from_datetime_parsing": "harus berupa tanggal YYYY-MM-DD",
    "date_from_datetime_inexact": "harus berupa tanggal YYYY-MM-DD",
}
"""What is wrong with a field, by pydantic's name of the fault; the others keep its English words."""


def _invalid(error: RequestValidationError) -> Problem:
    errors = [
        {"field": _readable(one["loc"]), "message": WORDS.get(one["type"], one["msg"])}
        for one in error.errors()[:ERRORS_MAX]
    ]
    if error.errors()[0]["type"] == "json_invalid":
        detail = f"Isi permintaan bukan JSON: tidak terbaca mulai tanda ke-{errors[0]['field']}. Perbaiki isinya."
        return Problem(RefusalKind.INVALID, "request-valid", detail, errors=errors)
    fields = ", ".join(one["field"] or "isi permintaan" for one in errors[:5])
    return Problem(
        RefusalKind.INVALID, "request-valid", f"Isian tidak sesuai: {fields}. Perbaiki isian ini.", errors=errors
    )


def _readable(place: Sequence[object]) -> str:
    """Where a fault is, as a path of fields; names that somebody made up are cut and cannot break the answer."""
    path = ".".join(str(part) for part in place if part != "body")
    return path[:FIELD_MAX].encode(errors="replace").decode()


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


def _away(_: Exception) -> Problem:
    """The answer to a commit may have been lost with the connection, so it is not said that nothing was done."""
    detail = (
        "Basis data tidak terjangkau. Coba lagi dengan Idempotency-Key yang sama; yang sudah tercatat tidak diulang."
    )
    return Problem(RefusalKind.UNAVAILABLE, AWAY, detail, headers={"Retry-After": "2"})


def _busy(_: Exception) -> Problem:
    """A lock or a connection was waited for in vain, so that nothing was done."""
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


def _unfit(error: Exception) -> Problem:
    return Problem(RefusalKind.INVALID, "fact-fits", f"Fakta tidak dapat dicatat: {error}. Persingkat isian.")


EDGE = {
    ConflictError: _conflict,
    CommandReusedError: _reused,
    StoreBehindError: _behind,
    ClockError: _untimely,
    EnvelopeError: _unfit,
    NotCanonicalError: _unfit,
    exc.OperationalError: _away,
    exc.InterfaceError: _away,
    exc.TimeoutError: _busy,
    UnkeptError: _unkept,
    ClientDisconnect: _broken_off,
}
"""The one table from what the machinery raises to what a clerk is told."""


def problem_of(error: Exception) -> Problem:
    """The problem that an exception is at the edge."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, RuleBrokenError):
        problem = Problem(error.kind, error.rule, error.detail, clause=error.clause)
        problem.facts = dict(error.facts)
        return problem
    if isinstance(error, RequestValidationError):
        return _invalid(error)
    if isinstance(error, HTTPException):
        if isinstance(error.__cause__, Problem):  # A body that the edge refused while it was read.
            return error.__cause__
        kind = KINDS.get(error.status_code, RefusalKind.UNREADABLE)
        rule, detail = FRAMEWORK.get(kind, ("request-accepted", str(error.detail)))
        return Problem(kind, rule, detail, headers=error.headers)
    for raised, make in EDGE.items():
        if isinstance(error, raised):
            return make(error)
    detail = "Terjadi kesalahan pada platform. Coba lagi dengan Idempotency-Key yang sama; yang tercatat tidak diulang."
    return Problem(RefusalKind.FAULT, "platform-fault", detail)


def install(app: FastAPI) -> None:
    """Have the app answer every refusal with a problem; a fault is answered by the edge, with all its headers."""

    async def handle(request: Request, error: Exception) -> JSONResponse:
        problem = problem_of(error)
        request.state.rule = problem.rule
        if problem.rule == AWAY:
            log.warning("database_away", path=request.url.path, error=str(error)[:300])
        return problem.response(request.url.path)

    for kind in (RuleBrokenError, RequestValidationError, HTTPException, *EDGE):
        app.add_exception_handler(kind, handle)
