"""The counts of a dashboard: each is the number of the cooperations that it opens, and nobody counts what is hidden."""

from datetime import date

import pytest

from ksad.chassis.database import Database
from ksad.contracts.catalogue import Fact
from ksad.contracts.regions import RegionTable, load_text
from ksad.contracts.registry import ProposalWithdrawn, Stage
from ksad.reporting.journal import Journal
from ksad.reporting.projections.counting import RegisterCounts, is_open
from ksad.reporting.projections.runner import Runner
from ksad.reporting.projections.views import Views
from tests.support.histories.histories import admit, registered, stream
from tests.support.histories.newest import fact_of

REGIONS = RegionTable.from_csv(load_text())
DAY = date(2026, 11, 3)


@pytest.fixture
def filled(database: Database) -> Database:
    """Cooperations of three provinces, two affairs and two stages; one was withdrawn, one waits for its supervisor."""
    journal = Journal(database)
    runner = Runner(database, journal)
    facts: dict[str, list[Fact]] = {
        "air": [registered("air", ("33.72", "33.11"))],
        "jalan": [registered("jalan", ("33.72", "34.71"), affair="perhubungan")],
        "wisata": [registered("wisata", ("51", "52"), stage=Stage.NEGOTIATION)],
        "batal": [registered("batal", ("33.72", "33.13")), fact_of(ProposalWithdrawn, reason="salah daftar")],
    }
    for key, told in facts.items():
        admit(journal, stream(key, told))
    runner.catch_up()
    return database


def test_every_count_opens_as_many_cooperations(filled: Database) -> None:
    """Whatever is counted by status, stage, affair, tier or region is listed under it, and nothing else is."""
    with filled.read() as connection:
        for inside in (None, *(REGIONS.codes_in(province, DAY) for province in ("33", "34", "51", "11"))):
            check(RegisterCounts(Views(connection), inside, DAY))


def check(counting: RegisterCounts) -> None:
    """Each count of a scope against the list behind it."""
    counted = {by: counting.of_each(by) for by in ("stage", "affair", "tier")} | {"status": counting.statuses()}
    for by, counts in counted.items():
        for value, number in counts.items():
            listed = counting.listed(by, {value}, None, 100)
            assert len({one["key"] for one in listed}) == number, (by, value)
    for code, number in counting.regions(REGIONS, provinces=True).items():
        listed = counting.taking_part(REGIONS.codes_in(code, DAY), None, 100)
        assert {one["status"] for one in listed} <= {"proposed", "running"}
        assert len(listed) == number, code


def test_what_is_counted_is_what_lives(filled: Database) -> None:
    """Who withdrew a proposal is counted as that alone; a page goes on after its last key."""
    with filled.read() as connection:
        nation = RegisterCounts(Views(connection), None, DAY)
        assert nation.statuses() == {"proposed": 3, "withdrawn": 1}
        assert nation.of_each("tier") == {"none": 3}
        assert nation.regions(REGIONS, provinces=True) == {"33": 2, "34": 1, "51": 1, "52": 1}
        central = RegisterCounts(Views(connection), REGIONS.codes_in("33", DAY), DAY)
        assert sum(central.of_each("stage").values()) == 2
        first = nation.listed("tier", {"none"}, None, 2)
        rest = nation.listed("tier", {"none"}, first[-1]["key"], 2)
        assert [one["key"] for one in (*first, *rest)] == ["air", "jalan", "wisata"]
        assert list(nation.with_matters("dispute")) == []


def test_a_matter_is_open_until_it_is_settled_or_resolved() -> None:
    """Both ends close it."""
    assert is_open({"status": "open", "settled_on": None})
    assert not is_open({"settled_on": "2026-01-01"})
    assert not is_open({"resolved_on": "2026-01-01"})
