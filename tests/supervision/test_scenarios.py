"""Histories of the hard scenarios as the supervising body sees them: who supervises, and what is owed to whom."""

from datetime import date, timedelta
from typing import Any

import pytest

from ksad.contracts import registry
from ksad.contracts.dates import Precision
from ksad.contracts.registry import Manner, Scope, Stage, TermKind
from ksad.contracts.supervision import AgreementJurisdictionResolved, JurisdictionResolved, TaskHandedOver
from ksad.contracts.umbrella import CooperationStatus
from ksad.supervision.domain import deciding
from ksad.supervision.domain.register import document_of
from ksad.supervision.domain.task import Status
from tests.supervision.test_occasions import agreement, negotiated, one, signed
from tests.supervision.test_verification import begun
from tests.support.histories.newest import fact_of
from tests.support.histories.supervised import GOVERNORS, LAST, World, completion, facts_of

PAPER = document_of(b"berita acara", "text/plain").ref
END = date(2026, 10, 25)
DAY = timedelta(days=1)
K = "perjanjian-1"


def ended(on: date = END) -> registry.Ended:
    """The register records that the term of the agreement has passed."""
    fact = fact_of(registry.Ended, ground="term_expired", open_items=["a. Inventarisasi barang"], reason=None)
    return fact.model_copy(update={"rests_on": on, "of": Scope.AGREEMENT, "key": K})


def raised(parties: tuple[str, ...], key: str = "d") -> registry.DisputeRaised:
    """A dispute of the first two parties."""
    return fact_of(registry.DisputeRaised, dispute=key, between=list(parties[:2]), description="pembagian", agreement=K)


def governor_decided() -> registry.DisputeSettled:
    """The Governor has decided it."""
    return fact_of(
        registry.DisputeSettled,
        dispute="d",
        manner=Manner.GOVERNOR_DECISION,
        outcome="dibagi rata",
        number="1/2026",
        document=PAPER,
        final=False,
    )


def extended(until: date) -> registry.AgreementExtended:
    """An extension that all have confirmed."""
    numbers = dict.fromkeys(GOVERNORS, "2")
    return fact_of(registry.AgreementExtended, numbers=numbers, changes=None, ends_on=until, document=None)


def reminders(made: World, *, still: bool) -> list[str]:
    """The occurrences of reminders that are open, or not any more."""
    return [task.occurrence for task in made.tasks("d.4") if task.open is still]


@pytest.mark.clause("P6", "P10")
def test_what_a_team_has_done_stays_its_own() -> None:
    """Scenario 3: opinion, mediation and decision are done; the joining hands over what is open, from its day on."""
    parties = ("32.01", "32.71", "32.76")
    made = World(parties=parties).implement(ends_on=date(2030, 1, 1))
    made.tell(fact_of(registry.ProblemReported, problem="p", description="x"), date(2026, 3, 2))
    made.tell(raised(parties))
    made.tell(registry.DisputeDecisionRequested(dispute="d"))
    for duty in ("d.2", "d.3", "d.5"):
        made.record(deciding.complete(made.context(made.one(duty)), completion(documents=[PAPER]), None))
    made.tell(governor_decided(), date(2026, 5, 10))
    done = [task for task in made.tasks() if task.status is Status.COMPLETED]
    assert {"d.2", "d.3", "d.5"} <= {task.duty for task in done}
    waiting = {task.id for task in made.tasks() if task.open}
    joined = fact_of(registry.PartyJoined, region="36.74", reason=None, parties=[*parties, "36.74"])
    events = made.tell(joined, date(2026, 6, 20))
    [resolution] = facts_of(events, JurisdictionResolved)
    assert isinstance(resolution, JurisdictionResolved)
    assert (resolution.tier, resolution.dispute_forum, resolution.holds_from) == (
        "minister",
        "minister",
        date(2026, 6, 20),
    )
    assert waiting
    assert len(facts_of(events, TaskHandedOver)) == len(waiting)
    assert {task.body for task in made.tasks() if task.id in waiting} == {"joint_secretariat"}
    assert [task for task in made.tasks() if task.status is Status.COMPLETED] == done
    assert {task.body for task in done} == {"tkksd:32"}


@pytest.mark.clause("P2", "P3")
def test_a_history_from_before_the_division_of_papua() -> None:
    """Scenario 9: closed, it says who supervised by which clause until the law, and who does since, with whom told."""
    made = World(parties=("91.01", "91.03"))
    made.register_it(date(2021, 3, 1), stage=LAST, legacy=True)
    made.tell(registry.BackfillClosed(facts=1), date(2026, 1, 5))
    first, second = made.case.resolutions
    assert (first.row, first.supervising_body, first.holds_from) == ("t4", "tkksd:91", date(2021, 3, 1))
    assert ("P3" in first.clause, "368(1)" in first.clause) == (True, True)
    assert (second.row, second.supervising_body, second.holds_from) == (
        "t5",
        "joint_secretariat",
        date(2022, 7, 25),
    )
    assert (second.gap_filled, list(second.informed)) == (True, ["governor:91", "governor:93"])


@pytest.mark.clause("P6.d.3", "P10.d.3", "P6.d.5", "P10.d.5", "P4.d")
def test_duties_outlive_the_term() -> None:
    """Scenario 13: mediation and decision go on after the expiry; the exit is looked at when all is settled."""
    made = World().implement(ends_on=END)
    made.tell(raised(GOVERNORS), date(2026, 9, 1))
    made.tell(registry.DisputeDecisionRequested(dispute="d"))
    made.tell(ended(), END)
    assert {"d.3", "d.5"} <= made.open_duties()
    made.tell(governor_decided(), date(2026, 11, 20))
    exits = f"{LAST.value}/exit"
    assert exits not in [task.occurrence for task in made.tasks("oversight")]
    made.tell(registry.SettlementClosed(agreement=K), date(2026, 12, 1))
    task = made.one("oversight", occurrence=exits)
    assert (task.open, task.clause, task.body) == (True, "P11", "tkksd:33")


@pytest.mark.clause("PP 28/2018 Pasal 6(1)")
def test_after_its_accord_the_cooperation_runs_again() -> None:
    """Scenario 14: its accord has ended, and with it the cooperation; the agreement stands, and is looked at."""
    made = negotiated(ends_on=date(2026, 1, 31), ends_precision=Precision.DAY, term=TermKind.DATED)
    over = fact_of(registry.Ended, ground="term_expired", open_items=[], reason=None)
    over = over.model_copy(update={"rests_on": date(2026, 1, 31), "of": Scope.ACCORD, "key": "kesepakatan-1"})
    made.tell(over, date(2026, 1, 31))
    assert made.case.state is CooperationStatus.ENDED
    made.tell(agreement(), date(2026, 2, 10))
    assert (made.case.state, one(made, "accord-lapsed").open) == (CooperationStatus.RUNNING, True)


@pytest.mark.clause("P6.d.4", "P10.d.4")
def test_reminders_of_an_expiry_that_is_lifted() -> None:
    """Scenario 15: those of the end are cancelled because it was extended in time; others count to 2031."""
    made = World().implement(ends_on=END)
    made.pass_days(END)
    made.tell(ended(), END)
    made.pass_days(date(2026, 11, 25))
    before = reminders(made, still=True)
    assert f"{END}/after-30" in before
    made.tell(extended(date(2031, 10, 25)), date(2026, 10, 20))
    assert reminders(made, still=True) == []
    reasons = {task.cancelled.reason for task in made.tasks("d.4") if task.cancelled and task.occurrence in before}
    assert reasons == {"diperpanjang sebelum berakhir"}
    made.pass_day(date(2031, 10, 25) - timedelta(days=90))
    assert [name.partition("/")[0] for name in reminders(made, still=True)] == ["2031-10-25"]


def test_reminders_of_an_expiry_that_was_a_slip() -> None:
    """Scenario 21: a corrected term leaves nothing owed of the end that it had; nobody is told of an extension."""
    made = World().implement(ends_on=END)
    made.pass_days(END)
    made.tell(ended(), END)
    made.pass_days(date(2026, 11, 25))
    before = reminders(made, still=True)
    entry = next(event.id for event in made.log if isinstance(event.fact(), registry.AgreementSigned))
    fields = {"ends_on": "2027-10-25"}
    slip = registry.PublicCorrected(corrects=entry, reason="salah ketik", fields=fields, document=PAPER)
    made.tell(slip, date(2026, 11, 26))
    reasons = {task.cancelled.reason for task in made.tasks("d.4") if task.cancelled and task.occurrence in before}
    assert (reminders(made, still=True), reasons) == ([], {"rencana pengakhiran berubah"})


@pytest.mark.clause("P1.6")
def test_a_continuation_reaches_back() -> None:
    """Scenario 16: the agreement that continues one that has ended has effect from before its signing; that is seen."""
    made = signed()
    made.tell(ended(date(2026, 2, 1)).model_copy(update={"ground": "mutual", "rests_on": None}), date(2026, 2, 1))
    opened: dict[str, Any] = {"agreement": "lanjutan", "accord": "kesepakatan-1", "between": list(GOVERNORS)}
    untold: dict[str, Any] = dict.fromkeys(("object", "affair", "scope"))
    made.tell(registry.AgreementOpened(**opened, title="x", **untold, continues=K, stage=Stage.NEGOTIATION))
    made.tell(agreement(agreement="lanjutan", effective_on=date(2026, 2, 2)), date(2026, 2, 9))
    assert one(made, "retroactive").occurrence == "retroactive/lanjutan/2026-02-09"


@pytest.mark.clause("P2", "P3", "P10.d.1", "P6.d.1")
def test_a_subset_has_its_own_supervisor() -> None:
    """Scenario 20: resolved for the agreement by itself, row T4; its duties are the team's, others the Ministry's."""
    parties = ("32.08", "32.74", "33.01")
    made = begun(parties=parties)
    made.enter(Stage.NEGOTIATION)
    made.enter(Stage.SIGNING)
    made.sign_accord()
    untold: dict[str, Any] = dict.fromkeys(("object", "affair", "scope", "continues"))
    for key, between in (("dua", list(parties[:2])), ("tiga", list(parties))):
        opened = registry.AgreementOpened(
            agreement=key, accord="kesepakatan-1", between=between, title="x", **untold, stage=Stage.NEGOTIATION
        )
        made.tell(opened)
        entered = fact_of(registry.StageEntered, left=Stage.NEGOTIATION, stage=Stage.SIGNING)
        made.tell(entered.model_copy(update={"agreement": key}))
        fact = agreement(agreement=key, between=between, numbers=dict.fromkeys(between, "1"), budget={})
        made.tell(fact)
        entered = fact_of(registry.StageEntered, left=Stage.SIGNING, stage=LAST)
        made.tell(entered.model_copy(update={"agreement": key}))
    [resolution] = facts_of(made.log, AgreementJurisdictionResolved)
    assert isinstance(resolution, AgreementJurisdictionResolved)
    assert (resolution.agreement, resolution.row, resolution.supervising_body, resolution.dispute_forum) == (
        "dua",
        "t4",
        "tkksd:32",
        "governor:32",
    )
    bodies: dict[str | None, set[str]] = {}
    for task in made.tasks("d.1"):
        bodies.setdefault(task.agreement, set()).add(task.body)
    assert bodies == {"dua": {"tkksd:32"}, "tiga": {"joint_secretariat"}}
    assert {task.body for task in made.tasks("a.2")} == {"joint_secretariat"}


@pytest.mark.clause("P6.d.4", "P10.d.4")
def test_a_second_notice_and_none() -> None:
    """Scenario 22: the second cancels the reminders of the first; revoked, they count to the end of the term."""
    made = World().implement(ends_on=date(2026, 10, 25))
    made.pass_days(date(2026, 6, 1))
    for planned in (date(2026, 9, 30), date(2026, 8, 31)):
        notice = fact_of(registry.TerminationNoticeGiven, ground="mutual", planned_end_on=planned)
        before = made.log[-1].id if planned.month == 8 else None
        made.tell(notice.model_copy(update={"replaces": before}), date(2026, 6, 1))
    assert _ends(made, still=True) == {"2026-08-31"}
    assert "2026-09-30" in _ends(made, still=False)
    given = next(event.id for event in reversed(made.log) if isinstance(event.fact(), registry.TerminationNoticeGiven))
    made.tell(registry.TerminationNoticeRevoked(agreement=K, notice=given, reason="batal", document=None))
    made.pass_days(date(2026, 7, 27))
    assert _ends(made, still=True) == {"2026-10-25"}


def _ends(made: World, *, still: bool) -> set[str]:
    """The ends that reminders, open or not, count to."""
    return {name.partition("/")[0] for name in reminders(made, still=still)}
