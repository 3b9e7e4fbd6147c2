"""Cooperations over HTTP: every command is a POST with the field names of the history file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, ConfigDict, TypeAdapter

from ksad.chassis.access import require
from ksad.chassis.auth import Caller
from ksad.chassis.edge import submission_of
from ksad.chassis.openapi import answers
from ksad.chassis.problems import Problem
from ksad.chassis.waiting import require_current
from ksad.contracts.identifiers import Key, cooperation_id
from ksad.contracts.positions import POSITION_HEADER
from ksad.contracts.registry import Stage
from ksad.contracts.rules import RefusalKind
from ksad.contracts.sight import admits
from ksad.registry.api.narrowing import narrowed
from ksad.registry.domain.commands import COMMANDS, Command, Register
from ksad.registry.domain.permissions import sight_of
from ksad.registry.parts import Parts, Running

if TYPE_CHECKING:
    from ksad.chassis.store import CommandRecord
    from ksad.registry.domain.cooperation import Cooperation


Reader = Annotated[Caller, Depends(require_current("read"))]


class CooperationRecorded(BaseModel, title="Answer"):
    """What a command did: the cooperation, its version (also as ETag), the events, and their position in the log."""

    model_config = ConfigDict(extra="forbid")

    cooperation_id: UUID
    version: int
    events: list[UUID]
    position: str


class Shown(BaseModel):
    """What outsiders may rely on in a cooperation; more may be in it."""

    model_config = ConfigDict(extra="allow")

    cooperation_id: UUID
    version: int
    key: str
    title: str
    object: str
    affair: str
    parties: list[str]
    stage: Stage
    profile: str
    ended: bool
    withdrawn: bool


def _answer(record: CommandRecord, subject: str, status: int) -> Response:
    """The answer as it goes out: it was made by its model, so nobody has to check it again."""
    identity, version, position = UUID(subject.partition("/")[2]), record.version(subject), str(record.position)
    answer = CooperationRecorded(cooperation_id=identity, version=version, events=record.events, position=position)
    headers = {"ETag": f'"{version}"', POSITION_HEADER: position}
    return Response(answer.model_dump_json(), status, headers, "application/json")


def _perform(request: Request, parts: Parts, subject: str, command: Command, status: int = 200) -> Response:
    submission = submission_of(request, command.model_dump(mode="json"))
    record = parts.registry.execute(submission, subject, command)
    return _answer(record, subject, status)


def router() -> APIRouter:
    """Routes of cooperations."""
    routes = APIRouter(tags=["cooperations"])

    @routes.post(
        "/cooperations",
        status_code=201,
        response_model=CooperationRecorded,
        dependencies=[Depends(require("register"))],
    )
    def register(request: Request, parts: Running, body: Register) -> Response:
        """Enter a cooperation into the register."""
        return _perform(request, parts, f"cooperation/{cooperation_id(body.key)}", body, 201)

    for action, model in COMMANDS.items():
        _add(routes, action, model)

    @routes.get("/cooperations", **answers(Shown))
    def find_cooperation(
        response: Response, caller: Reader, parts: Running, key: Annotated[Key, Query()]
    ) -> dict[str, Any]:
        """The cooperation with a key in the register; what is meant for parties only where the caller is one."""
        return _shown(parts, response, caller, cooperation_id(key))

    @routes.get("/cooperations/{cooperation_id}", **answers(Shown))
    def get_cooperation(response: Response, caller: Reader, parts: Running, cooperation_id: UUID) -> dict[str, Any]:
        """A cooperation as its facts make it, with its version as ETag; what is meant for parties as for its key."""
        return _shown(parts, response, caller, cooperation_id)

    @routes.get("/cooperations/{cooperation_id}/events")
    def get_events(caller: Reader, parts: Running, cooperation_id: UUID) -> dict[str, Any]:
        """The facts of a cooperation that the caller may see, each a CloudEvent as it stands in the log."""
        _, state = _known(parts, cooperation_id)
        seen = sight_of(caller.office, state, parts.registry.context())
        events = parts.store.stream(f"cooperation/{cooperation_id}")
        items = [
            envelope.model_dump(mode="json", exclude_none=True) | {"data": envelope.data}
            for envelope in events
            if admits(seen, envelope.type)
        ]
        return {"items": items}

    return routes


def _add(routes: APIRouter, action: str, model: type[Command]) -> None:
    def perform(request: Request, parts: Running, cooperation_id: UUID, body: Command) -> Response:
        return _perform(request, parts, f"cooperation/{cooperation_id}", body)

    perform.__annotations__ = {
        "request": Request,
        "parts": Running,
        "cooperation_id": UUID,
        "body": model,
        "return": Response,
    }
    routes.add_api_route(
        f"/cooperations/{{cooperation_id}}/{action}",
        perform,
        methods=["POST"],
        response_model=CooperationRecorded,
        name=action.replace("-", "_"),
        summary=(model.__doc__ or "").splitlines()[0],
        dependencies=[Depends(require(action))],
    )


def _known(parts: Parts, identity: UUID) -> tuple[int, Cooperation]:
    version, state = parts.registry.cooperation(f"cooperation/{identity}")
    if version == 0:
        raise Problem(RefusalKind.UNKNOWN, "cooperation-known", f"Kerja sama {identity} belum terdaftar.")
    return version, state


def _shown(parts: Parts, response: Response, caller: Caller, identity: UUID) -> dict[str, Any]:
    version, state = _known(parts, identity)
    response.headers["ETag"] = f'"{version}"'
    shown = {
        "cooperation_id": str(identity),
        "version": version,
        **state._asdict(),
        "problems": {key: "open" if still else "resolved" for key, still in state.problems},
        "disputes": {key: dispute._asdict() for key, dispute in state.disputes},
        "proofs": [proof._asdict() for proof in state.proofs],
    }
    plain: dict[str, Any] = TypeAdapter(dict[str, Any]).dump_python(shown, mode="json")
    return narrowed(plain, sight_of(caller.office, state, parts.registry.context()))
