"""Searching the register: what was typed is what is found, letters alike in capitals, on both databases."""

import unicodedata
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ksad.chassis.database import Database
from ksad.contracts.law.affairs import Affairs
from ksad.contracts.law.loading import affairs_text
from ksad.contracts.regions import RegionTable, load_text
from ksad.contracts.registry import PartyWithdrew
from ksad.ledger.folds.spelling import stem
from ksad.reporting.api.choosing import sought
from ksad.reporting.journal import Journal
from ksad.reporting.projections.register_list import RegisterList, RegisterReader, RegisterWanted
from ksad.reporting.projections.runner import Runner
from ksad.reporting.projections.views import Views
from tests.support.histories.cooperations import KARANGANYAR, SOLO, Case
from tests.support.histories.histories import admit, registered, stream
from tests.support.histories.newest import fact_of
from tests.support.servers.schemas import migrated

TITLES = {
    "a-b": "Pengelolaan 100% sampah",
    "a_b": "Pengelolaan 100 persen",
    "ab": "PEMBANGUNAN Énergi Terbarukan",
    "a0": "pembangunan énergi",
    "b": "Straße \\ Jalan_Raya",
    "c": "ÅNGSTRÖM dan İstanbul",
    "d": "Sungai Citarum",
}
OTHERS = ["35.78", "35.25"]
OBJECT, AFFAIR = "Telaga", "pariwisata"
FOUND = {
    "%": [],
    "_": [],
    "\\": [],
    "100%": ["a-b", "a_b"],
    "100_persen": ["a_b"],
    "énergi": ["a0", "ab"],
    "ÉNERGI": ["a0", "ab"],
    unicodedata.normalize("NFD", "Énergi"): ["a0", "ab"],
    "STRASSE": ["b"],
    "ångström": ["c"],
    "a0": ["a0"],
    "jalan straße": ["b"],
    "ampah": [],
    "samp": ["a-b"],
    "mengelola": ["a-b", "a_b"],
    "mengelola sampah": ["a-b"],
    "terbaru": ["ab"],
    "citarum bandung": ["d"],
    "tidak ada": [],
    "kota surakarta": ["b"],
    "SURABAYA": ["a-b", "a0", "a_b", "ab"],
    "Jayapura": ["c"],
    "bandung": ["d"],
}
"""What is found by what is typed."""
TEXT = st.text(st.sampled_from("%_\\aAbÉéßsSåÅiİ 10-"), min_size=1, max_size=4)
PARTIES = {"b": ["33.72", "33.13"], "c": ["91.03", "91.05"], "d": ["32.04", "32.73"]}
AFFAIRS = Affairs.from_text(affairs_text())
REGIONS = RegionTable.from_csv(load_text())
Search = Callable[[str], list[str]]


def rows(connection: sa.Connection, text: str, after: str | None, limit: int) -> list[dict[str, Any]]:
    """A page of what is found by a text, which counts what it finds."""
    listing, wanted = RegisterList(Views(connection), connection, RegisterReader()), sought(text, REGIONS, AFFAIRS)
    page = listing.page(RegisterWanted(q=wanted), "key", after, limit)
    if after is None and len(page) < limit:
        assert listing.counted(RegisterWanted(q=wanted))["total"] == len(page)
    return page


def fill(database: Database) -> Database:
    """The register with these titles."""
    journal = Journal(database)
    runner = Runner(database, journal)
    for key, title in TITLES.items():
        admit(
            journal, stream(key, [registered(key, PARTIES.get(key, OTHERS), title=title, object=OBJECT, affair=AFFAIR)])
        )
    runner.catch_up()
    return database


@pytest.fixture
def search(database: Database) -> Search:
    """The keys that a search finds, in pages of two."""
    fill(database)

    def found(text: str) -> list[str]:
        keys: list[str] = []
        while True:
            with database.read() as connection:
                page = rows(connection, text, keys[-1] if keys else None, 2)
            keys += [row["key"] for row in page]
            if len(page) < 2:
                return keys

    return found


@pytest.mark.fault(
    "bug-reports 16",
    kind="Two programs are asked to compare texts, and each has its own idea of a letter.",
    looked="Every LIKE, lower() and ORDER BY of a text in the three services.",
    found="Pages in the order of the database's language, which differs between databases.",
)
def test_what_is_typed_is_found(search: Search) -> None:
    """Each word in keys, titles and names of parties, as it is or by its stem; capitals alike, ordered by bytes."""
    assert {text: search(text) for text in FOUND} == FOUND


@pytest.mark.fault("http A13")
def test_a_party_that_left_is_not_found_by(search: Search, database: Database) -> None:
    """The names searched are those of the parties of today, under whatever code they came in."""
    assert search("Merauke") == []
    journal = Journal(database)
    left = fact_of(PartyWithdrew, region="91.01", reason=None, parties=["91.03", "91.05"])
    old = stream("papua", [registered("papua", ["91.01", "91.03", "91.05"]), left])
    admit(journal, old[:1])
    Runner(database, journal).catch_up()
    assert search("Merauke") == ["papua"]
    [word] = sought("merauke", REGIONS, AFFAIRS)
    assert word.codes == {"91.01", "93.01"}
    admit(journal, old[1:])
    Runner(database, journal).catch_up()
    assert (search("Merauke"), search("Jayapura")) == ([], ["c", "papua"])


@pytest.fixture
def both(database_url: str, tables: str) -> Iterator[Search]:
    """A search on one database, which a property compares with the same search in memory."""
    database = migrated(Database(database_url), tables)
    fill(database)

    def found(text: str) -> list[str]:
        with database.read() as connection:
            return [row["key"] for row in rows(connection, text, None, 100)]

    yield found
    database.close()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=TEXT)
def test_both_databases_give_equal_answers(both: Search, text: str) -> None:
    """Whatever is typed, SQLite and PostgreSQL find what Python's own comparison of folded words finds."""

    def plain(one: str) -> str:
        return unicodedata.normalize("NFC", unicodedata.normalize("NFD", one).casefold())

    def typed(one: str) -> list[str]:
        return "".join(sign if sign.isalnum() else " " for sign in plain(one)).split()

    def says(key: str, word: str) -> bool:
        names = (REGIONS.known(code).name for code in PARTIES.get(key, OTHERS))
        said = [one for text in (key, TITLES[key], OBJECT, AFFAIRS.name(AFFAIR), *names) for one in typed(text)]
        return any(one.startswith(word) or stem(one).startswith(word) for one in said)

    asked = typed(text)
    wanted = sorted(key for key in TITLES if asked and all(says(key, word) for word in asked))
    assert both(text) == wanted


def test_every_text_that_anybody_may_see_is_searched(search: Search, database: Database) -> None:
    """Object, affair, agreements, numbers of instruments and changes; what was corrected is found by what is right."""
    case = (
        Case(key="luas", title="Satu", object="Angkutan umum", affair="perhubungan")
        .running()
        .do("amend", numbers={SOLO: "77/ADD/2026", KARANGANYAR: "8"}, changes="Penambahan rute")
    )
    journal = Journal(database)
    admit(journal, case.events)
    Runner(database, journal).catch_up()
    for text in ("angkut", "perhubungan", "77/ADD/2026", "rute"):
        assert search(text) == ["luas"], text
    before = len(case.events)
    case.do("correct", corrects=str(case.events[0].id), fields={"title": "Dua rute", "object": "Pelabuhan"}, reason="x")
    admit(journal, case.events[before:])
    Runner(database, journal).catch_up()
    for text, keys in {"satu": [], "angkut": [], "dua": ["luas"], "labuh": ["luas"], "rute": ["luas"]}.items():
        assert search(text) == keys, text
