"""Endings: the grounds of the bound profile, the notice, and what an end leaves open."""

from datetime import date
from typing import Any

import pytest

from ksad.contracts.law import is_recalled, packaged
from ksad.contracts.registry import Ended, TerminationNoticeGiven
from tests.support.histories.cooperations import (
    BOTH,
    LAST,
    PINNED,
    Case,
)
from tests.support.histories.newest import fact_of

CHECKLIST = "P6.d.4/P10.d.4"
GROUNDS = [(profile.id, ground) for profile in packaged().profiles.values() for ground in profile.endings]


def under(profile: str) -> Case:
    """A running cooperation under a profile."""
    case = Case.paper()
    return case if case.state.profile == profile else case.do("pin-profile", profile=profile, **PINNED)


ALL_OPEN = [
    "a. Inventarisasi barang",
    "b. Pemenuhan kewajiban/utang",
    "c. Pembagian barang yang dinilai dalam rupiah",
    "d. Penyetoran ke kas daerah (Kota Surakarta)",
    "d. Penyetoran ke kas daerah (Kabupaten Karanganyar)",
    "e. Pencatatan aset daerah (Kota Surakarta)",
    "e. Laporan kepada DPRD (Kota Surakarta)",
    "e. Pencatatan aset daerah (Kabupaten Karanganyar)",
    "e. Laporan kepada DPRD (Kabupaten Karanganyar)",
    "f. Laporan pengakhiran",
]
"""What an end leaves open where nothing has been prepared, in words."""


@pytest.mark.clause("P6.d.4", "P10.d.4")
def test_notice_is_given_with_its_ground_and_day() -> None:
    """The fact has ground, planned end and who gave it; the agreement's term stays, and it is to end on that day."""
    case = Case().running()
    case.do("give-termination-notice", ground="policy_change", planned_end_on="2026-12-31", office="region:33.72")
    assert case.act == fact_of(
        TerminationNoticeGiven, ground="policy_change", planned_end_on=date(2026, 12, 31), given_by="region:33.72"
    )
    assert (case.state.notice, case.state.ends_on) == ("policy_change", date(2030, 1, 1))
    assert case.state.shown is not None
    assert case.state.shown.planned_end == date(2026, 12, 31)


@pytest.mark.clause("P6.d.4", "P10.d.4")
def test_notice_needs_an_agreement_and_looks_ahead() -> None:
    """Before the agreement there is nothing to end early; the planned end has not passed and is plausible."""
    error = (
        Case()
        .agreed()
        .refused("agreement-signed", "give-termination-notice", ground="mutual", planned_end_on="2027-01-01")
    )
    assert error.clause == "P1.6"
    case = Case().running()
    error = case.refused("notice-within-term", "give-termination-notice", ground="mutual", planned_end_on="2026-05-31")
    assert error.clause == CHECKLIST
    case.refused("date-plausible", "give-termination-notice", ground="mutual", planned_end_on="2999-01-01")


@pytest.mark.clause("PP 28/2018 Pasal 9(1)")
@pytest.mark.parametrize(("profile", "ground"), GROUNDS, ids=lambda one: getattr(one, "key", one))
def test_each_ground_of_each_profile(profile: str, ground: Any) -> None:
    """Notice is given for early grounds only; every ground ends it, and what is open then is named and stays owed."""
    case = under(profile)
    notice = {"ground": ground.key, "planned_end_on": "2026-12-31"}
    if ground.early:
        case.do("give-termination-notice", **notice)
    else:
        assert case.refused("ground-is-early", "give-termination-notice", **notice).clause == (
            "P6.d.4/P10.d.4" if is_recalled(ground.source) else ground.source
        )
    case.do("end", ground=ground.key, reason="diakhiri")
    # A term ends by the statute of the day of its end, whatever profile the cooperation is bound to.
    clause = "PP 28/2018 Pasal 9(1)" if ground.key == "term_expired" else ground.source
    assert case.act == fact_of(Ended, ground=ground.key, open_items=ALL_OPEN, reason="diakhiri", clause=clause)
    assert (case.state.ended, case.state.umbrella.settlement) == (True, "open")


@pytest.mark.clause("PP 28/2018 Pasal 9(2)")
@pytest.mark.parametrize("profile", ["ksad-2009", "ksdd-2018"])
def test_an_unknown_ground_is_none(profile: str) -> None:
    """A ground that the bound profile has not is refused, for notice and end, with the profile's own and its source.

    The grounds of PP 50/2007 are only recalled: they refuse none that another law knows.
    """
    mine = [ground for name, ground in GROUNDS if name == profile]
    others = {ground.key for _, ground in GROUNDS} - {ground.key for ground in mine}
    if profile == "ksad-2009":
        assert under(profile).do("end", ground="mutual").last.clause == "PP 28/2018 Pasal 9(1)"
        others = set()
    for key in (*sorted(others), "bored", "leadership_change"):
        for command, fields in (("end", {}), ("give-termination-notice", {"planned_end_on": "2026-12-31"})):
            error = under(profile).refused("ending-ground", command, ground=key, **fields)
            recalled = profile == "ksad-2009"
            assert error.clause == (None if recalled else "PP 28/2018 Pasal 9(1)")
            assert ("PP 50/2007 Pasal 21 (belum dicocokkan dengan naskah resminya)" in error.detail) is recalled
            assert all(one.label in error.detail for one in mine)
            assert error.facts["grounds"] == [one.key for one in mine]
            told = "Pergantian pimpinan atau pejabat penanda tangan tidak mengakhiri kerja sama (PP 28/2018 Pasal 9(2))"
            assert error.detail.startswith(told) is (key == "leadership_change")


@pytest.mark.clause("P1.4", "P1.5")
def test_an_accord_without_agreement_ends_without_checklist() -> None:
    """It produced nothing to divide, so it ends on a ground of the profile; where nothing was signed nothing ends."""
    case = Case().agreed().do("end", ground="mutual", reason="tidak dilanjutkan")
    assert case.act == fact_of(
        Ended, ground="mutual", open_items=[], reason="tidak dilanjutkan", clause="PP 28/2018 Pasal 9(1)"
    )
    for early in (Case(), Case().negotiating(), Case().signing()):
        assert early.refused("something-signed", "end", ground="mutual").clause == "P1.4"


def test_legacy_endings_keep_the_rules() -> None:
    """A history file ends a cooperation as anybody does; its settlement was before the platform and is not examined."""
    case = Case.paper().do("sign-agreement", date(2001, 1, 1), numbers=BOTH, legacy=True)
    case.refused("ending-ground", "end", date(2010, 1, 1), ground="bored", legacy=True)
    case.do("end", date(2010, 1, 1), ground="replaced", reason="perjanjian 2010", legacy=True)
    assert (case.state.ended, case.state.stage) == (True, LAST)
    assert case.state.umbrella.settlement == "not_examined"
