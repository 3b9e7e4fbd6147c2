"""Routes of the reference texts in use, which every office may read, a province's feed account too."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from fastapi import Depends

from ksad.chassis.access import require
from ksad.chassis.openapi import ResponseModel
from ksad.chassis.problems import Problem
from ksad.chassis.requests import Router
from ksad.contracts import registry as facts
from ksad.contracts.rules import RefusalKind
from ksad.registry.parts import Running


class AdoptedReference(ResponseModel):
    """A text in use: its hash and source, the decision that adopted it, and the event and command that brought it.

    A provisional text came with the software, and nobody has adopted it. ``standing`` is the same for people.
    ``replaced_event_id`` is the event of the text before it; null if there was none.
    """

    kind: facts.ReferenceKind
    name: str
    sha256: str
    source: str
    provisional: bool
    decision: facts.AdoptingDecision | None
    standing: str
    event_id: UUID
    command_id: UUID | None
    replaced_event_id: UUID | None


class References(ResponseModel):
    """All texts in use, by name."""

    items: list[AdoptedReference]


class ReferenceContent(AdoptedReference):
    """A text in use with its content, whose SHA-256 it states."""

    content: str


class RecordedBoundary(ResponseModel):
    """A change of a region's code that was recorded."""

    region: str
    successor: str
    effective_on: date
    legal_basis: str


class BoundaryChanges(ResponseModel):
    """Boundary changes, oldest first."""

    items: list[RecordedBoundary]


def router() -> Router:
    """The routes of the texts in use."""
    routes = Router(tags=["reference"], dependencies=[Depends(require("read-reference"))])

    @routes.get("/references")
    def list_references(parts: Running) -> References:
        """The reference data in use and by which decisions, without their texts."""
        return References(items=[AdoptedReference(**one._asdict()) for one in parts.registry.references()])

    @routes.get("/references/{name}")
    def get_reference(parts: Running, name: str) -> ReferenceContent:
        """A text in use, verbatim: regions (CSV), legal profiles and the policy (TOML), holidays (JSON), and others."""
        found = parts.registry.reference_text(name)
        if found is None:
            raise Problem(RefusalKind.UNKNOWN, "reference-known", "Data acuan itu belum ditetapkan.", name=name)
        return ReferenceContent(**found[0]._asdict(), content=found[1])

    @routes.get("/boundary-changes")
    def list_boundary_changes(parts: Running) -> BoundaryChanges:
        """All boundary changes, oldest first; each applies to the table in use unless that has its new code."""
        found = parts.registry.boundary_changes()
        return BoundaryChanges(
            items=[
                RecordedBoundary(
                    region=one.region,
                    successor=one.successor,
                    effective_on=one.effective_on,
                    legal_basis=one.legal_basis,
                )
                for one in found
            ]
        )

    return routes
