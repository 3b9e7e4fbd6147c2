"""Response models: the fields that clients may rely on. A response may have more."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from ksad.chassis.openapi import ResponseModel
from ksad.contracts.registry import Stage
from ksad.contracts.verification import EntryStatus


class AwaitedAct(ResponseModel, title="PendingAct"):
    """An act that has no effect yet: what it is, since when it waits, for whose confirmation, and until when.

    ``expires_on`` is null where there is no last day, ``since`` while the rows of an older release are folded anew.
    ``says`` is the same in a sentence.
    """

    proposal: UUID
    act: str
    on: date
    since: date | None
    proposer: str | None
    asked: list[str]
    confirmed: list[str]
    awaiting: list[str]
    expires_on: date | None
    says: str


class CooperationRow(ResponseModel, title="Cooperation"):
    """A cooperation as listed in the register; ``affair_name`` says of one that is in no list that it is unmapped.

    Names are those of today; ``unverified`` is the number of its facts that were not examined.
    ``pending`` are the acts of several parties that wait for confirmation and that the caller may see: all for parties
    and supervisors, for others those that ask their region.
    """

    cooperation_id: UUID
    key: str | None
    title: str | None
    stage: Stage | None
    status: str
    affair: str | None
    affair_name: str | None
    ends_on: date | None
    tier: str | None
    supervising_body: str | None
    supervisor_name: str | None
    parties: list[str]
    party_names: list[dict[str, str]]
    unverified: int
    pending: list[AwaitedAct]


class CooperationCounts(ResponseModel):
    """How many cooperations match: all, and by status, stage and tier of those who supervise."""

    total: int
    status: dict[str, int]
    stage: dict[Stage, int]
    tier: dict[str, int]


class CooperationPage(ResponseModel, title="Cooperations"):
    """A page of the register. ``next`` is the value of ``after`` for the next page; null on the last page.

    ``counts`` are of all that match, whatever the page; null where they were not asked for.
    """

    items: list[CooperationRow]
    next: str | None
    counts: CooperationCounts | None


class LogEntry(ResponseModel, title="Entry"):
    """An entry of the log: its index, its event, the id of the event that it corrects, whether its fact was verified.

    ``says`` is a sentence, of an event by which an act of several parties is proposed, confirmed, refused or closed.
    Null: it corrects none; it is no such event; its fact is not one that is verified.
    """

    index: int
    event: dict[str, Any]
    corrects: UUID | None
    says: str | None
    verification: EntryStatus | None


class TimelinePage(ResponseModel, title="Timeline"):
    """A page of a cooperation's entries. ``next`` is ``after`` for the next page; null on the last page."""

    items: list[LogEntry]
    next: int | None


class VerifiableItem(ResponseModel, title="VerifiableEntry"):
    """A fact that a supervising body examines: what it is, who recorded it, and what to mend where it was returned."""

    event_id: UUID
    cooperation_id: UUID
    key: str | None
    title: str | None
    parties: list[dict[str, str]]
    name: str
    label: str
    on: date
    recorder: str
    body: str | None
    agreement: str | None
    status: EntryStatus
    status_label: str
    reason: str | None
    mend: str | None


class VerificationPage(ResponseModel, title="Verification"):
    """A page of the work list. ``next`` is the value of ``after`` for the next page; null on the last page."""

    items: list[VerifiableItem]
    next: int | None


class DigestAnswer(ResponseModel, title="Digest"):
    """The number of entries folded by the live projections, and the SHA-256 (hex) over all their rows."""

    entries: int
    digest: str


class DashboardResponse(ResponseModel, title="Dashboard"):
    """Counts of a scope today; but for ``statuses`` of cooperations that are proposed or running.

    ``regions`` are provinces for the nation, and regions of a province for a province. ``passed`` and ``ending`` are
    running ones whose end has passed or comes within 180 days. ``problems`` and ``disputes`` have an open one.
    """

    scope: str
    day: date
    statuses: dict[str, int]
    stages: dict[str, int]
    tiers: dict[str, int]
    affairs: dict[str, int]
    regions: dict[str, int]
    passed: int
    ending: int
    problems: int
    disputes: int


class EntryProof(ResponseModel):
    """That the newest signed head contains an entry: the path of RFC 9162 section 2.1.3 in Base64, and the signed note.

    The service verified the path before it answered; whoever trusts nobody does it again.
    """

    origin: str
    size: int
    root: str
    hashes: list[str]
    checkpoint: str
    checked_on: date


class EntryResponse(ResponseModel, title="ProvenEntry"):
    """An entry of the log: ``bytes`` are the canonical JSON whose hash, after a zero byte, is the leaf's (SHA-256).

    ``proof`` is null while the log is not signed so far. ``cooperation_id`` and ``key`` say whose timeline has it.
    """

    index: int
    bytes: str
    event: dict[str, Any]
    cooperation_id: UUID | None
    key: str | None
    leaf_hash: str
    proof: EntryProof | None


class CooperationOnDay(ResponseModel):
    """A cooperation at the end of a day, as it is known from ``size`` entries of the log."""

    cooperation_id: UUID
    day: date
    size: int
    key: str | None
    title: str | None
    affair: str | None
    stage: Stage | None
    status: str
    ends_on: date | None
    parties: list[str]
    accords: dict[str, Any]
    agreements: dict[str, Any]
    tier: str | None
    supervising_body: str | None
