"""Who supervises: every row of the decision table, Papua before and after 2022, DKI, a Governor as party."""

from datetime import date
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ksad.contracts.law import (
    Basis,
    Jurisdiction,
    PartiesDifferError,
    PartyNotRegionError,
    packaged,
    profile_in_force,
    resolve,
)
from ksad.contracts.regions import AdministrativeRegionError, RegionTable, UnknownRegionError, load_text
from ksad.contracts.rules import RuleBrokenError
from ksad.contracts.supervision import Tier

TABLE = RegionTable.from_csv(load_text())
BEFORE_2014, BEFORE_2018, TODAY = date(2014, 10, 1), date(2018, 7, 12), date(2026, 11, 24)
AUTONOMOUS = [region.code for region in TABLE.existing(TODAY) if region.autonomous]


def resolved(*parties: str, on: date = TODAY) -> Jurisdiction:
    """Who supervises these parties on a day, under the profile of that day."""
    return resolve(parties, TABLE, on, profile_in_force(on))


ROWS = [
    ("T1", ["31", "32"], "minister", "joint_secretariat", "minister", []),
    ("T2", ["32", "32.75"], "minister", "joint_secretariat", "minister", []),
    ("T3", ["31", "32.75"], "minister", "joint_secretariat", "minister", []),
    ("T4", ["34.71", "34.04"], "governor", "tkksd:34", "governor:34", []),
    ("T5", ["33.06", "34.01"], "minister", "joint_secretariat", "minister", ["governor:33", "governor:34"]),
    ("T6", ["34.71", "34.04", "34.02"], "governor", "tkksd:34", "governor:34", []),
    ("T7", ["33.16", "35.22", "35.21"], "minister", "joint_secretariat", "minister", ["governor:33", "governor:35"]),
    ("T8", ["32", "32.73", "32.77"], "minister", "joint_secretariat", "minister", []),
    ("T8", ["31", "32.75", "36.71"], "minister", "joint_secretariat", "minister", []),
    ("T9", ["31", "32", "32.75"], "minister", "joint_secretariat", "minister", []),
    ("T9", ["31", "32", "36", "32.01", "36.03"], "minister", "joint_secretariat", "minister", []),
]


@pytest.mark.clause("P1.3", "P1.4", "P2", "P3")
@pytest.mark.parametrize("on", [date(1999, 1, 1), date(2009, 5, 22), BEFORE_2014, BEFORE_2018, TODAY])
@pytest.mark.parametrize(("row", "parties", "tier", "body", "forum", "informed"), ROWS)
def test_each_row_of_the_table(
    row: str, parties: list[str], tier: str, body: str, forum: str, informed: list[str], on: date
) -> None:
    """T1 to T9: the parties decide tier, body, forum and who is informed, on every day alike."""
    found = resolved(*parties, on=on)
    assert (found.row, str(found.tier), found.supervising_body, found.dispute_forum) == (row, tier, body, forum)
    assert list(found.informed) == informed
    assert found.gap_filled is bool(informed)


UU_368, PP_44 = "UU 23/2014 Pasal 368(1)", "PP 28/2018 Pasal 44(4)"
GROUNDS = [
    ("T1", ["31", "32"], date(2010, 1, 1), "P2", "text", "PP 50/2007 Pasal 19", "memory"),
    ("T1", ["31", "32"], TODAY, "P2; UU 23/2014 Pasal 368(2)", "text", "UU 23/2014 Pasal 370(2)", "text"),
    ("T2", ["32", "32.75"], BEFORE_2014, "P2", "inference", "PP 50/2007 Pasal 19", "memory"),
    ("T2", ["32", "32.75"], BEFORE_2018, "UU 23/2014 Pasal 368(2)", "text", "UU 23/2014 Pasal 370(2)", "text"),
    ("T3", ["31", "32.75"], BEFORE_2014, "P2", "inference", "PP 50/2007 Pasal 19", "memory"),
    ("T3", ["31", "32.75"], TODAY, "UU 23/2014 Pasal 368(2)", "text", "UU 23/2014 Pasal 370(2)", "text"),
    ("T4", ["34.71", "34.04"], BEFORE_2014, "P3", "text", "PP 50/2007 Pasal 18", "memory"),
    ("T4", ["34.71", "34.04"], BEFORE_2018, f"P3; {UU_368}", "text", "UU 23/2014 Pasal 370(1)", "text"),
    ("T4", ["34.71", "34.04"], TODAY, f"P3; {UU_368}; {PP_44}", "text", "UU 23/2014 Pasal 370(1)", "text"),
    ("T6", ["34.71", "34.04", "34.02"], BEFORE_2014, "P3", "text", "PP 50/2007 Pasal 18", "memory"),
    ("T6", ["34.71", "34.04", "34.02"], TODAY, f"P3; {UU_368}; {PP_44}", "text", "UU 23/2014 Pasal 370(1)", "text"),
    ("T5", ["33.06", "34.01"], BEFORE_2018, "P2", "inference", "UU 23/2014 Pasal 370(2)", "inference"),
    ("T5", ["33.06", "34.01"], TODAY, "PP 28/2018 Pasal 44(1)", "inference", "UU 23/2014 Pasal 370(2)", "inference"),
    (
        "T8",
        ["32", "32.73", "32.77"],
        TODAY,
        "UU 23/2014 Pasal 368(2)",
        "inference",
        "UU 23/2014 Pasal 370(2)",
        "inference",
    ),
]


@pytest.mark.fault(
    "law L8",
    kind="a ground that is in force is missing beside one that is reported revoked",
    looked="the nine rows of the jurisdiction table, supervision and forum",
    found="rows T1, T4 and T6",
)
@pytest.mark.clause("P2", "P3")
@pytest.mark.parametrize(("row", "parties", "on", "clause", "basis", "forum_clause", "forum_basis"), GROUNDS)
def test_a_resolution_names_its_ground(
    row: str, parties: list[str], on: date, clause: str, basis: str, forum_clause: str, forum_basis: str
) -> None:
    """The clause and basis are those of the day: what 23/2009 leaves open is text only from UU 23/2014 on."""
    found = resolved(*parties, on=on)
    assert (found.row, found.clause, str(found.basis)) == (row, clause, basis)
    assert (found.forum_clause, str(found.forum_basis)) == (forum_clause, forum_basis)


def test_a_gap_is_never_called_text() -> None:
    """Where the law is silent the resolution is a reading, whatever the day."""
    for on in (date(2010, 1, 1), BEFORE_2014, BEFORE_2018, TODAY):
        assert resolved("33.06", "34.01", on=on).basis == Basis.INFERENCE
        assert resolved("33.16", "35.22", "35.21", on=on).basis == Basis.INFERENCE


def test_both_profiles_resolve_alike() -> None:
    """Supervision follows the catalogue of 23/2009 in both profiles, so a pinned profile changes no supervisor."""
    old, new = (packaged().profile(name) for name in ("ksad-2009", "ksdd-2018"))
    for _, parties, *_ in ROWS:
        assert resolve(parties, TABLE, TODAY, old) == resolve(parties, TABLE, TODAY, new)


@pytest.mark.clause("P3")
@pytest.mark.parametrize(
    ("parties", "before", "after"),
    [
        (["91.01", "91.02"], ("T4", "tkksd:91", []), ("T5", "joint_secretariat", ["governor:93", "governor:95"])),
        (["91.04", "91.08"], ("T4", "tkksd:91", []), ("T4", "tkksd:94", [])),
        (["91.01", "91.16", "91.17"], ("T6", "tkksd:91", []), ("T6", "tkksd:93", [])),
        (
            ["91.01", "91.02", "91.04"],
            ("T6", "tkksd:91", []),
            ("T7", "joint_secretariat", ["governor:93", "governor:94", "governor:95"]),
        ),
        (["91", "91.01"], ("T2", "joint_secretariat", []), ("T3", "joint_secretariat", [])),
        (["93.01", "95.01"], ("T4", "tkksd:91", []), ("T5", "joint_secretariat", ["governor:93", "governor:95"])),
    ],
)
def test_papua_moves_the_supervisor_on_the_day_of_the_law(
    parties: list[str], before: tuple[str, str, list[str]], after: tuple[str, str, list[str]]
) -> None:
    """Up to 24 July 2022 the old province's Governor, from the 25th whoever the new boundaries name."""
    for on, expected in ((date(2022, 7, 24), before), (date(2022, 7, 25), after), (TODAY, after)):
        found = resolved(*parties, on=on)
        assert (found.row, found.supervising_body, list(found.informed)) == expected


@pytest.mark.clause("P3")
def test_west_papua_moves_later() -> None:
    """The regions of Papua Barat Daya move on 8 December 2022, not with the first three provinces."""
    days = [date(2022, 7, 25), date(2022, 12, 7), date(2022, 12, 8)]
    assert [resolved("92.01", "92.71", on=day).supervising_body for day in days] == ["tkksd:92", "tkksd:92", "tkksd:96"]
    assert [resolved("92.01", "92.02", on=day).row for day in days] == ["T4", "T4", "T5"]


@pytest.mark.clause("P1.1", "P1.3")
@pytest.mark.parametrize("code", ["31.01", "31.71", "31.72", "31.73", "31.74", "31.75"])
def test_an_administrative_region_of_dki_is_refused(code: str) -> None:
    """T13: not autonomous, so no party; the refusal says that the party is DKI Jakarta."""
    with pytest.raises(AdministrativeRegionError) as refused:
        resolved(code, "32.75")
    assert (refused.value.facts["row"], refused.value.facts["province"]) == ("T13", "31")


@pytest.mark.clause("P1.4")
@pytest.mark.parametrize("parties", [[], ["32"], ["32.75", "32.75"], ["91.01", "93.01"], ["31", "32.75", "31"]])
def test_one_region_alone_is_refused(parties: list[str]) -> None:
    """T14: one party, or the same region twice, also under its old and its new code."""
    with pytest.raises(PartiesDifferError) as refused:
        resolved(*parties)
    assert (refused.value.rule, refused.value.clause) == ("parties-differ", "P1.4")


@pytest.mark.clause("P1.4")
@pytest.mark.parametrize("party", ["kementerian:pupr", "PT Air Bersih", "minister", "", "3275"])
def test_whoever_is_no_region_is_refused(party: str) -> None:
    """T11 and T12: a ministry or a company makes no KSAD."""
    with pytest.raises(PartyNotRegionError) as refused:
        resolved(party, "32.75")
    assert refused.value.clause == "P1.4"


def test_an_unknown_region_is_refused() -> None:
    """A code that never was one is refused by the table."""
    with pytest.raises(UnknownRegionError):
        resolved("32.99", "32.75")


@pytest.mark.clause("P1.3", "P3")
@given(st.lists(st.sampled_from(AUTONOMOUS), min_size=2, max_size=8, unique=True))
def test_any_parties_have_exactly_one_supervisor(parties: list[str]) -> None:
    """Any two or more regions resolve, in any order; a Governor who is a party neither supervises nor settles."""
    found = resolved(*parties)
    assert found == resolved(*reversed(parties))
    provinces = {code for code in parties if "." not in code}
    homes = {code[:2] for code in parties}
    if found.tier == Tier.GOVERNOR:
        assert not provinces
        assert {found.supervising_body, found.dispute_forum} == {f"tkksd:{min(homes)}", f"governor:{min(homes)}"}
        assert len(homes) == 1
    else:
        assert provinces or len(homes) > 1
        assert (found.supervising_body, found.dispute_forum) == ("joint_secretariat", "minister")
    assert not {f"governor:{code}" for code in provinces} & {found.dispute_forum, *found.informed}


def test_a_third_province_makes_no_difference_to_the_minister() -> None:
    """T10 and T1: any two or three provinces are the Minister's; whoever only witnesses is not among the parties."""
    for parties in combinations(["11", "31", "96"], 2):
        assert resolved(*parties).row == "T1"
    assert resolved("11", "31", "96").row == "T1"


def test_refusals_are_rules() -> None:
    """Every refusal is a broken rule with a name, words for the clerk and a clause."""
    for parties in (["31.71", "32"], ["32"], ["x", "32"], ["32.99", "32"]):
        with pytest.raises(RuleBrokenError) as refused:
            resolved(*parties)
        assert refused.value.rule
        assert refused.value.detail
        assert refused.value.clause in {"P1.1", "P1.4"}
