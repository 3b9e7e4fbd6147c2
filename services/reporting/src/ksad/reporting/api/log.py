"""The journal itself, line by line, and what the projections made of it, for auditors and operators."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Depends, Query
from fastapi.responses import StreamingResponse

from ksad.chassis.access import require
from ksad.chassis.openapi import answers
from ksad.chassis.problems import Problem
from ksad.contracts.rules import RefusalKind
from ksad.reporting.api.answering import DigestAnswer
from ksad.reporting.parts import Running
from ksad.reporting.projections.digest import digest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ksad.reporting.journal import Journal

PAGE = 1_000


def router() -> APIRouter:
    """Routes of the log."""
    routes = APIRouter(tags=["log"])

    @routes.get("/log", response_class=StreamingResponse, dependencies=[Depends(require("read_log"))])
    def read_log(
        parts: Running,
        after: Annotated[int, Query(ge=0, le=2**53 - 1)] = 0,
        limit: Annotated[int, Query(ge=1, le=1_000_000)] = 10_000,
    ) -> StreamingResponse:
        """The exact bytes of the entries from index ``after`` on, one per line (JSON Lines)."""
        lines = _lines(parts.journal, after, limit)
        return StreamingResponse(lines, media_type="application/x-ndjson", headers={"Ksad-Log-Index": str(after)})

    @routes.get("/projections/digest", dependencies=[Depends(require("read_log"))], **answers(DigestAnswer))
    def get_digest(parts: Running) -> dict[str, Any]:
        """The digest of all live rows, as `ksad-audit replay` prints it of the same entries; it reads every row."""
        with parts.journal.database.read() as connection:
            try:
                return digest(connection)._asdict()
            except LookupError as error:
                told = "Proyeksi belum berada pada entri yang sama. Coba lagi sebentar lagi."
                raise Problem(
                    RefusalKind.UNAVAILABLE, "projections-level", told, headers={"Retry-After": "1"}
                ) from error

    return routes


def _lines(journal: Journal, after: int, limit: int) -> Iterator[bytes]:
    end = after + limit
    while after < end:
        with journal.database.read() as connection:
            entries = journal.entries(connection, after, min(PAGE, end - after))
        if not entries:
            return
        yield b"".join(entry.raw + b"\n" for entry in entries)
        after += len(entries)
