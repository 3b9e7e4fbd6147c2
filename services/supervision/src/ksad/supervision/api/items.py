"""How a task is shown: its words from the law, and for a party only what is meant for parties."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ksad.supervision.domain.task import REMINDER

if TYPE_CHECKING:
    from ksad.contracts.law import Duty
    from ksad.contracts.law.model import Sourced
    from ksad.supervision.domain.case import Case
    from ksad.supervision.domain.reference import Reference
    from ksad.supervision.domain.task import Task

SUPERVISORS_ONLY = ("assignee", "completed", "overdue_on", "reminded_on", "escalated_on", "escalated_to")


def task_item(task: Task, case: Case | None, reference: Reference, *, for_party: bool) -> dict[str, Any]:
    """A task as an item: the events' values, the verbatim words of its clause, and what is still missing."""
    profile = (
        reference.law.profile(case.profile) if case and case.profile else reference.law.in_force(task.scheduled_on)
    )
    duty = profile.duty(task.duty)
    values = task.model_dump(mode="json", exclude={"id", "cause"})
    item = {
        "task_id": str(task.id),
        **values,
        "status": task.status.value,
        "wording": duty.wording(task.tier),
        "label": duty.label,
        "acceptance": list(duty.acceptance),
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
            {"item": one.key, "clause": one.id(task.tier), "label": one.label, "wording": one.text}
            for one in profile.checklist.items
        ]
    if for_party:
        done = values["completed"]
        item |= dict.fromkeys(SUPERVISORS_ONLY)
        visible = ("on", "outcome", "documents") if is_for_parties(duty) else ("on",)
        item["completed"] = {name: done[name] for name in visible} if done else None
    return item


def _rule(kind: str, rule: Sourced) -> dict[str, str]:
    """When a duty arises or is done, and whether the law says so or somebody read it so."""
    return {"kind": str(kind), "source": rule.source, "basis": rule.basis.value}


def is_for_parties(duty: Duty) -> bool:
    """Whether its outcome is addressed to the parties: an opinion (d.2) is, advice and findings are not."""
    return duty.addressee == "parties"


def _coordination(duty: Duty, task: Task, case: Case | None) -> list[str]:
    """With whom the help of c.1 and c.2 coordinates: in the Governor's tier the Governor is among them."""
    assert duty.coordinate_with is not None  # noqa: S101 - asked only where there is something to coordinate
    wanted = duty.coordinate_with.minister if task.body == "joint_secretariat" else duty.coordinate_with.governor
    listed = [f"governor:{task.body.removeprefix('tkksd:')}"] if "governor" in wanted else []
    signing = next((one for one in case.signings if one.name == task.occurrence), None) if case else None
    return [*listed, *(signing.institutions if signing else ())]
