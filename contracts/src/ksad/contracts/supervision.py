"""Events of the supervision service: jurisdiction, and tasks from the day a duty arises until it is done."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from ksad.contracts.catalogue import Audience, DocumentRef, Fact, Service, ValueObject, declare
from ksad.contracts.identifiers import Key, Office, RegionCode, ShortText
from ksad.contracts.registry import Stage
from ksad.contracts.strict import Day

BACKFILL = "backfill"
"""The occasion of the check that legacy facts are complete; it is opened once and closed once."""
EARLY_NOTICE = "early-notice"
"""The occasion of a reminder (d.4) that is given at once, because an earlier end was announced."""
ESCALATED = "escalated"
"""The occasion of a brief (d.5) for the Minister on a dispute that the Governor passed on."""
HOME_GOVERNORS = "home-governors"
"""The occasion of telling the Governors of the parties' provinces, by letter and receipt, who supervises instead."""
PUBLIC, PARTIES, SUPERVISOR = Audience.PUBLIC, Audience.PARTIES, Audience.SUPERVISOR


class Tier(StrEnum):
    """Pasal 2 and Pasal 3."""

    MINISTER = "minister"
    GOVERNOR = "governor"


class FollowUp(ValueObject):
    """What is to be done about a finding: which office, by which day, and what."""

    who: Office
    by: Day
    what: ShortText


class Finding(ValueObject):
    """One finding of oversight, by what it was tested against (Pasal 1 no. 8), with its follow-up where one is due."""

    basis: Literal["legislation", "agreement"]
    conforms: bool
    description: ShortText
    follow_up: FollowUp | None = None


LegalBasis = Literal["text", "inference", "memory", "policy"]

Score = Annotated[int, Field(ge=1, le=4)]


class Evaluation(ValueObject):
    """The evaluation form of d.1, of the kind real offices use: scores 1 (poor) to 4 (good), rating 1 to 5."""

    purpose_met: Score
    on_time: Score
    partner_contribution: Score
    coordination: Score
    documents_complete: Score
    reports_regular: Score
    obstacles: ShortText | None
    impact: ShortText | None
    recommendation: Literal["continue", "expand", "stop"]
    rating: Annotated[int, Field(ge=1, le=5)]


class TaskFact(Fact):
    """What every fact of a task says: the cooperation it belongs to, or null for a report that a body owes."""

    cooperation_id: UUID | None


class ResolvedFact(Fact):
    """What every resolution says: who supervises from ``holds_from`` on, who settles disputes, and on what ground.

    The ``forum_`` fields are the ground of the dispute forum; null where it was not recorded.
    """

    cooperation_id: UUID
    tier: Tier
    supervising_body: Office
    dispute_forum: Office
    clause: ShortText
    basis: LegalBasis
    row: Key
    gap_filled: bool
    informed: list[Office]
    holds_from: date
    forum_clause: ShortText | None
    forum_basis: LegalBasis | None
    forum_says: ShortText | None


@declare(Service.SUPERVISION, "ksad.supervision.jurisdiction_resolved", 2, PUBLIC)
class JurisdictionResolved(ResolvedFact):
    """Who supervises a cooperation, and who settles its disputes: resolved from the parties, never typed in."""

    parties: list[RegionCode]


# A name of its own: rule 1 of the feeds takes every resolution under the other name for the cooperation's.
@declare(Service.SUPERVISION, "ksad.supervision.agreement_jurisdiction_resolved", 1, PUBLIC)
class AgreementJurisdictionResolved(ResolvedFact):
    """Who supervises one agreement, where its parties, ``between``, resolve otherwise than those of the cooperation."""

    agreement: Key
    between: list[RegionCode]


@declare(Service.SUPERVISION, "ksad.task.scheduled", 2, PARTIES)
class TaskScheduled(TaskFact):
    """A duty of the catalogue is owed. ``occurrence`` tells this one from others of the same duty and cooperation.

    ``for_parties`` are those it must reach, one by one; empty where the duty is not per party.
    ``period`` is set for reports and recurring monitoring. ``agreement`` is the one that the duty is about, null for
    the whole cooperation; ``occasion`` why it arises where the duty does not say it (``accord-without-agreement``,
    ``early-notice``); ``rests_on`` the end that a reminder counts to. Nobody has to read them out of ``occurrence``.
    """

    duty: ShortText
    clause: ShortText
    body: Office
    stage: Stage | None
    for_parties: list[RegionCode]
    occurrence: ShortText
    period: ShortText | None
    due_on: date
    due_basis: ShortText
    agreement: Key | None
    occasion: Key | None
    rests_on: date | None


@declare(Service.SUPERVISION, "ksad.task.assigned", 1, SUPERVISOR, correctable=("assignee",))
class TaskAssigned(TaskFact):
    """An officer, by pseudonym, takes the task."""

    assignee: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,64}$")]


@declare(Service.SUPERVISION, "ksad.task.delivered", 1, PARTIES, correctable=("documents", "note"))
class TaskDelivered(TaskFact):
    """Guidance, or a reminder, reached one party."""

    region: RegionCode
    documents: list[DocumentRef]
    note: ShortText | None


@declare(Service.SUPERVISION, "ksad.task.declined", 1, PARTIES, correctable=("reason",))
class TaskDeclined(TaskFact):
    """A party declined the guidance offered to it."""

    region: RegionCode
    reason: ShortText


@declare(Service.SUPERVISION, "ksad.task.reminder_acknowledged", 1, PARTIES)
class ReminderAcknowledged(TaskFact):
    """A party acknowledged the reminder of d.4; or a Governor, by the code of the province, what he was told."""

    region: RegionCode


class ReminderKind(StrEnum):
    """What an office was reminded of by letter or mail."""

    END = "end"
    """To prepare the end of an agreement (d.4)."""
    ASSIGNED = "assigned"
    """That a task was given to one of its officers."""
    LATE = "late"
    """That its task is late."""


@declare(Service.SUPERVISION, "ksad.task.reminder_opened", 1, SUPERVISOR)
class ReminderOpened(TaskFact):
    """An office opened a reminder: by the event's time it knew. It is no acknowledgement, and closes nothing."""

    office: Office
    reminder: ReminderKind


@declare(
    Service.SUPERVISION,
    "ksad.task.completed",
    2,
    SUPERVISOR,
    correctable=("outcome", "documents", "findings", "evaluation"),
)
class TaskCompleted(TaskFact):
    """The duty is done: opinions, advice and briefs travel as document hashes, not as text.

    ``satisfies`` names a further task that the same document closed (one document may be advice and brief). ``duty``
    is that of the task, so that whoever selects facts sees what was done; null where it was not recorded.
    """

    outcome: ShortText
    documents: list[DocumentRef]
    findings: list[Finding]
    evaluation: Evaluation | None
    satisfies: UUID | None
    duty: ShortText | None


@declare(Service.SUPERVISION, "ksad.task.follow_up_closed", 1, SUPERVISOR, correctable=("outcome", "documents"))
class FollowUpClosed(TaskFact):
    """What a finding called for was done, by the evidence; ``finding`` is its number among those filed, from 1."""

    finding: Annotated[int, Field(ge=1, le=50)]
    outcome: ShortText
    documents: list[DocumentRef]


@declare(Service.SUPERVISION, "ksad.task.handed_over", 1, PARTIES)
class TaskHandedOver(TaskFact):
    """Jurisdiction changed: an open task goes to another body with its history."""

    from_body: Office
    to_body: Office
    clause: ShortText
    reason: ShortText


@declare(Service.SUPERVISION, "ksad.task.cancelled", 1, PARTIES)
class TaskCancelled(TaskFact):
    """The duty is owed no more: what gave rise to it is gone."""

    reason: ShortText


@declare(Service.SUPERVISION, "ksad.task.overdue", 1, SUPERVISOR)
class TaskOverdue(TaskFact):
    """The due date passed with the task open."""

    due_on: date
    day: date


@declare(Service.SUPERVISION, "ksad.task.reminded", 1, SUPERVISOR)
class TaskReminded(TaskFact):
    """The body was reminded of its late task."""

    day: date


@declare(Service.SUPERVISION, "ksad.task.escalated", 1, SUPERVISOR)
class TaskEscalated(TaskFact):
    """The late task was reported to the head whom the body serves: the Minister, or the Governor."""

    day: date
    to_office: Office


@declare(Service.SUPERVISION, "ksad.task.corrected", 1, SUPERVISOR)
class TaskCorrected(TaskFact):
    """Other values for correctable fields of an earlier event of this task."""

    corrects: UUID
    reason: ShortText
    fields: dict[str, Any]
