"""Routes of reference data, supervising bodies, days, documents, and checks of history files."""

from __future__ import annotations

import hashlib
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Request, Response
from pydantic import Field, ValidationError

from ksad.chassis.access import require
from ksad.chassis.auth import Caller
from ksad.chassis.documents import OCTETS, NoDocumentError
from ksad.chassis.edge import Submission, submission_of
from ksad.chassis.problems import Problem, unfit
from ksad.chassis.requests import Received, Router
from ksad.chassis.store import CommandRecord
from ksad.chassis.transfer import add_upload, download
from ksad.contracts import registry as facts
from ksad.contracts.free_text import CONFIRMS, Confirms
from ksad.contracts.identifiers import Key, Office, RegionCode, Sha256, ShortText, cooperation_id
from ksad.contracts.positions import POSITION_HEADER
from ksad.contracts.rules import RefusalKind
from ksad.contracts.sight import EVERYWHERE
from ksad.contracts.strict import Day, Identity, Strict, read_value
from ksad.registry.domain.commands import COMMANDS, Command, Register
from ksad.registry.parts import Running


class Adoption(Strict):
    """Reference data to adopt: the text, at most 55,000 characters, and its SHA-256."""

    kind: facts.ReferenceKind
    name: Key
    content: Annotated[str, Field(min_length=1, max_length=55_000)]
    sha256: Sha256
    source: ShortText
    decision: facts.AdoptingDecision
    confirms: Confirms = ()


class Opening(Strict):
    """Whether a new platform is for ``training``. It opens with the texts of its software, today."""

    training: bool = False


class Boundary(Strict):
    """A change of a region's code from the day ``effective_on`` on."""

    region: RegionCode
    successor: RegionCode
    effective_on: Day
    legal_basis: ShortText
    decision: facts.AdoptingDecision
    confirms: Confirms = ()


class BodyEstablishment(Strict, title="Body_"):
    """The decision that established a supervising body (Pasal 5, 9)."""

    body: Office
    decision_number: ShortText
    decided_on: Day
    seat: ShortText
    members: Annotated[list[ShortText], Field(min_length=1, max_length=50)]
    confirms: Confirms = ()


class PassedDay(Strict, title="Day"):
    """A day that has passed."""

    day: Day


class History(Strict):
    """The steps of one cooperation, registered or not, to be checked without being recorded.

    ``confirmed`` are recorded proposals that the steps come after: they are taken as if all had confirmed them.
    """

    key: Key
    steps: Annotated[list[dict[str, Any]], Field(max_length=2_000)]
    confirmed: Annotated[list[Identity], Field(default_factory=list, max_length=100)]


class WaitingAct(Strict, title="Waiting"):
    """An act that waits, or would wait, for the confirmation of regions: which step it is, from 0; what, and whose.

    ``step`` is null for one of the recorded proposals that were named.
    """

    step: int | None
    act: str
    awaiting: tuple[str, ...]
    says: str


class HistoryChecked(Strict, title="Checked"):
    """How many steps keep all rules, and which acts have to be confirmed before the steps after them come in."""

    steps: int
    waiting: list[WaitingAct]


class ReferenceRecorded(Strict, title="Noted"):
    """The result of a command; ``changed`` is false if the same was recorded before."""

    changed: bool
    events: list[UUID]
    position: str | None


def _fields(body: Adoption | Boundary | BodyEstablishment) -> dict[str, Any]:
    return body.model_dump(exclude={CONFIRMS})


def _noted(record: CommandRecord | None, response: Response) -> ReferenceRecorded:
    if record is None:
        return ReferenceRecorded(changed=False, events=[], position=None)
    position = str(record.position)
    response.headers["ETag"] = f'"{record.envelopes[-1].streamversion}"'
    response.headers[POSITION_HEADER] = position
    return ReferenceRecorded(changed=True, events=record.events, position=position)


def _opening(request: Request, body: Opening) -> Submission:
    """A platform for work is opened with an empty body, as it was before there were others."""
    return submission_of(request, body.model_dump(mode="json", exclude_defaults=True))


def router() -> Router:
    """The routes of reference data and the calendar."""
    routes = Router(tags=["reference"])

    @routes.post("/opening", dependencies=[Depends(require("open-platform"))])
    def open_platform(
        request: Request, response: Response, parts: Running, body: Received[Opening]
    ) -> ReferenceRecorded:
        """Open a new platform with the texts of the software. They hold until others are adopted."""
        return _noted(parts.registry.open(_opening(request, body), training=body.training), response)

    @routes.post("/references", dependencies=[Depends(require("adopt"))])
    def adopt_reference(
        request: Request, response: Response, parts: Running, body: Received[Adoption]
    ) -> ReferenceRecorded:
        """Adopt regions, a profile, policy, holidays, affairs, openings or offices by decision. 422 if unreadable."""
        if hashlib.sha256(body.content.encode()).hexdigest() != body.sha256:
            raise Problem(
                RefusalKind.INVALID, "content-matches-hash", "Nilai hash ini bukan dari isi yang dikirim. Hitung ulang."
            )
        submission = submission_of(request, body.model_dump(mode="json"))
        return _noted(parts.registry.adopt(submission, facts.ReferenceAdopted(**_fields(body))), response)

    @routes.post("/boundary-changes", dependencies=[Depends(require("adopt"))])
    def change_boundary(
        request: Request, response: Response, parts: Running, body: Received[Boundary]
    ) -> ReferenceRecorded:
        """Record that a region continues under another code, by decision."""
        submission = submission_of(request, body.model_dump(mode="json"))
        return _noted(parts.registry.change_boundary(submission, facts.BoundaryChanged(**_fields(body))), response)

    @routes.post("/bodies", dependencies=[Depends(require("establish-body"))])
    def establish_body(
        request: Request, response: Response, parts: Running, body: Received[BodyEstablishment]
    ) -> ReferenceRecorded:
        """Record the decision that established the Joint Secretariat or a TKKSD."""
        submission = submission_of(request, body.model_dump(mode="json"))
        fact = facts.SupervisingBodyEstablished(**_fields(body))
        return _noted(parts.registry.establish(submission, fact), response)

    @routes.post("/days", dependencies=[Depends(require("pass-day"))])
    def pass_day(request: Request, response: Response, parts: Running, body: Received[PassedDay]) -> ReferenceRecorded:
        """Record that a day has passed. 409 unless it follows the last one and is not in the future."""
        submission = submission_of(request, body.model_dump(mode="json"))
        return _noted(parts.registry.pass_day(submission, body.day), response)

    @routes.get("/days/last", dependencies=[Depends(require("read"))])
    def get_last_day(parts: Running) -> dict[str, Any]:
        """The newest day that passed, null if there is none; and the day on which the platform was opened, from which
        days pass.
        """
        return {"day": parts.registry.last_day(), "opened_on": parts.registry.opening().opened_on}

    @routes.post("/histories/check", dependencies=[Depends(require("register"))])
    def check_history(request: Request, parts: Running, body: Received[History]) -> HistoryChecked:
        """Decide the steps of a history in order, without recording them; says which would wait for others.

        A refusal names the failing ``step``, from 0. Steps after one that would wait are decided as if it stood.
        """
        submission = submission_of(request, body.model_dump(mode="json"))
        commands = [_command(number, step) for number, step in enumerate(body.steps)]
        subject = f"cooperation/{cooperation_id(body.key)}"
        waiting = parts.registry.rehearse(submission.caller.office, subject, commands, body.confirmed)
        return HistoryChecked(steps=len(commands), waiting=[WaitingAct(**one._asdict()) for one in waiting])

    return routes


def documents() -> Router:
    """The routes of documents."""
    routes = Router(tags=["documents"])

    add_upload(routes)

    @routes.get("/documents/{sha256}", response_class=Response)
    def get_document(caller: Annotated[Caller, Depends(require("read"))], parts: Running, sha256: str) -> Response:
        """Any document, by its SHA-256, for offices that see every cooperation. Others read it where it is cited.

        404 if there is none.
        """
        if caller.office not in EVERYWHERE:
            detail = "Baca dokumen ini melalui kerja sama yang menyebutnya."
            raise Problem(RefusalKind.FORBIDDEN, "document-by-cooperation", detail)
        try:
            content = parts.documents.get(sha256)
        except NoDocumentError as error:
            raise Problem(RefusalKind.UNKNOWN, "document-known", "Dokumen ini tidak ada.") from error
        types = parts.documents.types(sha256)
        return download(content, sha256, types.pop() if len(types) == 1 else OCTETS)

    return routes


def _command(number: int, step: dict[str, Any]) -> Command:
    fields = dict(step)
    name = str(fields.pop("do", "")).replace("_", "-")
    model = Register if name == "register" else COMMANDS.get(name)
    if model is None:
        raise Problem(
            RefusalKind.INVALID, "command-known", "Perintah pada langkah ini tidak dikenal.", step=number, command=name
        )
    try:
        return read_value(model, fields)
    except ValidationError as error:
        problem = unfit(error)
        problem.facts["step"] = number
        raise problem from error
