"""Steps that belong to who took an earlier one: a notice is taken back by its giver, a decision is the forum's."""

from typing import Any

import pytest
from pydantic_core import to_jsonable_python

from ksad.contracts import registry as facts
from ksad.contracts.rules import RefusalKind, RuleBrokenError
from ksad.contracts.strict import read_value
from ksad.contracts.umbrella import CooperationStatus
from ksad.registry.domain import permissions, vouching
from ksad.registry.domain.commands import COMMANDS
from ksad.registry.domain.context import Context
from tests.support.histories.cooperations import KARANGANYAR, PAPER, SOLO, TODAY, YOGYA, Case, adopted

CITY, REGENCY, TEAM = f"region:{SOLO}", f"region:{KARANGANYAR}", "tkksd:33"
NOTICE: dict[str, Any] = {"ground": "mutual", "planned_end_on": "2026-09-30"}


def refusal(case: Case, office: str, name: str, **fields: Any) -> str | None:
    """The condition under which an office may not give a command; ``None`` if it may."""
    command = read_value(COMMANDS[name], to_jsonable_python(fields))
    try:
        vouching.check(office, command, case.state, Context(adopted(), TODAY, TODAY, office=office))
    except RuleBrokenError as error:
        return error.rule if error.kind is RefusalKind.FORBIDDEN else f"{error.kind}: {error.rule}"
    return None


@pytest.mark.clause("P6.d.4", "P10.d.4")
def test_a_notice_is_taken_back_by_who_gave_it() -> None:
    """Neither revoked nor replaced by another party; the supervising body records the giver's letter."""
    case = Case().running().do("give-termination-notice", office=CITY, **NOTICE)
    earlier = {"replaces": str(case.event(facts.TerminationNoticeGiven)), **NOTICE, "planned_end_on": "2026-08-31"}
    revoking = ("revoke-termination-notice", {"reason": "x"})
    for name, fields in (revoking, ("give-termination-notice", earlier)):
        assert [refusal(case, office, name, **fields) for office in (CITY, REGENCY, TEAM)] == [None, "own-notice", None]
    assert refusal(case, REGENCY, "give-termination-notice", **NOTICE) is None
    case.refused("revocation-has-letter", "revoke-termination-notice", office=TEAM, reason="x")
    case.do("revoke-termination-notice", office=TEAM, reason="x", document=PAPER)
    assert (case.last.document, case.state.notice) == (PAPER, None)
    case.do("give-termination-notice", office=CITY, **NOTICE).do("revoke-termination-notice", office=CITY, reason="x")
    assert case.state.notice is None


@pytest.mark.clause("P6.d.4", "P10.d.4")
def test_a_notice_of_nobody_is_taken_back_by_any_party() -> None:
    """Older notices do not say who gave them; one that the supervising body recorded is its own to take back."""
    case = Case().running().do("give-termination-notice", **NOTICE)
    assert [refusal(case, office, "revoke-termination-notice", reason="x") for office in (CITY, REGENCY)] == [None] * 2
    case = Case().running().do("give-termination-notice", office=TEAM, **NOTICE)
    assert refusal(case, CITY, "revoke-termination-notice", reason="x") == "own-notice"


@pytest.mark.clause("P1.4")
def test_one_region_left_is_no_proposal() -> None:
    """Who leaves the last other one alone gives the proposal up, in one transaction; its supervisor stays."""
    case = Case().negotiating().do("withdraw-party", office=CITY, region=SOLO, reason="tidak jadi")
    left, fallen = case.facts[-2:]
    assert (left.region, left.document, left.parties, left.umbrella) == (SOLO, PAPER, [SOLO, KARANGANYAR], False)
    assert fallen == facts.ProposalWithdrawn(reason="Kota Surakarta keluar, sehingga tinggal Kabupaten Karanganyar.")
    assert (case.state.umbrella.status, case.state.withdrawn) == (CooperationStatus.WITHDRAWN, True)
    now = Context(adopted(), TODAY, TODAY)
    assert permissions.supervising_body(case.state.parties, now) == TEAM
    case.refused("cooperation-open", "withdraw-party", region=KARANGANYAR)
    three = Case((SOLO, KARANGANYAR, YOGYA)).do("withdraw-party", region=YOGYA)
    assert (three.state.parties, three.state.withdrawn) == ((SOLO, KARANGANYAR), False)
    assert three.do("withdraw-party", region=SOLO).state.withdrawn


@pytest.mark.clause("P1.4")
def test_a_region_leaves_by_its_letter() -> None:
    """Also where its supervising body records it; from paper it may be unknown."""
    case = Case((SOLO, KARANGANYAR, YOGYA))
    for office in (f"region:{YOGYA}", "joint_secretariat"):
        error = case.refused("withdrawal-has-letter", "withdraw-party", office=office, region=YOGYA, document=None)
        assert error.clause == "P1.4"
    paper = Case.paper((SOLO, KARANGANYAR, YOGYA)).do("withdraw-party", "2020", legacy=True, region=YOGYA)
    assert paper.last.document is None


@pytest.mark.clause("P1.3")
def test_a_proposal_is_given_up_by_its_initiator() -> None:
    """Or its supervising body; the others leave it by themselves. Where nobody is named, it is any party."""
    named, unnamed = Case(initiator=SOLO), Case()
    offices = (CITY, REGENCY, TEAM)
    assert [refusal(named, one, "withdraw-proposal", reason="x") for one in offices] == [None, "is-initiator", None]
    assert [refusal(unnamed, one, "withdraw-proposal", reason="x") for one in offices] == [None] * 3


@pytest.mark.clause("P10.d.5", "P6.d.5")
def test_the_team_enters_its_governors_decision() -> None:
    """From the document, of a dispute before that Governor; no other team, no other forum's, and no party does."""
    case = Case().running().do("raise-dispute", dispute="d", between=[SOLO, KARANGANYAR], description="x")
    said: dict[str, Any] = {"dispute": "d", "manner": "governor_decision", "outcome": "x", "number": "1"}
    offices = (TEAM, "governor:33", "tkksd:34", "joint_secretariat", CITY)
    may = [refusal(case, one, "settle-dispute", **said) is None for one in offices]
    assert may == [True, True, False, False, False]
    minister = {**said, "manner": "minister_decision"}
    assert refusal(case, TEAM, "settle-dispute", **minister) == "heads-decision"
    case.refused("decision-has-document", "settle-dispute", office=TEAM, **said)
    case.do("settle-dispute", office=TEAM, document=PAPER, **said)
    assert (case.last.forum, case.last.final, case.last.document) == ("governor:33", False, PAPER)
    across = Case((SOLO, YOGYA)).do("raise-dispute", dispute="d", between=[SOLO, YOGYA], description="x")
    assert refusal(across, TEAM, "settle-dispute", **said) is not None
    assert refusal(across, "joint_secretariat", "settle-dispute", **minister) is None
