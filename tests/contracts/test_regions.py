"""Regions: a code is valid on a date or refused with the successor, and is read by its lineage later."""

from datetime import date

import pytest

from ksad.contracts.regions import (
    AdministrativeRegionError,
    BoundaryConflictError,
    RegionEndedError,
    RegionNotYetError,
    RegionTable,
    RegionTextError,
    UnknownRegionError,
    load_text,
    sha256,
)
from ksad.contracts.rules import RuleBrokenError

TABLE = RegionTable.from_csv(load_text())
BEFORE, TODAY = date(2020, 1, 1), date(2026, 11, 24)
HEAD = "code,kind,name,province_code,autonomous,valid_from,valid_to,lineage\n"


@pytest.mark.clause("P1.1")
def test_the_table_holds_the_regions_of_the_annex() -> None:
    """There are 38 provinces, 415 regencies and 93 cities that are autonomous, and 6 administrative ones."""
    today = TABLE.existing(TODAY)
    kinds = [str(region.kind) for region in today if region.autonomous]
    assert len(today) == 552
    assert [kinds.count(kind) for kind in ("province", "regency", "city")] == [38, 415, 93]
    assert len([region for region in today if not region.autonomous]) == 6
    assert len(TABLE.regions) - len(today) == 26


def test_the_text_is_canonical() -> None:
    """What is read is written back byte for byte, so that equal tables have equal digests."""
    assert TABLE.to_csv() == load_text()
    assert sha256(TABLE.to_csv()) == sha256(load_text())


def test_a_province_is_in_the_list_only_while_it_exists() -> None:
    """34 provinces before Papua was divided, 37 after the first three laws, 38 after the fourth."""
    days = [date(2022, 7, 24), date(2022, 7, 25), date(2022, 12, 7), date(2022, 12, 8)]
    assert [len(TABLE.provinces(day)) for day in days] == [34, 37, 37, 38]


def test_an_ended_code_names_its_successor() -> None:
    """A code that is no longer in use is refused with the code to use instead."""
    with pytest.raises(RegionEndedError, match=r"93\.01") as refused:
        TABLE.valid("91.01", TODAY)
    assert refused.value.facts["successor"] == "93.01"
    assert TABLE.valid("91.01", date(2022, 7, 24)).name == "Kabupaten Merauke"


def test_a_code_is_refused_before_it_exists() -> None:
    """The code of a region that comes later is refused on an earlier date."""
    with pytest.raises(RegionNotYetError, match="25 Juli 2022"):
        TABLE.valid("93.01", BEFORE)


@pytest.mark.clause("P1.1")
def test_what_never_was_a_code_is_refused() -> None:
    """An unknown code is a broken rule that names the clause."""
    with pytest.raises(UnknownRegionError) as refused:
        TABLE.current("19.99", TODAY)
    assert isinstance(refused.value, RuleBrokenError)
    assert refused.value.clause == "P1.1"


@pytest.mark.parametrize(
    ("code", "before", "today", "province_before", "province_today"),
    [
        ("91.01", "91.01", "93.01", "91", "93"),
        ("93.01", "91.01", "93.01", "91", "93"),
        ("92.71", "92.71", "96.71", "92", "96"),
        ("32.75", "32.75", "32.75", "32", "32"),
        ("31", "31", "31", "31", "31"),
    ],
)
def test_a_code_is_read_by_its_lineage(
    code: str, before: str, today: str, province_before: str, province_today: str
) -> None:
    """Old and new code mean the same region, under the code and the province of the day that is asked about."""
    assert TABLE.current(code, BEFORE).code == before
    assert TABLE.current(code, TODAY).code == today
    assert TABLE.province_of(code, BEFORE).code == province_before
    assert TABLE.province_of(code, TODAY).code == province_today


def test_a_region_that_is_not_there_yet_has_no_current_code() -> None:
    """A province that was founded in 2022 cannot be read on a day before."""
    with pytest.raises(RegionNotYetError):
        TABLE.current("93", BEFORE)


@pytest.mark.clause("P1.1", "P1.3")
@pytest.mark.parametrize("code", ["31.01", "31.71", "31.72", "31.73", "31.74", "31.75"])
def test_an_administrative_region_is_no_party(code: str) -> None:
    """The administrative regency and cities of DKI are no regions of Pasal 1; the refusal names DKI Jakarta."""
    with pytest.raises(AdministrativeRegionError, match="DKI Jakarta") as refused:
        TABLE.party(code, TODAY)
    assert refused.value.facts["province"] == "31"


def test_a_boundary_change_continues_the_lineage() -> None:
    """After a change the old code ends, the new one begins that day, and both are the same region."""
    day = date(2026, 6, 1)
    changed = TABLE.with_boundary_change("32.75", "36.75", day)
    assert changed.current("32.75", day).code == "36.75"
    assert changed.province_of("32.75", day).code == "36"
    assert changed.current("36.75", BEFORE).code == "32.75"
    assert changed.lineage("36.75") == changed.lineage("32.75")
    assert RegionTable.from_csv(changed.to_csv()).current("36.75", day).name == "Kota Bekasi"


def test_a_boundary_change_that_the_table_knows_changes_nothing() -> None:
    """Recording what the adopted table already says is no second change."""
    assert TABLE.with_boundary_change("91.01", "93.01", date(2022, 7, 25)) is TABLE
    changed = TABLE.with_boundary_change("32.75", "36.75", date(2026, 6, 1))
    assert changed.with_boundary_change("32.75", "36.75", date(2026, 6, 1)) is changed


@pytest.mark.parametrize(
    ("code", "successor", "error"),
    [
        ("32.75", "32.76", BoundaryConflictError),
        ("32.75", "32.75", BoundaryConflictError),
        ("32.75", "40", BoundaryConflictError),
        ("32.75", "40.75", UnknownRegionError),
        ("19.99", "32.99", UnknownRegionError),
        ("91.01", "32.99", RegionEndedError),
    ],
)
def test_a_contradictory_boundary_change_is_refused(code: str, successor: str, error: type[RuleBrokenError]) -> None:
    """A change to a code in use, to another kind, from an ended code or into an unknown province is refused."""
    with pytest.raises(error):
        TABLE.with_boundary_change(code, successor, date(2026, 6, 1))


def test_a_refused_boundary_change_names_its_day_in_words() -> None:
    """Who is refused reads the day as an official writes it."""
    with pytest.raises(BoundaryConflictError, match=r"berganti kode menjadi 40 pada 24 November 2026\.$"):
        TABLE.with_boundary_change("32.75", "40", TODAY)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "baris 1: seharusnya code"),
        (HEAD.replace("\n", "\r\n"), "baris 1: seharusnya code"),
        (HEAD + "11,province,Aceh,,true,,,11", "diakhiri LF"),
        (HEAD + "11,province,Aceh,,maybe,,,11\n", "baris 2: autonomous"),
        (HEAD + "11,island,Aceh,,true,,,11\n", "baris 2: kind"),
        (HEAD + "11,province,Aceh\n", "baris 2: 3 kolom"),
        pytest.param(HEAD + "11,province," + "A" * 200_000 + ",,true,,,11\n", "baris 2: bukan CSV", id="long"),
        (HEAD + "11.01,regency,Aceh Selatan,11,true,,,11.01\n", "provinsi 11 tidak ada dalam tabel"),
        (HEAD + "11,province,Aceh,12,true,,,11\n", "tidak cocok untuk province"),
        (HEAD + "11,province,Aceh,,true,2020-01-01,2020-01-01,11\n", "berakhir sebelum mulai"),
        (HEAD + "11,province,Aceh,,true,,,11\n11,province,Aceh,,true,2020-01-01,,12\n", "dipakai dua kali"),
        (HEAD + "11,province,Aceh,,true,,,11\n12,province,Sumut,,true,,,11\n", "lineage 11 dipakai dua kali"),
    ],
)
def test_a_faulty_table_is_refused(text: str, fault: str) -> None:
    """A text that is not canonical, or contradicts itself, is refused and the fault named."""
    with pytest.raises(RegionTextError, match=fault):
        RegionTable.from_csv(text)


@pytest.mark.fault("bug-reports V4")
@pytest.mark.parametrize("day", ["1577836800", "2020-01-01T00:00:00", "2020-01-01 00:00Z"])
def test_a_table_is_adopted_in_its_one_form(day: str) -> None:
    """A date that could only be taken for one, or a name in quotes, is not adopted; what was, is read as before."""
    text = HEAD + f"11,province,Aceh,,true,{day},,11\n"
    with pytest.raises(RegionTextError, match="baris 2: seharusnya 11,province,Aceh,,true,2020-01-01,,11"):
        RegionTable.from_csv(text, strict=True)
    assert RegionTable.from_csv(text).regions[0].valid_from == date(2020, 1, 1)
    with pytest.raises(RegionTextError, match="baris 2"):
        RegionTable.from_csv(HEAD + '11,province,"Aceh",,true,,,11\n', strict=True)
    assert RegionTable.from_csv(TABLE.to_csv(), strict=True).regions == TABLE.regions


def test_all_faults_are_named_at_once() -> None:
    """Whoever mends a table sees every fault, not the first."""
    with pytest.raises(RegionTextError, match=r"baris 2: .*baris 3: "):
        RegionTable.from_csv(HEAD + "11,island,Aceh,,true,,,11\n12,island,Sumut,,true,,,12\n")


def test_a_code_is_not_followed_before_it_came_into_use() -> None:
    """Law-design C21: a boundary change is not dated before the founding of the code that it ends."""
    with pytest.raises(RuleBrokenError, match="Kode 93 baru berlaku sejak 25 Juli 2022") as caught:
        TABLE.with_boundary_change("93", "99", BEFORE)
    assert caught.value.rule == "boundary-in-life"
