"""Oversight of every stage (Pasal 7, 11), monitoring (d.1), and the accord that no agreement follows."""

from datetime import date

import pytest

from ksad.contracts import registry
from ksad.contracts.registry import Stage
from ksad.contracts.rules import RuleBrokenError
from ksad.contracts.supervision import Evaluation, Finding, FollowUp
from ksad.supervision.domain import deciding
from ksad.supervision.domain.task import Status
from tests.support.histories.newest import fact_of
from tests.support.histories.supervised import GOVERNORS, LAST, MINISTERS, World, completion

LEGAL = Finding(basis="legislation", conforms=True, description="sesuai peraturan")
DUE = FollowUp(who="tkksd:33", by=date(2027, 1, 31), what="menagih")
AGREED = Finding(basis="agreement", conforms=False, description="iuran belum dibayar", follow_up=DUE)
FORM = Evaluation(
    purpose_met=3,
    on_time=3,
    partner_contribution=4,
    coordination=3,
    documents_complete=2,
    reports_regular=3,
    obstacles=None,
    impact=None,
    recommendation="continue",
    rating=4,
)


@pytest.mark.parametrize(
    ("parties", "clause"),
    [
        pytest.param(MINISTERS, "P7", marks=pytest.mark.clause("P7")),
        pytest.param(GOVERNORS, "P11", marks=pytest.mark.clause("P11")),
    ],
)
@pytest.mark.clause("P4.a", "P4.b", "P4.c", "P4.d")
def test_every_stage_is_overseen_on_entry_and_on_exit(parties: tuple[str, ...], clause: str) -> None:
    """The normal path has six entries; each is checked when it begins and when it is left, the last at the end."""
    made = World(parties=parties).implement()
    made.tell(fact_of(registry.Ended, ground="term_expired", open_items=[], reason=None))
    names = ("exploration", "negotiation", "signing", "negotiation-2", "signing-2", "implementation_and_termination")
    checks = made.tasks("oversight")
    assert sorted(one.occurrence for one in checks) == sorted(f"{n}/{w}" for n in names for w in ("entry", "exit"))
    assert {one.clause for one in checks} == {clause}
    assert {one.stage for one in checks} == set(Stage)


@pytest.mark.clause("P1.8", "P7", "P11")
def test_findings_are_filed_against_the_agreement_only_once_there_is_one() -> None:
    """Before the agreement exists there is legislation only; without any finding the check is not done."""
    made = World()
    made.register_it()
    check = made.context(made.one("oversight"))
    with pytest.raises(RuleBrokenError, match="temuan") as empty:
        deciding.complete(check, completion(), None)
    assert (empty.value.rule, empty.value.clause) == ("findings-filed", "P11")
    with pytest.raises(RuleBrokenError, match="Belum ada perjanjian") as early:
        deciding.complete(check, completion(findings=[LEGAL, AGREED]), None)
    assert early.value.clause == "P1.8"
    made.record(deciding.complete(check, completion(findings=[LEGAL]), None))
    assert made.one("oversight").status is Status.COMPLETED
    later = World().implement()
    last = later.one("oversight", occurrence="implementation_and_termination/entry")
    later.record(deciding.complete(later.context(last), completion(findings=[LEGAL, AGREED]), None))
    assert later.one("oversight", occurrence=last.occurrence).status is Status.COMPLETED


@pytest.mark.parametrize(
    ("parties", "clause"),
    [
        pytest.param(MINISTERS, "P6.d.1", marks=pytest.mark.clause("P6.d.1")),
        pytest.param(GOVERNORS, "P10.d.1", marks=pytest.mark.clause("P10.d.1")),
    ],
)
@pytest.mark.clause("P4.d")
def test_monitoring_recurs_once_per_period_while_the_last_stage_is_active(
    parties: tuple[str, ...], clause: str
) -> None:
    """Each semester's monitoring is owed once, due after the semester closes, until the cooperation ends."""
    made = World(parties=parties).implement()
    made.pass_days(date(2027, 7, 15))
    found = made.tasks("d.1")
    assert [(one.clause, one.period) for one in found] == [
        (clause, name) for name in ("2026-S1", "2026-S2", "2027-S1", "2027-S2")
    ]
    assert found[0].due_on > date(2026, 6, 30)
    assert "semester" in found[0].due_basis
    made.tell(fact_of(registry.Ended, ground="mutual", open_items=[], reason=None), date(2027, 8, 2))
    made.pass_days(date(2028, 2, 1))
    assert len(made.tasks("d.1")) == len(found)


@pytest.mark.clause("P6.d.1", "P10.d.1")
def test_monitoring_is_done_with_the_evaluation_form() -> None:
    """The form is required for d.1, and it belongs to no other duty."""
    made = World().implement()
    made.pass_day(date(2026, 6, 30))
    monitoring = made.context(made.one("d.1"))
    with pytest.raises(RuleBrokenError, match="Formulir evaluasi"):
        deciding.complete(monitoring, completion(), None)
    made.record(deciding.complete(monitoring, completion(evaluation=FORM, findings=[LEGAL]), None))
    assert made.one("d.1").completed is not None
    check = made.one("oversight", occurrence="implementation_and_termination/entry")
    with pytest.raises(RuleBrokenError, match="hanya untuk itu"):
        deciding.complete(made.context(check), completion(evaluation=FORM, findings=[LEGAL]), None)


@pytest.mark.clause("P6.d.1", "P10.d.1")
def test_a_period_is_monitored_when_it_is_over() -> None:
    """Nobody knows in May how a semester went; of one in which the agreement ended, its part until then."""
    made = World().implement()
    made.pass_days(date(2026, 5, 2))
    done = completion(evaluation=FORM, findings=[LEGAL])
    with pytest.raises(RuleBrokenError, match="baru berakhir 30 Juni 2026") as caught:
        deciding.complete(made.context(made.one("d.1")), done, None)
    assert caught.value.rule == "period-over"
    made.tell(fact_of(registry.Ended, ground="mutual", open_items=[], reason=None), date(2026, 5, 3))
    made.record(deciding.complete(made.context(made.one("d.1")), done, None))
    assert made.one("d.1").status is Status.COMPLETED


@pytest.mark.clause("P6.d.1", "P10.d.1", "P7", "P11")
def test_an_accord_that_no_agreement_follows_becomes_a_finding_task() -> None:
    """Twelve months after the accord a check is owed that says why; an agreement makes it moot."""
    made = World()
    made.register_it()
    made.enter(Stage.NEGOTIATION)
    made.enter(Stage.SIGNING)
    made.sign_accord()
    made.enter(Stage.NEGOTIATION)
    made.pass_days(date(2027, 1, 4))
    name = "accord-without-agreement/2026-01-05"
    assert name not in [one.occurrence for one in made.tasks("oversight")]
    made.pass_day(date(2027, 1, 5))
    task = made.one("oversight", occurrence=name)
    assert (task.stage, task.clause) == (Stage.NEGOTIATION, "P11")
    assert "kesepakatan tanpa perjanjian setelah 12 bulan" in task.due_basis
    made.pass_days(date(2027, 1, 20))
    assert len([one for one in made.tasks("oversight") if one.occurrence == name]) == 1
    made.enter(Stage.SIGNING)
    made.sign_agreement()
    assert made.one("oversight", occurrence=name).status is Status.CANCELLED


def test_an_agreement_in_time_is_no_finding() -> None:
    """With an agreement nothing is stalled, however many months pass."""
    made = World().implement()
    made.pass_days(date(2027, 2, 1))
    assert not [one for one in made.tasks("oversight") if one.occurrence.startswith("accord")]
    assert made.case.entries[-1].stage is LAST
