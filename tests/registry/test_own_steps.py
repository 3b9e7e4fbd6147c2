"""Steps that belong to who took an earlier one: a notice is taken back by its giver, a decision is the forum's."""

from typing import Any

import pytest

from ksad.contracts import registry as facts
from ksad.contracts.rules import RefusalKind, RuleBrokenError
from ksad.contracts.strict import read_value
from ksad.contracts.umbrella import CooperationStatus
from ksad.registry.domain import permissions
from ksad.registry.domain.commands import Register
from ksad.registry.domain.context import Context
from ksad.registry.domain.cooperation import Cooperation
from tests.support.histories.cooperations import (
    HEAD,
    KARANGANYAR,
    PAPER,
    PINNED,
    SOLO,
    TODAY,
    YOGYA,
    Case,
    adopted,
    barred,
)

CITY, REGENCY, TEAM = f"region:{SOLO}", f"region:{KARANGANYAR}", "tkksd:33"
BOYOLALI = "33.09"
NOTICE: dict[str, Any] = {"ground": "policy_change", "planned_end_on": "2026-09-30"}


@pytest.mark.clause("P6.d.4", "P10.d.4")
def test_a_notice_is_taken_back_by_who_gave_it() -> None:
    """Neither revoked nor replaced by another party; the supervising body records the giver's letter."""
    case = Case().running().do("give-termination-notice", office=CITY, **NOTICE)
    earlier = {"replaces": str(case.event(facts.TerminationNoticeGiven)), **NOTICE, "planned_end_on": "2026-08-31"}
    revoking = ("revoke-termination-notice", {"reason": "x"})
    for name, fields in (revoking, ("give-termination-notice", earlier)):
        assert [barred(case, office, name, **fields) for office in (CITY, REGENCY, TEAM)] == [None, "own-notice", None]
    assert barred(case, REGENCY, "give-termination-notice", **NOTICE) is None
    case.refused("revocation-has-letter", "revoke-termination-notice", office=TEAM, reason="x")
    case.do("revoke-termination-notice", office=TEAM, reason="x", document=PAPER)
    assert (case.last.document, case.state.notice) == (PAPER, None)
    case.do("give-termination-notice", office=CITY, **NOTICE).do("revoke-termination-notice", office=CITY, reason="x")
    assert case.state.notice is None


@pytest.mark.clause("P6.d.4", "P10.d.4")
def test_a_notice_of_nobody_is_taken_back_by_any_party() -> None:
    """Older notices do not say who gave them; one that the supervising body recorded is its own to take back."""
    case = Case().running().do("give-termination-notice", **NOTICE)
    assert [barred(case, office, "revoke-termination-notice", reason="x") for office in (CITY, REGENCY)] == [None] * 2
    case = Case().running().do("give-termination-notice", office=TEAM, **NOTICE)
    assert barred(case, CITY, "revoke-termination-notice", reason="x") == "own-notice"


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
    assert [barred(named, one, "withdraw-proposal", reason="x") for one in offices] == [None, "is-initiator", None]
    assert [barred(unnamed, one, "withdraw-proposal", reason="x") for one in offices] == [None] * 3


@pytest.mark.clause("P10.d.5", "P6.d.5")
def test_the_team_enters_its_governors_decision() -> None:
    """From the document, of a dispute before that Governor; no other team, no other forum's, and no party does."""
    case = Case().running().do("raise-dispute", dispute="d", between=[SOLO, KARANGANYAR], description="x")
    said: dict[str, Any] = {"dispute": "d", "manner": "governor_decision", "outcome": "x", "number": "1"}
    offices = (TEAM, "governor:33", "tkksd:34", "joint_secretariat", CITY)
    may = [barred(case, one, "settle-dispute", **said) is None for one in offices]
    assert may == [True, True, False, False, False]
    minister = {**said, "manner": "minister_decision"}
    assert barred(case, TEAM, "settle-dispute", **minister) == "heads-decision"
    case.refused("decision-has-document", "settle-dispute", office=TEAM, **said)
    case.do("settle-dispute", office=TEAM, document=PAPER, **said)
    assert (case.last.forum, case.last.final, case.last.document) == ("governor:33", False, PAPER)
    across = Case((SOLO, YOGYA)).do("raise-dispute", dispute="d", between=[SOLO, YOGYA], description="x")
    assert barred(across, TEAM, "settle-dispute", **said) is not None
    assert barred(across, "joint_secretariat", "settle-dispute", **minister) is None


@pytest.mark.clause("P1.4")
@pytest.mark.parametrize(
    ("opening", "name", "fields", "rule"),
    [
        (("open-agreement", {"agreement": "air", "title": "Air"}), "drop-agreement", {"agreement": "air"}, "own-draft"),
        (("report-problem", {"problem": "p", "description": "x"}), "resolve-problem", {"problem": "p"}, "own-problem"),
    ],
)
def test_what_one_party_began_no_other_party_ends(
    opening: tuple[str, dict[str, Any]], name: str, fields: dict[str, Any], rule: str
) -> None:
    """A draft is dropped, and a problem resolved, by who opened or reported it; by any party where none did.

    The supervising body, which says it for others, records it from their paper.
    """
    said = {**fields, ("outcome" if name == "resolve-problem" else "reason"): "x"}
    begun = Case().running().do(opening[0], office=CITY, **opening[1])
    assert [barred(begun, one, name, **said) for one in (CITY, REGENCY, TEAM)] == [None, rule, None]
    noted = Case().running().do(opening[0], office=TEAM, **opening[1])
    assert [barred(noted, one, name, **said) for one in (CITY, REGENCY, TEAM)] == [None] * 3
    for case in (begun, noted):
        assert case.refused("recorded-from-paper", name, office=TEAM, document=None, **said).clause == "P1.4"
    assert noted.do(name, office=CITY, document=None, **said).last.document is None
    assert begun.do(name, office=TEAM, document=PAPER, **said).last.document == PAPER


@pytest.mark.clause("P1.4")
def test_nobody_speaks_for_the_sides_of_a_dispute() -> None:
    """A party raises its own dispute and asks for a decision of it; the supervising body needs a side's letter."""
    case, third = Case((SOLO, KARANGANYAR, BOYOLALI)), f"region:{BOYOLALI}"
    raised: dict[str, Any] = {"dispute": "d", "between": [SOLO, KARANGANYAR], "description": "x"}
    offices = (CITY, REGENCY, third, TEAM)
    assert [barred(case, one, "raise-dispute", **raised) for one in offices] == [None, None, "is-side", None]
    error = case.refused("dispute-has-letter", "raise-dispute", office=TEAM, document=None, **raised)
    assert error.clause == "P6.d.3/P10.d.3"
    case.do("raise-dispute", office=CITY, document=None, **raised)
    asked = [barred(case, one, "request-decision", dispute="d") for one in offices]
    assert asked == [None, None, "is-side", None]


@pytest.mark.clause("P1.4")
def test_an_agreement_is_drafted_by_one_of_its_parties() -> None:
    """Nobody opens a draft between others; where no parties are named, it is between all."""
    case, said = Case((SOLO, KARANGANYAR, BOYOLALI)), {"agreement": "air", "title": "Air"}
    among = {**said, "between": [SOLO, KARANGANYAR]}
    third = f"region:{BOYOLALI}"
    assert [barred(case, one, "open-agreement", **among) for one in (CITY, third, TEAM)] == [None, "own-draft", None]
    assert barred(case, third, "open-agreement", **said) is None


@pytest.mark.clause("P1.3")
def test_a_region_names_no_other_as_the_initiator() -> None:
    """The initiator registers by itself, or the supervising body does; a party may leave it open."""
    said: dict[str, Any] = {**HEAD, "parties": [SOLO, KARANGANYAR]}
    offices = (CITY, REGENCY, TEAM)
    named = [registering(one, initiator=SOLO, **said) for one in offices]
    assert named == [None, "own-initiative", None]
    assert [registering(one, **said) for one in offices] == [None] * 3


def registering(office: str, **fields: Any) -> str | None:
    """The condition under which an office may not register a cooperation; ``None`` if it may."""
    try:
        permissions.check(office, read_value(Register, fields), Cooperation(), Context(adopted(), TODAY, TODAY))
    except RuleBrokenError as error:
        return error.rule
    return None


@pytest.mark.clause("P1.4")
def test_a_body_is_formed_by_a_signed_instrument() -> None:
    """No office's word alone forms it; what is known from paper may have lost its instrument."""
    said: dict[str, Any] = {"name": "Sekber", "seat": "Surakarta", "instrument": "1/2026"}
    for office in (CITY, TEAM):
        case = Case().running()
        error = case.refused("body-has-instrument", "form-body", office=office, document=None, **said)
        assert error.clause == "P1.4"
        page = PAPER.model_copy(update={"media_type": "text/html"})
        case.refused("document-is-paper", "form-body", office=office, document=page, **said)
        assert case.do("form-body", office=office, document=PAPER, **said).last.document == PAPER


@pytest.mark.clause("P1.4", "P6.d.4", "P10.d.4")
@pytest.mark.parametrize("profile", ["ksdd-2018", "ksad-2009"])
def test_no_party_alone_gives_notice_that_all_agree(profile: str) -> None:
    """That all agree on an end is an addendum of all, or is recorded by the supervising body from what they signed."""
    ground = {"ksdd-2018": "mutual", "ksad-2009": "agreed_procedure"}[profile]
    said: dict[str, Any] = {"ground": ground, "planned_end_on": "2026-09-30"}
    case = Case().running()
    if profile == "ksad-2009":
        case.do("pin-profile", profile=profile, **PINNED)
    error = case.refused("notice-by-all", "give-termination-notice", office=CITY, **said)
    assert (error.kind, error.clause) == (RefusalKind.FORBIDDEN, "P1.4")
    case.refused("notice-has-letter", "give-termination-notice", office=TEAM, document=None, **said)
    assert case.do("give-termination-notice", office=TEAM, **said).state.notice == ground
