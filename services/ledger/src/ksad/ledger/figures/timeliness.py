"""What became of each task of a body in a period, in sums that close.

Carried in + new + taken over = on time + late + cancelled + handed over + not done + not yet due. The last two are what
the next period carries in. All is the state on two days, that before the period and its last, as known at one size of
the log; so a task that went to and fro counts as if it had stayed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from ksad.ledger.folds.tasks import closed_on

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Row = dict[str, Any]
Entered = Literal["carried_in", "new", "taken_over"]
Left = Literal["on_time", "late", "cancelled", "handed_over", "not_done", "not_due"]
ENTERED: tuple[Entered, ...] = ("carried_in", "new", "taken_over")
LEFT: tuple[Left, ...] = ("on_time", "late", "cancelled", "handed_over", "not_done", "not_due")
DONE = frozenset({"on_time", "late"})


class TaskShare(NamedTuple):
    """One task as one body's: its id, its row on the last day, how it came and what became of it, and its clause."""

    task: str
    row: Row
    body: str
    entered: Entered
    left: Left
    clause: str


def shares(task: str, before: Row | None, row: Row | None, day: str) -> Iterator[TaskShare]:
    """The shares of all bodies in a task.

    :param before: its row at the end of the day before the period; ``None`` if it had not arisen.
    :param row: its row at the end of the last day.
    :param day: the last day, as ISO 8601 text.
    """
    if row is None or (before is not None and closed_on(before) is not None):
        return
    first = _first_body(row) if before is None else before["body"]
    entered: Entered = "new" if before is None else "carried_in"
    if first == row["body"]:
        yield TaskShare(task, row, first, entered, _left(row, day), row["clause"])
        return
    yield TaskShare(task, row, first, entered, "handed_over", _clause_of(row, first))
    yield TaskShare(task, row, row["body"], "taken_over", _left(row, day), row["clause"])


def once(found: Iterable[TaskShare]) -> list[TaskShare]:
    """The shares of several bodies, each task once: one that went from one of them to another came as the first had it,
    and became of it what the second made of it.
    """
    by: dict[str, TaskShare] = {}
    for one in found:
        earlier = by.get(one.task)
        if earlier is None:
            by[one.task] = one
        else:
            gave, took = (one, earlier) if one.left == "handed_over" else (earlier, one)
            by[one.task] = took._replace(entered=gave.entered)
    return list(by.values())


def _first_body(row: Row) -> str:
    moves = row["detail"]["handovers"]
    body: str = moves[0]["from_body"] if moves else row["body"]
    return body


def _clause_of(row: Row, body: str) -> str:
    """The clause under which a body owed the task when it last did."""
    clause: str = row["detail"]["clause"]
    found = clause if _first_body(row) == body else row["clause"]
    for move in row["detail"]["handovers"]:
        if move["to_body"] == body:
            found = move["clause"]
    return found


def _left(row: Row, day: str) -> Left:
    if row["completed_on"] is not None:
        return "on_time" if row["completed_on"] <= row["due_on"] else "late"
    if closed_on(row) is not None:
        return "cancelled"
    return "not_done" if row["due_on"] <= day else "not_due"
