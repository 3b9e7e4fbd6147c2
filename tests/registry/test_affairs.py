"""The affair of a cooperation is one of the adopted list (UU 23/2014 Pasal 12), also of legacy facts."""

from typing import Any

import pytest

from ksad.contracts.registry import AgreementOpened, Registered
from ksad.registry.domain.corrections import folded
from tests.support.histories import cooperations
from tests.support.histories.cooperations import HEAD, KARANGANYAR, SOLO, Case

PARTIES = [SOLO, KARANGANYAR]


@pytest.fixture
def unlisted(monkeypatch: pytest.MonkeyPatch) -> None:
    """A platform on which no list of affairs is in use, as those of earlier releases."""
    without = cooperations.adopted()._replace(affairs=None)
    monkeypatch.setattr(cooperations, "adopted", lambda: without)


def register(case: Case, affair: str, **fields: Any) -> Case:
    """Register a cooperation on an affair."""
    return case.do("register", **HEAD | {"affair": affair}, parties=PARTIES, **fields)


@pytest.mark.fault(
    "http D",
    kind="a word of the law that is a free text, so that anything can be written there",
    looked="registration, opening and signing of agreements, corrections, history files; profile, category, grounds",
    found="an agreement's own affair; a correction that puts one unlisted affair in the place of another",
)
@pytest.mark.parametrize(
    ("affair", "first"),
    [
        ("lingkunganhidup", "Lingkungan hidup"),
        ("perhubungan-laut", "Perhubungan"),
        ("pariwisataa", "Pariwisata"),
        ("penataan_kota", "Pekerjaan umum dan penataan ruang"),
    ],
)
@pytest.mark.parametrize("legacy", [False, True])
def test_an_affair_that_is_not_listed_is_refused(affair: str, first: str, legacy: bool) -> None:
    """Whether live or legacy; the refusal names those that are close."""
    error = Case.empty().refused(
        "affair-known", "register", **HEAD | {"affair": affair}, parties=PARTIES, legacy=legacy
    )
    assert error.clause == "UU 23/2014 Pasal 12"
    close = error.facts["close"]
    assert isinstance(close, list)
    assert close[0]["name"] == first
    assert first in error.detail


def test_nothing_close_is_named_where_nothing_is_close() -> None:
    """General government (Pasal 9(5)) is the President's and no concurrent affair; what resembles nothing says so."""
    error = Case.empty().refused("affair-known", "register", **HEAD | {"affair": "qqqq"}, parties=PARTIES)
    assert (error.facts["close"], "mendekati" in error.detail) == ([], False)
    Case.empty().refused("affair-known", "register", **HEAD | {"affair": "pemerintahan_umum"}, parties=PARTIES)


def test_an_alias_stays_as_it_was_written() -> None:
    """The list has older names of an affair; a fact may use them."""
    assert register(Case.empty(), "penataan_ruang").last.affair == "penataan_ruang"


def test_an_agreement_has_a_listed_affair_or_that_of_its_cooperation() -> None:
    """None means the cooperation's; another one is held against the list, when it is opened and when it is signed."""
    case = Case().agreed()
    drafted: dict[str, Any] = {"agreement": "air", "title": "Air"}
    case.refused("affair-known", "open-agreement", **drafted, affair="perairan_umum")
    assert case.do("open-agreement", **drafted).last.affair is None
    case.do("enter-stage", stage="signing", agreement="air")
    signed: dict[str, Any] = {"agreement": "air", "numbers": cooperations.BOTH, "ends_on": "2030"}
    case.refused("affair-known", "sign-agreement", **signed, affair="perairan_umum")
    case.do("sign-agreement", **signed, affair="pangan")
    assert case.state.umbrella.agreements["air"].affair == "pangan"


def test_an_affair_is_corrected_into_the_list() -> None:
    """A wrong one can be mended, and not by another that the list does not have."""
    case = Case()
    case.refused("affair-known", "correct", corrects=case.event(Registered), reason="x", fields={"affair": "umum"})
    case.correct(Registered, affair="kesehatan")
    assert case.state.affair == "kesehatan"


def test_older_facts_stay(unlisted: None) -> None:
    """What was recorded before there was a list is read and corrected as ever, and its affair can only be mended."""
    del unlisted
    case = register(Case.empty(), "perencanaan_pembangunan")
    case.do("open-agreement", agreement="air", title="Air", affair="pemerintahan_umum")
    with pytest.MonkeyPatch.context() as later:
        listed = cooperations.adopted()._replace(affairs=cooperations.packaged_affairs())
        later.setattr(cooperations, "adopted", lambda: listed)
        case.correct(Registered, title="Perencanaan bersama")
        case.correct(AgreementOpened, title="Air baku")
        assert (case.state.affair, case.state.title) == ("perencanaan_pembangunan", "Perencanaan bersama")
        case.refused("affair-known", "correct", corrects=case.event(Registered), reason="x", fields={"affair": "lain"})
        case.correct(Registered, affair="pekerjaan_umum")
        assert folded(case.events).affair == "pekerjaan_umum"
