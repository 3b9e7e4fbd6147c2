"""Folds problems and disputes into the row of a cooperation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from ksad.ledger.folds.rows import Event, Row

SETTLED = ("manner", "outcome", "number", "final", "forum", "law", "signed_as")


def problem_reported(row: Row, event: Event) -> None:
    """A problem is open."""
    data = event["data"]
    row["detail"]["problems"][data["problem"]] = {
        "description": data["description"],
        "on": event["occurredon"],
        "outcome": None,
    }


def problem_resolved(row: Row, event: Event) -> None:
    """A problem is over; of one that was never reported its end alone is known."""
    data = event["data"]
    problem = row["detail"]["problems"].setdefault(data["problem"], {})
    problem.update(outcome=data["outcome"], resolved_on=event["occurredon"])


def dispute_raised(row: Row, event: Event) -> None:
    """A dispute is open."""
    data = event["data"]
    row["detail"]["disputes"][data["dispute"]] = {
        "agreement": data["agreement"],
        "between": data["between"],
        "description": data["description"],
        "on": event["occurredon"],
        "status": "raised",
        "manner": None,
        "outcome": None,
    }


def dispute(status: str) -> Callable[[Row, Event], None]:
    """The fold of a further step of a dispute, after which it has a status."""

    def fold(row: Row, event: Event) -> None:
        data = event["data"]
        dispute = row["detail"]["disputes"].setdefault(data["dispute"], {})
        if status == "escalated":
            _reopen(dispute)
            dispute["forum"] = data["forum"]
        dispute.update({"status": status, f"{status}_on": event["occurredon"]})
        if status == "settled":
            dispute.update({name: data[name] for name in SETTLED})

    return fold


def _reopen(dispute: dict[str, Any]) -> None:
    """What the Governor decided stays as ``earlier``; the dispute lies open before the Minister."""
    if dispute.get("status") == "settled":
        decided = {name: dispute.pop(name) for name in (*SETTLED, "settled_on")}
        dispute["earlier"] = [*dispute.get("earlier", ()), decided]
        dispute.update(manner=None, outcome=None)
