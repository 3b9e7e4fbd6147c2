"""What findings call for: which office, by when, what; evidence closes it, and the lists say what is open and late."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from ksad.chassis.database import Database
from ksad.contracts.catalogue import DocumentRef, load_fact
from ksad.contracts.corrections import substituted
from ksad.contracts.rules import RefusalKind, RuleBrokenError
from ksad.contracts.supervision import Finding, FollowUp, FollowUpClosed, TaskCompleted
from ksad.supervision import tables
from ksad.supervision.domain import deciding, permissions
from ksad.supervision.domain.commands import CloseFollowUp, Complete
from ksad.supervision.domain.following_up import close_follow_up
from ksad.supervision.domain.react import Decision
from ksad.supervision.domain.task import Task
from ksad.supervision.querying_follow_ups import FollowUpsWanted, follow_ups
from tests.support.histories.supervised import World, completion

BY = date(2026, 3, 31)
PAPER = DocumentRef(sha256="9" * 64, size=9, media_type="application/pdf")
DUE = Finding(
    basis="legislation",
    conforms=False,
    description="laporan belum disampaikan",
    follow_up=FollowUp(who="region:33.72", by=BY, what="menyampaikan laporan"),
)
FINE = Finding(basis="legislation", conforms=True, description="sesuai peraturan")


def filed(*findings: Finding) -> tuple[World, Task]:
    """A check with these findings."""
    made = World()
    made.register_it()
    check = made.one("oversight")
    made.record(deciding.complete(made.context(check), completion(findings=list(findings)), None))
    return made, made.one("oversight")


def closed(made: World, check: Task, finding: int, on: date) -> Task:
    """The follow-up of a finding is closed by a paper."""
    fact = close_follow_up(check, finding, "laporan disampaikan", [PAPER], on)
    made.record([Decision(check.subject, fact, on)])
    return made.one("oversight")


@pytest.mark.clause("P7", "P11")
def test_a_finding_says_who_does_what_by_when_and_evidence_closes_it() -> None:
    """The task is done with its findings; what they call for stays open until evidence closes it."""
    made, check = filed(FINE, DUE)
    assert check.follow_ups == {2: DUE.follow_up}
    after = closed(made, check, 2, date(2026, 3, 1))
    assert after.follow_ups_closed[2].documents == (PAPER,)
    assert after.follow_ups_closed[2].on == date(2026, 3, 1)


def test_what_cannot_be_closed_is_refused() -> None:
    """A finding that calls for nothing, one closed already, and a day before the finding."""
    made, check = filed(FINE, DUE)
    with pytest.raises(RuleBrokenError) as nothing:
        close_follow_up(check, 1, "x", [PAPER], BY)
    assert (nothing.value.rule, nothing.value.kind) == ("follow-up-known", RefusalKind.UNKNOWN)
    with pytest.raises(RuleBrokenError) as early:
        close_follow_up(check, 2, "x", [PAPER], date(2026, 1, 1))
    assert early.value.rule == "task-in-order"
    after = closed(made, check, 2, BY)
    with pytest.raises(RuleBrokenError) as again:
        close_follow_up(after, 2, "x", [PAPER], BY)
    assert again.value.rule == "follow-up-open"


def test_what_a_finding_calls_for_is_due_after_it() -> None:
    """A day before the finding itself is no time to act."""
    made = World()
    made.register_it()
    assert DUE.follow_up is not None
    early = DUE.model_copy(update={"follow_up": DUE.follow_up.model_copy(update={"by": date(2025, 12, 31)})})
    with pytest.raises(RuleBrokenError) as caught:
        deciding.complete(made.context(made.one("oversight")), completion(findings=[early]), None)
    assert caught.value.rule == "follow-up-ahead"


@pytest.mark.parametrize(
    "who", ["auditor", "operator", "feed:33", "region:99.99", "governor:99", "tkksd:33.72", "region:34.71", "tkksd:34"]
)
def test_what_a_finding_calls_for_is_asked_of_whom_it_concerns(who: str) -> None:
    """Nobody else could be named in a report; and a stranger that is named would read the finding."""
    made = World()
    made.register_it()
    assert DUE.follow_up is not None
    nobody = DUE.model_copy(update={"follow_up": DUE.follow_up.model_copy(update={"who": who})})
    with pytest.raises(RuleBrokenError) as caught:
        deciding.complete(made.context(made.one("oversight")), completion(findings=[nobody]), None)
    assert caught.value.rule == "follow-up-by-office"


@pytest.mark.parametrize(
    "finding", [DUE.model_copy(update={"conforms": True}), DUE.model_copy(update={"follow_up": None})]
)
def test_what_does_not_conform_calls_for_something(finding: Finding) -> None:
    """And what conforms for nothing."""
    made = World()
    made.register_it()
    with pytest.raises(RuleBrokenError, match="Temuan nomor 2") as caught:
        deciding.complete(made.context(made.one("oversight")), completion(findings=[FINE, finding]), None)
    assert caught.value.rule == "follow-up-of-deviation"


def test_corrected_findings_keep_what_was_closed() -> None:
    """The number that evidence has closed goes on calling for something."""
    made, check = filed(DUE)
    check = closed(made, check, 1, BY)
    history = [one for one in made.log if one.subject == check.subject]
    done = next(one for one in history if isinstance(one.fact(), TaskCompleted))
    context = made.context(check)._replace(on=BY, today=BY)
    with pytest.raises(RuleBrokenError) as caught:
        deciding.correct(context, history, done.id, "salah", {"findings": [FINE.model_dump(mode="json")]})
    assert caught.value.rule == "follow-up-kept"
    other = DUE.model_copy(update={"description": "laporan kurang"}).model_dump(mode="json")
    assert deciding.correct(context, history, done.id, "salah ketik", {"findings": [other]})


@pytest.mark.parametrize(
    ("before", "wrong"),
    [
        (DUE, DUE.model_copy(update={"follow_up": None})),
        (FINE, FINE.model_copy(update={"conforms": False})),
        (DUE, DUE.model_copy(update={"conforms": True})),
    ],
)
def test_corrected_findings_call_for_something_where_they_do_not_conform(before: Finding, wrong: Finding) -> None:
    """A correction leaves no finding without what it calls for; other fields of the same filing stay correctable."""
    made, check = filed(before)
    history = [one for one in made.log if one.subject == check.subject]
    done = next(one for one in history if isinstance(one.fact(), TaskCompleted))
    context = made.context(check)._replace(on=BY, today=BY)
    with pytest.raises(RuleBrokenError, match="Temuan nomor 1") as caught:
        deciding.correct(context, history, done.id, "salah", {"findings": [wrong.model_dump(mode="json")]})
    assert caught.value.rule == "follow-up-of-deviation"
    assert deciding.correct(context, history, done.id, "salah", {"outcome": "diperiksa"})


def test_who_closes_a_follow_up() -> None:
    """The body that filed the finding, or that supervises today, and their heads; no other."""
    made, check = filed(DUE)
    command = CloseFollowUp(finding=1, outcome="x", documents=[PAPER])
    context = made.context(check)._replace(supervising="tkksd:34")

    def may(office: str) -> bool:
        try:
            permissions.check(office, command, context)
        except RuleBrokenError:
            return False
        return True

    offices = ("tkksd:33", "governor:33", "tkksd:34", "governor:34", "tkksd:35", "region:33.72", "operator")
    assert [office for office in offices if may(office)] == ["tkksd:33", "governor:33", "tkksd:34", "governor:34"]


def test_findings_of_older_logs_call_for_nothing() -> None:
    """The first version knew no follow-up; a correction in its shape is read as the newest."""
    old: dict[str, Any] = {"basis": "legislation", "conforms": True, "description": "sesuai"}
    data = completion().model_dump(mode="json") | {"findings": [old]}
    fact = load_fact("ksad.task.completed.v1", data)
    assert isinstance(fact, TaskCompleted)
    assert fact.findings[0].follow_up is None
    made, check = filed(FINE)
    first = next(one for one in made.log if isinstance(one.fact(), TaskCompleted))
    as_recorded = first.model_copy(update={"type": "ksad.task.completed.v1", "data": data})
    (read,) = substituted([as_recorded], {first.id: {"findings": [old | {"description": "lain"}]}})
    assert read.data["findings"][0] == old | {"description": "lain", "follow_up": None}
    assert not check.follow_ups


def test_the_lists_of_open_overdue_and_closed(database: Database) -> None:
    """By body, by who is to act, and by state on a day; the earliest first."""
    rows = [
        {"task_id": UUID(int=number), "finding": 1, "cooperation_id": None, "body": body, "who": who, "by_on": by}
        | {"closed_on": closed_on}
        for number, (body, who, by, closed_on) in enumerate(
            (
                ("tkksd:33", "region:33.72", date(2026, 3, 1), None),
                ("tkksd:33", "region:33.11", date(2026, 5, 1), None),
                ("tkksd:34", "region:34.71", date(2026, 2, 1), date(2026, 1, 30)),
            )
        )
    ]
    with database.write() as connection:
        connection.execute(tables.follow_ups.insert(), rows)

    def listed(**wanted: Any) -> list[int]:
        empty: dict[str, Any] = {"body": None, "who": None, "cooperation_id": None, "state": None, "mine": None}
        with database.read() as connection:
            asked = FollowUpsWanted(**(empty | {"day": BY} | wanted))
            return [row.task_id.int for row in follow_ups(connection, asked, 10, 0)]

    assert listed() == [2, 0, 1]
    assert [listed(state=state) for state in ("open", "overdue", "closed")] == [[1], [0], [2]]
    assert listed(body="tkksd:33", state="overdue") == [0]
    assert listed(who="region:33.11") == [1]
    assert listed(mine=("region:34.71",)) == [2]


def test_evidence_is_needed() -> None:
    """A follow-up that is closed without a document is none."""
    with pytest.raises(ValueError, match="documents"):
        CloseFollowUp(finding=1, outcome="x", documents=[])
    assert FollowUpClosed.declaration.correctable == {"outcome", "documents"}


def test_a_completion_of_an_older_release_is_the_same_request_today() -> None:
    """A finding that calls for nothing is asked as it was before findings could call for anything."""
    old = {"basis": "legislation", "conforms": True, "description": "sesuai"}
    asked = Complete(outcome="x", findings=[Finding.model_validate(old)]).asked()
    assert asked["findings"] == [old]
    assert "follow_up" in Complete(outcome="x", findings=[DUE]).asked()["findings"][0]
