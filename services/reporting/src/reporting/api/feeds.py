"""The feeds over plain HTTP: the same bytes, resumable, with a long poll. Any rewind goes here."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import StreamingResponse

from chassis.access import require
from chassis.problems import Problem
from reporting.feeds.publisher import origin

PAGE = 2_000
LIMIT_MAX = 1_000_000
WAIT_SECONDS_MAX = 30.0
POLL_SECONDS = 0.1
Province = Annotated[str, Path(pattern=r"^[1-9][0-9]$")]


def router() -> APIRouter:
    """Routes of the feeds."""
    routes = APIRouter(tags=["feeds"])

    @routes.get("/feeds/{province}", response_class=StreamingResponse, dependencies=[Depends(require("read-feed"))])
    def read_feed(
        request: Request,
        province: Province,
        after: Annotated[int, Query(ge=0)] = 0,
        limit: Annotated[int, Query(ge=1, le=LIMIT_MAX)] = 10_000,
        wait: Annotated[float, Query(ge=0, le=WAIT_SECONDS_MAX)] = 0,
    ) -> StreamingResponse:
        """What concerns a province from index ``after`` on, one event per line; waits where there is nothing yet."""
        _own(request, province)
        feeds = request.app.state.feeds
        deadline = time.monotonic() + wait
        while True:
            with feeds.database.read() as connection:
                size = feeds.size(connection, province)
            if size > after or time.monotonic() >= deadline or request.app.state.health.draining:
                break
            time.sleep(POLL_SECONDS)
        headers = {
            "Ksad-Feed-Index": str(after),
            "Ksad-Feed-Size": str(size),
            "Ksad-Origin": origin(request.app.state.settings.platform, province),
        }
        lines = _lines(feeds, province, after, min(size, after + limit))
        return StreamingResponse(lines, media_type="application/x-ndjson", headers=headers)

    return routes


def _own(request: Request, province: str) -> None:
    """A feed's key reads its own province only; ministry and auditors read all."""
    office = request.state.caller.office
    if ":" in office and office.partition(":")[2][:2] != province:
        detail = f"Jabatan {office} hanya membaca umpan provinsinya sendiri."
        raise Problem(403, "own-feed", detail, office=office)


def _lines(feeds: Any, province: str, after: int, end: int) -> Iterator[bytes]:  # noqa: ANN401 - Feeds, from the app's state
    while after < end:
        with feeds.database.read() as connection:
            rows = feeds.read(connection, province, after, min(PAGE, end - after))
        if not rows:
            return
        yield b"".join(raw + b"\n" for _, raw in rows)
        after += len(rows)
