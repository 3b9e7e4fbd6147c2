"""What became of the tasks of a body: the sums close within a period, and from one period to the next."""

from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ksad.contracts.catalogue import NEWEST
from ksad.contracts.dates import Period
from ksad.ledger.figures.period import Span
from ksad.ledger.figures.sums import counts
from ksad.ledger.figures.timeliness import TaskShare, shares
from ksad.ledger.folds import tasks

BODIES = ("tkksd:32", "joint_secretariat", "tkksd:33")
FIRST = date(2025, 7, 1)
PERIODS = (Period.parse("2025-S2"), Period.parse("2026-S1"), Period.parse("2026-S2"))
Event = dict[str, Any]


def _event(kind: str, on: date, **data: Any) -> Event:
    return {"type": f"ksad.task.{kind}", "occurredon": on.isoformat(), "data": data}


def scheduled(on: date, due: date, body: str = "tkksd:32") -> Event:
    """A task arises."""
    names = ("for_parties", "occurrence", "period", "due_basis", "agreement", "occasion", "rests_on", "stage")
    rest: dict[str, Any] = dict.fromkeys(names)
    return _event(
        "scheduled.v2", on, cooperation_id="k", duty="a.2", clause="P10.a.2", body=body, due_on=due.isoformat(), **rest
    )


def handed(on: date, from_body: str, to_body: str) -> Event:
    """It goes to another body."""
    clause = "P6.a.2" if to_body == "joint_secretariat" else "P10.a.2"
    return _event("handed_over.v1", on, from_body=from_body, to_body=to_body, clause=clause, reason="tier")


def completed(on: date) -> Event:
    """It is done."""
    names = ("outcome", "documents", "findings", "evaluation", "satisfies")
    return _event(f"completed.v{NEWEST['ksad.task.completed']}", on, **dict.fromkeys(names))


def cancelled(on: date) -> Event:
    """It is owed no more."""
    return _event("cancelled.v1", on, reason="gone")


@st.composite
def lives(draw: st.DrawFn) -> list[Event]:
    """The stream of a task: it arises, changes hands, is late, and ends; any of it may be recorded late."""

    def day() -> date:
        return FIRST + timedelta(days=draw(st.integers(-100, 560)))

    body = draw(st.sampled_from(BODIES))
    arose = day()
    stream = [scheduled(arose, arose + timedelta(days=draw(st.integers(0, 200))), body)]
    for _ in range(draw(st.integers(0, 3))):
        to = draw(st.sampled_from([one for one in BODIES if one != body]))
        stream.append(handed(day(), body, to))
        body = to
    end = draw(st.sampled_from([None, completed, cancelled]))
    return stream if end is None else [*stream, end(day())]


def _row(stream: list[Event], day: str) -> dict[str, Any] | None:
    row = tasks.folded([event for event in stream if event["occurredon"] <= day])
    return None if row["duty"] is None else row


def _shares(streams: list[list[Event]], period: Period) -> list[TaskShare]:
    span = Span.of(period)
    return [
        one
        for number, stream in enumerate(streams)
        for one in shares(str(number), _row(stream, span.before), _row(stream, span.last), span.last)
    ]


@pytest.mark.fault(
    "law report 4",
    kind="The parts of a sum do not add up to it.",
    looked="Timeliness of every body, the headline figures, the sums of divisions.",
    found="The next period's tasks did not begin with what the last one left.",
)
@pytest.mark.fault(
    "law L12",
    kind="A sum is told of which the parts are not.",
    looked="Every count of tasks in letters, chapters, matrix and recapitulation.",
    found="Of 20 tasks 14 were done and 4 late, and nobody was told of the others; what was done late was not told.",
)
@given(st.lists(lives(), max_size=8))
def test_the_sums_close_in_a_period_and_from_one_to_the_next(streams: list[list[Event]]) -> None:
    """For each body what came in is what became of it, and what it leaves is what the next period carries in; among all
    bodies as many tasks are taken over as are handed over.
    """
    before: Counter[str] | None = None
    for period in PERIODS:
        found = _shares(streams, period)
        sums = {body: counts(one for one in found if one.body == body) for body in BODIES}
        if before is not None:
            assert before == Counter({body: one.carried_in for body, one in sums.items()})
        before = Counter({body: one.remaining for body, one in sums.items()})
        assert sum(one.taken_over for one in sums.values()) == sum(one.handed_over for one in sums.values())


@pytest.mark.parametrize(
    ("stream", "told"),
    [
        ([scheduled(date(2026, 2, 1), date(2026, 3, 1)), completed(date(2026, 3, 1))], [("new", "on_time")]),
        ([scheduled(date(2025, 2, 1), date(2026, 3, 1)), completed(date(2026, 3, 2))], [("carried_in", "late")]),
        ([scheduled(date(2025, 2, 1), date(2026, 6, 30))], [("carried_in", "not_done")]),
        ([scheduled(date(2025, 2, 1), date(2026, 7, 1)), completed(date(2026, 7, 2))], [("carried_in", "not_due")]),
        ([scheduled(date(2025, 2, 1), date(2025, 3, 1)), completed(date(2025, 9, 1))], []),
        (
            [scheduled(date(2026, 2, 1), date(2026, 8, 1)), handed(date(2026, 6, 20), BODIES[0], BODIES[1])],
            [("new", "handed_over"), ("taken_over", "not_due")],
        ),
        (
            [
                scheduled(date(2025, 2, 1), date(2026, 8, 1)),
                handed(date(2026, 3, 20), BODIES[0], BODIES[1]),
                handed(date(2026, 4, 20), BODIES[1], BODIES[0]),
            ],
            [("carried_in", "not_due")],
        ),
    ],
)
def test_what_became_of_one_task(stream: list[Event], told: list[tuple[str, str]]) -> None:
    """In the first semester of 2026: by its day and its due day; to and fro counts as if it had stayed."""
    assert [(one.entered, one.left) for one in _shares([stream], Period.parse("2026-S1"))] == told


def test_each_body_is_told_by_its_own_clause() -> None:
    """Whoever hands a task over owed it under Pasal 10, whoever takes it over owes it under Pasal 6."""
    stream = [scheduled(date(2026, 2, 1), date(2026, 8, 1)), handed(date(2026, 6, 20), BODIES[0], BODIES[1])]

    found = {one.body: one.clause for one in _shares([stream], Period.parse("2026-S1"))}

    assert found == {"tkksd:32": "P10.a.2", "joint_secretariat": "P6.a.2"}
