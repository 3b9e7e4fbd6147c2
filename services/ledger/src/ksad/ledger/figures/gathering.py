"""Gathers what one report is about: cooperations, the shares of the body in tasks, papers, and what lies beside."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ksad.ledger.figures.developments import Teller, Tidings, Told
from ksad.ledger.figures.source import EVALUATION, OVERSIGHT, PAPERS, LookBack
from ksad.ledger.figures.timeliness import TaskShare, shares

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ksad.ledger.figures.period import Span
    from ksad.ledger.figures.prefix import KnownCooperation, KnownTask, Prefix, Row


class Gathered(NamedTuple):
    """What one report is about.

    ``chosen`` are the cooperations by id, in the order of their registration numbers: those that the body supervised on
    some day of the period, wholly or in an agreement. ``named`` has those too that only a task of the body belongs to.
    ``answers`` are completed tasks of the chosen ones, of whatever body: papers on problems and disputes, evaluations
    and findings. ``behind`` has the entries of each row by table and id.
    """

    chosen: dict[str, KnownCooperation]
    named: dict[str, Row]
    shares: list[TaskShare]
    answers: list[tuple[str, Row]]
    tidings: Tidings
    behind: dict[tuple[str, str], list[int]]

    def entries_of(self, table: str, keys: Iterable[str]) -> list[int]:
        """The indexes of the entries behind these rows, in ascending order."""
        return sorted({entry for key in keys for entry in self.behind[table, key]})


class Gathering:
    """Gathers for one body, or for all of them, in one period."""

    def __init__(
        self, prefix: Prefix, body: str | None, span: Span, known: int | None, label: Callable[[str], str]
    ) -> None:
        """:param body: the body whose work is reported; ``None`` for all.
        :param known: the size that the last report knew; ``None`` if there is none.
        :param label: returns the printed name of an office.
        """
        self._prefix = prefix
        self._body = body
        self._span = span
        known = prefix.size if known is None else known
        self._reach = LookBack(span.first, prefix.on, span.compared, known)
        self._teller = Teller(prefix, span, known, label)
        self._made = Gathered({}, {}, [], [], Tidings([], []), {})

    def gather(self) -> Gathered:
        """Reads and selects everything."""
        prefix, source, made = self._prefix, self._prefix.source, self._made
        found = set(source.cooperations(self._body, self._reach))
        for one in prefix.cooperations(found):
            self._cooperation(one)
        wanted = {*source.tasks(self._body, self._reach), *source.answering(made.chosen, self._reach)}
        missing: set[str] = set()
        for task in prefix.tasks(wanted, self._span.before, self._reach):
            self._task(task, missing)
        made.named.update(prefix.named(missing - made.named.keys()))
        ordered = sorted(made.chosen.items(), key=lambda item: (str(item[1].row["key"]), item[0]))
        return made._replace(chosen=dict(ordered), tidings=self._tidings(), shares=sorted(made.shares, key=_order))

    def _cooperation(self, one: KnownCooperation) -> None:
        made, last = self._made, self._prefix.on
        mine = self._body is None or self._body in one.supervision.bodies(self._span.first, last)
        if mine and self._span.covers(one.row):
            made.chosen[one.id] = one
            made.named[one.id] = one.row
            made.behind["cooperations", one.id] = one.stream.behind(last)
            for stream in (one.stream, one.resolutions):
                made.tidings.take(self._teller.facts(stream, one.id))
        else:
            made.tidings.take(pair for pair in self._teller.facts(one.stream, one.id) if self._was_mine(one, *pair))

    def _was_mine(self, one: KnownCooperation, told: Told, later: bool) -> bool:  # noqa: FBT001 - a pair of the teller
        """Whether the body supervised a cooperation that is not reported on the day of an earlier fact of it."""
        if later or self._body not in (None, one.supervision.body(told.on)):
            return False
        self._made.named[one.id] = one.row
        return True

    def _task(self, task: KnownTask, missing: set[str]) -> None:
        made, row = self._made, task.row
        mine = [one for one in shares(task.id, task.before, row, self._prefix.on) if self._is_of(one.body)]
        made.shares.extend(mine)
        answering = row is not None and self._answers(row)
        if answering and row is not None:
            made.answers.append((task.id, row))
        if mine or answering:
            made.behind["tasks", task.id] = task.entries
        if row is None:
            return
        open_on_the_day = any(one.left in {"not_done", "not_due"} for one in mine)
        facts = self._teller.facts(task.stream, row["cooperation_id"])
        told = [pair for pair in facts if (open_on_the_day if pair[1] else self._is_of(row["body"]))]
        made.tidings.take(told)
        if (mine or told) and row["cooperation_id"] is not None:
            missing.add(row["cooperation_id"])

    def _is_of(self, body: str) -> bool:
        return self._body is None or self._body == body

    def _answers(self, row: Row) -> bool:
        if row["completed_on"] is None or row["cooperation_id"] not in self._made.chosen:
            return False
        compared = row["completed_on"] >= self._span.compared
        return row["duty"] in PAPERS or (row["duty"] in {EVALUATION, OVERSIGHT} and compared)

    def _tidings(self) -> Tidings:
        after, earlier = self._made.tidings
        return Tidings(sorted(set(after)), sorted(set(earlier)))


def _order(share: TaskShare) -> tuple[str, str, str, str, str]:
    row = share.row
    return (row["detail"]["scheduled_on"], row["due_on"], share.clause, share.task, share.body)
