"""The feeds over HTTP: resumable at any index, compressed on request, with long polling."""

from __future__ import annotations

import time
import zlib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Annotated

from fastapi import Depends, Path, Query, Request, Response
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool

from ksad.chassis.access import require
from ksad.chassis.auth import Caller
from ksad.chassis.documents import OCTETS, NoDocumentError
from ksad.chassis.negotiation import takes_gzip
from ksad.chassis.problems import Problem
from ksad.chassis.requests import Router
from ksad.chassis.transfer import download
from ksad.contracts.rules import RefusalKind
from ksad.reporting.domain.permissions import check_reading_feed
from ksad.reporting.feeds.appender import Feeds, feed_log
from ksad.reporting.feeds.citing import is_cited
from ksad.reporting.parts import Parts, Running

PAGE = 1_000
"""Lines held in memory per reader, however slowly it reads."""
# The most lines of one answer.
LIMIT_MAX = 1_000_000
WAIT_SECONDS_MAX = 30.0
LOOK_SECONDS = 1.0
"""How often a waiting reader looks for entries that another process appended."""
# Of the levels of zlib, 1 (fastest) to 9 (smallest).
LEVEL = 3
# For zlib: the largest window (15 bits), plus 16 for the gzip format (RFC 1952).
GZIP = 31
READ = require("read-feed")
Reader = Annotated[Caller, Depends(READ)]
Province = Annotated[str, Path(pattern=r"^[1-9][0-9]$")]
Digest = Annotated[str, Path(pattern=r"^[0-9a-f]{64}$")]
After = Annotated[int, Query(ge=0, le=2**53 - 1)]


def router() -> Router:
    """The routes of the feeds."""
    routes = Router(tags=["feeds"], dependencies=[Depends(READ)])

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
        """The entries of a province's feed from index ``after`` on, one event per line (JSON Lines), at most ``limit``.

        If there are none, the answer waits up to ``wait`` seconds. 403 for the feed of another province.
        """
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
        """The leaf hashes of a feed from index ``after`` on, 32 bytes each.

        Compare them with the hashes of the entries received to find the first entry that differs.
        """
        _own(caller, province)
        feeds = parts.feeds
        with feeds.database.read() as connection:
            return Response(feeds.hashes(connection, province, after, limit), media_type="application/octet-stream")

    @routes.get("/feeds/{province}/documents/{sha256}", response_class=Response)
    def read_document(caller: Reader, parts: Running, province: Province, sha256: Digest) -> Response:
        """A document that a fact of the feed cites. 404 if none does, or if it is not readable here."""
        _own(caller, province)
        if is_cited(parts.database, province, sha256):
            for documents in parts.readable:
                with suppress(NoDocumentError):
                    types = documents.types(sha256)
                    return download(documents.get(sha256), sha256, types.pop() if len(types) == 1 else OCTETS)
        raise Problem(RefusalKind.UNKNOWN, "document-cited", "Dokumen ini tidak dirujuk umpan provinsi ini.")

    return routes


async def _grown(parts: Parts, province: str, after: int, seconds: float) -> int:
    """Waits until the feed has more than ``after`` entries, or ``seconds`` have passed; returns its size.

    A waiting request occupies no thread.
    """
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
    """Checks that an office may read the feed: a province's offices their own, ministry and auditors all.

    :raises RuleBrokenError: it may not (kind ``FORBIDDEN``).
    """
    check_reading_feed(caller.office, province)


def _lines(feeds: Feeds, province: str, after: int, end: int) -> Iterator[bytes]:
    while after < end:
        count, page = _page(feeds, province, after, min(PAGE, end - after))
        if not count:
            return
        after += count
        yield page


def _page(feeds: Feeds, province: str, after: int, limit: int) -> tuple[int, bytes]:
    """The number of lines in a page, and their bytes. No more than this is held in memory for a slow reader."""
    with feeds.database.read() as connection:
        leaves = feeds.leaves(connection, province, after, limit)
    return len(leaves), b"\n".join([*leaves, b""])


def _compressed(pages: Iterable[bytes]) -> Iterator[bytes]:
    packer = zlib.compressobj(LEVEL, wbits=GZIP)
    for page in pages:
        yield packer.compress(page)
    yield packer.flush()
