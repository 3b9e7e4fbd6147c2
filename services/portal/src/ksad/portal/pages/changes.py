"""Whether an open page has changed for its officer: a line that says so when it does, and the same question by itself.

Nothing else is said: the browser fetches the page again, as its officer. Neither keeps a session alive.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import ExitStack
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import unquote, urlsplit

from fastapi import Depends, Query, Request, Response
from fastapi.responses import StreamingResponse

from ksad.chassis.problems import Problem
from ksad.chassis.requests import Router
from ksad.chassis.routes import Routes
from ksad.contracts.rules import RefusalKind
from ksad.portal.guarding import inside
from ksad.portal.live import LIVE, LOOK_SECONDS
from ksad.portal.rendering import fingerprint
from ksad.portal.visits import CHANGES, UNATTENDED, Officer, officer

if TYPE_CHECKING:
    from starlette.types import Message

STEP_SECONDS = 0.5
"""How soon a line ends when the portal does."""
ALIVE_SECONDS = 20.0
"""How often a line is written on, so that nobody on the way takes it for dead."""
CHANGED, OVER, ALIVE = b"event: berubah\ndata:\n\n", b"event: usai\ndata:\n\n", b":\n\n"
Page = Annotated[str, Query(max_length=2000)]
Mark = Annotated[str, Query(pattern="^[0-9a-f]{16}$")]
PASSED_ON = {b"cookie", b"host"}


def router() -> Router:
    """The routes."""
    routes = Router(dependencies=[Depends(officer)])

    @routes.get(CHANGES, response_class=Response)
    async def follow(request: Request, visit: Officer, halaman: Page, jejak: Mark) -> Response:
        """A line (server-sent events) that says ``berubah`` whenever a page of this officer would look otherwise."""
        _check_followed(request, halaman)
        held = ExitStack()
        held.enter_context(visit.parts.lines.one(visit.office))
        return StreamingResponse(_told(request, held, halaman, jejak), media_type="text/event-stream")

    @routes.get(f"{CHANGES}/kini", response_class=Response)
    async def ask(request: Request, visit: Officer, halaman: Page, jejak: Mark) -> Response:
        """Whether a page of this officer would look otherwise: 200, or 204 if it would not."""
        _ = visit
        _check_followed(request, halaman)
        now = await _shown(request, halaman, jejak)
        return Response(status_code=204 if now in {None, jejak} else 200)

    return routes


def _check_followed(request: Request, page: str) -> None:
    """Checks that a page is one of this portal that follows what happens.

    :raises Problem: 422, it is not.
    """
    if inside(page) == page and Routes(request.app).at(unquote(urlsplit(page).path)).pattern in LIVE:
        return
    raise Problem(RefusalKind.INVALID, "page-followed", "Halaman ini tidak mengikuti perubahan.")


async def _told(request: Request, held: ExitStack, page: str, mark: str) -> AsyncIterator[bytes]:
    """What is written on a line, until the session or the portal ends."""
    parts, health = request.app.parts, request.app.health
    pulse, turn = parts.pulse, parts.turn
    beats, comparisons, compared, written = -1, 0, 0.0, time.monotonic()
    with held:
        yield ALIVE
        while not health.draining:
            now = await asyncio.to_thread(pulse.look) if pulse.stale else pulse.beats
            if now != beats:
                # Twice, since a service may read an entry a moment after the log is signed.
                beats, comparisons = now, 2
            if time.monotonic() - written > ALIVE_SECONDS:
                comparisons, written = max(comparisons, 1), time.monotonic()
                yield ALIVE
            if comparisons and turn.free and time.monotonic() - compared > LOOK_SECONDS:
                with turn.taken():
                    found = await _shown(request, page, mark)
                comparisons, compared = comparisons - 1, time.monotonic()
                if found is None:
                    yield OVER
                    return
                if found != mark:
                    mark = found
                    yield CHANGED
            await asyncio.sleep(STEP_SECONDS)


async def _shown(request: Request, page: str, known: str) -> str | None:
    """The mark of a page as the officer would be shown it now; ``None`` if it would not be shown any more.

    :param known: its last mark, which it has until a service that is away answers again.
    """
    started: dict[str, Any] = {}
    parts: list[bytes] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            started["status"] = message["status"]
        else:
            parts.append(message.get("body", b""))

    await request.app(_scope(request, page), receive, send)
    status = started["status"]
    if status == HTTPStatus.OK:
        return fingerprint(b"".join(parts).decode())
    return known if status == HTTPStatus.TOO_MANY_REQUESTS or status >= HTTPStatus.INTERNAL_SERVER_ERROR else None


def _scope(request: Request, page: str) -> dict[str, Any]:
    """A request of the same browser for a page; it keeps no session alive."""
    kept = ("type", "asgi", "http_version", "server", "client", "scheme", "root_path", "app")
    parts = urlsplit(page)
    return {
        **{name: request.scope[name] for name in kept if name in request.scope},
        "method": "GET",
        "path": unquote(parts.path),
        "raw_path": parts.path.encode(),
        "query_string": parts.query.encode(),
        "headers": [
            *(one for one in request.scope["headers"] if one[0] in PASSED_ON),
            (UNATTENDED.lower().encode(), b""),
        ],
    }
