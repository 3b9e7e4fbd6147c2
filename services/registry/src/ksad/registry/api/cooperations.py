"""Routes of cooperations. Every command is a POST with the field names of the history file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal
from uuid import UUID

from fastapi import Depends, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from ksad.chassis.access import require
from ksad.chassis.auth import Caller
from ksad.chassis.documents import NoDocumentError
from ksad.chassis.edge import submission_of
from ksad.chassis.foreseeing import DryRun
from ksad.chassis.openapi import answers
from ksad.chassis.problems import Problem
from ksad.chassis.requests import Received, Router, received
from ksad.chassis.transfer import download_as, entitled
from ksad.chassis.waiting import require_current
from ksad.contracts.catalogue import documents_in
from ksad.contracts.dates import WorkingCalendar
from ksad.contracts.identifiers import Key, cooperation_id
from ksad.contracts.law import workbook
from ksad.contracts.positions import POSITION_HEADER
from ksad.contracts.registry import Stage
from ksad.contracts.rules import RefusalKind
from ksad.contracts.verification import counted
from ksad.registry.api.answering import Consent, consent_after
from ksad.registry.api.foreseeing import Effects, effects
from ksad.registry.api.narrowing import narrowed
from ksad.registry.domain.commands import COMMANDS, Command, Register
from ksad.registry.domain.cooperation import Proof
from ksad.registry.domain.permissions import former_of, pending_for, seen_events, sight_of
from ksad.registry.parts import Parts, Running

if TYPE_CHECKING:
    from ksad.chassis.store import CommandRecord
    from ksad.contracts.envelope import Envelope
    from ksad.contracts.umbrella import Agreement
    from ksad.registry.domain.context import Context
    from ksad.registry.domain.cooperation import Cooperation


DERIVED = (
    "parties",
    "stage",
    "backfill_closed",
    "accord_signed",
    "agreement_signed",
    "effective_on",
    "ends_on",
    "notice",
    "ended",
    "withdrawn",
)
"""What is shown of a cooperation as if it had one agreement; ``agreements`` has all of them."""
NOT_SHOWN = {"umbrella", "disputes", "entries", "numbers", "recorded_by"}
"""What of the state is shown in another form, or to nobody."""
AGREEMENT_FOR_PARTIES = {"notice", "workbook"}
"""What of an agreement comes from facts whose audience is the parties."""

FORESEEN: dict[str, Any] = {"model": Effects, "description": "What it would bring about, for a dry run."}
Reader = Annotated[Caller, Depends(require_current("read"))]


class CooperationRecorded(BaseModel, title="Answer"):
    """The result of a command: the cooperation, its version (also the ETag), the events, and their position.

    ``state`` is ``stands`` where what was asked has effect, ``proposed`` where the regions in ``awaiting`` have to
    confirm it, ``closed`` where a proposal was refused or withdrawn; ``proposal`` is the event that proposed it.
    """

    model_config = ConfigDict(extra="forbid")

    cooperation_id: UUID
    version: int
    events: list[UUID]
    position: str
    state: Literal["stands", "proposed", "closed"] = "stands"
    proposal: UUID | None = None
    awaiting: Annotated[list[str], Field(default_factory=list)]


class Shown(BaseModel):
    """A cooperation: the fields that clients may rely on. A response may have more.

    ``pending`` are the acts that wait for confirmation and that the caller may see: all for parties and supervisors,
    for others those that ask their region.
    """

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
    pending: list[dict[str, Any]]


def _answer(record: CommandRecord, subject: str, status: int, consent: Consent) -> Response:
    """The response, serialised from its model here, so that FastAPI does not validate it a second time."""
    identity, version, position = UUID(subject.partition("/")[2]), record.version(subject), str(record.position)
    answer = CooperationRecorded(
        cooperation_id=identity, version=version, events=record.events, position=position, **consent._asdict()
    )
    headers = {"ETag": f'"{version}"', POSITION_HEADER: position}
    return Response(answer.model_dump_json(), status, headers, "application/json")


def _perform(
    request: Request, parts: Parts, subject: str, command: Command, dry_run: str | None, status: int = 200
) -> Response:
    if dry_run is not None:
        return Response(effects(request, parts, subject, command).model_dump_json(), media_type="application/json")
    submission = submission_of(request, command.asked())
    record = parts.registry.execute(submission, subject, command)
    return _answer(record, subject, status, consent_after(record, parts.store, subject))


def router() -> Router:
    """The routes of cooperations."""
    routes = Router(tags=["cooperations"])

    @routes.post(
        "/cooperations",
        status_code=201,
        response_model=CooperationRecorded,
        responses={200: FORESEEN},
        dependencies=[Depends(require("register"))],
    )
    def register(request: Request, parts: Running, body: Received[Register], dry_run: DryRun = None) -> Response:
        """Register a cooperation. 409 if its key is registered already."""
        return _perform(request, parts, f"cooperation/{cooperation_id(body.key)}", body, dry_run, 201)

    # One route per command, so that the OpenAPI description shows the fields of each.
    for action, model in COMMANDS.items():
        _add(routes, action, model)

    @routes.get("/cooperations", **answers(Shown))
    def find_cooperation(
        response: Response, caller: Reader, parts: Running, key: Annotated[Key, Query()]
    ) -> dict[str, Any]:
        """The cooperation with a key; fields meant for parties only if the caller is one or supervises. 404 if
        unknown.
        """
        return _shown(parts, response, caller, cooperation_id(key))

    @routes.get("/cooperations/{cooperation_id}", **answers(Shown))
    def get_cooperation(response: Response, caller: Reader, parts: Running, cooperation_id: UUID) -> dict[str, Any]:
        """A cooperation, with its version as ETag; fields meant for parties only if the caller is one or supervises."""
        return _shown(parts, response, caller, cooperation_id)

    @routes.get("/cooperations/{cooperation_id}/events")
    def get_events(caller: Reader, parts: Running, cooperation_id: UUID) -> dict[str, Any]:
        """The events of a cooperation that the caller may see, as in the log (CloudEvents)."""
        events = _events(parts, caller, cooperation_id)
        items = [envelope.model_dump(mode="json", exclude_none=True) | {"data": envelope.data} for envelope in events]
        return {"items": items}

    @routes.get("/cooperations/{cooperation_id}/documents")
    def list_cited_documents(caller: Reader, parts: Running, cooperation_id: UUID) -> dict[str, Any]:
        """The documents that facts of the cooperation name, and the caller may see, with names and titles of files."""
        cited = [found for event in _events(parts, caller, cooperation_id) for found in documents_in(event.data)]
        return {"items": entitled(parts.documents, cited)}

    @routes.get("/cooperations/{cooperation_id}/documents/{sha256}", response_class=Response)
    def get_cited_document(caller: Reader, parts: Running, cooperation_id: UUID, sha256: str) -> Response:
        """A document that a fact of the cooperation names, and the caller may see. 404 otherwise."""
        cited = (found for event in _events(parts, caller, cooperation_id) for found in documents_in(event.data))
        ref = next((one for one in cited if one.sha256 == sha256), None)
        if ref is None:
            detail = "Dokumen ini tidak ada pada kerja sama ini, atau tidak untuk jabatan Anda."
            raise Problem(RefusalKind.UNKNOWN, "document-known", detail)
        try:
            return download_as(parts.documents, ref)
        except NoDocumentError as error:
            raise Problem(
                RefusalKind.UNKNOWN,
                "document-kept",
                "Berkas ini hilang atau berubah; beri tahu pengelola.",
            ) from error

    return routes


def _add(routes: Router, action: str, model: type[Command]) -> None:
    def perform(
        request: Request, parts: Running, cooperation_id: UUID, body: Received[Command], dry_run: DryRun = None
    ) -> Response:
        return _perform(request, parts, f"cooperation/{cooperation_id}", body, dry_run)

    # FastAPI reads the body's model from the annotations, so each command needs its own.
    perform.__annotations__ = {
        "request": Request,
        "parts": Running,
        "cooperation_id": UUID,
        "body": received(model),
        "dry_run": DryRun,
        "return": Response,
    }
    routes.add_api_route(
        f"/cooperations/{{cooperation_id}}/{action}",
        perform,
        methods=["POST"],
        response_model=CooperationRecorded | Effects,
        name=action.replace("-", "_"),
        summary=(model.__doc__ or "").splitlines()[0],
        dependencies=[Depends(require(action))],
    )


def _settlement(state: Cooperation, key: str, one: Agreement, context: Context) -> dict[str, Any]:
    """The workbook of an agreement, with sums and slots."""
    policy = context.adopted.policy
    late = None if policy is None else workbook.late_from(one, policy, WorkingCalendar())
    return workbook.statement(one, context.profile(state, key).checklist, late)


def _known(parts: Parts, identity: UUID) -> tuple[int, Cooperation]:
    version, state = parts.registry.cooperation(f"cooperation/{identity}")
    if version == 0:
        raise Problem(RefusalKind.UNKNOWN, "cooperation-known", "Kerja sama ini belum terdaftar.")
    return version, state


def _events(parts: Parts, caller: Caller, identity: UUID) -> list[Envelope]:
    """The events of a cooperation that the caller may see."""
    _, state = _known(parts, identity)
    events = parts.store.stream(f"cooperation/{identity}")
    return seen_events(caller.office, state, parts.registry.today(), events)


def _shown(parts: Parts, response: Response, caller: Caller, identity: UUID) -> dict[str, Any]:
    version, state = _known(parts, identity)
    response.headers["ETag"] = f'"{version}"'
    umbrella, context = state.umbrella, parts.registry.today()
    agreement = state.shown
    shown = {
        "cooperation_id": str(identity),
        **{name: value for name, value in state._asdict().items() if name not in NOT_SHOWN},
        "version": version,
        **{name: getattr(state, name) for name in DERIVED},
        "status": umbrella.status,
        "settlement": umbrella.settlement,
        "verification": counted(state.entries)._asdict(),
        "entries": {key: one.model_dump(exclude={"time"}) for key, one in state.entries.items()},
        "accords": {key: one.model_dump() | {"state": one.state} for key, one in umbrella.accords.items()},
        "agreements": {
            key: one.model_dump(exclude=AGREEMENT_FOR_PARTIES) | {"state": one.state}
            for key, one in umbrella.agreements.items()
        },
        "settlements": {
            key: {"notice": one.notice, **_settlement(state, key, one, context)}
            for key, one in umbrella.agreements.items()
        },
        "bodies": {key: one.model_dump() for key, one in umbrella.bodies.items()},
        "problems": {key: "open" if still else "resolved" for key, still in state.problems},
        "disputes": {key: dispute._asdict() for key, dispute in state.disputes},
        "items_added": list(agreement.workbook.added) if agreement else [],
        "proofs": [Proof(*proof.slot)._asdict() for proof in agreement.workbook.proofs] if agreement else [],
    }
    plain: dict[str, Any] = TypeAdapter(dict[str, Any]).dump_python(shown, mode="json")
    seen = narrowed(plain, sight_of(caller.office, state, context), former_of(caller.office, state, context))
    return seen | {"pending": pending_for(caller.office, state, context)}
