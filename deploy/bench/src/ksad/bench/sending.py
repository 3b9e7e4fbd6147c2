"""A server of feeds over a prepared database, which also sends the same bytes from a file as a baseline."""

from __future__ import annotations

import sys
from contextlib import asynccontextmanager, closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from fastapi.responses import FileResponse

from ksad.chassis.database import Database
from ksad.chassis.health import Health
from ksad.chassis.requests import Router
from ksad.chassis.service import create_app, serve
from ksad.chassis.waiting import Arrivals
from ksad.contracts.access.reporting import TABLE
from ksad.reporting.api import feeds as feed_routes
from ksad.reporting.api import transparency
from ksad.reporting.checkpoints import Checkpoints, Keyring
from ksad.reporting.feeds.appender import Feeds
from ksad.reporting.feeds.growth import Growth
from ksad.reporting.journal import Journal
from ksad.reporting.settings import ReportingSettings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from ksad.chassis.service import Application

DATABASE, LINES, KEYS, LOG = "reporting.sqlite", "feed.jsonl", "keys", "log"


class Parts(NamedTuple):
    """The components of reporting that the routes of feeds and checkpoints use."""

    health: Health
    journal: Journal
    feeds: Feeds
    growth: Growth
    checkpoints: Checkpoints
    arrivals: Arrivals


@asynccontextmanager
async def _opened(settings: ReportingSettings, app: Application) -> AsyncIterator[Parts]:
    with closing(Database(settings.database_url, settings.database_pool_size)) as database:
        journal, root = Journal(database), settings.keys_dir.parent
        keys = Keyring(settings.keys_dir, settings.platform)
        with closing(Checkpoints(journal, keys, root / LOG)) as checkpoints:
            checkpoints.publish()
            feeds, arrivals = Feeds(database, journal), Arrivals(list, app.health)
            yield Parts(app.health, journal, feeds, Growth(), checkpoints, arrivals)


def _file(path: Path) -> Router:
    routes = Router()

    @routes.get("/file", response_class=FileResponse)
    async def read_file() -> FileResponse:
        return FileResponse(path, media_type="application/x-ndjson")

    return routes


def main(root: Path, port: int) -> None:
    """Serves what :mod:`ksad.bench.feeding` prepared in a folder."""
    settings = ReportingSettings(
        platform="bench",
        database_url=f"sqlite:///{root / DATABASE}",
        nats_url="nats://127.0.0.1:1",
        documents_dir=root,
        port=port,
        issuer_keys_dir=root / "issuer",
        keys_dir=root / KEYS,
        log_level="warning",
    )
    routers = (feed_routes.router(), transparency.router(), _file(root / LINES))
    serve(create_app(settings, "reporting", "bench", TABLE, routers, partial(_opened, settings)), settings, "reporting")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
