"""The bodies of commands on tasks. ``on`` is the day it happened, today where it is absent."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

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


class TaskRequest(BaseModel):
    """What all commands on a task share."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    on: Annotated[str, AfterValidator(_readable)] | None = None


class Assign(TaskRequest):
    """An officer, by pseudonym, takes the task."""

    assignee: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,64}$")]


class Deliver(TaskRequest):
    """Guidance, or a reminder, reached a party."""

    region: RegionCode
    documents: Documents = []
    note: ShortText | None = None


class Decline(TaskRequest):
    """A party needs no guidance."""

    region: RegionCode | None = None
    reason: ShortText


class Acknowledge(TaskRequest):
    """A party acknowledges the reminder of d.4."""

    region: RegionCode | None = None


class Complete(TaskRequest):
    """The duty is done."""

    outcome: ShortText
    documents: Documents = []
    findings: Annotated[list[Finding], Field(max_length=50)] = []
    evaluation: Evaluation | None = None
    satisfies: UUID | None = None


class CorrectTask(TaskRequest, title="Correct"):
    """Other values for correctable fields of an earlier event of this task."""

    corrects: UUID
    reason: ShortText
    fields: Annotated[dict[str, Any], Field(min_length=1, max_length=10)]
