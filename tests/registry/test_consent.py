"""Acts of several parties: proposed by one, confirmed by all, refused by any; nobody speaks for another (Pasal 1)."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from ksad.contracts import registry as facts
from ksad.contracts.registry import Stage
from ksad.contracts.umbrella import AgreementState
from tests.support.histories.cooperations import BOTH, KARANGANYAR, LAST, PAPER, SOLO, TODAY, YOGYA, Case

CITY, REGENCY, TEAM = f"region:{SOLO}", f"region:{KARANGANYAR}", "tkksd:33"
THREE = (SOLO, KARANGANYAR, "33.11")


def kinds(case: Case, last: int) -> list[str]:
    """The names of the newest facts."""
    return [type(fact).__name__ for fact in case.facts[-last:]]


def pending(case: Case) -> list[str]:
    """The acts that wait, by their scope."""
    return [act.scope for act in case.state.umbrella.pending.values()]


def confirm(case: Case, office: str, proposal: UUID, **fields: Any) -> Case:
    """An office confirms."""
    return case.do("confirm-act", office=office, proposal=str(proposal), **fields)


def signed_by_all(parties: tuple[str, ...] = (SOLO, KARANGANYAR)) -> Case:
    """An agreement that the first party has proposed and the others have not confirmed."""
    case = Case(parties).agreed()
    first = parties[0]
    return case.do("sign-agreement", office=f"region:{first}", numbers={first: "1/PKS"}, ends_on="2030-01-01")


@pytest.mark.clause("P1.4", "P1.5", "P1.6")
@pytest.mark.fault(
    "http A6",
    kind="one party's word is taken for that of all",
    looked="every command whose fact binds more than the office that sends it, and those that are a region's own",
    found="all seven of them had effect at once, and a region recorded approvals and proofs of another",
)
def test_an_act_of_several_waits_for_all_of_them() -> None:
    """Proposed, it is no agreement: the draft stays a draft; with the last confirmation it stands on its own day."""
    case = signed_by_all()
    assert kinds(case, 2) == ["ActProposed", "ActConfirmed"]
    proposal = case.event(facts.ActProposed)
    assert (pending(case), case.state.has_agreement, case.state.stage) == (
        ["agreement:perjanjian-1"],
        False,
        Stage.SIGNING,
    )
    confirm(case, REGENCY, proposal, numbers={KARANGANYAR: "2/PKS"})
    assert kinds(case, 3) == ["ActConfirmed", "AgreementSigned", "StageEntered"]
    signed = case.facts[-2]
    assert signed.numbers == {SOLO: "1/PKS", KARANGANYAR: "2/PKS"}
    assert signed.standing == facts.Standing(by="parties", proposal=proposal)
    assert (pending(case), case.state.stage) == ([], Stage(LAST))


def test_numbers_for_others_are_claims() -> None:
    """Who proposes may say the numbers of others; each confirms what was claimed for it, or says its own."""
    case = Case(THREE).agreed()
    case.do("sign-agreement", office=CITY, numbers=dict.fromkeys(THREE, "7/PKS"), ends_on="2030-01-01")
    proposal, proposed = case.event(facts.ActProposed), case.facts[-2]
    assert proposed.claimed == {KARANGANYAR: "7/PKS", "33.11": "7/PKS"}
    assert case.facts[-1].numbers == {SOLO: "7/PKS"}
    confirm(case, REGENCY, proposal)
    confirm(case, "region:33.11", proposal, numbers={"33.11": "9/PKS"})
    assert case.facts[-2].numbers == {SOLO: "7/PKS", KARANGANYAR: "7/PKS", "33.11": "9/PKS"}


@pytest.mark.clause("P1.4")
def test_a_party_speaks_for_itself_alone() -> None:
    """Its number, its signatory, its budget, once; a number that nobody gave is asked for."""
    case = Case().agreed()
    said: dict[str, Any] = {"office": CITY, "ends_on": "2030-01-01"}
    assert case.refused("number-known", "sign-agreement", **said, numbers={KARANGANYAR: "2"}).clause == "P1.4"
    other = [{"region": KARANGANYAR, "office": "Bupati", "capacity": "head", "mandate": None}]
    case.refused("own-number-only", "sign-agreement", **said, numbers={SOLO: "1"}, signatories=other)
    case.do("sign-agreement", **said, numbers={SOLO: "1"})
    waiting = {"proposal": str(case.event(facts.ActProposed))}
    case.refused("confirmed-once", "confirm-act", **waiting, office=CITY, numbers={SOLO: "1"})
    case.refused("number-known", "confirm-act", **waiting, office=REGENCY)
    case.refused("own-number-only", "confirm-act", **waiting, office=REGENCY, numbers=BOTH)
    case.refused("is-asked", "confirm-act", **waiting, office=f"region:{YOGYA}")


@pytest.mark.clause("P1.4", "P1.5")
def test_every_act_that_binds_several_is_proposed() -> None:
    """Accord, amendment, extension, joining, end and deliberation: proposed by a party, each with its document."""
    case = Case().signing()
    case.do("sign-accord", office=CITY, numbers={SOLO: "1"})
    assert (pending(case), case.state.accord_signed) == (["accord:kesepakatan-1"], False)
    case = Case().running().do("raise-dispute", dispute="d", between=[SOLO, KARANGANYAR], description="x")
    acts: list[tuple[str, str, dict[str, Any]]] = [
        ("amend", "agreement:perjanjian-1", {"numbers": {SOLO: "1"}, "changes": "tarif"}),
        ("extend", "agreement:perjanjian-1", {"numbers": {SOLO: "1"}, "ends_on": "2031-01-01"}),
        ("add-party", f"join:{YOGYA}", {"region": YOGYA}),
        ("end", "agreement:perjanjian-1", {"ground": "mutual", "agreement": "perjanjian-1"}),
        ("end", "accord:kesepakatan-1", {"ground": "mutual", "accord": "kesepakatan-1"}),
        ("end", "cooperation", {"ground": "mutual"}),
        ("settle-dispute", "dispute:d", {"dispute": "d", "manner": "deliberation", "outcome": "x"}),
    ]
    for name, scope, fields in acts:
        error = case.refused("act-has-document", name, office=CITY, document=None, **fields)
        assert error.clause
        before = case.state
        case.do(name, office=CITY, **fields)
        assert (kinds(case, 2), pending(case)) == (["ActProposed", "ActConfirmed"], [scope])
        assert case.state.umbrella.model_copy(update={"pending": {}}) == before.umbrella
        case.do("withdraw-act", office=CITY, proposal=str(case.event(facts.ActProposed)))
        assert (case.last.why, pending(case)) == ("withdrawn", [])


@pytest.mark.clause("P1.4")
def test_the_supervising_body_records_the_signed_instrument() -> None:
    """Proposal, confirmation for all and effect in one: with the document, of which a number may be unknown."""
    case = Case().agreed()
    fields: dict[str, Any] = {"office": TEAM, "numbers": {SOLO: "1", KARANGANYAR: None}, "ends_on": "2030-01-01"}
    assert case.refused("act-has-document", "sign-agreement", document=None, **fields).clause == "P1.6"
    case.do("sign-agreement", **fields)
    proposed, confirmed, signed, entered = case.facts[-4:]
    assert (proposed.proposer, proposed.asked, confirmed.by) == (None, [SOLO, KARANGANYAR], "instrument")
    assert (confirmed.document, confirmed.regions) == (PAPER, [SOLO, KARANGANYAR])
    assert (signed.standing.by, signed.numbers[KARANGANYAR], entered.stage) == ("instrument", None, Stage(LAST))


def test_the_supervising_body_completes_what_is_missing() -> None:
    """With the document and the missing numbers; what a party has confirmed stays its own."""
    case = signed_by_all(THREE)
    proposal = case.event(facts.ActProposed)
    numbers = {KARANGANYAR: "2/PKS", "33.11": None}
    case.refused("act-has-document", "confirm-act", office=TEAM, proposal=str(proposal), numbers=numbers)
    refused = {"office": TEAM, "proposal": str(proposal), "document": PAPER}
    case.refused("number-known", "confirm-act", **refused, numbers={KARANGANYAR: "2"})
    case.refused("own-number-only", "confirm-act", **refused, numbers={**numbers, SOLO: "3"})
    confirm(case, TEAM, proposal, numbers=numbers, document=PAPER)
    assert case.facts[-3].regions == [KARANGANYAR, "33.11"]
    assert (case.facts[-2].standing.by, case.facts[-2].numbers) == ("instrument", {SOLO: "1/PKS", **numbers})


@pytest.mark.clause("P1.4", "P1.6")
def test_one_of_three_refuses() -> None:
    """Scenario 11: the proposal is closed without effect; those who go on open an agreement among themselves."""
    case = signed_by_all(THREE)
    proposal = str(case.event(facts.ActProposed))
    confirm(case, REGENCY, UUID(proposal), numbers={KARANGANYAR: "2"})
    case.do("refuse-act", office="region:33.11", proposal=proposal, reason="belum dianggarkan")
    assert (case.last.region, pending(case), case.state.has_agreement) == ("33.11", [], False)
    assert case.refused("proposal-open", "confirm-act", office="region:33.11", proposal=proposal).clause == "P1.4"
    case.do("open-agreement", agreement="berdua", title="Berdua", between=[SOLO, KARANGANYAR])
    case.do("enter-stage", stage="signing", agreement="berdua")
    case.do("sign-agreement", office=CITY, agreement="berdua", numbers={SOLO: "1"})
    confirm(case, REGENCY, case.event(facts.ActProposed), numbers={KARANGANYAR: "2"})
    assert case.facts[-2].between == [SOLO, KARANGANYAR]
    assert case.state.umbrella.agreements["berdua"].state is AgreementState.IN_FORCE


def test_over_a_refusal_the_supervising_body_says_why() -> None:
    """What a party refused is recorded from the signed instrument with the reason; once it stands that is over."""
    case = signed_by_all()
    case.do("refuse-act", office=REGENCY, proposal=str(case.event(facts.ActProposed)), reason="keliru")
    fields: dict[str, Any] = {"office": TEAM, "numbers": BOTH, "ends_on": "2030-01-01"}
    error = case.refused("over-refusal", "sign-agreement", **fields)
    assert error.facts["refused_by"] == KARANGANYAR
    case.do("sign-agreement", **fields, over_refusal="naskah telah ditandatangani bupati")
    assert case.facts[-3].over_refusal == "naskah telah ditandatangani bupati"
    assert case.state.umbrella.refused == {}


def test_one_act_of_a_scope_waits_at_a_time() -> None:
    """A second for the same scope is told the first; another scope is free."""
    case = Case().running().do("amend", office=CITY, numbers={SOLO: "1"}, changes="tarif")
    first = str(case.event(facts.ActProposed))
    error = case.refused("one-proposal", "extend", office=REGENCY, numbers={KARANGANYAR: "1"}, ends_on="2031-01-01")
    assert (error.clause, error.facts["proposal"]) == ("P1.4", first)
    case.refused("one-proposal", "amend", office=TEAM, numbers=BOTH)
    case.do("add-party", office=CITY, region=YOGYA)
    assert pending(case) == ["agreement:perjanjian-1", f"join:{YOGYA}"]


@pytest.mark.clause("P1.4")
def test_joining_asks_the_parties_and_who_joins() -> None:
    """Scenario 6: no party, no supervisor of it changes until all have confirmed; who is to join may propose it."""
    case = Case().running().do("add-party", office=f"region:{YOGYA}", region=YOGYA)
    assert case.facts[-2].asked == [SOLO, KARANGANYAR, YOGYA]
    proposal = case.event(facts.ActProposed)
    confirm(case, CITY, proposal)
    assert list(case.state.parties) == [SOLO, KARANGANYAR]
    confirm(case, REGENCY, proposal)
    assert list(case.state.parties) == [SOLO, KARANGANYAR, YOGYA]
    assert case.last.standing.by == "parties"
    other = Case().running()
    other.refused("is-asked", "add-party", office="region:33.11", region=YOGYA)


def test_what_waits_is_overtaken_by_what_happens() -> None:
    """Scenario 24: an end on the deed closes the amendment that was dated after it, in the same transaction."""
    case = Case().running()
    case.do("amend", office=CITY, numbers={SOLO: "1"}, changes="tarif")
    late = str(case.event(facts.ActProposed))
    case.do("end", office=TEAM, ground="mutual")
    assert kinds(case, 4) == ["ActProposed", "ActConfirmed", "Ended", "ActClosed"]
    assert (case.last.why, case.last.rule, str(case.last.proposal)) == ("overtaken", "cooperation-open", late)
    case.refused("proposal-open", "confirm-act", office=REGENCY, proposal=late, numbers={KARANGANYAR: "2"})


def test_what_was_signed_before_the_end_can_still_stand() -> None:
    """An agreement ends after the day of the amendment that waits: it goes on waiting, and stands on its day."""
    case = Case().running().do("amend", office=CITY, numbers={SOLO: "1"}, changes="tarif")
    proposal = case.event(facts.ActProposed)
    later = TODAY + timedelta(days=20)
    case.pass_time(later + timedelta(days=1))
    case.do("end", later, office=TEAM, ground="mutual", agreement="perjanjian-1")
    assert pending(case) == ["agreement:perjanjian-1"]
    confirm(case, REGENCY, proposal, numbers={KARANGANYAR: "2"})
    amended = next(one for one in case.events if isinstance(one.fact(), facts.AgreementAmended))
    assert amended.occurredon == TODAY


def test_other_parties_are_asked_anew() -> None:
    """Whoever joins or leaves meanwhile: the proposal of other parties is overtaken."""
    case = Case(THREE).running().do("amend", office=CITY, numbers={SOLO: "1"}, changes="tarif")
    case.do("withdraw-party", region="33.11", office="region:33.11", document=PAPER)
    assert (case.last.why, case.last.rule, pending(case)) == ("overtaken", "same-parties", [])


def test_a_proposal_that_nobody_confirms_expires() -> None:
    """The calendar closes it when the days of the policy are over, and on its last day it can be confirmed."""
    case = Case().running().do("amend", office=CITY, numbers={SOLO: "1"}, changes="tarif")
    last = TODAY + timedelta(days=60)
    assert case.facts[-2].expires_on == last
    case.pass_time(last)
    assert pending(case) == ["agreement:perjanjian-1"]
    case.pass_time(last + timedelta(days=1))
    assert (case.last.why, case.events[-1].occurredon, pending(case)) == ("expired", last, [])
    free = Case().running()
    free.policy = None
    free.do("amend", office=CITY, numbers={SOLO: "1"}, changes="tarif")
    assert free.facts[-2].expires_on is None
    assert pending(free.pass_time(date(2029, 1, 1))) == ["agreement:perjanjian-1"]


@pytest.mark.clause("P1.1", "P1.4")
def test_a_boundary_moves_while_asked() -> None:
    """Scenario 10: the office of the code of today confirms for the party that is asked under its old one."""
    parties = ("91.01", "91.03")
    case = Case(parties, date(2020, 1, 1), stage=LAST, legacy=True).do("close-backfill")
    case.do("amend", office="region:91.03", numbers={"91.03": "1"}, changes="tarif")
    proposal = case.event(facts.ActProposed)
    assert case.facts[-2].asked == list(parties)
    case.refused("is-asked", "confirm-act", office="region:91.01", proposal=str(proposal), numbers={"91.01": "2"})
    confirm(case, "region:93.01", proposal, numbers={"93.01": "2"})
    assert case.last.numbers == {"91.01": "2", "91.03": "1"}


def test_a_legacy_act_stands_as_it_is() -> None:
    """Paper is no proposal: the fact itself, from before the platform, and nobody is asked."""
    case = Case.paper().do("amend", date(2002, 1, 1), legacy=True, numbers=BOTH)
    assert (kinds(case, 1), case.last.standing) == (
        ["AgreementAmended"],
        facts.Standing(by="legacy", proposal=None),
    )


def test_rules_are_asked_at_the_proposal() -> None:
    """What could never stand is not proposed, whoever's numbers are still missing."""
    case = Case().agreed()
    fields: dict[str, Any] = {"office": CITY, "numbers": {SOLO: "1"}, "ends_on": "2026-05-01"}
    assert case.refused("term-after-signing", "sign-agreement", **fields).clause == "P1.6"


@pytest.mark.clause("P1.4")
def test_a_confirmation_is_of_a_day_that_has_come() -> None:
    """Like any other fact it is not of a day to come, and not from before there was a cooperation."""
    case = Case(on=TODAY - timedelta(days=9)).signing()
    case.do("sign-accord", office=f"region:{SOLO}", numbers=BOTH)
    proposal = str(case.event(facts.ActProposed))
    said: dict[str, Any] = {"office": f"region:{KARANGANYAR}", "proposal": proposal}
    for day in (TODAY + timedelta(days=1), "2031", "9999-12-31"):
        case.refused("date-not-future", "confirm-act", day, **said)
    case.refused("after-registration", "confirm-act", TODAY - timedelta(days=20), **said)
    case.do("confirm-act", TODAY, **said)
