"""The list of tasks: one row per task, with the body responsible for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ksad.ledger.folds.rows import Table
from ksad.ledger.rules.v1.folds.correcting import CORRECTIONS, substituted

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
        "detail": {"delivered": {}, "declined": {}, "acknowledged": {}, "overdue": None, "handovers": []},
    }


def _scheduled(row: Row, event: Event) -> None:
    data = event["data"]
    for column in ("cooperation_id", "duty", "clause", "body", "stage", "due_on"):
        row[column] = data[column]
    row["detail"].update(
        for_parties=data["for_parties"],
        occurrence=data["occurrence"],
        period=data["period"],
        due_basis=data["due_basis"],
        scheduled_on=event["occurredon"],
        causation=event.get("causationid"),
    )


def _assigned(row: Row, event: Event) -> None:
    row["detail"]["assignee"] = event["data"]["assignee"]


def _delivered(row: Row, event: Event) -> None:
    data = event["data"]
    row["detail"]["delivered"][data["region"]] = {"on": event["occurredon"], "documents": data["documents"]}


def _declined(row: Row, event: Event) -> None:
    row["detail"]["declined"][event["data"]["region"]] = {"on": event["occurredon"], "reason": event["data"]["reason"]}


def _acknowledged(row: Row, event: Event) -> None:
    row["detail"]["acknowledged"][event["data"]["region"]] = event["occurredon"]


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
    "ksad.task.scheduled.v1": _scheduled,
    "ksad.task.assigned.v1": _assigned,
    "ksad.task.delivered.v1": _delivered,
    "ksad.task.declined.v1": _declined,
    "ksad.task.reminder_acknowledged.v1": _acknowledged,
    "ksad.task.completed.v1": _completed,
    "ksad.task.handed_over.v1": _handed_over,
    "ksad.task.cancelled.v1": _cancelled,
    "ksad.task.overdue.v1": _overdue,
    "ksad.task.reminded.v1": _reminded,
    "ksad.task.escalated.v1": _escalated,
    "ksad.task.corrected.v1": _nothing,
}


def refold(history: Iterable[dict[str, Any]]) -> Row:
    """The row after all events of a task's stream, with corrections applied.

    :param history: the decoded events in order, as recorded (not upcast).
    """
    row = empty()
    for event in substituted(history):
        FOLDS[event["type"]](row, event)
    return row


class TasksProjection:
    """Folds the streams of tasks."""

    name = "tasks"
    version = 2
    tables = (TASKS,)
    prefixes = ("ksad.task.",)

    def apply(self, rows: Rows, index: int, event: Event) -> None:
        """Applies one event; a correction folds its whole stream again."""
        # Without ``task/``.
        key = (event["subject"][5:],)
        if event["type"] in CORRECTIONS:
            row = refold(rows.history(event["subject"], index))
            rows.put("tasks", key, row)
        else:
            row = rows.edit("tasks", key, empty)
            FOLDS[event["type"]](row, event)
        row["changed_index"] = index
