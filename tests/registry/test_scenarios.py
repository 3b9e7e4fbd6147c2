"""Histories of the hard scenarios, told from their first event to their last, where they are told nowhere else."""

from datetime import date, timedelta
from typing import Any

import pytest

from ksad.contracts import registry as facts
from ksad.contracts.catalogue import Audience
from ksad.contracts.umbrella import AgreementState, CooperationStatus
from ksad.registry.domain import permissions
from ksad.registry.domain.context import Context
from tests.support.histories.cooperations import BOTH, KARANGANYAR, PAPER, SOLO, TODAY, Case, adopted
from tests.support.histories.settlements import (
    FIRST_MONEY,
    GOODS,
    OWED,
    SECOND_MONEY,
    agreement,
    division,
    prove,
    settled,
    still_open,
)

CITY, REGENCY, TEAM = f"region:{SOLO}", f"region:{KARANGANYAR}", "tkksd:33"
C = "33.11"
THREE = (SOLO, KARANGANYAR, C)
END = date(2026, 10, 25)
DAY = timedelta(days=1)
K = "perjanjian-1"


def names(case: Case, since: int) -> list[str]:
    """The types of the facts from a place on, without prefix."""
    return [type(fact).__name__ for fact in case.facts[since:]]


def running(ends_on: str = "2026-10-25", parties: tuple[str, ...] = (SOLO, KARANGANYAR)) -> Case:
    """An agreement with a term, as all its parties have confirmed it."""
    case = Case(parties).by_parties().signing()
    numbers = dict.fromkeys(parties, "1/2026")
    whole: dict[str, Any] = {"numbers": numbers}
    _by_all(case, "sign-accord", **whole)
    case.do("enter-stage", stage="negotiation").do("enter-stage", stage="signing")
    return _by_all(case, "sign-agreement", **whole, ends_on=ends_on)


def _by_all(case: Case, name: str, on: date = TODAY, **fields: Any) -> Case:
    """The first party proposes, and each other confirms."""
    first = case.state.parties[0]
    case.do(name, on, office=f"region:{first}", **fields)
    proposal = str(case.event(facts.ActProposed))
    for code in case.state.umbrella.pending[proposal].awaiting:
        case.do("confirm-act", case.today, office=f"region:{code}", proposal=proposal, numbers={code: "2/2026"})
    return case


def state_of(case: Case, key: str = K) -> AgreementState:
    """The state of an agreement."""
    return case.state.umbrella.agreements[key].state


@pytest.mark.clause("P3", "P6.d.5", "P10.d.5")
def test_joining_with_consent_moves_the_forum() -> None:
    """Scenario 3: proposed, confirmed by four, joined; what the Governor decided before stays, the next is not his."""
    parties = ("32.01", "32.71", "32.76")
    case = running("2030-01-01", parties)
    raised: dict[str, Any] = {"between": list(parties[:2]), "description": "tarif"}
    decided: dict[str, Any] = {"manner": "governor_decision", "outcome": "x", "number": "1", "document": PAPER}
    case.do("raise-dispute", dispute="d", **raised).do("settle-dispute", dispute="d", **decided)
    assert (case.last.forum, case.last.law.clause) == ("governor:32", "UU 23/2014 Pasal 370(1), 370(4)")
    since = len(case.facts)
    case.pass_time(date(2026, 6, 20)).do("add-party", case.today, office="region:32.01", region="36.74")
    proposal = str(case.event(facts.ActProposed))
    for code in ("32.71", "32.76", "36.74"):
        assert "36.74" not in case.state.parties
        case.do("confirm-act", case.today, office=f"region:{code}", proposal=proposal)
    assert names(case, since) == ["ActProposed", *["ActConfirmed"] * 4, "PartyJoined"]
    assert case.events[-1].type == "ksad.cooperation.party_joined.v2"
    case.do("raise-dispute", case.today, dispute="e", **raised)
    assert (
        case.refused("right-forum", "settle-dispute", case.today, dispute="e", **decided).facts["forum"] == "minister"
    )


@pytest.mark.clause("P1.4")
def test_the_one_who_refused_sees_what_the_others_sign() -> None:
    """Scenario 11: K stays a draft; K2 is of two, supervised by theirs, and the third sees both as a party."""
    abc = ("32.01", "32.71", "33.01")
    case = Case(abc).agreed()
    a, b, c = (f"region:{code}" for code in abc)
    case.do("sign-agreement", office=a, numbers={"32.01": "1"}, ends_on="2030-01-01")
    proposal = str(case.event(facts.ActProposed))
    case.do("confirm-act", office=b, proposal=proposal, numbers={"32.71": "2"})
    case.do("refuse-act", office=c, proposal=proposal, reason="belum dianggarkan")
    assert (state_of_or_none(case), case.state.umbrella.pending) == (None, {})
    case.do("open-agreement", agreement="k2", title="Berdua", between=list(abc[:2]))
    case.do("enter-stage", stage="signing", agreement="k2")
    case.do("sign-agreement", office=a, agreement="k2", numbers={"32.01": "1"})
    case.do("confirm-act", office=b, proposal=str(case.event(facts.ActProposed)), numbers={"32.71": "2"})
    signed = next(one for one in reversed(case.facts) if isinstance(one, facts.AgreementSigned))
    assert signed.between == list(abc[:2])
    context = Context(adopted(), TODAY, TODAY)
    assert permissions.supervising_body(case.state.umbrella.agreements["k2"].between, context) == "tkksd:32"
    assert permissions.supervising_body(case.state.parties, context) == "joint_secretariat"
    assert permissions.sight_of(c, case.state, context) is Audience.PARTIES
    assert len(permissions.seen_events(c, case.state, context, case.events)) == len(case.events)


def state_of_or_none(case: Case) -> AgreementState | None:
    """The state of the first agreement, if it is one yet."""
    known = case.state.umbrella.agreements.get(K)
    return None if known is None or known.state is AgreementState.DRAFTING else known.state


@pytest.mark.clause("P6.d.4", "P10.d.4", "UU 23/2014 Pasal 370(4)")
def test_an_expiry_with_an_open_dispute() -> None:
    """Scenario 13: the end names all that is open, the Governor decides after it, and the workbook closes it last."""
    case = running()
    case.do("raise-dispute", dispute="d", between=[SOLO, KARANGANYAR], description="pembagian")
    case.do("request-decision", dispute="d")
    case.pass_time(END + DAY)
    ended = case.last
    assert (ended.ground, ended.rests_on, case.events[-1].occurredon) == ("term_expired", END, END)
    assert len(ended.open_items) == 10
    assert state_of(case) is AgreementState.SETTLING
    case.pass_time(date(2026, 11, 20))
    decided: dict[str, Any] = {"manner": "governor_decision", "outcome": "x", "number": "1", "document": PAPER}
    case.do("settle-dispute", case.today, dispute="d", **decided)
    assert (case.last.final, case.last.law.clause) == (False, "UU 23/2014 Pasal 370(1), 370(4)")
    assert state_of(case) is AgreementState.SETTLING
    prove(settled(case), "f")
    assert (case.last, state_of(case)) == (facts.SettlementClosed(agreement=K), AgreementState.CLOSED)
    # What the Governor decided is not final: passed on it opens the settlement again, until the Minister has decided.
    case.do("escalate-dispute", case.today, dispute="d", reason="tidak tercapai")
    assert (state_of(case), case.state.umbrella.settlement) == (AgreementState.SETTLING, "open")
    case.do("settle-dispute", case.today, dispute="d", **decided | {"manner": "minister_decision"})
    assert (case.last, state_of(case)) == (facts.SettlementClosed(agreement=K), AgreementState.CLOSED)


@pytest.mark.clause("PP 28/2018 Pasal 6(1)", "PP 28/2018 Pasal 9(1)")
def test_an_agreement_signed_after_its_accord() -> None:
    """Scenario 14: with its accord the cooperation is over; signed by all the agreement stands, and it runs again."""
    case = Case().by_parties().signing()
    _by_all(case, "sign-accord", numbers=BOTH, ends_on="2026-06-30")
    case.do("enter-stage", stage="negotiation").do("enter-stage", stage="signing")
    case.pass_time(date(2026, 7, 1))
    assert (case.last.of, case.state.umbrella.status) == ("accord", CooperationStatus.ENDED)
    case.pass_time(date(2026, 8, 10))
    _by_all(case, "sign-agreement", case.today, numbers=BOTH, ends_on="2030-01-01")
    assert (state_of(case), case.state.umbrella.status) == (AgreementState.IN_FORCE, CooperationStatus.RUNNING)
    signed = next(one for one in reversed(case.facts) if isinstance(one, facts.AgreementSigned))
    assert signed.standing.by == "parties"


@pytest.mark.clause("P1.6")
def test_an_extension_that_all_confirm_after_the_expiry() -> None:
    """Scenario 15: until the last one confirms it is settling; then it is in force without gap, until the new end."""
    case = running().pass_time(END + DAY)
    assert state_of(case) is AgreementState.SETTLING
    case.pass_time(date(2026, 11, 3))
    signed, until = date(2026, 10, 20), "2031-10-25"
    case.do("extend", signed, office=CITY, numbers={SOLO: "3"}, ends_on=until)
    proposal = str(case.event(facts.ActProposed))
    case.pass_time(date(2026, 11, 9))
    assert state_of(case) is AgreementState.SETTLING
    case.do("confirm-act", case.today, office=REGENCY, proposal=proposal, numbers={KARANGANYAR: "3"})
    number, event = next(
        (number, one) for number, one in enumerate(case.events) if isinstance(one.fact(), facts.AgreementExtended)
    )
    assert (event.type, event.occurredon) == ("ksad.cooperation.agreement_extended.v2", signed)
    assert state_of(case) is AgreementState.IN_FORCE
    assert names(case, number) == ["AgreementExtended"]
    case.pass_time(date(2031, 10, 25))
    assert state_of(case) is AgreementState.IN_FORCE
    case.pass_time(date(2031, 10, 26))
    assert (case.last.ground, case.last.rests_on) == ("term_expired", date(2031, 10, 25))


@pytest.mark.clause("P1.6")
def test_what_is_over_is_continued() -> None:
    """Scenario 16: signed after the end it is no extension, by C9; another agreement continues it without gap."""
    case = running().pass_time(END + DAY).pass_time(date(2026, 11, 2))
    error = case.refused("while-in-force", "extend", case.today, office=CITY, numbers={SOLO: "3"}, ends_on="2031-10-25")
    assert error.facts["ends_on"] == END
    case.do("open-agreement", case.today, agreement="lanjutan", title="Lanjutan", continues=K)
    case.do("enter-stage", case.today, stage="signing", agreement="lanjutan")
    said: dict[str, Any] = {"effective_on": "2026-10-26", "ends_on": "2031-10-25", "agreement": "lanjutan"}
    _by_all(case, "sign-agreement", case.today, numbers=BOTH, **said)
    made = case.state.umbrella.agreements["lanjutan"]
    assert (made.state, made.continues, state_of(case)) == (AgreementState.IN_FORCE, K, AgreementState.SETTLING)


def left() -> Case:
    """An agreement of three from which the first has withdrawn, with its letter."""
    case = running("2030-01-01", THREE)
    case.do("withdraw-party", office=CITY, region=SOLO, agreements=[K], settlement="with_the_end", document=PAPER)
    assert (case.last.declaration.version, case.last.settlement) == (2, "with_the_end")
    return case


@pytest.mark.clause("P1.4", "PP 28/2018 Pasal 9(1)")
def test_of_two_that_are_left_none_leaves() -> None:
    """Scenario 18: the second one proposes an end; confirmed, all three settle; refused, it is in force between two."""
    case = left()
    leaving: dict[str, Any] = {"office": REGENCY, "region": KARANGANYAR, "agreements": [K], "document": PAPER}
    assert case.refused("two-parties-remain", "withdraw-party", **leaving).clause == "P1.4"
    for answer in ("confirm-act", "refuse-act"):
        case = left().do("end", office=REGENCY, ground="mutual", agreement=K)
        proposal = str(case.event(facts.ActProposed))
        reason: dict[str, Any] = {} if answer == "confirm-act" else {"reason": "belum"}
        assert case.state.umbrella.pending[proposal].awaiting == (C,)
        case.do(answer, office=f"region:{C}", proposal=proposal, **reason)
        known = case.state.umbrella.agreements[K]
        if answer == "confirm-act":
            assert (known.state, set(known.participants)) == (AgreementState.SETTLING, set(THREE))
        else:
            assert (known.state, known.between) == (AgreementState.IN_FORCE, (KARANGANYAR, C))
            assert case.state.umbrella.pending == {}
            case.do("raise-dispute", office=REGENCY, dispute="d", between=[KARANGANYAR, C], description="pengakhiran")


def test_a_term_typed_wrongly_and_wrongly_again() -> None:
    """Scenario 21: the expiry is without effect; of a day that has passed the end comes in the same transaction."""
    case = running("2026-06-20").pass_time(date(2026, 6, 21))
    assert state_of(case) is AgreementState.SETTLING
    case.correct(facts.AgreementSigned, ends_on="2027-06-20")
    assert state_of(case) is AgreementState.IN_FORCE
    since = len(case.facts)
    case.correct(facts.AgreementSigned, ends_on="2026-06-19")
    assert names(case, since) == ["PublicCorrected", "Ended"]
    assert (case.last.rests_on, case.events[-1].occurredon) == (date(2026, 6, 19), date(2026, 6, 19))
    assert state_of(case) is AgreementState.SETTLING


def test_an_amendment_of_after_the_end() -> None:
    """Scenario 24: dated 10 May it is overtaken by an end of 2 May, by C9, in one transaction."""
    case = Case(on=date(2026, 4, 1)).do("enter-stage", date(2026, 4, 2), stage="negotiation")
    case.do("enter-stage", date(2026, 4, 3), stage="signing")
    case.do("sign-accord", date(2026, 4, 4), numbers=BOTH)
    case.do("enter-stage", date(2026, 4, 5), stage="negotiation").do("enter-stage", date(2026, 4, 6), stage="signing")
    case.do("sign-agreement", date(2026, 4, 7), numbers=BOTH, ends_on="2030-01-01")
    case.do("amend", date(2026, 5, 10), office=CITY, numbers={SOLO: "1"}, changes="tarif")
    late, since = str(case.event(facts.ActProposed)), len(case.facts)
    case.do("end", date(2026, 5, 2), office=TEAM, ground="mutual", agreement=K)
    assert names(case, since) == ["ActProposed", "ActConfirmed", "Ended", "ActClosed"]
    assert (case.facts[since + 1].by, case.last.why, case.last.rule) == ("instrument", "overtaken", "while-in-force")
    case.refused("proposal-open", "confirm-act", office=REGENCY, proposal=late, numbers={KARANGANYAR: "2"})


@pytest.mark.clause("PP 28/2018 Pasal 6(2)")
def test_a_council_that_is_asked_too_late() -> None:
    """Scenario 17: mandatory and a burden, without approval: it stands; the approval of a later day is recorded."""
    case = Case(category="mandatory").agreed()
    said: dict[str, Any] = {"ends_on": "2030-01-01", "budget": {SOLO: {"burdens": True, "budgeted": True}}}
    case.do("sign-agreement", office=CITY, numbers={SOLO: "1"}, **said)
    proposal = str(case.event(facts.ActProposed))
    case.do("confirm-act", office=REGENCY, proposal=proposal, numbers={KARANGANYAR: "2"})
    assert (case.state.category, state_of(case)) == ("mandatory", AgreementState.IN_FORCE)
    later = case.pass_time(TODAY + 30 * DAY).today
    case.do("record-council-approval", later, office=CITY, region=SOLO, number="3/2026", document=PAPER)
    assert (case.last.outcome, case.events[-1].occurredon) == ("approved", later)


@pytest.mark.clause("P6.d.4.c", "P10.d.4.c")
def test_a_workbook_of_the_participants() -> None:
    """Scenario 25: filed by one, the division proposed and confirmed by the other, each proving what is its own."""
    case = running("2030-01-01")
    case.do("end", office=TEAM, ground="mutual", agreement=K)
    since = len(case.facts)
    case.do("inventory-goods", office=CITY, goods=GOODS, document=PAPER)
    case.do("list-obligations", office=CITY, obligations=OWED, document=PAPER)
    case.do("divide", office=CITY, **division(case))
    assert agreement(case).workbook.division is None
    case.do("confirm-act", office=REGENCY, proposal=str(case.event(facts.ActProposed)))
    assert names(case, since) == [
        *("GoodsInventoried", "ObligationsListed", "ActProposed", "ActConfirmed", "ActConfirmed", "DivisionAgreed")
    ]
    prove(case, "d", office=CITY, region=SOLO, amount_idr=FIRST_MONEY)
    prove(case, "d", office=REGENCY, region=KARANGANYAR, amount_idr=-SECOND_MONEY)
    for office, region in ((CITY, SOLO), (REGENCY, KARANGANYAR)):
        for proof in ("asset_record", "council_report"):
            prove(case, "e", office=office, region=region, proof=proof)
    assert still_open(case) == ["f evidence"]
    assert prove(case, "f", office=CITY).last == facts.SettlementClosed(agreement=K)
