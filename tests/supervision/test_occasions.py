"""What the register finds by itself: recorded although unlawful, and a task until an officer files a finding."""

from datetime import date
from typing import Any

import pytest

from ksad.contracts import registry
from ksad.contracts.catalogue import DocumentRef
from ksad.contracts.dates import Precision
from ksad.contracts.registry import BudgetStatement, Mandate, Signatory, Stage, Standing, TermKind
from ksad.contracts.supervision import Finding, FollowUp
from ksad.ledger.figures.content import indonesian
from ksad.supervision.domain import deciding
from ksad.supervision.domain.occasions import GONE, NAMES
from ksad.supervision.domain.owed import STALLED, DutyLedger
from ksad.supervision.domain.task import Status, Task
from tests.supervision.test_verification import FIRST, Examined, since
from tests.support.histories.newest import fact_of
from tests.support.histories.supervised import GOVERNORS, LAST, completion

SOLO, SUKOHARJO = GOVERNORS
PAPER = DocumentRef(sha256="9" * 64, size=9, media_type="application/pdf")
CONFIRMED = Standing(by="parties", proposal=None)
NOTHING = BudgetStatement(burdens=False, budgeted=True)
SIGNED = date(2026, 1, 5)
DUE = FollowUp(who="tkksd:33", by=date(2027, 1, 31), what="menagih")


def raised(made: Examined, name: str) -> list[Task]:
    """The tasks of an occasion."""
    return [one for one in made.tasks("oversight") if one.occasion == name]


def one(made: Examined, name: str) -> Task:
    """The only task of an occasion."""
    (found,) = raised(made, name)
    return found


def agreement(**changes: Any) -> registry.AgreementSigned:
    """An agreement that both parties have confirmed, burdening nobody."""
    fact = fact_of(
        registry.AgreementSigned,
        numbers=dict.fromkeys(GOVERNORS, "1/PKS"),
        effective_on=None,
        ends_on=date(2030, 1, 1),
        scope=None,
        witnesses=[],
        document=None,
    )
    values = {"standing": CONFIRMED, "budget": dict.fromkeys(GOVERNORS, NOTHING)}
    return fact.model_copy(update=values | changes)


def accord(**changes: Any) -> registry.AccordSigned:
    """An accord that both parties have confirmed."""
    fact = fact_of(registry.AccordSigned, numbers=dict.fromkeys(GOVERNORS, "1/KB"), witnesses=[], document=None)
    return fact.model_copy(update={"standing": CONFIRMED} | changes)


def negotiated(**changes: Any) -> Examined:
    """With an accord, before the agreement is signed."""
    made = Examined(law=since(FIRST))
    made.register_it()
    made.enter(Stage.NEGOTIATION)
    made.enter(Stage.SIGNING)
    made.tell(accord(**changes))
    return made


def signed(on: date = SIGNED, **changes: Any) -> Examined:
    """With an agreement in force."""
    made = negotiated()
    made.tell(agreement(**changes), on)
    made.enter(LAST)
    return made


def approval(region: str = SOLO, **changes: Any) -> registry.CouncilApprovalRecorded:
    """A council approved, by a decision with number and document."""
    values = {"agreement": "perjanjian-1", "region": region, "number": "3/2026", "document": PAPER}
    return registry.CouncilApprovalRecorded.model_validate({**values, "outcome": "approved", **changes})


def occasions(made: Examined) -> set[str]:
    """All occasions but those of verification and of the backfill."""
    return {task.occasion for task in made.tasks("oversight") if task.occasion} - {"verification", "backfill"}


def test_what_is_in_order_is_no_occasion() -> None:
    """An agreement as it should be leads to no look but that of verification."""
    assert occasions(signed()) == set()


@pytest.mark.clause("PP 28/2018 Pasal 6(2)")
def test_an_approval_that_is_owed_and_missing() -> None:
    """Scenario 17: by party that stated a burden or no budget; the agreement stands, the task names the council."""
    burden = {SOLO: BudgetStatement(burdens=True, budgeted=True), SUKOHARJO: NOTHING}
    made = signed(budget=burden)
    task = one(made, "approval-missing")
    assert task.occurrence == f"approval-missing/perjanjian-1/{SOLO}"
    assert "persetujuan DPRD Kota Surakarta" in task.due_basis
    assert made.case.has_agreement
    made.tell(approval(), date(2026, 2, 1))
    assert one(made, "approval-missing").open
    finding = Finding(basis="legislation", conforms=False, description="persetujuan diberikan kemudian", follow_up=DUE)
    made.record(deciding.complete(made.context(task), completion(findings=[finding]), None))
    assert one(made, "approval-missing").status is Status.COMPLETED


@pytest.mark.clause("PP 28/2018 Pasal 6(2)")
@pytest.mark.parametrize(
    ("changes", "missing"),
    [({}, False), ({"document": None}, True), ({"number": None}, True), ({"outcome": "rejected"}, True)],
)
def test_only_an_approval_with_number_and_document_counts(changes: dict[str, Any], missing: bool) -> None:
    """One that was refused, or of which no document is known, is none."""
    made = negotiated()
    made.tell(approval(**changes))
    made.tell(agreement(budget={SOLO: BudgetStatement(burdens=None, budgeted=False), SUKOHARJO: NOTHING}))
    assert bool(raised(made, "approval-missing")) is missing


def test_an_approval_found_later_takes_the_ground_away() -> None:
    """A correction shows that it was given in time, with its document: the task is cancelled."""
    made = negotiated()
    made.tell(approval(document=None))
    made.tell(agreement(budget={SOLO: BudgetStatement(burdens=True, budgeted=None), SUKOHARJO: NOTHING}))
    assert one(made, "approval-missing").open
    event = next(one.id for one in made.log if one.type.startswith("ksad.cooperation.council_approval"))
    fields = {"document": PAPER.model_dump(mode="json")}
    made.tell(registry.Corrected(corrects=event, reason="naskah ditemukan", fields=fields))
    task = one(made, "approval-missing")
    assert (task.status, task.cancelled and task.cancelled.reason) == (Status.CANCELLED, GONE)


@pytest.mark.clause("PP 28/2018 Pasal 6(2)")
def test_what_nobody_stated_of_the_budget() -> None:
    """Parties that were asked and said nothing are named; of acts from before consent nothing was asked."""
    task = one(signed(budget={SOLO: NOTHING}), "budget-not-stated")
    assert task.occurrence == "budget-not-stated/perjanjian-1/2026-01-05"
    assert "Kabupaten Sukoharjo" in task.due_basis
    old = signed(budget={}, standing=Standing(by="unconfirmed", proposal=None))
    assert occasions(old) == set()


@pytest.mark.clause("PP 28/2018 Pasal 6(1)")
def test_an_agreement_under_an_accord_that_is_over() -> None:
    """Scenario 14: it stands, and the cooperation runs; the occasion names agreement and day."""
    made = negotiated(ends_on=date(2026, 1, 31), ends_precision=Precision.DAY, term=TermKind.DATED)
    made.tell(agreement(), date(2026, 2, 10))
    assert one(made, "accord-lapsed").occurrence == "accord-lapsed/perjanjian-1/2026-02-10"
    in_time = negotiated(ends_on=date(2026, 2, 10), ends_precision=Precision.DAY, term=TermKind.DATED)
    in_time.tell(agreement(), date(2026, 2, 10))
    assert occasions(in_time) == set()


@pytest.mark.clause("P1.5")
def test_an_accord_that_no_head_signed() -> None:
    """Signed with a mandate, it is recorded; P1.5 speaks of heads."""
    mandate = Mandate(number="1", date=date(2026, 1, 2))
    by = [Signatory(region=SOLO, office="Sekretaris Daerah", capacity="mandated", mandate=mandate)]
    assert one(negotiated(signatories=by), "accord-not-by-head").occurrence == (
        "accord-not-by-head/kesepakatan-1/2026-01-05"
    )


@pytest.mark.clause("P1.6")
def test_an_agreement_with_effect_from_before_its_signing() -> None:
    """Recorded, and looked at; a corrected day takes the ground away."""
    made = signed(effective_on=date(2025, 12, 1))
    assert "1 Desember 2025" in one(made, "retroactive").due_basis
    event = next(one.id for one in made.log if one.type.startswith("ksad.cooperation.agreement_signed"))
    made.tell(registry.Corrected(corrects=event, reason="salah ketik", fields={"effective_on": "2026-01-05"}))
    assert one(made, "retroactive").status is Status.CANCELLED


@pytest.mark.clause("PP 28/2018 Pasal 9(1)")
def test_a_party_that_left_a_standing_agreement() -> None:
    """Its own act, always looked at; leaving a mere proposal is none."""
    left = registry.PartyWithdrew(
        region=SUKOHARJO,
        reason=None,
        parties=[SOLO],
        umbrella=True,
        agreements=["perjanjian-1"],
        document=None,
        settlement="with_the_end",
        standing=CONFIRMED,
    )
    made = Examined(parties=(SOLO, SUKOHARJO, "33.13"), law=since(FIRST))
    made.register_it()
    made.tell(left.model_copy(update={"parties": [SOLO, "33.13"], "agreements": []}))
    assert occasions(made) == set()
    made = Examined(parties=(SOLO, SUKOHARJO, "33.13"), law=since(FIRST))
    made.register_it()
    made.tell(accord(between=list(made.parties)))
    made.tell(agreement(between=list(made.parties), budget=dict.fromkeys(made.parties, NOTHING)))
    made.tell(left.model_copy(update={"umbrella": False, "parties": list(made.parties)}), date(2026, 2, 1))
    task = one(made, "withdrawal")
    assert (task.occurrence, task.agreement) == ("withdrawal/perjanjian-1/2026-02-01", "perjanjian-1")
    assert "Kabupaten Sukoharjo keluar" in task.due_basis


@pytest.mark.clause("P6.d.4", "P10.d.4")
def test_a_planned_end_that_passes_without_an_end() -> None:
    """It ends nothing; the day after it is an occasion, and an end that is recorded takes the ground away."""
    made = signed()
    notice = fact_of(registry.TerminationNoticeGiven, ground="mutual", planned_end_on=date(2026, 1, 20))
    made.tell(notice, date(2026, 1, 6))
    made.pass_days(date(2026, 1, 20))
    assert not raised(made, "planned-end-passed")
    assert DutyLedger(made.case, made.law, made.on).next_due() == date(2026, 1, 21), "the service looks at it by then"
    made.pass_day(date(2026, 1, 21))
    assert one(made, "planned-end-passed").occurrence == "planned-end-passed/perjanjian-1/2026-01-20"
    ended = fact_of(registry.Ended, ground="mutual", open_items=[], reason=None)
    made.tell(ended.model_copy(update={"of": registry.Scope.AGREEMENT, "key": "perjanjian-1"}))
    assert one(made, "planned-end-passed").status is Status.CANCELLED


def test_an_extension_under_another_law() -> None:
    """Bound to the profile of 2009 and extended while another is in force: nothing is bound anew, somebody looks."""
    made = signed()
    extended = fact_of(
        registry.AgreementExtended,
        numbers=dict.fromkeys(GOVERNORS, "2"),
        ends_on=date(2035, 1, 1),
        changes=None,
        document=None,
    )
    made.tell(extended.model_copy(update={"standing": CONFIRMED}), date(2026, 2, 1))
    assert one(made, "extension-under-new-law").occurrence == "extension-under-new-law/perjanjian-1/2026-02-01"


def test_a_fact_that_came_late() -> None:
    """What the supervising body records after the policy's days is looked at; a day earlier is none."""
    made = Examined(law=since(FIRST))
    made.register_it(date(2025, 10, 7))
    assert occasions(made) == set()
    late = Examined(law=since(FIRST))
    late.register_it(date(2025, 10, 6))
    task = one(late, "late-fact")
    assert task.occurrence == "late-fact/cooperation/2025-10-06"
    assert "91 hari" in task.due_basis


@pytest.mark.parametrize("moment", [None, "2026-01-06T00:00:00.000000Z"])
def test_old_logs_have_no_new_occasions(moment: str | None) -> None:
    """Facts from before a policy that asks for verification are no occasion, and legacy facts never are."""
    made = Examined(law=since(moment))
    made.register_it()
    made.tell(accord())
    made.tell(agreement(effective_on=date(2025, 12, 1), budget={}))
    assert occasions(made) == set()
    paper = Examined(law=since(FIRST))
    paper.register_it(date(2009, 1, 1), legacy=True)
    paper.tell(agreement(effective_on=date(2008, 1, 1), budget={}), date(2010, 1, 1), legacy=True)
    paper.tell(registry.BackfillClosed(facts=2), SIGNED)
    assert occasions(paper) == set()


def test_an_occasion_arises_once() -> None:
    """However many days pass, and also after a finding closed it."""
    made = signed(effective_on=date(2025, 12, 1))
    finding = Finding(basis="agreement", conforms=False, description="berlaku surut", follow_up=DUE)
    made.record(deciding.complete(made.context(one(made, "retroactive")), completion(findings=[finding]), None))
    made.pass_days(date(2026, 1, 30))
    assert one(made, "retroactive").status is Status.COMPLETED


def test_every_occasion_has_words_in_reports() -> None:
    """What the register finds is told by name in the chapter on the state of the register, and nothing else is."""
    assert set(indonesian.OCCASIONS) == NAMES | {STALLED}
