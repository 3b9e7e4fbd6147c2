"""The reminder of d.4 and its checklist: at the policy's lead times, at once on early notice, acknowledged by all."""

from datetime import date, timedelta

import pytest

from ksad.contracts import registry
from ksad.contracts.registry import Stage
from ksad.contracts.rules import RuleBrokenError
from ksad.contracts.supervision import TaskScheduled
from ksad.supervision.api.items import task_item
from ksad.supervision.domain import deciding
from ksad.supervision.domain.task import Status
from tests.support.histories.newest import fact_of
from tests.support.histories.supervised import GOVERNORS, LAST, MINISTERS, World, facts_of, reference

END = date(2027, 1, 5)
LEADS = (180, 90, 60, 30, 7, 0)


def revoked(made: World, on: date) -> None:
    """The newest notice is taken back."""
    notice = made.log[-1].id
    fact = registry.TerminationNoticeRevoked(agreement="perjanjian-1", notice=notice, reason="batal", document=None)
    made.tell(fact, on)


def proof(item: str, region: str | None = None, kind: str = "evidence") -> registry.TerminationItemCompleted:
    """One proof of the checklist."""
    said = {"item": item, "region": region, "proof": kind, "document": None, "amount_idr": None}
    return fact_of(registry.TerminationItemCompleted, **said)


@pytest.mark.parametrize(
    ("parties", "clause"),
    [
        pytest.param(MINISTERS, "P6.d.4", marks=pytest.mark.clause("P6.d.4")),
        pytest.param(GOVERNORS, "P10.d.4", marks=pytest.mark.clause("P10.d.4")),
    ],
)
def test_the_parties_are_reminded_at_every_lead_time_of_the_policy(parties: tuple[str, ...], clause: str) -> None:
    """180, 90, 60, 30, 7 and 0 days before the end, each once, to every party, and the basis says it is policy."""
    made = World(parties=parties).implement(ends_on=END)
    made.pass_days(END + timedelta(days=3))
    reminders = made.tasks("d.4")
    assert [one.scheduled_on for one in reminders] == [END - timedelta(days=lead) for lead in LEADS]
    assert {(one.clause, one.for_parties) for one in reminders} == {(clause, parties)}
    assert all(registry.PROVISIONAL in one.due_basis for one in reminders)


@pytest.mark.clause("P6.d.4", "P10.d.4")
def test_a_reminder_is_done_when_every_party_has_acknowledged_it() -> None:
    """Delivery is not enough, and a party cannot decline it or acknowledge it twice."""
    made = World().implement(ends_on=made_soon())
    made.pass_day(date(2026, 1, 6))
    for code in GOVERNORS:
        made.record(deciding.deliver(made.context(made.one("d.4")), code, [], "rapat"))
    assert made.one("d.4").status is Status.IN_PROGRESS
    with pytest.raises(RuleBrokenError, match="konfirmasikan"):
        deciding.decline(made.context(made.one("d.4")), "33.72", "tidak perlu")
    made.record(deciding.acknowledge(made.context(made.one("d.4")), "33.72"))
    with pytest.raises(RuleBrokenError, match="telah mengonfirmasi"):
        deciding.acknowledge(made.context(made.one("d.4")), "33.72")
    made.record(deciding.acknowledge(made.context(made.one("d.4")), "33.11"))
    assert made.one("d.4").status is Status.COMPLETED


def made_soon() -> date:
    """An end for which the lead time of 60 days has come."""
    return date(2026, 3, 1)


def test_a_short_term_is_reminded_of_from_the_lead_time_that_has_come() -> None:
    """With 55 days left the reminder of 60 days is owed at once; the longer ones have passed and are not owed."""
    made = World().implement(ends_on=made_soon())
    assert [one.occurrence for one in made.tasks("d.4")] == ["2026-03-01/60"]


@pytest.mark.clause("P6.d.4", "P10.d.4")
def test_early_notice_reminds_at_once_and_not_twice() -> None:
    """The notice makes a reminder owed at once, which stands for the lead time that has come; later ones follow."""
    made = World().implement(ends_on=date(2030, 1, 1))
    assert not made.tasks("d.4")
    notice = fact_of(registry.TerminationNoticeGiven, ground="mutual", planned_end_on=date(2026, 4, 30))
    made.tell(notice, date(2026, 2, 2))
    [first] = made.tasks("d.4")
    assert first.occurrence == "2026-04-30/notice"
    assert "pemberitahuan" in first.due_basis
    made.pass_days(date(2026, 2, 28))
    assert len(made.tasks("d.4")) == 1
    made.pass_day(date(2026, 3, 1))
    assert [one.occurrence for one in made.tasks("d.4")] == ["2026-04-30/notice", "2026-04-30/60"]


@pytest.mark.clause("P6.d.4", "P10.d.4")
def test_a_notice_given_again_for_the_same_day_reminds_again() -> None:
    """What a revoked notice had called for was cancelled; the same day, called for again, is owed again, once."""
    made = World().implement(ends_on=date(2030, 1, 1))
    notice = fact_of(registry.TerminationNoticeGiven, ground="mutual", planned_end_on=date(2026, 4, 30))
    made.tell(notice, date(2026, 2, 2))
    revoked(made, date(2026, 2, 3))
    made.tell(notice, date(2026, 2, 4))
    assert [(one.occurrence, one.open) for one in made.tasks("d.4")] == [
        ("2026-04-30/notice", False),
        ("2026-04-30/notice.2", True),
    ]
    made.pass_days(date(2026, 3, 1))
    revoked(made, date(2026, 3, 1))
    made.tell(notice, date(2026, 3, 2))
    made.pass_days(date(2026, 3, 10))
    assert [one.occurrence for one in made.tasks("d.4") if one.open] == ["2026-04-30/notice.3"]


def test_a_lead_time_that_a_revoked_notice_had_cancelled_is_owed_again() -> None:
    """The end of the term is reminded of again once the notice of an earlier end is taken back."""
    made = World().implement(ends_on=made_soon())
    notice = fact_of(registry.TerminationNoticeGiven, ground="mutual", planned_end_on=date(2026, 2, 20))
    made.tell(notice, date(2026, 1, 6))
    revoked(made, date(2026, 1, 7))
    assert [one.occurrence for one in made.tasks("d.4") if one.open] == ["2026-03-01/60.2"]


def test_an_extension_moves_the_reminders() -> None:
    """What reminded of the old end is cancelled; the new end has its own lead times."""
    made = World().implement(ends_on=made_soon())
    extended = fact_of(
        registry.AgreementExtended,
        numbers=dict.fromkeys(GOVERNORS, "2/PKS"),
        changes=None,
        ends_on=date(2028, 3, 1),
        document=None,
    )
    made.tell(extended, date(2026, 1, 20))
    task = made.one("d.4")
    assert task.cancelled is not None
    assert task.cancelled.reason == "rencana pengakhiran berubah"
    made.pass_days(date(2026, 3, 2))
    assert len(made.tasks("d.4")) == 1


def test_a_corrected_end_moves_the_reminders_too() -> None:
    """A correction folds the registry's stream anew, and what follows from the wrong value is cancelled."""
    made = World().implement(ends_on=made_soon())
    signed = next(event for event in made.log if event.type.endswith("agreement_signed.v2"))
    corrected = registry.Corrected(corrects=signed.id, reason="salah ketik", fields={"ends_on": "2027-01-05"})
    made.tell(corrected, date(2026, 1, 7))
    assert made.case.parts.agreements["perjanjian-1"].ends_on == END
    assert made.one("d.4").status is Status.CANCELLED
    made.pass_days(END - timedelta(days=180))
    assert [one.occurrence for one in made.tasks("d.4")] == ["2026-03-01/60", "2027-01-05/180"]


@pytest.mark.clause("P6.d.4.a", "P6.d.4.b", "P6.d.4.c", "P6.d.4.d", "P6.d.4.e", "P6.d.4.f")
@pytest.mark.clause("P10.d.4.a", "P10.d.4.b", "P10.d.4.c", "P10.d.4.d", "P10.d.4.e", "P10.d.4.f")
def test_the_checklist_is_what_is_reminded_of_and_never_a_task_of_the_supervisor() -> None:
    """A reminder carries items a to f with their words and clauses; doing them is the parties' and makes no task."""
    for parties, article in ((MINISTERS, "P6"), (GOVERNORS, "P10")):
        made = World(parties=parties).implement(ends_on=made_soon())
        item = task_item(made.one("d.4"), made.case, reference(), END, own=())
        assert [one["clause"] for one in item["checklist"]] == [f"{article}.d.4.{letter}" for letter in "abcdef"]
        assert item["checklist"][0]["wording"].startswith("inventarisasi atas barang bergerak")
        before = len(made.tasks())
        made.tell(proof("a"))
        assert len(made.tasks()) == before


@pytest.mark.clause("P6.d.4.f", "P10.d.4.f", "P6.d.4.e", "P10.d.4.e")
def test_when_every_proof_is_in_nobody_is_reminded_any_more() -> None:
    """With two proofs of e per party, one of d, and a, b, c and f, the preparation is complete."""
    made = World().implement(ends_on=END)
    made.pass_days(END - timedelta(days=100))
    for item in "abc":
        made.tell(proof(item))
    for code in GOVERNORS:
        made.tell(proof("d", code))
        made.tell(proof("e", code, "asset_record"))
        made.tell(proof("e", code, "council_report"))
    assert made.pass_days(END - timedelta(days=91)) is not None
    made.tell(proof("f"))
    made.pass_days(END)
    assert [one.occurrence for one in made.tasks("d.4")] == ["2027-01-05/180"]


@pytest.mark.clause("P6.d.4", "P10.d.4")
def test_an_item_that_was_added_is_reminded_of_too() -> None:
    """Items a to f are in, one that the parties added is not: the next reminder is owed."""
    made = World().implement(ends_on=END)
    made.pass_days(END - timedelta(days=100))
    made.tell(fact_of(registry.TerminationItemAdded, item="arsip", description="penyerahan arsip"))
    for item in "abcf":
        made.tell(proof(item))
    for code in GOVERNORS:
        made.tell(proof("d", code))
        made.tell(proof("e", code, "asset_record"))
        made.tell(proof("e", code, "council_report"))
    made.pass_days(END - timedelta(days=60))
    assert [one.occurrence for one in made.tasks("d.4")] == ["2027-01-05/180", "2027-01-05/90", "2027-01-05/60"]


def test_the_end_cancels_what_is_open_and_checks_the_last_stage() -> None:
    """After the end oversight stays owed, the exit of the last stage, and the round of monitoring in which it lies."""
    made = World().implement(ends_on=made_soon())
    events = made.tell(fact_of(registry.Ended, ground="term_expired", open_items=[], reason=None), date(2026, 3, 1))
    owed = [fact for fact in facts_of(events, TaskScheduled) if isinstance(fact, TaskScheduled)]
    assert [(fact.duty, fact.occurrence, fact.stage) for fact in owed] == [
        ("oversight", "implementation_and_termination/exit", LAST)
    ]
    assert made.open_duties() == {"oversight", "d.1"}


def test_a_legacy_cooperation_past_its_end_is_reminded_once() -> None:
    """What should have ended already is reminded of at once, with the last lead time."""
    made = World(parties=("31", "32.75"))
    made.register_it(date(1999, 1, 1), stage=Stage.IMPLEMENTATION_AND_TERMINATION, legacy=True)
    extended = fact_of(registry.AgreementExtended, numbers={}, changes=None, ends_on=date(2025, 10, 25), document=None)
    made.tell(extended, date(2021, 10, 25), legacy=True)
    assert not made.tasks("d.4")
    made.tell(registry.BackfillClosed(facts=2), date(2026, 1, 5))
    made.pass_days(date(2026, 2, 1))
    assert [one.occurrence for one in made.tasks("d.4")] == ["2025-10-25/0"]
