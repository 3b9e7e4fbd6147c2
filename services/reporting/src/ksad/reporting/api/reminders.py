"""The occasions on which an office is reminded, read from the journal in its order, for whoever sends the mail."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import orjson
from fastapi import Depends, Query

from ksad.chassis.access import require
from ksad.chassis.clock import today
from ksad.chassis.openapi import answers
from ksad.chassis.requests import Router
from ksad.contracts.catalogue import NEWEST
from ksad.contracts.umbrella.pending import ACT_NAMES
from ksad.ledger.folds.decoding import decode
from ksad.ledger.folds.tasks import TASKS
from ksad.reporting.api import answering_reminders as answering
from ksad.reporting.api.answering_reminders import ReminderOccasion
from ksad.reporting.parts import Running
from ksad.reporting.projections.views import Views

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from ksad.contracts.regions import RegionTable
    from ksad.ledger.folds.rows import Event

SCANNED_MAX = 5_000
"""Entries that one answer looks through."""
OCCASIONS = {
    f"{name}.v{NEWEST[name]}": occasion
    for name, occasion in {
        "ksad.task.scheduled": ReminderOccasion.END,
        "ksad.task.assigned": ReminderOccasion.ASSIGNED,
        "ksad.task.overdue": ReminderOccasion.LATE,
        "ksad.cooperation.act_proposed": ReminderOccasion.CONFIRMATION,
        "ksad.report.returned": ReminderOccasion.RETURNED,
    }.items()
}
"""Of what offices are reminded, by the newest version of the event that gives occasion."""
MARKS = tuple(f'"type":"{kind.rpartition(".v")[0]}.v'.encode() for kind in OCCASIONS)
FOLDED = ("register", "tasks")
"""The projections from which it is told what an event is about."""
REMINDER = "d.4"
"""The duty of reminding the parties of an end that comes near."""


def router() -> Router:
    """The route of reminders."""
    routes = Router(tags=["reminders"])

    @routes.get("/reminders", dependencies=[Depends(require("read-reminders"))], **answers(answering.ReminderPage))
    def list_reminders(
        parts: Running, after: Annotated[int | None, Query(ge=0, le=2**53 - 1)] = None
    ) -> dict[str, Any]:
        """The occasions among the entries from index ``after`` on, in their order, one for each office reminded.

        Without ``after`` there are none, and ``next`` is the end: whoever begins reminds of nothing that is past.
        """
        with parts.journal.database.read() as connection:
            views = Views(connection)
            end = min(parts.journal.size(connection), *(views.positions[name] for name in FOLDED))
            begin = end if after is None else min(after, end)
            reached = min(end, begin + SCANNED_MAX)
            regions, day = parts.references.table(connection), today(parts.clock)
            items = [
                {"entry": entry.number, "id": event["id"], "on": event["occurredon"], **told}
                for entry in parts.journal.entries(connection, begin, reached - begin)
                if any(mark in entry.raw for mark in MARKS)
                for event in (decode(entry.raw),)
                for told in _told(views, event, regions, day)
            ]
        return {"items": items, "next": reached}

    return routes


def _told(views: Views, event: Event, regions: RegionTable, day: date) -> Iterator[dict[str, Any]]:
    """What is told of an event to each office that it reminds; nothing of one that reminds nobody."""
    occasion = OCCASIONS.get(event["type"])
    if occasion is None:
        return
    data = event["data"]
    about: dict[str, Any] = {"occasion": occasion, "task": None, "act": None, "report": None, "cooperation": None}
    if occasion is ReminderOccasion.RETURNED:
        named = ("kind", "period", "from_office", "to_office")
        yield about | {
            "office": data["from_office"],
            "report": {"report_id": event["subject"].removeprefix("report/"), **{name: data[name] for name in named}},
        }
        return
    if occasion is ReminderOccasion.CONFIRMATION:
        identity = event["subject"].removeprefix("cooperation/")
        kind = data["effect"]["type"].rpartition(".v")[0].rpartition(".")[2]
        about["act"] = {"name": ACT_NAMES[kind], "proposer": data["proposer"], "expires_on": data["expires_on"]}
        offices = _regions(data["asked"], regions, day)
    else:
        task = _task(views, event["subject"].removeprefix("task/"))
        if task is None or (occasion is ReminderOccasion.END and task["duty"] != REMINDER):
            return
        about["task"], identity = task, data["cooperation_id"]
        offices = _regions(data["for_parties"], regions, day) if occasion is ReminderOccasion.END else [task["body"]]
    about["cooperation"] = _cooperation(views, identity, regions, day)
    if about["cooperation"] is None and occasion in {ReminderOccasion.END, ReminderOccasion.CONFIRMATION}:
        return
    for office in offices:
        yield about | {"office": office}


def _regions(codes: list[str], regions: RegionTable, day: date) -> list[str]:
    return [f"region:{regions.code_on(code, day)}" for code in codes]


def _task(views: Views, identity: str) -> dict[str, Any] | None:
    """A task as it stands; ``None`` where its stream is parked."""
    table = views.table("tasks", TASKS)
    named = ("task_id", "duty", "clause", "body", "due_on")
    found = views.rows(table.select().where(table.c.task_id == identity))
    if not found:
        return None
    [row] = found
    return {**{name: getattr(row, name) for name in named}, "rests_on": orjson.loads(row.detail)["rests_on"]}


def _cooperation(views: Views, identity: str | None, regions: RegionTable, day: date) -> dict[str, Any] | None:
    """What a cooperation is called, with its parties under their codes of the day."""
    found = None if identity is None else views.cooperation(UUID(identity))
    if found is None:
        return None
    parties = [regions.code_on(code, day) for code in found["parties"]]
    return {"cooperation_id": identity, "key": found["key"], "title": found["title"], "parties": parties}
