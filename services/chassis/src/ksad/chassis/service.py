"""Assembles a service: a FastAPI app with problem details, access control, limits, health and background tasks."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from contextlib import asynccontextmanager
from functools import partial
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Self

import anyio.to_thread
import structlog
import uvicorn
from fastapi import FastAPI
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from pydantic import BaseModel

from ksad.chassis import problems
from ksad.chassis.auth import Authenticator
from ksad.chassis.certificates import CERTIFICATES, days_left
from ksad.chassis.edge import Edge
from ksad.chassis.health import Health, Remedy
from ksad.chassis.limiting import Limits
from ksad.chassis.logging import configure
from ksad.chassis.metrics import Metrics
from ksad.chassis.openapi import describe
from ksad.chassis.protocol import BoundedProtocol
from ksad.chassis.requests import Router
from ksad.chassis.starting import imported

if TYPE_CHECKING:
    import socket
    from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
    from contextlib import AbstractAsyncContextManager

    from fastapi.routing import APIRoute

    from ksad.chassis.problems import Respond
    from ksad.chassis.settings import ServerSettings
    from ksad.contracts.access import AccessTable

DRAINING_SECONDS = 0.5
"""How long a stopping service reports itself as not ready, while still answering, before it accepts no connections."""
GRACE_SECONDS = 2.5
"""For requests being served, and then for background tasks. Stopping takes less than five seconds in total."""
BACKGROUND_SECONDS = 1.5
UPLOADS = frozenset({"/documents"})
THREADS = 100
"""Worker threads for blocking requests; more than may wait for write transactions, so that readers find one."""
LOOK_TICKS = 10
"""The server ticks ten times per second and examines its connections every this many ticks."""
log = structlog.get_logger(__name__)


class Application(FastAPI):
    """The app of a service, with the parts of the chassis and, while it runs, the service's components."""

    settings: ServerSettings
    policy: AccessTable
    health: Health
    metrics: Metrics
    parts: Any
    """The service's components; set while the app runs. The service's module ``parts`` gives them their type."""
    uploads: frozenset[str] = UPLOADS
    """The patterns of the routes that take documents, whose bodies may be large."""

    def openapi(self) -> dict[str, Any]:
        """The OpenAPI document, built once."""
        return self.openapi_schema or describe(self, super().openapi())


class Alive(BaseModel):
    """The process is alive."""

    status: str


class Ready(BaseModel):
    """Whether all checks hold, and the result of each check.

    ``remedies`` names failing checks that do not recover by waiting: ``operator`` if somebody has to correct what the
    check says, ``restart-broker`` if the broker refuses requests until it is restarted.
    """

    ready: bool
    checks: dict[str, str]
    remedies: dict[str, Remedy]


class Background:
    """Tasks that run as long as the service. If one ends earlier, ``/readyz`` fails and the process ends."""

    def __init__(self, health: Health) -> None:
        self.stop = asyncio.Event()
        self.health = health
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.end()

    def run(self, name: str, work: Callable[[asyncio.Event], Awaitable[None]]) -> None:
        """Runs ``work(stop)`` until the service ends."""

        async def guarded() -> None:
            try:
                await work(self.stop)
            except Exception:
                log.exception("background_failed", task=name)
                raise
            finally:
                if not self.stop.is_set():
                    self.health.broken = name

        self._tasks.append(asyncio.create_task(guarded(), name=name))

    async def end(self) -> None:
        """Stops all tasks; those that do not finish in time are cancelled."""
        self.stop.set()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=BACKGROUND_SECONDS)
            for task in self._tasks:
                task.cancel()


def create_app(
    settings: ServerSettings,
    service: str,
    title: str,
    policy: AccessTable,
    routers: Sequence[Router],
    opened: Callable[[Application], AbstractAsyncContextManager[object]],
    respond: Respond | None = None,
) -> Application:
    """Creates the app of a service.

    :param title: the title of its OpenAPI document.
    :param policy: its access table.
    :param opened: opens the service's components, yields them, and closes them when the service ends.
    :param respond: answers refusals to people, with pages. Such an app has no OpenAPI document. By default programs
        are answered, with problem details.
    """

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        anyio.to_thread.current_default_thread_limiter().total_tokens = THREADS
        async with opened(app) as app.parts:
            try:
                yield
            finally:
                app.health.drain()

    app = Application(
        title=title,
        version=version("ksad-chassis"),  # all packages have the version in the file VERSION
        lifespan=lifespan,
        generate_unique_id_function=_operation_id,
        # FastAPI's pages load scripts from another server, which the header Content-Security-Policy forbids.
        docs_url=None,
        openapi_url="/openapi.json" if respond is None else None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.settings = settings
    app.policy = policy
    app.health = Health()
    app.metrics = Metrics(service)
    app.metrics.gauge("started_seconds", "When the process began to serve, since 1970", partial(float, time.time()))
    app.metrics.gauge("ready", "1 while /readyz is green", lambda: float(app.health.check_all().ready))
    watch_certificates(app.metrics, settings)
    respond = respond or problems.in_json
    problems.install(app, respond)
    app.include_router(_operating(app))
    for router in routers:
        app.include_router(router)
    authenticator = Authenticator.from_settings(settings)
    app.add_middleware(Edge, metrics=app.metrics, authenticator=authenticator, limits=Limits(settings), respond=respond)
    return app


def watch_certificates(metrics: Metrics, settings: ServerSettings) -> None:
    """Adds the gauge of the days that each certificate of the settings has left, read from its file each time."""
    named = {name: getattr(settings, name) for name in CERTIFICATES if getattr(settings, name, None) is not None}
    reads = {f"KSAD_{name.upper()}": partial(days_left, path) for name, path in named.items()}
    metrics.labelled("certificate_days", "Days until a certificate ends", "setting", reads)


def _operation_id(route: APIRoute) -> str:
    return route.name


def _operating(app: Application) -> Router:
    """Routes for operation, which reveal nothing about cooperations and need no token."""
    router = Router(tags=["operation"])

    @router.get("/livez")
    async def livez() -> Alive:
        """The process is alive."""
        return Alive(status="alive")

    @router.get("/readyz", response_model=None, responses={200: {"model": Ready}, 503: {"model": Ready}})
    def readyz() -> JSONResponse:
        """Whether the service is ready: every part makes progress or is up to date. 503 if not."""
        found = app.health.check_all()
        body = {"ready": found.ready, "checks": dict(found.checks), "remedies": dict(found.remedies)}
        return JSONResponse(body, 200 if found.ready else 503)

    @router.get("/metrics", response_class=PlainTextResponse)
    def metrics() -> Response:
        """Metrics in the Prometheus text format."""
        return Response(app.metrics.text(), media_type="text/plain; version=0.0.4")

    return router


class Server(uvicorn.Server):
    """Stops when asked to, or when a background task has ended; announces it by ``/readyz`` first."""

    def __init__(self, config: uvicorn.Config, health: Health) -> None:
        super().__init__(config)
        self._health = health

    async def on_tick(self, counter: int) -> bool:
        """Whether to stop now; called ten times per second."""
        if counter % LOOK_TICKS == 0:
            now = time.monotonic()
            for connection in list(self.server_state.connections):
                if isinstance(connection, BoundedProtocol):
                    connection.look(now)
        return await super().on_tick(counter) or self._health.broken is not None

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Reports not ready while still answering, so that no new requests are sent here; then stops."""
        self._health.drain()
        if self._health.broken is None and not self.force_exit:
            await asyncio.sleep(DRAINING_SECONDS)
        await super().shutdown(sockets)


def server_of(app: Application, host: str, port: int, **options: Any) -> Server:  # noqa: ANN401 - uvicorn's own
    """The server for the app of a service."""
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        http=BoundedProtocol,
        ws="none",
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=GRACE_SECONDS,  # type: ignore[arg-type] # It is passed to asyncio.wait_for.
        server_header=False,
        **options,
    )
    return Server(config, app.health)


def serve(app: Application, settings: ServerSettings, service: str) -> None:
    """Runs a service until it is stopped.

    :raises SystemExit: a background task has ended (exit code 1), so that a supervisor restarts the process.
    """
    imported()
    # Files that the service creates are accessible to its own user only.
    os.umask(0o077)
    configure(settings, service)
    server_of(
        app,
        settings.host,
        settings.port,
        ssl_certfile=settings.tls_certificate_file,
        ssl_keyfile=settings.tls_key_file,
    ).run()
    if app.health.broken is not None:
        sys.exit(1)
