"""Statutes by date: what a law set from a day on holds from that day, whatever profile a cooperation is bound to."""

from datetime import date
from pathlib import Path

import pytest

from ksad.contracts.law import PROFILES, Basis, Lawbook, ProfileGapsError, load_text, packaged
from ksad.contracts.registry import BudgetStatement
from tests.support.platforms.released import adopted_texts

LAW = packaged()
UU_23_2014, PP_28_2018 = date(2014, 10, 2), date(2018, 7, 13)
DAY_BEFORE = {UU_23_2014: date(2014, 10, 1), PP_28_2018: date(2018, 7, 12)}


@pytest.mark.clause("UU 23/2014 Pasal 370(4)")
def test_finality_and_escalation_follow_the_day() -> None:
    """Before 2 October 2014 every decision is final, as recalled; from then on the Governor's is not, and escalates."""
    before, after = LAW.dispute_rules(DAY_BEFORE[UU_23_2014]), LAW.dispute_rules(UU_23_2014)
    assert (before.governor.final, before.minister.final, before.escalation) == (True, True, None)
    assert {before.governor.basis, before.minister.basis} == {Basis.MEMORY}
    assert (after.governor.final, after.minister.final) == (False, True)
    assert after.escalation is not None
    assert {after.governor.basis, after.minister.basis, after.escalation.basis} == {Basis.TEXT}
    assert after.escalation.source == "UU 23/2014 Pasal 370(3)"
    assert not any(rules.deliberation.final for rules in LAW.profile("ksad-2009").disputes)


def test_every_profile_answers_alike() -> None:
    """What does not depend on the profile is the same in all of them, on every day on which something begins."""
    one, other = (LAW.profile(name) for name in PROFILES)
    for day in (*DAY_BEFORE, *DAY_BEFORE.values(), date(1990, 1, 1), date(2026, 11, 1)):
        assert one.dispute_rules(day) == other.dispute_rules(day) == LAW.dispute_rules(day)
        for key in ("categories", "council_approval", "expiry", "leadership_change", "mandate"):
            assert one.statute(key, day) == other.statute(key, day) == LAW.statute(key, day)


@pytest.mark.parametrize(
    ("key", "since", "before", "after"),
    [
        ("categories", UU_23_2014, None, ("UU 23/2014 Pasal 363", Basis.TEXT)),
        (
            "council_approval",
            PP_28_2018,
            ("PP 50/2007 Pasal 9-11", Basis.MEMORY),
            ("PP 28/2018 Pasal 6(2)", Basis.TEXT),
        ),
        ("expiry", PP_28_2018, ("PP 50/2007 Pasal 21", Basis.MEMORY), ("PP 28/2018 Pasal 9(1)", Basis.TEXT)),
    ],
)
def test_a_statute_holds_from_its_day_on(
    key: str, since: date, before: tuple[str, Basis] | None, after: tuple[str, Basis]
) -> None:
    """The day before it the older rule holds, or none."""
    older, newer = LAW.statute(key, DAY_BEFORE[since]), LAW.statute(key, since)
    assert (older and (older.source, older.basis)) == before
    assert newer is not None
    assert (newer.source, newer.basis) == after


@pytest.mark.clause("PP 28/2018 Pasal 6(2)")
def test_the_approval_of_councils_is_owed_by_what_the_parties_stated() -> None:
    """A burden, or no budget, from 13 July 2018 on; what nobody stated owes nothing, and a recalled rule neither."""

    def stated(burdens: bool | None, budgeted: bool | None) -> BudgetStatement:
        return BudgetStatement(burdens=burdens, budgeted=budgeted)

    budget = {
        "33.72": stated(True, True),
        "33.11": stated(False, False),
        "33.13": stated(False, True),
        "33.14": stated(None, None),
    }
    owed = LAW.approvals_owed(PP_28_2018, budget)
    assert list(owed) == ["33.72", "33.11"]
    assert {one.source for one in owed.values()} == {"PP 28/2018 Pasal 6(2)"}
    assert LAW.approvals_owed(DAY_BEFORE[PP_28_2018], budget) == {}


@pytest.mark.parametrize("table", ["jurisdiction", "disputes", "statutes"])
def test_a_profile_that_extends_another_sets_no_statutes(table: str) -> None:
    """Otherwise a binding could choose between laws that hold for everybody."""
    own = "".join(f"\n[[{table}]]{part}" for part in load_text("ksad-2009").split(f"[[{table}]]")[1:])
    own = (
        own[: own.index("\n[[", own.rindex(f"[[{table}]]") + 2)]
        if table != "statutes"
        else own[: own.index("[[endings")]
    )
    text = load_text("ksdd-2018") + own
    with pytest.raises(ProfileGapsError) as refused:
        Lawbook.from_texts([load_text("ksad-2009"), text], strictly=text)
    assert refused.value.gaps == (f"{table}: berlaku untuk semua kerja sama; hanya dapat diatur dalam ksad-2009",)


def test_every_statute_is_in_a_text_that_is_adopted() -> None:
    """A base without a rule for every act, or one that begins only on a day, is refused."""
    whole = load_text("ksad-2009")
    for text, gap in (
        (whole.replace('key = "categories"', 'key = "expiry"'), "statutes categories: tidak ada"),
        (
            whole.replace('since = 2018-07-13\nsays = "kerja sama berakhir', 'says = "kerja sama berakhir'),
            "disebut dua kali",
        ),
        (
            whole.replace(
                "[[disputes]]\n[disputes.deliberation]", "[[disputes]]\nsince = 2007-01-01\n[disputes.deliberation]", 1
            ),
            "disputes: tidak ada dasar hukum sebelum tanggal pertama",
        ),
    ):
        with pytest.raises(ProfileGapsError) as refused:
            Lawbook.from_texts([text], strictly=text)
        assert any(gap in one for one in refused.value.gaps), refused.value.gaps


def test_texts_of_the_release_before_are_read_for_ever(tmp_path: Path) -> None:
    """They say what held in their own time; they are read, but not adopted again, and the base comes first."""
    texts = [adopted_texts(tmp_path)[name] for name in PROFILES]
    old = Lawbook.from_texts(texts)
    assert old.dispute_rules(date(2013, 1, 1)).governor.final
    assert not old.dispute_rules(date(2026, 1, 1)).governor.final
    assert old.dispute_rules(date(2026, 1, 1)).escalation
    assert [
        (one.source, one.basis)
        for one in (old.statute("expiry", DAY_BEFORE[PP_28_2018]), old.statute("expiry", PP_28_2018))
        if one
    ] == [
        ("PP 50/2007 Pasal 21", Basis.MEMORY),
        ("PP 28/2018 Pasal 9(1)", Basis.TEXT),
    ]
    assert old.statute("categories", date(2015, 1, 1)) is None
    assert old.statute("categories", PP_28_2018) is not None
    assert old.profile("ksdd-2018").in_present_names("KSAD") == "KSDD"
    mixed = Lawbook.from_texts([load_text("ksad-2009"), texts[1]])
    assert not mixed.dispute_rules(date(2015, 1, 1)).governor.final
    for bases in ([], [texts[0]]):
        for text in texts[len(bases) :]:
            with pytest.raises(ProfileGapsError):
                Lawbook.from_texts([*bases, text], strictly=text)
    with pytest.raises(ProfileGapsError, match="ksad-2009: tetapkan naskah barunya lebih dahulu"):
        Lawbook.from_texts([texts[0], load_text("ksdd-2018")], strictly=load_text("ksdd-2018"))
