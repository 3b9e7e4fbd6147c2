"""Older versions of supervision's events, and how each is read as the next version (``registry.superseded``)."""

from __future__ import annotations

import re
from datetime import date
from typing import Any, Literal
from uuid import UUID

from ksad.contracts.catalogue import Audience, DocumentRef, Fact, Service, ValueObject, declare, upcasts
from ksad.contracts.identifiers import Key, Office, RegionCode, ShortText
from ksad.contracts.registry import Stage
from ksad.contracts.supervision import EARLY_NOTICE, ESCALATED, Evaluation, TaskFact, Tier

OCCASION = re.compile(r"(accord-without-agreement)/[0-9]{4}-[0-9]{2}-[0-9]{2}")
REMINDED = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})/(?:(notice)|[0-9]+)")


@declare(Service.SUPERVISION, "ksad.supervision.jurisdiction_resolved", 1, Audience.PUBLIC)
class JurisdictionResolvedV1(Fact, title="JurisdictionResolved"):
    """Who supervises from ``holds_from`` on, and who settles disputes: resolved from the parties, never typed in."""

    cooperation_id: UUID
    tier: Tier
    supervising_body: Office
    dispute_forum: Office
    clause: ShortText
    basis: Literal["text", "inference", "memory", "policy"]
    row: Key
    gap_filled: bool
    informed: list[Office]
    parties: list[RegionCode]
    holds_from: date


@upcasts("ksad.supervision.jurisdiction_resolved.v1")
def _resolved(data: dict[str, Any]) -> dict[str, Any]:
    return data | {"forum_clause": None, "forum_basis": None, "forum_says": None}


@declare(Service.SUPERVISION, "ksad.task.scheduled", 1, Audience.PARTIES)
class TaskScheduledV1(TaskFact, title="TaskScheduled"):
    """A duty of the catalogue is owed. ``occurrence`` tells this one from others of the same duty and cooperation.

    ``for_parties`` are those it must reach, one by one; empty where the duty is not per party.
    ``period`` is set for reports and recurring monitoring.
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


class FindingV1(ValueObject, title="Finding"):
    """One finding of oversight, by what it was tested against (Pasal 1 no. 8)."""

    basis: Literal["legislation", "agreement"]
    conforms: bool
    description: ShortText


@declare(
    Service.SUPERVISION,
    "ksad.task.completed",
    1,
    Audience.SUPERVISOR,
    correctable=("outcome", "documents", "findings", "evaluation"),
)
class TaskCompletedV1(TaskFact, title="TaskCompleted"):
    """The duty is done: opinions, advice and briefs travel as document hashes, not as text.

    ``satisfies`` names a further task that the same document closed (one document may be advice and brief).
    """

    outcome: ShortText
    documents: list[DocumentRef]
    findings: list[FindingV1]
    evaluation: Evaluation | None
    satisfies: UUID | None


@upcasts("ksad.task.completed.v1")
def _completed(data: dict[str, Any]) -> dict[str, Any]:
    return data | {"duty": None, "findings": [{**finding, "follow_up": None} for finding in data["findings"]]}


@upcasts("ksad.task.scheduled.v1")
def _scheduled(data: dict[str, Any]) -> dict[str, Any]:
    """Occasion and end stood in the occurrence alone; this is the last place that reads one."""
    found = OCCASION.fullmatch(data["occurrence"])
    counted = REMINDED.fullmatch(data["occurrence"]) if data["duty"] == "d.4" else None
    occasion = found[1] if found else None
    if counted and counted[2]:
        occasion = EARLY_NOTICE
    if data["duty"] == "d.5" and data["occurrence"].endswith("/minister"):
        occasion = ESCALATED
    return data | {
        "agreement": None,
        "occasion": occasion,
        "rests_on": counted[1] if counted else None,
    }
