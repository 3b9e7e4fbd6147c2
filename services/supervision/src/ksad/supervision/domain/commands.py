"""The commands on a task; they are also the request bodies of the HTTP interface."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, Field, TypeAdapter, ValidationError
from pydantic_core import PydanticCustomError

from ksad.contracts.catalogue import DocumentRef
from ksad.contracts.dates import DateError, PartialDate
from ksad.contracts.free_text import Confirms
from ksad.contracts.identifiers import RegionCode, ShortText
from ksad.contracts.strict import Identity, Strict
from ksad.contracts.supervision import Evaluation, Finding, ReminderKind


def _readable(text: str) -> str:
    try:
        PartialDate.parse(text)
    except DateError as error:
        raise PydanticCustomError("partial_date", "not a date") from error
    return text


Documents = Annotated[list[DocumentRef], Field(max_length=20)]


class TaskCommand(Strict):
    """The field of all commands on a task: ``on`` is the day of the fact, possibly partial; today if it is absent."""

    on: Annotated[str, AfterValidator(_readable)] | None = None
    confirms: Confirms = ()

    def asked(self) -> dict[str, Any]:
        """What is asked, as JSON: what makes a repeated request the same one."""
        return self.model_dump(mode="json")

    def refs(self) -> list[DocumentRef]:
        """The documents that the command refers to."""
        return list(getattr(self, "documents", ()))

    def others(self) -> tuple[UUID, ...]:
        """The ids of other tasks that the command may close."""
        return ()


class Assign(TaskCommand):
    """Assign the task to an officer, by pseudonym."""

    assignee: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,64}$")]


class Deliver(TaskCommand):
    """Record that guidance or a reminder was delivered to a party."""

    region: RegionCode
    documents: Documents = Field(default=[])
    note: ShortText | None = None
    proposed: bool = False
    """With what the register proposes on that day (``GET /tasks/{task_id}/proposal``) as a further document."""

    def asked(self) -> dict[str, Any]:
        """Without the field that older releases did not have, where it asks for nothing."""
        said = super().asked()
        if not self.proposed:
            del said["proposed"]
        return said


class Decline(TaskCommand):
    """Record that a party needs no guidance."""

    region: RegionCode | None = None
    reason: ShortText


class Acknowledge(TaskCommand):
    """Acknowledge the reminder of d.4 for a party."""

    region: RegionCode | None = None


class OpenReminder(TaskCommand):
    """Record that the office has opened a reminder about this task."""

    reminder: ReminderKind


class Complete(TaskCommand):
    """Record that the duty is fulfilled."""

    outcome: ShortText
    documents: Documents = Field(default=[])
    findings: Annotated[list[Finding], Field(max_length=50)] = Field(default=[])
    evaluation: Evaluation | None = None
    satisfies: Identity | None = None

    def asked(self) -> dict[str, Any]:
        """Without what findings do not call for: a request that an older release has answered is the same one today."""
        said = super().asked()
        for finding in said["findings"]:
            if finding["follow_up"] is None:
                del finding["follow_up"]
        return said

    def others(self) -> tuple[UUID, ...]:
        """The id of the other task that the same document fulfils."""
        return () if self.satisfies is None else (self.satisfies,)


class CloseFollowUp(TaskCommand):
    """Record, by the evidence, that what a finding called for was done; ``finding`` is its number, from 1."""

    finding: Annotated[int, Field(ge=1, le=50)]
    outcome: ShortText
    documents: Annotated[list[DocumentRef], Field(min_length=1, max_length=20)]


class CorrectTask(TaskCommand, title="Correct"):
    """Correct fields of an earlier event of this task."""

    corrects: Identity
    reason: ShortText
    fields: Annotated[dict[str, Any], Field(min_length=1, max_length=10)]

    def refs(self) -> list[DocumentRef]:
        """The corrected documents; empty if the values are not document references, which is refused later."""
        try:
            return TypeAdapter(list[DocumentRef]).validate_python(self.fields.get("documents", []))
        except ValidationError:
            return []


COMMANDS: dict[str, type[TaskCommand]] = {
    "assign": Assign,
    "deliver": Deliver,
    "decline": Decline,
    "acknowledge": Acknowledge,
    "open-reminder": OpenReminder,
    "complete": Complete,
    "close-follow-up": CloseFollowUp,
    "correct": CorrectTask,
}
"""The commands by their path segment below ``/tasks/{id}/``, which is also the action in the access table."""

NAMES = {model: name for name, model in COMMANDS.items()}
