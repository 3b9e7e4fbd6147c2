"""The feeds over plain HTTP: the same bytes, resumable, compressed, with a long poll. Any rewind goes here."""

from __future__ import annotations

import time
import zlib
from collections.abc import Iterable, Iterator
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool

from ksad.chassis.access import require
from ksad.chassis.auth import Caller
from ksad.chassis.negotiation import takes_gzip
from ksad.reporting.domain.permissions import check_reading_feed
from ksad.reporting.feeds.appender import Feeds, feed_log
from ksad.reporting.parts import Parts, Running

PAGE = 1_000
"""Lines that are in memory at once for each reader, however slow."""
LIMIT_MAX = 1_000_000
WAIT_SECONDS_MAX = 30.0
LOOK_SECONDS = 1.0
"""How often a waiting reader looks for what another process has appended."""
LEVEL = 3
GZIP = 31
READ = require("read-feed")
Reader = Annotated[Caller, Depends(READ)]
Province = Annotated[str, Path(pattern=r"^[1-9][0-9]$")]
After = Annotated[int, Query(ge=0, le=2**53 - 1)]


def router() -> APIRouter:
    """Routes of the feeds."""
    routes = APIRouter(tags=["feeds"], dependencies=[Depends(READ)])

    @routes.get("/feeds/{province}", response_class=StreamingResponse)
    async def read_feed(
        request: Request,
        caller: Reader,
        parts: Running,
        province: Province,
        after: After = 0,
        limit: Annotated[int, Query(ge=1, le=LIMIT_MAX)] = 10_000,
        wait: Annotated[float, Query(ge=0, le=WAIT_SECONDS_MAX)] = 0,
    ) -> StreamingResponse:
        """What concerns a province from index ``after`` on, one event per line; waits where there is nothing yet."""
        _own(caller, province)
        size = await _grown(parts, province, after, wait)
        headers = {
            "Ksad-Feed-Index": str(after),
            "Ksad-Feed-Size": str(size),
            "Ksad-Origin": parts.checkpoints.keys.origin(feed_log(province)),
            "Vary": "Accept-Encoding",
        }
        lines: Iterable[bytes] = _lines(parts.feeds, province, after, min(size, after + limit))
        if takes_gzip(",".join(request.headers.getlist("accept-encoding"))):
            headers["Content-Encoding"] = "gzip"
            lines = _compressed(lines)
        return StreamingResponse(lines, media_type="application/x-ndjson", headers=headers)

    @routes.get("/feeds/{province}/hashes", response_class=Response)
    def read_hashes(
        caller: Reader,
        parts: Running,
        province: Province,
        after: After = 0,
        limit: Annotated[int, Query(ge=1, le=LIMIT_MAX)] = 10_000,
    ) -> Response:
        """The leaf hashes of a feed from index ``after`` on, 32 bytes each: where one differs from what came, is it."""
        _own(caller, province)
        feeds = parts.feeds
        with feeds.database.read() as connection:
            return Response(feeds.hashes(connection, province, after, limit), media_type="application/octet-stream")

    return routes


async def _grown(parts: Parts, province: str, after: int, seconds: float) -> int:
    """The feed's size, as soon as it is more than ``after`` or the time is over. Waiting takes no thread."""
    deadline = time.monotonic() + seconds

    def look() -> int:
        with parts.feeds.database.read() as connection:
            return parts.feeds.size(connection, province)

    while True:
        size = await run_in_threadpool(look)
        left = deadline - time.monotonic()
        if size > after or left <= 0 or parts.health.draining:
            return size
        await parts.growth.wait(province, after, min(left, LOOK_SECONDS))


def _own(caller: Caller, province: str) -> None:
    """A province's offices read its own feed only; ministry and auditors read all."""
    check_reading_feed(caller.office, province)


def _lines(feeds: Feeds, province: str, after: int, end: int) -> Iterator[bytes]:
    while after < end:
        count, page = _page(feeds, province, after, min(PAGE, end - after))
        if not count:
            return
        after += count
        yield page


def _page(feeds: Feeds, province: str, after: int, limit: int) -> tuple[int, bytes]:
    """How many lines, and the lines: all that a reader who does not read holds here."""
    with feeds.database.read() as connection:
        leaves = feeds.leaves(connection, province, after, limit)
    return len(leaves), b"\n".join([*leaves, b""])


def _compressed(pages: Iterable[bytes]) -> Iterator[bytes]:
    packer = zlib.compressobj(LEVEL, wbits=GZIP)
    for page in pages:
        yield packer.compress(page)
    yield packer.flush()
