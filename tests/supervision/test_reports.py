"""The duty to report, Pasal 8, 12 and 13: owed when a period closes, done when the report is submitted."""

from datetime import date
from pathlib import Path

import pytest

from ksad.chassis.database import Database
from ksad.contracts import registry
from ksad.contracts.reporting import ReportKind
from ksad.supervision.domain.task import Status
from tests.support.histories.newest import fact_of
from tests.support.histories.supervised import GOVERNORS
from tests.support.platforms.fed_supervision import DECISION, FedSupervision
from tests.support.servers.schemas import ON_SQLITE

CLOSE = date(2026, 6, 30)


@pytest.fixture
def fed(database: Database, tmp_path: Path) -> FedSupervision:
    """A cooperation of Central Java, and the last days of a semester."""
    made = FedSupervision(database, tmp_path).adopt()
    made.register("solo", GOVERNORS, date(2026, 6, 1))
    made.pass_days(date(2026, 6, 27), date(2026, 6, 29))
    return made


@pytest.mark.parametrize(
    ("clause", "office", "duty"),
    [
        pytest.param("P8", "joint_secretariat", "R1", marks=pytest.mark.clause("P8")),
        pytest.param("P12", "tkksd:33", "R2", marks=pytest.mark.clause("P12")),
    ],
)
def test_the_close_of_a_semester_makes_the_report_owed(
    fed: FedSupervision, clause: str, office: str, duty: str
) -> None:
    """Nothing before the last day is over; then one task per office, due by working days, by the policy as decided."""
    assert not fed.tasks(duty=clause)
    fed.pass_days(CLOSE, CLOSE)
    [task] = fed.tasks(duty=clause)
    assert (task.body, task.duty, task.period, task.cooperation_id) == (office, duty, "2026-S1", None)
    assert task.due_on == date(2026, 7, 28)
    assert DECISION.cited in task.due_basis
    fed.pass_days(date(2026, 7, 1), date(2026, 7, 3))
    assert len(fed.tasks(duty=clause)) == 1


@pytest.mark.clause("P13")
def test_the_close_of_a_year_makes_the_governors_report_owed(fed: FedSupervision) -> None:
    """The Governor reports results once a year by the policy, later than the TKKSD so as to build on it."""
    fed.pass_days(CLOSE, date(2026, 12, 31))
    [task] = fed.tasks(duty="P13")
    assert (task.body, task.duty, task.period) == ("governor:33", "R3", "2026")
    [team] = [one for one in fed.tasks(duty="P12") if one.period == "2026-S2"]
    assert task.due_on > team.due_on


@pytest.mark.clause("P8", "P12", "P13")
@pytest.mark.parametrize(
    ("kind", "office", "period", "clause"),
    [
        (ReportKind.R1, "joint_secretariat", "2026-S1", "P8"),
        (ReportKind.R2, "tkksd:33", "2026-S1", "P12"),
        (ReportKind.R3, "governor:33", "2026", "P13"),
    ],
)
@ON_SQLITE
def test_a_submitted_report_closes_the_duty(
    fed: FedSupervision, kind: ReportKind, office: str, period: str, clause: str
) -> None:
    """The submission of that office for that period closes that task, and only the first one does."""
    fed.pass_days(CLOSE, date(2026, 12, 31))
    [event] = fed.submit(kind, office, period, date(2027, 1, 4))
    [task] = [one for one in fed.tasks(duty=clause) if one.period == period]
    assert (task.status, event.subject) == (Status.COMPLETED, task.subject)
    assert event.causationid == fed.log[-2].id
    assert fed.submit(kind, office, period, date(2027, 1, 5)) == []
    others = [one for one in fed.tasks() if one.cooperation_id is None and one.id != task.id]
    assert Status.COMPLETED not in {one.status for one in others}


@pytest.mark.clause("P12")
def test_a_report_that_came_before_the_period_closed_closes_the_duty_when_it_arises(fed: FedSupervision) -> None:
    """Early is not late: the task is scheduled and done on the same day."""
    assert fed.submit(ReportKind.R2, "tkksd:33", "2026-S1", date(2026, 6, 29)) == []
    fed.pass_days(CLOSE, CLOSE)
    [task] = fed.tasks(duty="P12")
    assert task.status is Status.COMPLETED


@pytest.mark.clause("P12", "P9(1)")
def test_a_team_that_had_nothing_to_supervise_owes_a_report_once_it_is_established(fed: FedSupervision) -> None:
    """Who supervised something in the period reports, and who was established reports that there was nothing."""
    established = registry.SupervisingBodyEstablished(
        body="tkksd:32", decision_number="1/2026", decided_on=date(2026, 3, 1), seat="Bandung", members=["Sekda"]
    )
    fed.see([fed.event(established, "body/tkksd:32", date(2026, 3, 1))])
    later = established.model_copy(update={"body": "tkksd:31", "decided_on": date(2026, 7, 1)})
    fed.see([fed.event(later, "body/tkksd:31", date(2026, 7, 1))])
    fed.pass_days(CLOSE, CLOSE)
    assert sorted(one.body for one in fed.tasks(duty="P12")) == ["tkksd:32", "tkksd:33"]


@pytest.mark.clause("P12")
def test_a_team_whose_cooperation_went_elsewhere_reports_the_period_in_which_it_supervised(fed: FedSupervision) -> None:
    """Handed over in June: the first semester is still reported on, the second is not."""
    joined = fact_of(registry.PartyJoined, region="34.71", reason=None, parties=[*GOVERNORS, "34.71"])
    fed.tell("solo", joined, date(2026, 6, 20))
    fed.pass_days(CLOSE, date(2026, 12, 31))
    assert [one.period for one in fed.tasks(duty="P12")] == ["2026-S1"]


@pytest.mark.clause("P8")
@ON_SQLITE
def test_a_late_report_is_reported_to_the_minister(fed: FedSupervision) -> None:
    """Lateness runs for reports as for every other duty."""
    fed.pass_days(CLOSE, date(2026, 8, 31))
    [task] = fed.tasks(duty="P8")
    assert (task.status, task.escalated_to) == (Status.ESCALATED, "minister")
