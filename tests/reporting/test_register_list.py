"""The register as a work list: filters tell nobody what is for parties, counts are of all, and an index finds it."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa

from ksad.chassis.database import Database
from ksad.contracts.catalogue import Audience
from ksad.contracts.envelope import seal
from ksad.contracts.identifiers import cooperation_id
from ksad.contracts.law.affairs import Affairs
from ksad.contracts.law.loading import affairs_text
from ksad.contracts.regions import RegionTable, load_text
from ksad.contracts.sight import WIDTHS
from ksad.contracts.supervision import Tier
from ksad.ledger.folds.register import AWAITED, COOPERATIONS, JURISDICTIONS, PARTIES
from ksad.ledger.folds.words import WORDS
from ksad.reporting.api.choosing import RegisterQuery, Watcher, reader_of, wanted_of
from ksad.reporting.api.narrowing import narrowed
from ksad.reporting.domain.permissions import sight_of
from ksad.reporting.journal import Journal
from ksad.reporting.projections.register_list import RegisterList, RegisterOrder
from ksad.reporting.projections.runner import Runner
from ksad.reporting.projections.views import Views
from tests.support.histories.cooperations import KARANGANYAR, SOLO, YOGYA, Case
from tests.support.histories.histories import admit, origin, resolved

REGIONS = RegionTable.from_csv(load_text())
AFFAIRS = Affairs.from_text(affairs_text())
TODAY = date(2026, 6, 1)
OFFICES = ["region:33.72", "region:34.71", "region:32.01", "tkksd:33", "governor:34", "tkksd:32", "auditor"]
ORDERS: tuple[RegisterOrder, ...] = ("key", "title", "ends_on", "-changed")
CASES: dict[str, Callable[[], Case]] = {
    "akhir": lambda: Case(key="akhir", title="Zeta").ending(),
    "banjir": lambda: Case(key="banjir", title="alfa").running().do("report-problem", problem="a", description="x"),
    "cekcok": lambda: (
        Case((SOLO, YOGYA), key="cekcok", title="Beta")
        .running()
        .do("raise-dispute", dispute="d", description="x", between=[SOLO, YOGYA])
    ),
    "dini": lambda: Case((SOLO, YOGYA), key="dini", title="Éra"),
    "enam": lambda: (
        Case(key="enam", title="gamma")
        .signing()
        .do("sign-accord", office=f"region:{SOLO}", numbers={SOLO: "1", KARANGANYAR: "2"})
    ),
}


@pytest.fixture
def filled(database: Database) -> Database:
    """Five cooperations: ending by notice, with a problem, with a dispute, new, and with an act that waits."""
    journal = Journal(database)
    for key, made in CASES.items():
        case = made()
        admit(journal, case.events)
        tier = Tier.MINISTER if YOGYA in case.state.parties else Tier.GOVERNOR
        body = "joint_secretariat" if tier is Tier.MINISTER else "tkksd:33"
        fact = resolved(key, body).model_copy(update={"tier": tier})
        admit(journal, [seal(fact, f"supervision/{cooperation_id(key)}", 1, origin("supervision"))])
    Runner(database, journal).catch_up()
    return database


def keys(database: Database, office: str, **query: Any) -> list[str]:
    """The keys that an office finds, page by page of two, whose number is the one that is counted."""
    asked, found, after = RegisterQuery(**query), [], None
    watcher = Watcher(office, REGIONS, TODAY)
    with database.read() as connection:
        listing, wanted = (
            RegisterList(Views(connection), connection, reader_of(watcher)),
            wanted_of(asked, watcher, AFFAIRS),
        )
        while True:
            rows = listing.page(wanted, asked.sort, after, 2)
            found += [row["key"] for row in rows]
            if len(rows) < 2:
                break
            after = rows[-1]["mark"]
        counts = listing.counted(wanted)
    assert counts["total"] == len(found) == sum(counts["status"].values())
    return found


def test_a_filter_says_what_the_rows_say(filled: Database) -> None:
    """What an office finds by a day, a problem or a dispute is what it would choose from the rows that it is shown."""
    with filled.read() as connection:
        views = Views(connection)
        rows = {key: views.cooperation(cooperation_id(key)) for key in CASES}
    for office in OFFICES:
        told = {}
        for key, row in rows.items():
            assert row is not None
            seen = sight_of(office, row, REGIONS, TODAY)
            told[key] = narrowed(row, seen) | {"own": WIDTHS[seen] >= WIDTHS[Audience.PARTIES]}
        early = [key for key, one in told.items() if one["ends_on"] and one["ends_on"] <= "2026-12-31"]
        assert sorted(keys(filled, office, ends_until=date(2026, 12, 31))) == early, office
        for name, column in (("has_problem", "open_problems"), ("has_dispute", "open_disputes")):
            having = [key for key, one in told.items() if one["own"] and one[column]]
            without = [key for key, one in told.items() if one["own"] and not one[column]]
            assert keys(filled, office, **{name: True}) == having, (office, name)
            assert keys(filled, office, **{name: False}) == without, (office, name)


def test_each_filter_chooses(filled: Database) -> None:
    """Region, province, supervisor, tier, mine, unverified and awaiting; a search counts what it finds, too."""
    assert keys(filled, "auditor", region=YOGYA) == ["cekcok", "dini"]
    assert keys(filled, "auditor", province="34") == ["cekcok", "dini"]
    assert keys(filled, "auditor", region=KARANGANYAR, province="34") == []
    assert keys(filled, "auditor", supervisor="governor:33") == ["akhir", "banjir", "enam"]
    assert keys(filled, "auditor", tier="minister") == ["cekcok", "dini"]
    assert keys(filled, "minister", mine=True) == ["cekcok", "dini"]
    assert keys(filled, "tkksd:33", mine=True) == ["akhir", "banjir", "enam"]
    assert keys(filled, f"region:{YOGYA}", mine=True) == ["cekcok", "dini"]
    assert keys(filled, "auditor", mine=True) == []
    assert keys(filled, f"region:{KARANGANYAR}", awaiting=True) == ["enam"]
    assert keys(filled, f"region:{SOLO}", awaiting=True) == []
    assert keys(filled, "auditor", awaiting=True) == ["enam"]
    assert keys(filled, "auditor", q="surakarta", stage="exploration") == ["dini"]
    assert sorted(keys(filled, "auditor", unverified=True)) == sorted(CASES)


def test_each_order_is_that_of_the_rows(filled: Database) -> None:
    """Titles go by letters whatever their case, days with the unknown last, the newest change first; also in pages."""
    assert keys(filled, "auditor", sort="title") == ["banjir", "cekcok", "enam", "akhir", "dini"]
    assert keys(filled, "auditor", sort="-changed") == ["enam", "dini", "cekcok", "banjir", "akhir"]
    assert keys(filled, "auditor", sort="ends_on")[0] == "akhir"
    for order in ORDERS:
        assert sorted(keys(filled, "tkksd:34", sort=order)) == sorted(CASES)


REGISTERED = 4_000
INDEXES: dict[str, tuple[dict[str, Any], str, str]] = {
    "the first page": ({}, "auditor", "cooperations_g1_i0"),
    "a status": ({"status": "withdrawn"}, "auditor", "cooperations_g1_i1"),
    "a stage": ({"stage": "signing"}, "auditor", "cooperations_g1_i2"),
    "an affair": ({"affair": "kesehatan"}, "auditor", "cooperations_g1_i3"),
    "by title": ({"sort": "title"}, "auditor", "cooperations_g1_i4"),
    "the newest change first": ({"sort": "-changed"}, "auditor", "cooperations_g1_i5"),
    "what a body is asked to supervise": ({"supervisor": "tkksd:12"}, "auditor", "jurisdictions_g1_i0"),
    "a region": ({"region": "11.01"}, "auditor", "cooperation_regions"),
    "what a region is party of": ({"mine": True}, "region:11.01", "cooperation_regions"),
    "what a region has to confirm": ({"awaiting": True}, "region:11.01", "awaited"),
    "what a body supervises": ({"mine": True}, "tkksd:33", "jurisdictions_g1_i0"),
    "what ends soon": ({"ends_until": date(2026, 6, 2)}, "auditor", "cooperations_g1_i6"),
    "what says a word": ({"q": "banjir"}, "auditor", "words_g1"),
    "what is of an affair or region of a name": ({"q": "hutan karo"}, "auditor", "words_g1"),
    "what has a problem": ({"has_problem": True}, "auditor", "cooperations_g1_i8"),
}


def test_no_work_list_reads_the_whole_register(database: Database) -> None:
    """With 4,000 cooperations each list is found by an index on either database, and no table is read through."""
    Runner(database, Journal(database))
    _fill(database)
    explain = "EXPLAIN QUERY PLAN " if database.dialect == "sqlite" else "EXPLAIN "
    with database.read() as connection:
        for name, (query, office, index) in INDEXES.items():
            watcher = Watcher(office, REGIONS, TODAY)
            listing = RegisterList(Views(connection), connection, reader_of(watcher))
            statement = listing.statement(
                wanted_of(RegisterQuery(**query), watcher, AFFAIRS), query.get("sort", "key"), None, 100
            ).compile(dialect=connection.dialect, compile_kwargs={"literal_binds": True, "render_postcompile": True})
            plan = [str(row) for row in connection.exec_driver_sql(explain + str(statement).replace("%", "%%"))]
            assert any(index in line for line in plan), (name, plan)
            through = [line for line in plan if "Seq Scan on cooperations" in line or "SCAN cooperations" in line]
            assert not [line for line in through if "INDEX" not in line], (name, plan)


def _fill(database: Database) -> None:
    def identity(number: int) -> str:
        return str(cooperation_id(f"k{number}"))

    numbers = range(REGISTERED)
    empty: dict[str, Any] = {
        "title": "Kerja sama",
        "sort_title": "kerja sama",
        "affair": "pendidikan",
        "stage": "negotiation",
    }
    cooperations = [
        empty
        | {
            "cooperation_id": identity(number),
            "key": f"k{number}",
            "status": "running",
            "ends_on": date.fromordinal(TODAY.toordinal() + number % 1_000).isoformat(),
            "term_ends_on": None,
            "closed_on": None,
            "open_problems": int(number % 100 == 0),
            "open_disputes": 0,
            "unverified": 0,
            "changed_index": number,
            "detail": "{}" + " " * 1_500,  # as wide as they are
        }
        for number in numbers
    ]
    homes = [
        {
            "cooperation_id": identity(number),
            "tier": "governor",
            "supervising_body": f"tkksd:{11 + number % 38}",
            "dispute_forum": None,
            "detail": "{}",
        }
        for number in numbers
    ]
    pairs = [(identity(number), f"{11 + number % 38}.{part:02}") for number in numbers for part in (1 + number % 9, 71)]
    said = [
        (word, number)
        for number in numbers
        for word in ("kerja", "sama", f"k{number}", *(["banjir"] if number % 100 == 0 else []))
    ]
    words = [{"word": word, "cooperation_id": identity(number), "said": "yes"} for word, number in said]
    with database.write() as connection:
        views = Views(connection)
        for table, rows in (
            (COOPERATIONS, cooperations),
            (JURISDICTIONS, homes),
            (PARTIES, [{"cooperation_id": one, "region": code, "member": "yes"} for one, code in pairs]),
            (AWAITED, [{"cooperation_id": one, "region": code, "proposals": 1} for one, code in pairs[::40]]),
        ):
            connection.execute(sa.insert(views.table("register", table)), rows)
        connection.execute(sa.insert(views.table("words", WORDS)), words)
    with database.write() as connection:
        connection.exec_driver_sql("ANALYZE")
