"""The reference texts of the package: affairs, opening days, holidays, and what a platform opens with."""

import json
from datetime import date

import holidays
import pytest

from ksad.contracts.law import (
    Affairs,
    AffairsTextError,
    ProfileGapsError,
    affairs_text,
    holidays_text,
    read_openings,
)
from ksad.contracts.regions import RegionTable, load_text, sha256
from ksad.contracts.registry import PlatformOpened
from ksad.contracts.texts import opening, packaged_texts

OPENINGS = (
    'id = "openings"\nsays = "uji"\ndefault = 2026-01-01\n\n[regions]\n"33.72" = 2026-03-01\n"91.01" = 2025-07-01\n'
)


def test_the_affairs_are_those_of_pasal_12() -> None:
    """Six mandatory affairs of basic services, eighteen others, eight optional ones; older keys lead to them."""
    affairs = Affairs.from_text(affairs_text())
    groups = [one.group for one in affairs.affairs]
    assert [groups.count(one) for one in dict.fromkeys(groups)] == [6, 18, 8]
    found = affairs.find("pekerjaan_umum")
    assert found is not None
    assert (found.key, found.name) == ("pekerjaan_umum_penataan_ruang", "Pekerjaan umum dan penataan ruang")
    assert affairs.find("perencanaan_pembangunan") is None


def test_an_affair_is_printed_by_its_name() -> None:
    """One name for an affair and its aliases; of one that is in no list, what the fact says, marked as unmapped."""
    affairs = Affairs.from_text(affairs_text())
    assert affairs.name("penataan_ruang") == affairs.name("pekerjaan_umum") == "Pekerjaan umum dan penataan ruang"
    assert affairs.name("pemerintahan_umum") == "pemerintahan umum (belum dipetakan)"
    assert (affairs.key("penataan_ruang"), affairs.key("lain")) == ("pekerjaan_umum_penataan_ruang", "lain")
    assert Affairs(()).name("kesehatan") == "kesehatan (belum dipetakan)"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "baris 1"),
        ("key,name\n", "baris 1"),
        ("key,name,group,aliases\n", "tidak ada urusan"),
        ("key,name,group,aliases\nPangan,Pangan,pilihan,\n", "baris 2: key"),
        ("key,name,group,aliases\npangan,Pangan,lain,\n", "baris 2: group"),
        ("key,name,group,aliases\npangan,Pangan,pilihan,\nternak,Ternak,pilihan,pangan\n", "pangan: berarti 2"),
    ],
)
def test_a_list_of_affairs_with_faults_is_refused(text: str, fault: str) -> None:
    """A wrong head, an unknown group and a key that stands for two affairs are named."""
    with pytest.raises(AffairsTextError, match=fault):
        Affairs.from_text(text)


@pytest.mark.parametrize(
    ("parties", "day"),
    [
        (("33.13", "34.71"), date(2026, 1, 1)),
        (("33.72", "33.13"), date(2026, 3, 1)),
        (("93.01", "93.02"), date(2026, 1, 1)),
        (("93.01",), date(2025, 7, 1)),
        (("91.01",), date(2025, 7, 1)),
    ],
)
def test_a_cooperation_opens_with_the_last_of_its_parties(parties: tuple[str, ...], day: date) -> None:
    """The latest day counts; a region is known by its lineage, under whatever code the day was adopted for it."""
    assert read_openings(OPENINGS).day(parties, RegionTable.from_csv(load_text())) == day


@pytest.mark.parametrize("change", [("default = 2026-01-01\n", ""), ('"33.72"', '"33,72"'), ("2026-03-01", '"besok"')])
def test_opening_days_with_gaps_are_refused(change: tuple[str, str]) -> None:
    """A missing default, a code that is none and a day that is none are named."""
    with pytest.raises(ProfileGapsError):
        read_openings(OPENINGS.replace(*change))


def test_the_holidays_are_those_of_the_library() -> None:
    """The file says what the library lists for these years; this text is what it is written anew with."""
    days = holidays.country_holidays("ID", years=range(2009, 2036), language="id")
    listed = [{"date": day.isoformat(), "name": name} for day, name in sorted(days.items())]
    assert holidays_text() == json.dumps({"country": "ID", "holidays": listed}, ensure_ascii=False, sort_keys=True)


def test_a_platform_opens_with_the_hashes_of_its_texts() -> None:
    """The first fact says day, hash and source of every text that follows, in the same order."""
    opened, *texts = opening(date(2026, 1, 5))
    assert isinstance(opened, PlatformOpened)
    assert opened.day == date(2026, 1, 5)
    assert tuple(texts) == packaged_texts()
    assert [(one.name, one.sha256, one.source) for one in opened.texts] == [
        (one.name, sha256(one.content), one.source) for one in packaged_texts()
    ]
