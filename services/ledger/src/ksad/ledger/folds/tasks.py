"""The list of tasks: one row per task, with the body responsible for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ksad.contracts.catalogue import NEWEST
from ksad.contracts.corrections import is_correction, substituted
from ksad.ledger.folds.rows import Table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ksad.ledger.folds.rows import Event, Row, Rows

TASKS = Table(
    "tasks",
    key=("task_id",),
    columns=("cooperation_id", "duty", "clause", "body", "stage", "status", "due_on", "completed_on", "changed_index"),
    json=("detail",),
    integers=("changed_index",),
    indexes=(("body", "status"), ("cooperation_id",), ("due_on",)),
)

OWED = Table(
    "owed",
    key=("body", "task_id"),
    columns=("cooperation_id", "duty", "arose_on", "closed_on", "known_index"),
    integers=("known_index",),
    indexes=(("body", "closed_on"), ("body", "known_index"), ("cooperation_id", "duty", "closed_on")),
)
"""Every body that ever owed a task: who reports on a period in which it owed it finds it here.

``arose_on`` is the day on which a task was scheduled, ``closed_on`` the last day of any fact of one that is completed
or cancelled, ``known_index`` the entry that last changed the row, or told something of a task that was closed.
"""
OWING = {f"ksad.task.{name}.v{NEWEST[f'ksad.task.{name}']}" for name in ("scheduled", "handed_over", "corrected")}
"""The events of an open task that may change by whom it is or was owed."""


def empty() -> Row:
    """The row of a task before its first event."""
    return {
        "cooperation_id": None,
        "duty": None,
        "clause": None,
        "body": None,
        "stage": None,
        "status": "open",
        "due_on": None,
        "completed_on": None,
        "changed_index": 0,
        "detail": {
            "delivered": {},
            "declined": {},
            "acknowledged": {},
            "overdue": None,
            "handovers": [],
            "first_on": None,
            "last_on": "",
        },
    }


def _scheduled(row: Row, event: Event) -> None:
    data = event["data"]
    for column in ("cooperation_id", "duty", "clause", "body", "stage", "due_on"):
        row[column] = data[column]
    row["detail"].update(
        clause=data["clause"],
        for_parties=data["for_parties"],
        occurrence=data["occurrence"],
        period=data["period"],
        due_basis=data["due_basis"],
        scheduled_on=event["occurredon"],
        causation=event.get("causationid"),
        agreement=data["agreement"],
        occasion=data["occasion"],
        rests_on=data["rests_on"],
    )


def _assigned(row: Row, event: Event) -> None:
    row["detail"]["assignee"] = event["data"]["assignee"]


def _delivered(row: Row, event: Event) -> None:
    data = event["data"]
    given = {"on": event["occurredon"], "documents": data["documents"], "by": row["body"]}
    row["detail"]["delivered"][data["region"]] = given


def _declined(row: Row, event: Event) -> None:
    data = event["data"]
    refused = {"on": event["occurredon"], "reason": data["reason"], "by": row["body"]}
    row["detail"]["declined"][data["region"]] = refused


def _acknowledged(row: Row, event: Event) -> None:
    row["detail"]["acknowledged"][event["data"]["region"]] = event["occurredon"]


def _opened(row: Row, event: Event) -> None:
    data = event["data"]
    opened = {"office": data["office"], "reminder": data["reminder"], "on": event["occurredon"]}
    row["detail"].setdefault("reminders_opened", []).append(opened)


def _completed(row: Row, event: Event) -> None:
    data = event["data"]
    row["status"] = "completed"
    row["completed_on"] = event["occurredon"]
    row["detail"].update(
        outcome=data["outcome"],
        documents=data["documents"],
        findings=data["findings"],
        evaluation=data["evaluation"],
        satisfies=data["satisfies"],
    )


def _follow_up_closed(row: Row, event: Event) -> None:
    data = event["data"]
    row["detail"].setdefault("follow_ups_closed", {})[str(data["finding"])] = {
        "on": event["occurredon"],
        "outcome": data["outcome"],
        "documents": data["documents"],
    }


def _handed_over(row: Row, event: Event) -> None:
    row["body"], row["clause"] = event["data"]["to_body"], event["data"]["clause"]
    row["detail"]["handovers"].append({**event["data"], "on": event["occurredon"]})


def _cancelled(row: Row, event: Event) -> None:
    row["status"] = "cancelled"
    row["detail"].update(cancelled=event["data"]["reason"], cancelled_on=event["occurredon"])


def _overdue(row: Row, event: Event) -> None:
    row["status"] = "overdue"
    row["detail"]["overdue"] = event["data"]["day"]


def _reminded(row: Row, event: Event) -> None:
    row["detail"]["reminded"] = event["data"]["day"]


def _escalated(row: Row, event: Event) -> None:
    row["status"] = "escalated"
    row["detail"]["escalated"] = {"on": event["data"]["day"], "to": event["data"]["to_office"]}


def _nothing(_row: Row, _event: Event) -> None:
    """A correction has no effect of its own: its values were substituted into the event that it corrects."""


FOLDS: dict[str, Callable[[Row, Event], None]] = {
    f"ksad.task.{name}.v{NEWEST[f'ksad.task.{name}']}": fold
    for name, fold in {
        "scheduled": _scheduled,
        "assigned": _assigned,
        "delivered": _delivered,
        "declined": _declined,
        "reminder_acknowledged": _acknowledged,
        "reminder_opened": _opened,
        "completed": _completed,
        "follow_up_closed": _follow_up_closed,
        "handed_over": _handed_over,
        "cancelled": _cancelled,
        "overdue": _overdue,
        "reminded": _reminded,
        "escalated": _escalated,
        "corrected": _nothing,
    }.items()
}
"""By the newest version of each type: a fact in another version is no fact that these folds know."""


def refold(history: Iterable[dict[str, Any]]) -> Row:
    """The row after all events of a task's stream, with corrections applied.

    :param history: the decoded events in order, as recorded (not upcast).
    """
    return folded(substituted(history))


def folded(events: Iterable[Event]) -> Row:
    """The row after some events of a task's stream, in their newest versions and with corrections applied."""
    row = empty()
    for event in events:
        _fold(row, event)
    return row


def _fold(row: Row, event: Event) -> None:
    FOLDS[event["type"]](row, event)
    if not is_correction(event["type"]):
        # As text: ISO 8601 days are ordered like the days.
        detail, on = row["detail"], event["occurredon"]
        detail["first_on"] = min(detail["first_on"] or on, on)
        detail["last_on"] = max(detail["last_on"], on)


class TasksProjection:
    """Folds the streams of tasks."""

    name = "tasks"
    version = 7
    tables = (TASKS, OWED)
    prefixes = ("ksad.task.",)

    def apply(self, rows: Rows, index: int, event: Event) -> None:
        """Applies one event; a correction folds its whole stream again."""
        # Without ``task/``.
        key = (event["subject"][5:],)
        if is_correction(event["type"]):
            row = refold(rows.history(event["subject"], index))
            rows.put("tasks", key, row)
        else:
            row = rows.edit("tasks", key, empty)
            _fold(row, event)
        row["changed_index"] = index
        closed = closed_on(row) is not None
        if not closed and event["type"] not in OWING:
            return
        owed = _owed(row)
        for body in bodies(row):
            kept = rows.get("owed", (body, *key))
            # What becomes known of a closed task is news to whoever reports next, also where the row stays as it was.
            if closed or kept is None or {**kept, **owed} != kept:
                rows.put("owed", (body, *key), {**owed, "known_index": index})


def bodies(row: Row) -> list[str]:
    """All bodies that ever owed a task, each once."""
    moves = row["detail"]["handovers"]
    if not moves:
        return [] if row["body"] is None else [row["body"]]
    found = [*(move["from_body"] for move in moves), *(move["to_body"] for move in moves), row["body"]]
    return [body for body in dict.fromkeys(found) if body is not None]


def closed_on(row: Row) -> str | None:
    """The day on which a task was completed or cancelled."""
    found: str | None = row["completed_on"] or row["detail"].get("cancelled_on")
    return found


def _owed(row: Row) -> Row:
    over = None if closed_on(row) is None else row["detail"]["last_on"]
    arose = row["detail"].get("scheduled_on")
    return {"cooperation_id": row["cooperation_id"], "duty": row["duty"], "arose_on": arose, "closed_on": over}
