"""Reference data, bodies, days, documents and rehearsals of history files over HTTP."""

from __future__ import annotations

import hashlib
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import Field, ValidationError

from ksad.chassis.access import require
from ksad.chassis.documents import OCTETS, NoDocumentError
from ksad.chassis.edge import submission_of
from ksad.chassis.openapi import RequestModel, ResponseModel
from ksad.chassis.problems import Problem, problem_of
from ksad.chassis.store import CommandRecord
from ksad.chassis.transfer import add_upload, download
from ksad.contracts import registry as facts
from ksad.contracts.identifiers import Key, Office, RegionCode, Sha256, ShortText, cooperation_id
from ksad.contracts.positions import POSITION_HEADER
from ksad.contracts.rules import RefusalKind
from ksad.registry.domain.commands import COMMANDS, Command, Register
from ksad.registry.parts import Running


class Adoption(RequestModel):
    """Reference data to adopt."""

    kind: facts.ReferenceKind
    name: Key
    content: Annotated[str, Field(min_length=1, max_length=55_000)]
    sha256: Sha256
    source: ShortText


class AdoptedReference(ResponseModel):
    """A text that is adopted now: its hash and source, and the event and command that adopted it."""

    kind: facts.ReferenceKind
    name: str
    sha256: str
    source: str
    event_id: UUID
    command_id: UUID | None
    replaced_event_id: UUID | None


class References(ResponseModel):
    """All texts that are adopted now, by name."""

    items: list[AdoptedReference]


class Boundary(RequestModel):
    """A region goes on under another code."""

    region: RegionCode
    successor: RegionCode
    effective_on: date
    legal_basis: ShortText


class BodyEstablishment(RequestModel, title="Body_"):
    """A supervising body was established by decision (Pasal 5, 9)."""

    body: Office
    decision_number: ShortText
    decided_on: date
    seat: ShortText
    members: Annotated[list[ShortText], Field(min_length=1, max_length=50)]


class Day(RequestModel):
    """A day that is over."""

    day: date


class History(RequestModel):
    """The steps of one cooperation, registered or not, to be checked without recording them."""

    key: Key
    steps: Annotated[list[dict[str, Any]], Field(min_length=1, max_length=2_000)]


class ReferenceRecorded(RequestModel, title="Noted"):
    """What was recorded; ``changed`` is false where it was there already."""

    changed: bool
    events: list[UUID]
    position: str | None


def _noted(record: CommandRecord | None, response: Response) -> ReferenceRecorded:
    if record is None:
        return ReferenceRecorded(changed=False, events=[], position=None)
    position = str(record.position)
    response.headers["ETag"] = f'"{record.envelopes[-1].streamversion}"'
    response.headers[POSITION_HEADER] = position
    return ReferenceRecorded(changed=True, events=record.events, position=position)


def router() -> APIRouter:
    """Routes of reference data and of the calendar."""
    routes = APIRouter(tags=["reference"])

    @routes.post("/references", dependencies=[Depends(require("adopt"))])
    def adopt_reference(request: Request, response: Response, parts: Running, body: Adoption) -> ReferenceRecorded:
        """Adopt regions, a profile, policy periods or holidays into the log."""
        if hashlib.sha256(body.content.encode()).hexdigest() != body.sha256:
            raise Problem(
                RefusalKind.INVALID, "content-matches-hash", "sha256 bukan dari isi yang dikirim. Hitung ulang."
            )
        submission = submission_of(request, body.model_dump(mode="json"))
        return _noted(parts.registry.adopt(submission, facts.ReferenceAdopted(**body.model_dump())), response)

    @routes.get("/references", dependencies=[Depends(require("read"))])
    def list_references(parts: Running) -> References:
        """What is adopted now, without the texts themselves: those stand in the log."""
        return References(items=[AdoptedReference(**one._asdict()) for one in parts.registry.references()])

    @routes.post("/boundary-changes", dependencies=[Depends(require("adopt"))])
    def change_boundary(request: Request, response: Response, parts: Running, body: Boundary) -> ReferenceRecorded:
        """Record a region split."""
        submission = submission_of(request, body.model_dump(mode="json"))
        return _noted(parts.registry.change_boundary(submission, facts.BoundaryChanged(**body.model_dump())), response)

    @routes.post("/bodies", dependencies=[Depends(require("establish-body"))])
    def establish_body(
        request: Request, response: Response, parts: Running, body: BodyEstablishment
    ) -> ReferenceRecorded:
        """Record the decision that established a Joint Secretariat or a TKKSD."""
        submission = submission_of(request, body.model_dump(mode="json"))
        fact = facts.SupervisingBodyEstablished(**body.model_dump())
        return _noted(parts.registry.establish(submission, fact), response)

    @routes.post("/days", dependencies=[Depends(require("pass-day"))])
    def pass_day(request: Request, response: Response, parts: Running, body: Day) -> ReferenceRecorded:
        """A day is over."""
        submission = submission_of(request, body.model_dump(mode="json"))
        return _noted(parts.registry.pass_day(submission, body.day), response)

    @routes.get("/days/last", dependencies=[Depends(require("read"))])
    def get_last_day(parts: Running) -> dict[str, Any]:
        """The newest day that passed."""
        return {"day": parts.registry.last_day()}

    @routes.post("/histories/check", dependencies=[Depends(require("register"))])
    def check_history(request: Request, parts: Running, body: History) -> dict[str, int]:
        """Decide the steps of a history one after the other and record nothing."""
        submission = submission_of(request, body.model_dump(mode="json"))
        commands = [_command(number, step) for number, step in enumerate(body.steps)]

        parts.registry.rehearse(submission.caller.office, f"cooperation/{cooperation_id(body.key)}", commands)
        return {"steps": len(commands)}

    return routes


def documents() -> APIRouter:
    """Routes of documents."""
    routes = APIRouter(tags=["documents"])

    add_upload(routes)

    @routes.get("/documents/{sha256}", response_class=Response, dependencies=[Depends(require("read"))])
    def get_document(parts: Running, sha256: str) -> Response:
        """A document by its hash."""
        try:
            content = parts.documents.get(sha256)
        except NoDocumentError as error:
            raise Problem(RefusalKind.UNKNOWN, "document-known", f"Dokumen {sha256} tidak ada.") from error
        types = parts.documents.types(sha256)
        return download(content, sha256, types.pop() if len(types) == 1 else OCTETS)

    return routes


def _command(number: int, step: dict[str, Any]) -> Command:
    fields = dict(step)
    name = str(fields.pop("do", "")).replace("_", "-")
    model = Register if name == "register" else COMMANDS.get(name)
    if model is None:
        raise Problem(RefusalKind.INVALID, "command-known", f"Perintah {name!r} tidak dikenal.", step=number)
    try:
        return model.model_validate(fields)
    except ValidationError as error:
        problem = problem_of(RequestValidationError(error.errors()))
        problem.facts["step"] = number
        raise problem from error
