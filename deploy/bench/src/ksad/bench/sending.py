"""The server of the feeds over a prepared database, which also sends the same bytes from a file: its own baseline."""

from __future__ import annotations

import sys
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from fastapi import APIRouter, FastAPI
from fastapi.responses import FileResponse

from ksad.chassis.database import Database
from ksad.chassis.service import create_app, serve
from ksad.reporting.api import feeds, transparency
from ksad.reporting.api.access import POLICY
from ksad.reporting.checkpoints import Checkpoints, Keyring
from ksad.reporting.feeds.appender import Feeds
from ksad.reporting.feeds.growth import Growth
from ksad.reporting.journal import Journal
from ksad.reporting.settings import ReportingSettings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

DATABASE, LINES, KEYS, LOG = "reporting.sqlite", "feed.jsonl", "keys", "log"


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    state = app.state
    settings: ReportingSettings = state.settings
    database = Database.from_settings(settings)
    journal = Journal(database)
    state.feeds = Feeds(database, journal)
    state.growth = Growth()
    root = settings.keys_dir.parent
    state.checkpoints = Checkpoints(journal, Keyring(settings.keys_dir, settings.platform), root / LOG)
    state.checkpoints.publish()
    yield
    state.checkpoints.close()
    database.close()


def _file(path: Path) -> APIRouter:
    routes = APIRouter()

    @routes.get("/file", response_class=FileResponse)
    async def read_file() -> FileResponse:
        return FileResponse(path, media_type="application/x-ndjson")

    return routes


def main(root: Path, port: int) -> None:
    """Serve what :mod:`ksad.bench.feeding` prepared in a folder."""
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
    routers = (feeds.router(), transparency.router(), _file(root / LINES))
    serve(create_app(settings, "reporting", "bench", POLICY, routers, _lifespan), settings, "reporting")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
