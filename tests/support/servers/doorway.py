"""A service with nothing behind its doors: what the chassis does around every route, on routes that a test steers."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any, NamedTuple

from fastapi import Body, Depends, Query, Request, Response
from fastapi.responses import StreamingResponse
from fastapi.testclient import TestClient
from pydantic import Field

from ksad.chassis.access import require
from ksad.chassis.auth import LocalIssuer
from ksad.chassis.edge import submission_of
from ksad.chassis.problems import Problem
from ksad.chassis.requests import Received, Router
from ksad.chassis.service import Application, create_app
from ksad.chassis.settings import Settings
from ksad.chassis.waiting import Arrivals
from ksad.contracts.access import HEADS_WORD, AccessTable, Grant
from ksad.contracts.rules import RefusalKind, RuleBrokenError
from ksad.contracts.strict import Strict

POLICY = AccessTable(
    (Grant("read", ("auditor", "region:*")), Grant("write", ("region:*",), "own", "P1.3")),
    {"own": "own"},
    roles={"documents": HEADS_WORD},
)


class Thing(Strict):
    """A body with fields of several kinds."""

    name: Annotated[str, Field(min_length=1, max_length=20)]
    count: Annotated[int, Field(ge=0)] = 0


def _router() -> Router:
    routes = Router()
    read, write = [Depends(require("read"))], [Depends(require("write"))]

    @routes.get("/things", dependencies=read)
    def list_things(limit: Annotated[int, Query(ge=1)] = 100) -> dict[str, int]:
        """How many things are asked for."""
        return {"limit": limit}

    @routes.get("/things/{name}", dependencies=read)
    def get_thing(name: str) -> dict[str, str]:
        """A thing."""
        if name == "rule":
            raise RuleBrokenError("things-differ", "Benda tidak boleh sama.", "P1.4", first=name)
        if name.startswith("as-"):
            raise Problem(RefusalKind(name.removeprefix("as-")), "as-asked", "Seperti diminta.")
        if name == "half":
            raise RuleBrokenError("thing-known", "Benda \ud83d tidak ada.", thing="\ud83d")
        if name == "fault":
            raise ZeroDivisionError("Bearer abcdefgh12345678 in a fault")
        return {"name": name}

    @routes.get("/broken-off", dependencies=read)
    def broken_off() -> StreamingResponse:
        """An answer that ends in a fault."""

        def lines() -> Iterator[bytes]:
            yield b"one\n"
            raise ZeroDivisionError

        return StreamingResponse(lines())

    @routes.get("/endless", dependencies=read)
    def endless() -> StreamingResponse:
        """An answer that has no end."""
        return StreamingResponse(iter(lambda: b"x" * 65_536, b""))

    @routes.post("/things", dependencies=write)
    def add_thing(request: Request, body: Received[Thing]) -> dict[str, Any]:
        """A thing is added."""
        submission = submission_of(request, body.model_dump())
        POLICY.check(submission.caller.office, "write", lambda _: body.name != "foreign")
        return {"command": submission.command_id, "digest": submission.digest, "expected": submission.expected}

    @routes.post("/documents", dependencies=write)
    def upload(content: Annotated[bytes, Body(media_type="application/octet-stream")]) -> Response:
        """A document."""
        return Response(str(len(content)))

    return routes


class Parts(NamedTuple):
    """What the chassis asks of the parts of any service."""

    arrivals: Arrivals


def doorway(folder: Path, **settings: Any) -> Application:
    """The service, with the local issuer of a folder."""
    told = Settings.model_validate(
        {
            "database_url": f"sqlite:///{folder / 'none.sqlite'}",
            "nats_url": "nats://127.0.0.1:1",
            "documents_dir": folder / "documents",
            "issuer_keys_dir": folder / "keys",
            **settings,
        }
    )

    @asynccontextmanager
    async def opened(app: Application) -> AsyncIterator[Parts]:
        yield Parts(Arrivals(list, app.health))

    return create_app(told, "doorway", "Doorway", POLICY, [_router()], opened)


class Visitor:
    """Knocks at a doorway for an office, or for nobody."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        self.app = doorway(folder, **settings)
        self.issuer = LocalIssuer(folder / "keys")
        self.client = TestClient(self.app, raise_server_exceptions=False)

    def headers(self, office: str | None) -> dict[str, str]:
        """The headers of an office."""
        return {} if office is None else {"Authorization": f"Bearer {self.issuer.issue(office)}"}

    def get(self, path: str, office: str | None = "auditor", **headers: str) -> Any:
        """A reading."""
        return self.client.get(path, headers=self.headers(office) | headers)

    def post(self, path: str, office: str | None = "region:32.75", **options: Any) -> Any:
        """A writing, with an idempotency key unless the test gives headers."""
        headers = self.headers(office) | options.pop("headers", {"Idempotency-Key": "k"})
        return self.client.post(path, headers=headers, **options)
