"""Tasks as rows of a list: what is owed, by which clause, by when, and how late it is."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

from ksad.portal.languages import noted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ksad.portal.naming import Names

SOON_DAYS = 30
DONE = {"completed", "cancelled"}
LATE, SOON, PLAIN = "late", "soon", "plain"
ENDED = {"completed": noted("selesai"), "cancelled": noted("dibatalkan")}


class TaskRow(NamedTuple):
    """A task. ``look`` is how it is drawn; ``days`` how many are left, negative where it is late."""

    id: str
    label: str
    clause: str
    body: str
    due_on: str
    days: int
    done: bool
    look: str
    state: str
    assigned: bool
    cooperation_id: str | None
    stage: str | None


def task_row(names: Names, task: Mapping[str, Any]) -> TaskRow:
    """A task of supervision as a row."""
    days = (date.fromisoformat(task["due_on"]) - names.today).days
    done = task["status"] in DONE
    look = PLAIN if done or days > SOON_DAYS else SOON if days >= 0 else LATE
    return TaskRow(
        id=task["task_id"],
        label=task["label"],
        clause=task["clause"],
        body=task["body"],
        due_on=task["due_on"],
        days=days,
        done=done,
        look=look,
        state=_state(names, task["status"], days, done=done),
        assigned=task["assignee"] is not None,
        cooperation_id=task["cooperation_id"],
        stage=task["stage"],
    )


def _state(names: Names, status: str, days: int, *, done: bool) -> str:
    language = names.language
    if done:
        return language.gettext(ENDED[status])
    if days < 0:
        return language.ngettext("Terlambat %(num)s hari", "Terlambat %(num)s hari", -days) % {"num": -days}
    if days == 0:
        return language.gettext("Hari ini")
    return language.ngettext("%(num)s hari lagi", "%(num)s hari lagi", days) % {"num": days}
