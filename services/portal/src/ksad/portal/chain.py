"""Reports as rows of a list: who owes which, for which period, by when, and with whom each is now."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

from ksad.contracts.catalogue import NEWEST, declaration_of
from ksad.contracts.corrections import correctable
from ksad.contracts.identifiers import report_id
from ksad.portal.languages import noted
from ksad.portal.work import LATE, PLAIN, SOON, SOON_DAYS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ksad.portal.naming import Names

OWED = ("R1", "R2", "R3")
"""The kinds of reports that the regulation asks for; the national overview is nobody's duty."""
ADDRESSEES = {"R1": "minister", "R3": "minister", "overview": "minister"}
DONE = "accepted"
STATES = {
    "none": ("", noted("belum disusun")),
    "compiled": ("soon", noted("disusun, belum disampaikan")),
    "discarded": ("", noted("dibatalkan, belum disusun lagi")),
    "submitted": ("wait", noted("disampaikan, menunggu putusan")),
    "returned": ("late", noted("dikembalikan untuk diperbaiki")),
    "accepted": ("done", noted("diterima")),
}
"""How a report stands: the colour of its tag, and its words."""
STEPS = {
    "narrative_written": noted("Ditulis"),
    "compiled": noted("Disusun"),
    "discarded": noted("Dibatalkan"),
    "submitted": noted("Disampaikan"),
    "accepted": noted("Diterima"),
    "returned": noted("Dikembalikan"),
    "corrected": noted("Diperbaiki"),
}
"""What each step of a report is called."""


class ReportRow(NamedTuple):
    """A report that is owed or exists. ``with_office`` is who has to act, ``since`` from which day on.

    ``due_on`` is none where no duty asks for it, ``days`` how many are left, negative where it is late.
    """

    id: str
    kind: str
    period: str
    office: str
    addressee: str
    clause: str | None
    state: str
    known: bool
    due_on: str | None
    days: int | None
    look: str
    with_office: str
    since: str | None
    task: str | None


def rows(today: date, reports: Iterable[Mapping[str, Any]], tasks: Iterable[Mapping[str, Any]]) -> list[ReportRow]:
    """Every report that exists or is owed, each once: the earliest due first, those of no duty last.

    :param reports: as reporting lists them.
    :param tasks: the duties to report, as supervision lists them; those that were cancelled owe nothing.
    """
    owed = {(one["body"], one["duty"], one["period"]): one for one in tasks if one["status"] != "cancelled"}
    made = {(one["from_office"], one["kind"], one["period"]): one for one in reports}
    found = [_row(today, key, made.get(key), owed.get(key)) for key in dict.fromkeys((*owed, *made))]
    return sorted(found, key=lambda one: (one.due_on or "9", one.period, one.office, one.kind))


def _row(
    today: date, key: tuple[str, str, str], report: Mapping[str, Any] | None, task: Mapping[str, Any] | None
) -> ReportRow:
    office, kind, period = key
    state = report["state"] if report else "none"
    addressee = report["to_office"] if report else ADDRESSEES.get(kind, f"governor:{office.partition(':')[2]}")
    steps = report["detail"]["steps"] if report else []
    due_on = task["due_on"] if task else None
    days = None if due_on is None else (date.fromisoformat(due_on) - today).days
    open_duty = task is not None and task["completed"] is None
    look = PLAIN if not open_duty or days is None or days > SOON_DAYS else SOON if days >= 0 else LATE
    return ReportRow(
        id=str(report_id(kind, office, period)),
        kind=kind,
        period=period,
        office=office,
        addressee=addressee,
        clause=task["clause"] if task else None,
        state=state,
        known=report is not None and report["version"] > 0,
        due_on=due_on,
        days=days,
        look=look,
        with_office=addressee if state == "submitted" else office,
        since=steps[-1]["on"] if steps else (task["scheduled_on"] if task else None),
        task=task["task_id"] if task else None,
    )


class ChainStep(NamedTuple):
    """A step on a report's way: what it is called, of which version, by whom, when, and how it is drawn."""

    label: str
    version: int
    office: str
    on: str
    look: str


def way(report: Mapping[str, Any], most: int = 4) -> list[ChainStep]:
    """The last steps of a report over all its versions; corrections are no step of the way."""
    looks = {"returned": "is-back"}
    steps = [
        ChainStep(
            STEPS[step["what"]], version["version"], step["office"], step["on"], looks.get(step["what"], "is-past")
        )
        for version in report["versions"]
        for step in version["steps"]
        if step["what"] != "corrected"
    ]
    return steps[-most:]


def mendable(step: Mapping[str, Any]) -> frozenset[str]:
    """What may be corrected of a step of a report, of what the report tells of it."""
    return correctable(declaration_of(step_type(step))) & {"letter_number", "reason", "remarks"}


def step_type(step: Mapping[str, Any]) -> str:
    """The newest type of the event of a step: what may be corrected is the same in every version of it."""
    name = f"ksad.report.{step['what']}"
    return f"{name}.v{NEWEST[name]}"


def kinds_of(office: str) -> tuple[str, ...]:
    """The kinds of reports that an office compiles."""
    kinds = {"joint_secretariat": ("R1", "overview"), "tkksd": ("R2",), "governor": ("R3",)}
    return kinds.get(office.partition(":")[0], ())


def recent(names: Names) -> list[str]:
    """The periods for which a report may be compiled without a duty: this year and the last, with their halves."""
    year = names.today.year
    return [part for one in (year, year - 1) for part in (f"{one}-S1", f"{one}-S2", str(one))]
