"""What an office may do with a task now, and if not, the rule that forbids it; found by trying commands on it.

The commands have valid fields, and are decided by the very rules that decide what is sent. Corrections are of entries
and not of the task.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ksad.contracts.law import DutyKind
from ksad.contracts.rules import RuleBrokenError, afforded
from ksad.contracts.supervision import ReminderKind
from ksad.supervision.domain import permissions
from ksad.supervision.domain.commands import COMMANDS
from ksad.supervision.domain.deciding import decided

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from ksad.contracts.rules import Affordance
    from ksad.supervision.domain.commands import TaskCommand
    from ksad.supervision.domain.deciding import TaskContext

    Fields = dict[str, Any]

TEXT = "-"
PAPER: dict[str, Any] = {"sha256": "0" * 64, "size": 1, "media_type": "application/pdf"}
SCORES = (
    "purpose_met",
    "on_time",
    "partner_contribution",
    "coordination",
    "documents_complete",
    "reports_regular",
    "rating",
)
EVALUATION: dict[str, Any] = {
    **dict.fromkeys(SCORES, 1),
    "obstacles": None,
    "impact": None,
    "recommendation": "continue",
}
FINDING: dict[str, Any] = {"basis": "legislation", "conforms": True, "description": TEXT}


def _assign(_: TaskContext) -> Iterator[tuple[Fields, Fields]]:
    yield {}, {"assignee": TEXT}


def _for_each_party(further: Fields) -> Callable[[TaskContext], Iterator[tuple[Fields, Fields]]]:
    def examples(context: TaskContext) -> Iterator[tuple[Fields, Fields]]:
        for code in context.task.for_parties:
            yield {"region": code}, further

    return examples


def _open_reminder(_: TaskContext) -> Iterator[tuple[Fields, Fields]]:
    for reminder in ReminderKind:
        yield {"reminder": reminder.value}, {}


def _complete(context: TaskContext) -> Iterator[tuple[Fields, Fields]]:
    kind = context.duty.kind
    yield (
        {},
        {
            "outcome": TEXT,
            "documents": [PAPER],
            "findings": [FINDING] if kind is DutyKind.OVERSIGHT else [],
            "evaluation": EVALUATION if kind is DutyKind.MONITORING else None,
        },
    )


def _close_follow_up(context: TaskContext) -> Iterator[tuple[Fields, Fields]]:
    for number in context.task.follow_ups:
        yield {"finding": number}, {"outcome": TEXT, "documents": [PAPER]}


EXAMPLES: Mapping[str, Callable[[TaskContext], Iterator[tuple[Fields, Fields]]]] = {
    "assign": _assign,
    "deliver": _for_each_party({"documents": [PAPER], "note": TEXT}),
    "decline": _for_each_party({"reason": TEXT}),
    "acknowledge": _for_each_party({}),
    "open-reminder": _open_reminder,
    "complete": _complete,
    "close-follow-up": _close_follow_up,
}
"""By act: what each command to try is about, and its other fields."""


def may(office: str, context: TaskContext) -> list[Affordance]:
    """Each act on a task, in the order of the commands."""
    return [
        afforded(
            act,
            (
                (about, refused_by(office, COMMANDS[act].model_validate(about | rest, strict=False), context))
                for about, rest in examples(context)
            ),
        )
        for act, examples in EXAMPLES.items()
    ]


def refused_by(office: str, command: TaskCommand, context: TaskContext) -> RuleBrokenError | None:
    """The rule that a command of an office breaks; None if it would be taken."""
    try:
        permissions.check(office, command, context)
        decided(command, context, office)
    except RuleBrokenError as error:
        return error
    return None
