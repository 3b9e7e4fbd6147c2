"""The commands on a task, as the HTTP interface words them."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from ksad.contracts.catalogue import DocumentRef
from ksad.contracts.dates import DateError, PartialDate
from ksad.contracts.identifiers import RegionCode, ShortText
from ksad.contracts.supervision import Evaluation, Finding


def _readable(text: str) -> str:
    try:
        PartialDate.parse(text)
    except DateError as error:
        raise ValueError(str(error)) from error
    return text


Documents = Annotated[list[DocumentRef], Field(max_length=20)]


class TaskCommand(BaseModel):
    """What all commands on a task share. ``on`` is the day it happened, today where it is absent."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    on: Annotated[str, AfterValidator(_readable)] | None = None

    def refs(self) -> list[DocumentRef]:
        """The documents that it names."""
        return list(getattr(self, "documents", ()))

    def others(self) -> tuple[UUID, ...]:
        """Further tasks that it may close."""
        return ()


class Assign(TaskCommand):
    """An officer, by pseudonym, takes the task."""

    assignee: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,64}$")]


class Deliver(TaskCommand):
    """Guidance, or a reminder, reached a party."""

    region: RegionCode
    documents: Documents = []
    note: ShortText | None = None


class Decline(TaskCommand):
    """A party needs no guidance."""

    region: RegionCode | None = None
    reason: ShortText


class Acknowledge(TaskCommand):
    """A party acknowledges the reminder of d.4."""

    region: RegionCode | None = None


class Complete(TaskCommand):
    """The duty is done."""

    outcome: ShortText
    documents: Documents = []
    findings: Annotated[list[Finding], Field(max_length=50)] = []
    evaluation: Evaluation | None = None
    satisfies: UUID | None = None

    def others(self) -> tuple[UUID, ...]:
        """The task that one document satisfies as well."""
        return () if self.satisfies is None else (self.satisfies,)


class CorrectTask(TaskCommand, title="Correct"):
    """Other values for correctable fields of an earlier event of this task."""

    corrects: UUID
    reason: ShortText
    fields: Annotated[dict[str, Any], Field(min_length=1, max_length=10)]

    def refs(self) -> list[DocumentRef]:
        """The documents that take others' place; what is no reference to one does not fit the fact."""
        try:
            return TypeAdapter(list[DocumentRef]).validate_python(self.fields.get("documents", []))
        except ValidationError:
            return []


COMMANDS: dict[str, type[TaskCommand]] = {
    "assign": Assign,
    "deliver": Deliver,
    "decline": Decline,
    "acknowledge": Acknowledge,
    "complete": Complete,
    "correct": CorrectTask,
}
"""The commands by the path segment under ``/tasks/{id}/``, which is also their action in the access table."""

NAMES = {model: name for name, model in COMMANDS.items()}
