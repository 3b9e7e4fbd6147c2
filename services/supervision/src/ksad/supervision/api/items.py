"""The JSON form of a task, with the wording of the law; parties see only what is meant for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ksad.contracts.regions import office_name, region_name
from ksad.supervision.domain.task import REMINDER

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date

    from ksad.contracts.law import Duty
    from ksad.contracts.law.model import Sourced
    from ksad.supervision.domain.case import Case
    from ksad.supervision.domain.reference import Reference
    from ksad.supervision.domain.task import Task

ADVICE = frozenset({"d.3", "d.5"})
"""Memoranda to the Minister or the Governor (record 0029)."""
ADDRESSED = ("delivered", "declined")
SUPERVISORS_ONLY = (
    "assignee",
    "completed",
    "overdue_on",
    "reminded_on",
    "escalated_on",
    "escalated_to",
    "follow_ups_closed",
)


def task_item(
    task: Task, case: Case | None, reference: Reference, day: date, own: Collection[str] | None = None
) -> dict[str, Any]:
    """A task as a JSON object: values of its events, the wording of its clause, and the parties still to be reached;
    with the names, on a day, of its cooperation, the parties of that and the responsible body.

    :param own: the parties for which the caller reads, who then sees neither what only supervisors may see, nor what
        was said to other parties or by them; ``None`` for the supervising side.
    """
    profile = (
        reference.law.profile(case.profile) if case and case.profile else reference.law.in_force(task.scheduled_on)
    )
    duty = profile.duty(task.duty)
    present, silence = profile.in_present_names, profile.silence(duty)
    values = task.model_dump(mode="json", exclude={"id", "cause"})
    item = {
        "task_id": str(task.id),
        "key": case.key if case else None,
        "title": case.title if case else None,
        "parties": _parties(case, reference, day),
        "body_name": office_name(task.body, reference.regions, day),
        **values,
        "status": task.status.value,
        "wording": duty.wording(task.tier),
        "wording_today": present(duty.wording(task.tier)),
        "label": present(duty.label),
        "acceptance": list(map(present, duty.acceptance)),
        "period_in_law": None if silence is None else silence.model_dump(mode="json", exclude={"about"}),
        "rests_on": {
            "trigger": _rule(duty.trigger, profile.triggers[duty.trigger]),
            "closing": _rule(duty.closes, profile.closings[duty.closes]),
        },
        "remaining": list(task.remaining),
        "causation_event_id": str(task.cause) if task.cause else None,
    }
    if duty.coordinate_with is not None:
        item["coordinate_with"] = _coordination(duty, task, case)
    if task.duty == REMINDER:
        item["checklist"] = [
            {"item": one.key, "clause": one.id(task.tier), "label": present(one.label), "wording": one.text}
            for one in profile.checklist.items
        ]
    if own is not None:
        done = values["completed"]
        item |= dict.fromkeys(SUPERVISORS_ONLY)
        item["completed"] = {name: done[name] for name in _told(duty)} if done else None
        for name in ADDRESSED:
            item[name] = {code: one if code in own else {"on": one["on"]} for code, one in values[name].items()}
        item["opened"] = [one for one in values["opened"] if one["office"].partition(":")[2] in own]
    return item


def _parties(case: Case | None, reference: Reference, day: date) -> list[dict[str, str]]:
    """The parties of a cooperation under their codes and names of a day."""
    regions = reference.regions
    codes = () if case is None else tuple(regions.code_on(code, day) for code in case.parties)
    return [{"code": code, "name": region_name(code, regions, day)} for code in codes]


def _told(duty: Duty) -> tuple[str, ...]:
    """What parties see of a duty that is done: all that concerns them, and of advice and briefs only the day."""
    if is_for_parties(duty):
        return ("on", "outcome", "documents", "findings", "evaluation")
    return ("on",) if duty.key in ADVICE else ("on", "outcome", "findings", "evaluation")


def _rule(kind: str, rule: Sourced) -> dict[str, str]:
    """When a duty arises or is fulfilled, with the source and basis of that rule."""
    return {"kind": str(kind), "source": rule.source, "basis": rule.basis.value}


def is_for_parties(duty: Duty) -> bool:
    """Whether the outcome is addressed to the parties: an opinion (d.2) is, advice and findings are not."""
    return duty.addressee == "parties"


def _coordination(duty: Duty, task: Task, case: Case | None) -> list[str]:
    """The offices to coordinate with (c.1, c.2): the signing's institutions and, in the lower tier, the Governor."""
    assert duty.coordinate_with is not None  # noqa: S101 - asked only where there is something to coordinate
    wanted = duty.coordinate_with.minister if task.body == "joint_secretariat" else duty.coordinate_with.governor
    listed = [f"governor:{task.body.removeprefix('tkksd:')}"] if "governor" in wanted else []
    signing = next((one for one in case.signings if one.name == task.occurrence), None) if case else None
    return [*listed, *(signing.institutions if signing else ())]
