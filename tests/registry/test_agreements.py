"""One accord, many agreements: keys, lines of stages, parties, and which of them a command means."""

from datetime import date
from typing import Any

import pytest

from ksad.contracts import registry as facts
from ksad.contracts.registry import Stage
from ksad.contracts.umbrella import AccordState, AgreementState, CooperationStatus
from tests.support.histories.cooperations import BOTH, KARANGANYAR, LAST, SOLO, TODAY, YOGYA, Case, reference_to
from tests.support.histories.newest import fact_of

THREE = (SOLO, KARANGANYAR, "33.11")
ALL = dict.fromkeys(THREE, "1/PKS")


def opened(case: Case, key: str = "air-baku", **fields: Any) -> Case:
    """A further agreement is being drafted."""
    return case.do("open-agreement", agreement=key, title="Air baku", **fields)


def at_signing(case: Case, key: str = "air-baku", **fields: Any) -> Case:
    """A further agreement is about to be signed."""
    return opened(case, key, **fields).do("enter-stage", stage="signing", agreement=key)


def state_of(case: Case, key: str) -> AgreementState:
    """The state of an agreement."""
    return case.state.umbrella.agreements[key].state


@pytest.mark.clause("P1.5", "P1.6")
def test_an_accord_has_many_agreements_side_by_side() -> None:
    """The first is on the cooperation's line; each further one has parties, object and stages of its own."""
    case = Case(THREE).running()
    at_signing(case, between=[SOLO, "33.11"], object="air baku", affair="pekerjaan_umum")
    assert case.state.umbrella.agreements["air-baku"].accord == "kesepakatan-1"
    case.do("sign-agreement", agreement="air-baku", numbers={SOLO: "3", "33.11": "4"}, ends_on="2028-06-01")
    signed, entered = case.facts[-2:]
    assert (signed.agreement, signed.between, signed.object) == ("air-baku", [SOLO, "33.11"], "air baku")
    assert entered == fact_of(facts.StageEntered, left=Stage.SIGNING, stage=Stage(LAST), agreement="air-baku")
    assert [state_of(case, key) for key in ("perjanjian-1", "air-baku")] == [AgreementState.IN_FORCE] * 2
    known = case.state.umbrella.agreements["air-baku"]
    assert (known.object, known.affair, known.ends_on) == ("air baku", "pekerjaan_umum", date(2028, 6, 1))
    assert case.state.stage is Stage(LAST)


@pytest.mark.clause("P4.b", "P4.c", "P4.d")
def test_lines_of_stages_do_not_touch() -> None:
    """An agreement's line goes from negotiation to signing and back; the last stage is entered by the register."""
    case = opened(Case().running())
    error = case.refused("signed-at-signing", "sign-agreement", agreement="air-baku", numbers=BOTH)
    assert error.clause == "P4.c"
    case.refused("stage-order", "enter-stage", stage=LAST, agreement="air-baku")
    case.refused("agreement-drafting", "enter-stage", stage="exploration", agreement="air-baku")
    for stage in ("signing", "negotiation", "signing"):
        case.do("enter-stage", stage=stage, agreement="air-baku")
    assert case.state.stage is Stage(LAST)
    assert case.refused("agreement-own-line", "enter-stage", stage="negotiation", agreement="perjanjian-1").clause
    case.do("sign-agreement", agreement="air-baku", numbers=BOTH)
    case.refused("agreement-drafting", "enter-stage", stage="negotiation", agreement="air-baku")


@pytest.mark.clause("P1.6")
def test_an_agreement_is_in_force_when_its_day_comes() -> None:
    """Signed for a later day it is signed; on that day the register enters the last stage by itself."""
    case = at_signing(Case().running())
    case.do("sign-agreement", agreement="air-baku", numbers=BOTH, effective_on="2026-07-01", ends_on="2028-06-01")
    assert state_of(case, "air-baku") is AgreementState.SIGNED
    case.refused("stage-order", "enter-stage", stage=LAST, agreement="air-baku")
    case.pass_time(date(2026, 6, 30))
    assert state_of(case, "air-baku") is AgreementState.SIGNED
    case.pass_time(date(2026, 7, 1))
    assert (case.last.stage, case.events[-1].occurredon) == (Stage(LAST), date(2026, 7, 1))
    assert state_of(case, "air-baku") is AgreementState.IN_FORCE


def test_a_command_means_the_only_agreement_or_names_one() -> None:
    """With one it need not be named; with several a command that names none is refused, and told what there is."""
    case = Case().running()
    case.do("amend", numbers=BOTH, changes="tarif")
    assert case.last.agreement == "perjanjian-1"
    opened(case)
    for name, fields in (
        ("amend", {"numbers": BOTH}),
        ("extend", {"numbers": BOTH, "ends_on": "2031-01-01"}),
        ("give-termination-notice", {"ground": "mutual", "planned_end_on": "2026-12-31"}),
        ("complete-termination-item", {"item": "a"}),
        ("sign-agreement", {"numbers": BOTH}),
        ("withdraw-party", {"region": SOLO}),
    ):
        error = case.refused("agreement-named", name, **fields)
        assert error.facts["agreements"] == ["perjanjian-1", "air-baku"]
    assert case.refused("agreement-known", "amend", numbers=BOTH, agreement="lain").facts["agreements"] == [
        "air-baku",
        "perjanjian-1",
    ]
    case.do("amend", numbers=BOTH, changes="tarif", agreement="perjanjian-1")
    case.do("report-problem", problem="p", description="iuran")
    assert case.last.agreement is None
    case.do("report-problem", problem="q", description="iuran", agreement="air-baku")
    assert case.last.agreement == "air-baku"


@pytest.mark.clause("P1.4")
def test_an_agreement_is_between_parties_of_the_cooperation() -> None:
    """Strangers, one region alone, a second number and a key that is taken are refused; so is one of nothing known."""
    case = Case(THREE).running()
    error = case.refused("between-parties", "open-agreement", agreement="x", title="x", between=[SOLO, YOGYA])
    assert (error.clause, error.facts["strangers"]) == ("P1.4", [YOGYA])
    case.refused("parties-differ", "open-agreement", agreement="x", title="x", between=[SOLO, SOLO])
    opened(case, between=[SOLO, "33.11"])
    assert case.refused("agreement-key-unique", "open-agreement", agreement="air-baku", title="x").clause is None
    case.refused("begins-with-negotiation", "open-agreement", agreement="y", title="y", stage="signing")
    case.refused("accord-known", "open-agreement", agreement="y", title="y", accord="lain")
    case.do("enter-stage", stage="signing", agreement="air-baku")
    error = case.refused("number-per-party", "sign-agreement", agreement="air-baku", numbers=ALL)
    assert error.facts["extra"] == [KARANGANYAR]


def test_a_draft_is_dropped_and_what_was_signed_is_ended() -> None:
    """A draft that is given up is dropped, and its key is not used again; what was signed cannot be dropped."""
    case = opened(Case().running()).do("drop-agreement", agreement="air-baku", reason="tidak sepakat")
    assert state_of(case, "air-baku") is AgreementState.DROPPED
    case.refused("agreement-drafting", "drop-agreement", agreement="air-baku", reason="x")
    error = case.refused("agreement-drafting", "drop-agreement", agreement="perjanjian-1", reason="x")
    assert error.clause == "P1.6"
    case.refused("agreement-key-unique", "open-agreement", agreement="air-baku", title="x")
    assert case.do("amend", numbers=BOTH, changes="tarif").last.agreement == "perjanjian-1"


@pytest.mark.clause("P1.5")
def test_an_accord_is_renewed_by_another() -> None:
    """The renewal has a key of its own, needs no stage, and replaces the old one; an unknown one is not renewed."""
    case = Case().running().do("sign-accord", numbers=BOTH, replaces="kesepakatan-1", ends_on="2031", term="dated")
    assert (case.last.accord, case.last.ends_precision) == ("kesepakatan-2", "year")
    accords = case.state.umbrella.accords
    assert [one.state for one in accords.values()] == [AccordState.REPLACED, AccordState.IN_FORCE]
    assert accords["kesepakatan-2"].last_day == date(2031, 12, 31)
    case.refused("accord-known", "sign-accord", numbers=BOTH, accord="x", replaces="lain")
    error = case.refused("accord-named", "schedule-signing", instrument="accord", signing_on="2026-07-01")
    assert error.facts["accords"] == ["kesepakatan-1", "kesepakatan-2"]


@pytest.mark.clause("P1.4", "P1.5")
def test_the_cooperation_runs_while_an_accord_or_agreement_does() -> None:
    """An accord alone is a cooperation (P1.4); it ends with the last of them, and goes on with a further one."""
    case = Case().agreed()
    before = case.state.umbrella.status
    case.do("end", ground="mutual", accord="kesepakatan-1")
    assert (before, case.state.umbrella.status) == (CooperationStatus.RUNNING, CooperationStatus.ENDED)
    assert case.refused("accord-in-force", "end", ground="mutual", accord="kesepakatan-1").clause == "P1.5"
    case.do("sign-accord", numbers=BOTH, replaces="kesepakatan-1")
    assert case.state.umbrella.status is CooperationStatus.RUNNING


@pytest.mark.clause("P1.4")
def test_a_cooperation_ends_after_its_agreements() -> None:
    """With several agreements each is ended by itself; where there is one, the cooperation ends with it."""
    case = at_signing(Case().running()).do("sign-agreement", agreement="air-baku", numbers=BOTH)
    error = case.refused("agreements-first", "end", ground="mutual")
    assert (error.clause, error.facts["agreements"]) == ("PP 28/2018 Pasal 9(1)", ["perjanjian-1", "air-baku"])
    case.do("end", ground="mutual", agreement="perjanjian-1")
    assert (case.last.of, case.last.key) == ("agreement", "perjanjian-1")
    assert case.last.open_items
    case.refused("while-in-force", "end", ground="mutual", agreement="perjanjian-1")
    case.do("end", ground="mutual")
    assert (case.last.of, case.state.umbrella.status) == ("cooperation", CooperationStatus.ENDED)
    case.refused("cooperation-open", "open-agreement", agreement="x", title="x")


@pytest.mark.clause("P1.4")
def test_two_parties_remain() -> None:
    """Nobody leaves an agreement with one party in it, nor the cooperation while it is party to an agreement of it."""
    case = Case(THREE).running()
    opened(case, between=[SOLO, "33.11"])
    assert case.refused("agreements-first", "withdraw-party", region=KARANGANYAR, agreements=[]).facts["agreements"]
    case.do("withdraw-party", region=KARANGANYAR)
    assert (case.last.agreements, case.state.parties) == (["perjanjian-1"], (SOLO, "33.11"))
    error = case.refused(
        "two-parties-remain", "withdraw-party", region=SOLO, agreements=["perjanjian-1"], umbrella=False
    )
    assert (error.clause, error.facts["agreements"]) == ("P1.4", ["perjanjian-1"])
    case.refused("region-is-party", "withdraw-party", region=KARANGANYAR)


@pytest.mark.clause("P1.4")
def test_a_party_joins_an_agreement_alone() -> None:
    """A party of the cooperation enters one of its agreements; the cooperation's parties stay as they are."""
    case = Case(THREE).running()
    opened(case, between=[SOLO, "33.11"])
    case.do("add-party", region=KARANGANYAR, agreements=["air-baku"], umbrella=False)
    assert case.last.parties == list(THREE)
    assert case.state.umbrella.agreements["air-baku"].between == (SOLO, "33.11", KARANGANYAR)
    case.refused("region-not-party", "add-party", region=KARANGANYAR, agreements=["air-baku"], umbrella=False)
    case.refused("region-is-party", "add-party", region=YOGYA, agreements=["air-baku"], umbrella=False)
    case.do("end", ground="mutual", agreement="perjanjian-1")
    case.refused("while-in-force", "add-party", region=YOGYA, agreements=["perjanjian-1"])


@pytest.mark.clause("P10.d.5", "P6.d.5")
def test_the_forum_is_that_of_the_scope() -> None:
    """Between two cities of one province the Governor decides, although the cooperation is the Minister's."""
    case = Case((SOLO, KARANGANYAR, YOGYA)).running()
    at_signing(case, between=[SOLO, KARANGANYAR]).do("sign-agreement", agreement="air-baku", numbers=BOTH)
    both = [SOLO, KARANGANYAR]
    case.do("raise-dispute", dispute="a", between=both, description="x", agreement="air-baku")
    case.do("raise-dispute", dispute="b", between=both, description="x")
    paper = reference_to(b"keputusan")
    decided: dict[str, Any] = {"manner": "governor_decision", "outcome": "x", "number": "1", "document": paper}
    case.do("settle-dispute", dispute="a", **decided)
    assert (case.last.forum, case.last.law.clause) == ("governor:33", "UU 23/2014 Pasal 370(1), 370(4)")
    assert case.refused("right-forum", "settle-dispute", dispute="b", **decided).facts["forum"] == "minister"
    strangers = {"between": [SOLO, YOGYA], "description": "x", "agreement": "air-baku"}
    case.refused("dispute-between-parties", "raise-dispute", dispute="c", **strangers)


def test_what_nobody_knows_is_null_in_what_comes_from_paper() -> None:
    """Numbers, ends and approvals may be unknown in legacy facts; of today they are named."""
    unknown = {SOLO: None, KARANGANYAR: "2/2001"}
    paper = Case.paper().do("sign-agreement", date(2001, 1, 1), numbers=unknown, legacy=True)
    for name, fields in (
        ("amend", {"numbers": unknown}),
        ("extend", {"numbers": unknown}),
        ("record-council-approval", {"region": SOLO}),
        ("sign-accord", {"numbers": unknown}),
    ):
        paper.do(name, date(2002, 1, 1), legacy=True, **fields)
        assert paper.last.numbers == unknown if "numbers" in fields else paper.last.number is None
    assert paper.state.ends_on is None
    case = Case().running()
    assert case.do("amend", numbers=unknown).last.numbers == unknown
    party = f"region:{SOLO}"
    assert case.refused("number-known", "amend", numbers=unknown, office=party).facts["missing"] == [SOLO]
    case.refused("number-known", "record-council-approval", region=SOLO)
    case.refused("extension-is-longer", "extend", numbers=BOTH)


def test_an_agreement_continues_one_that_ended() -> None:
    """What cannot be prolonged is continued by a new agreement, which names it; one that nobody knows is not."""
    case = Case().running().do("end", ground="mutual", agreement="perjanjian-1")
    opened(case, continues="perjanjian-1")
    assert case.state.umbrella.agreements["air-baku"].continues == "perjanjian-1"
    case.refused("agreement-signed", "open-agreement", agreement="y", title="y", continues="lain")
    assert case.state.umbrella.furthest is Stage(LAST)
    assert case.events[-1].occurredon == TODAY
