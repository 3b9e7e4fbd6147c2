"""Routes of the journal's entries and of the projections' digest, for auditors and operators."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Depends, Query
from fastapi.responses import StreamingResponse

from ksad.chassis.access import require
from ksad.chassis.openapi import answers
from ksad.chassis.problems import Problem
from ksad.chassis.requests import Router
from ksad.contracts.rules import RefusalKind
from ksad.reporting.api.answering import DigestAnswer
from ksad.reporting.parts import Running
from ksad.reporting.projections.digest import digest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ksad.reporting.journal import Journal

PAGE = 1_000


def router() -> Router:
    """The routes of the log."""
    routes = Router(tags=["log"])

    @routes.get("/log", response_class=StreamingResponse, dependencies=[Depends(require("read_log"))])
    def read_log(
        parts: Running,
        after: Annotated[int, Query(ge=0, le=2**53 - 1)] = 0,
        limit: Annotated[int, Query(ge=1, le=1_000_000)] = 10_000,
    ) -> StreamingResponse:
        """The exact bytes of at most ``limit`` entries from index ``after`` on, one per line (JSON Lines)."""
        lines = _lines(parts.journal, after, limit)
        return StreamingResponse(lines, media_type="application/x-ndjson", headers={"Ksad-Log-Index": str(after)})

    @routes.get("/projections/digest", dependencies=[Depends(require("read_log"))], **answers(DigestAnswer))
    def get_digest(parts: Running) -> dict[str, Any]:
        """The digest of all rows of the live projections, equal to what `ksad-audit replay` prints for the same
        entries.

        Reads every row. 503 while the projections are not all at the same entry.
        """
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
