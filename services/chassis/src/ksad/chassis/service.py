"""Assembles a service: a FastAPI app with problems, access, limits, health, metrics, and background work."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Protocol, Self

import anyio.to_thread
import structlog
import uvicorn
from fastapi import APIRouter, FastAPI
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from pydantic import BaseModel

from ksad.chassis import problems
from ksad.chassis.auth import Authenticator
from ksad.chassis.edge import Edge, Limits
from ksad.chassis.health import Health
from ksad.chassis.logging import configure
from ksad.chassis.metrics import Metrics
from ksad.chassis.openapi import describe
from ksad.chassis.protocol import BoundedProtocol

if TYPE_CHECKING:
    import socket
    from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
    from contextlib import AbstractAsyncContextManager

    from fastapi.routing import APIRoute

    from ksad.chassis.settings import Settings
    from ksad.chassis.waiting import Arrivals
    from ksad.contracts.access import AccessTable

DRAINING_SECONDS = 0.5
"""How long a service that was asked to end says so, and still answers, before it takes no more connections."""
GRACE_SECONDS = 2.5
"""For requests that are being served, and then for what runs behind them. An end takes less than five seconds."""
BACKGROUND_SECONDS = 1.5
THREADS = 100
"""For requests that block. Of these, so many may wait for a write transaction that readers always find one."""
LOOK_TICKS = 10
"""The server ticks ten times a second, and looks at its connections each second."""
log = structlog.get_logger(__name__)


class Application(FastAPI):
    """A service's app: what the chassis has around its routes and, while it runs, the parts that these work with."""

    settings: Settings
    policy: AccessTable
    health: Health
    metrics: Metrics
    parts: ServiceParts
    """What the service has opened, not there before it runs; its module ``parts`` gives it to routes with its type."""

    def openapi(self) -> dict[str, Any]:
        """The document, made once."""
        return self.openapi_schema or describe(self, super().openapi())


class ServiceParts(Protocol):
    """What the chassis asks of the parts of a service."""

    @property
    def arrivals(self) -> Arrivals:
        """Where readings wait for positions."""
        ...


class Alive(BaseModel):
    """The loop turns."""

    status: str


class Ready(BaseModel):
    """Whether every part advances or is caught up, and what each says."""

    ready: bool
    checks: dict[str, str]


class Background:
    """Tasks that run as long as the service does. One that ends before turns ``/readyz`` red and ends the process."""

    def __init__(self, health: Health) -> None:
        self.stop = asyncio.Event()
        self.health = health
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.end()

    def run(self, name: str, work: Callable[[asyncio.Event], Awaitable[None]]) -> None:
        """Run ``work(stop)`` until the service ends."""

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
        """Have every task finish what it is at, within the grace period."""
        self.stop.set()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=BACKGROUND_SECONDS)
            for task in self._tasks:
                task.cancel()


def create_app(
    settings: Settings,
    service: str,
    title: str,
    policy: AccessTable,
    routers: Sequence[APIRouter],
    opened: Callable[[Application], AbstractAsyncContextManager[ServiceParts]],
) -> Application:
    """The app of a service.

    :param opened: opens what the service needs, gives its parts, and closes them when the service ends.
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
        version=version("ksad-chassis"),  # One version for all packages: the file VERSION.
        lifespan=lifespan,
        generate_unique_id_function=_operation_id,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.settings = settings
    app.policy = policy
    app.health = Health()
    app.metrics = Metrics(service)
    app.metrics.gauge("ready", "1 while /readyz is green", lambda: float(app.health.check_all()[0]))
    problems.install(app)
    app.include_router(_operating(app))
    for router in routers:
        app.include_router(router)
    authenticator = Authenticator.from_settings(settings)
    app.add_middleware(Edge, metrics=app.metrics, authenticator=authenticator, limits=Limits(settings))
    return app


def _operation_id(route: APIRoute) -> str:
    return route.name


def _operating(app: Application) -> APIRouter:
    """Routes for those who operate the service; they tell nothing of cooperations."""
    router = APIRouter(tags=["operation"])

    @router.get("/livez")
    async def livez() -> Alive:
        """The loop turns."""
        return Alive(status="alive")

    @router.get("/readyz", response_model=None, responses={200: {"model": Ready}, 503: {"model": Ready}})
    def readyz() -> JSONResponse:
        """Every part is advancing or caught up."""
        ready, found = app.health.check_all()
        return JSONResponse({"ready": ready, "checks": dict(found)}, 200 if ready else 503)

    @router.get("/metrics", response_class=PlainTextResponse)
    def metrics() -> Response:
        """Prometheus metrics."""
        return Response(app.metrics.text(), media_type="text/plain; version=0.0.4")

    return router


class Server(uvicorn.Server):
    """Ends when the service is asked to, or when it can no longer do its work; says so first, then takes its leave."""

    def __init__(self, config: uvicorn.Config, health: Health) -> None:
        super().__init__(config)
        self._health = health

    async def on_tick(self, counter: int) -> bool:
        """Whether to end now; asked ten times a second."""
        if counter % LOOK_TICKS == 0:
            now = time.monotonic()
            for connection in list(self.server_state.connections):
                if isinstance(connection, BoundedProtocol):
                    connection.look(now)
        return await super().on_tick(counter) or self._health.broken is not None

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Turn readiness red while still answering, so that nobody is sent here any more; then finish what there is."""
        self._health.drain()
        if self._health.broken is None and not self.force_exit:
            await asyncio.sleep(DRAINING_SECONDS)
        await super().shutdown(sockets)


def server_of(app: Application, host: str, port: int, **options: Any) -> Server:  # noqa: ANN401 - uvicorn's own
    """The server of a service's app."""
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        http=BoundedProtocol,
        ws="none",
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=GRACE_SECONDS,  # type: ignore[arg-type] # It is handed on to asyncio.wait_for.
        server_header=False,
        **options,
    )
    return Server(config, app.health)


def serve(app: Application, settings: Settings, service: str) -> None:
    """Run a service until it is asked to end; it finishes what it is at.

    :raises SystemExit: a background task has ended; whoever watches over the process starts it again.
    """
    os.umask(0o077)
    configure(settings, service)
    server_of(app, settings.host, settings.port).run()
    if app.health.broken is not None:
        sys.exit(1)
