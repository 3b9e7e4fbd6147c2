"""Folds the stream of a cooperation into its row of the register; columns follow the printed *Matrik kerja sama*."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ksad.ledger.rules.v1.folds.correcting import substituted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

Event = dict[str, Any]
Row = dict[str, Any]
RUNNING_STAGE = "implementation_and_termination"


def _registered(row: Row, event: Event) -> None:
    data = event["data"]
    status = "running" if data["stage"] == RUNNING_STAGE else "proposed"
    row.update(key=data["key"], title=data["title"], affair=data["affair"], stage=data["stage"], status=status)
    row["detail"].update(
        object=data["object"],
        category=data["category"],
        parties=list(data["parties"]),
        initiator=data["initiator"],
        profile=data["profile"],
        registered_on=event["occurredon"],
    )


def _stage_entered(row: Row, event: Event) -> None:
    row["stage"] = event["data"]["stage"]
    if row["stage"] == RUNNING_STAGE:
        row["status"] = "running"


def _body_formed(row: Row, event: Event) -> None:
    row["detail"]["bodies"].append({**event["data"], "on": event["occurredon"]})


def _signing_scheduled(row: Row, event: Event) -> None:
    row["detail"]["signings"].append(event["data"])


def _instrument(kind: str) -> Callable[[Row, Event], None]:
    def fold(row: Row, event: Event) -> None:
        data = event["data"]
        row["detail"]["instruments"].append(
            {
                "kind": kind,
                "on": event["occurredon"],
                "precision": event["dateprecision"],
                "numbers": data["numbers"],
                "effective_on": data.get("effective_on"),
                "ends_on": data.get("ends_on"),
                "scope": data.get("scope"),
                "changes": data.get("changes"),
                "document": data["document"],
            }
        )
        if kind != "accord":
            row["status"] = "running"
            # An amendment without a new end leaves the old one in force.
            row["ends_on"] = data.get("ends_on") or row["ends_on"]

    return fold


def _approval(row: Row, event: Event) -> None:
    row["detail"]["approvals"].append(event["data"])


def _profile_bound(row: Row, event: Event) -> None:
    row["detail"]["profile"] = event["data"]["profile"]


def _parties(row: Row, event: Event) -> None:
    row["detail"]["parties"] = list(event["data"]["parties"])


def _problem_reported(row: Row, event: Event) -> None:
    data = event["data"]
    row["detail"]["problems"][data["problem"]] = {
        "description": data["description"],
        "on": event["occurredon"],
        "outcome": None,
    }


def _problem_resolved(row: Row, event: Event) -> None:
    data = event["data"]
    problem = row["detail"]["problems"].setdefault(data["problem"], {})
    problem.update(outcome=data["outcome"], resolved_on=event["occurredon"])


def _dispute_raised(row: Row, event: Event) -> None:
    data = event["data"]
    row["detail"]["disputes"][data["dispute"]] = {
        "between": data["between"],
        "description": data["description"],
        "on": event["occurredon"],
        "status": "raised",
        "manner": None,
        "outcome": None,
    }


def _dispute(status: str) -> Callable[[Row, Event], None]:
    def fold(row: Row, event: Event) -> None:
        data = event["data"]
        dispute = row["detail"]["disputes"].setdefault(data["dispute"], {})
        dispute["status"] = status
        if status == "settled":
            dispute.update(
                manner=data["manner"], outcome=data["outcome"], number=data["number"], settled_on=event["occurredon"]
            )

    return fold


def _notice(row: Row, event: Event) -> None:
    row["detail"]["notice"] = event["data"]
    row["ends_on"] = event["data"]["planned_end_on"]


def _item_added(row: Row, event: Event) -> None:
    row["detail"]["items_added"].append(event["data"])


def _item_completed(row: Row, event: Event) -> None:
    row["detail"]["proofs"].append({**event["data"], "on": event["occurredon"]})


def _ended(row: Row, event: Event) -> None:
    row["status"] = "ended"
    row["detail"]["ended"] = {**event["data"], "on": event["occurredon"]}


def _withdrawn(row: Row, event: Event) -> None:
    row["status"] = "withdrawn"
    row["detail"]["withdrawn"] = {**event["data"], "on": event["occurredon"]}


def _nothing(_row: Row, _event: Event) -> None:
    """An event that changes no column."""


FOLDS: dict[str, Callable[[Row, Event], None]] = {
    "ksad.cooperation.registered.v1": _registered,
    "ksad.cooperation.stage_entered.v1": _stage_entered,
    "ksad.cooperation.body_formed.v1": _body_formed,
    "ksad.cooperation.signing_scheduled.v1": _signing_scheduled,
    "ksad.cooperation.accord_signed.v1": _instrument("accord"),
    "ksad.cooperation.council_approval_recorded.v1": _approval,
    "ksad.cooperation.agreement_signed.v1": _instrument("agreement"),
    "ksad.cooperation.profile_bound.v1": _profile_bound,
    "ksad.cooperation.agreement_amended.v1": _instrument("amendment"),
    "ksad.cooperation.agreement_extended.v1": _instrument("extension"),
    "ksad.cooperation.party_joined.v1": _parties,
    "ksad.cooperation.party_withdrew.v1": _parties,
    "ksad.cooperation.problem_reported.v1": _problem_reported,
    "ksad.cooperation.problem_resolved.v1": _problem_resolved,
    "ksad.cooperation.dispute_raised.v1": _dispute_raised,
    "ksad.cooperation.dispute_decision_requested.v1": _dispute("decision_requested"),
    "ksad.cooperation.dispute_escalated.v1": _dispute("escalated"),
    "ksad.cooperation.dispute_settled.v1": _dispute("settled"),
    "ksad.cooperation.termination_notice_given.v1": _notice,
    "ksad.cooperation.termination_item_added.v1": _item_added,
    "ksad.cooperation.termination_item_completed.v1": _item_completed,
    "ksad.cooperation.ended.v1": _ended,
    "ksad.cooperation.proposal_withdrawn.v1": _withdrawn,
    "ksad.cooperation.backfill_closed.v1": _nothing,
    "ksad.cooperation.corrected.v1": _nothing,
}


def empty() -> Row:
    """The row of a cooperation before its first event."""
    return {
        "key": None,
        "title": None,
        "affair": None,
        "stage": None,
        "status": None,
        "ends_on": None,
        "changed_index": 0,
        "detail": {
            "approvals": [],
            "bodies": [],
            "disputes": {},
            "ended": None,
            "instruments": [],
            "items_added": [],
            "notice": None,
            "parties": [],
            "problems": {},
            "proofs": [],
            "signings": [],
        },
    }


def refold(history: Iterable[Event]) -> Row:
    """The row after all events of a stream, with corrections applied.

    :param history: the decoded events in order, as recorded (not upcast).
    """
    row = empty()
    for event in substituted(history):
        FOLDS[event["type"]](row, event)
    return row
