"""One map of regions: registry, supervision, reporting, reports and feeds give the same code for a region on a day."""

import random
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import orjson
import pytest

from ksad.chassis.database import Database
from ksad.contracts import registry, reporting
from ksad.contracts.catalogue import Fact
from ksad.contracts.envelope import Envelope, seal
from ksad.contracts.identifiers import cooperation_id
from ksad.contracts.law.affairs import Affairs
from ksad.contracts.regions import RegionTable, load_text
from ksad.contracts.registry import ReferenceKind
from ksad.contracts.rules import RuleBrokenError
from ksad.ledger.feeds.rules import RULES
from ksad.ledger.figures.prefix import Prefix
from ksad.ledger.figures.whole import WholeLog
from ksad.ledger.folds.folding import Fold, fold
from ksad.ledger.folds.recap import RecapProjection, _read
from ksad.ledger.folds.regions import Homes, recorded_on
from ksad.ledger.folds.rows import Rows, no_history
from ksad.ledger.log.entries import Entry
from ksad.ledger.log.tree import Frontier, leaf_hash
from ksad.registry.domain import reference
from ksad.reporting.api.choosing import RegisterQuery, Watcher, reader_of, wanted_of
from ksad.reporting.feeds.appender import Feeds
from ksad.reporting.journal import Arrival, Journal, JournalReferences
from ksad.reporting.projections.register_list import RegisterList
from ksad.reporting.projections.runner import Runner
from ksad.reporting.projections.views import Views
from ksad.supervision import reference_cache
from tests.support.histories.feed_lives import FIRST, NEW, REGIONS, small_table
from tests.support.histories.feed_rule import Two
from tests.support.histories.histories import admit, origin, registered
from tests.support.platforms.fed_supervision import reference_facts
from tests.support.servers.schemas import opened

CODES = (*REGIONS, *NEW, "33", "99", "93.02")
EVERYWHERE = (*CODES, "91", "32", "34.71")
ADOPTED = "reference/adopted"


class Ministry:
    """Reference facts as the registry lets them be recorded, each on some day, with what the registry then says."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._time = datetime(2026, 1, 5, 3, tzinfo=UTC)
        self._versions: dict[str, int] = {}
        self.state = reference.ReferenceTexts()
        self.facts: list[Envelope] = []
        for fact in reference_facts():
            if fact.kind is not ReferenceKind.REGIONS:
                self.record(fact)
        self.record(_table(small_table()))
        self.record(reporting.FeedRuleAdopted(version=2, decision_number=None, decided_on=None), "anchor/feed-rule")

    @property
    def day(self) -> date:
        """The day of the newest fact."""
        return recorded_on(self.facts[-1].time)

    @property
    def regions(self) -> RegionTable:
        """The registry's table."""
        return reference.adopted(self.state).regions

    def record(self, fact: Fact, subject: str = ADOPTED) -> None:
        """Enter a fact into the log, some time later."""
        self._time += timedelta(hours=self._rng.choice([0, 1, 30, 200]))
        self._versions[subject] = self._versions.get(subject, 0) + 1
        made = origin(fact.declaration.service.value).model_copy(update={"time": self._time})
        self.facts.append(seal(fact, subject, self._versions[subject], made))
        self.state = reference.evolve(self.state, fact, self.day)

    def go_on(self) -> None:
        """A boundary change, or a table adopted anew, whatever the registry admits; otherwise a day passes."""
        rng = self._rng
        try:
            if rng.random() < 0.6:
                day = FIRST + timedelta(days=rng.choice([-900, 0, 3, 9, 20, 60]))
                region, successor = rng.choice([*REGIONS, *NEW]), rng.choice(NEW)
                self.regions.with_boundary_change(region, successor, day)
                values = {
                    "region": region,
                    "successor": successor,
                    "effective_on": day,
                    "legal_basis": "UU",
                    "decision": None,
                }
                self.record(registry.BoundaryChanged.model_validate(values))
                return
            table = rng.choice([small_table(), self.regions])
            fact = _table(table.with_boundary_change(rng.choice(REGIONS), rng.choice(NEW), FIRST + timedelta(days=30)))
            reference.check_adoptable(self.state, fact, self.day)
            self.record(fact)
        except RuleBrokenError:
            self.record(registry.DayPassed(day=self.day), "calendar/days")


def _table(table: RegionTable) -> registry.ReferenceAdopted:
    decision = registry.AdoptingDecision(number="1/2026", date=date(2026, 1, 5), office="minister")
    values = {"kind": ReferenceKind.REGIONS, "name": "regions", "sha256": "0" * 64, "source": "uji"}
    return registry.ReferenceAdopted.model_validate(values | {"content": table.to_csv(), "decision": decision})


def supervised(database: Database, facts: list[Envelope]) -> RegionTable:
    """The table of supervision after these facts."""
    with database.write() as connection:
        for fact in facts:
            reference_cache.adopt(connection, fact.fact(), "")
        found = reference_cache.ReferenceCache().reference(connection)
    assert found is not None
    return found.regions


def reported(database: Database, facts: list[Envelope]) -> RegionTable:
    """The table that reporting reads after these facts, wherever its reader was before."""
    journal, reader, table = Journal(database), JournalReferences(), RegionTable(())
    for half in (facts[: len(facts) // 2], facts[len(facts) // 2 :]):
        with database.write() as connection:
            journal.admit(connection, _arrivals(half))
        with database.read() as connection:
            table = reader.table(connection)
    return table


def _arrivals(facts: list[Envelope]) -> list[Arrival]:
    return [Arrival(fact.to_bytes(), fact.service, int.from_bytes(fact.id.bytes[:4])) for fact in facts]


@pytest.mark.fault(
    "bug-reports 3",
    kind="a region's code that follows one step only, counts before its day, or is lost when a table is adopted anew",
    looked="sight, feeds, recapitulation, register, reports in reporting; registry; supervision; verify",
    found="reports ignored boundary changes altogether; supervision dropped them as the registry did",
)
@pytest.mark.fault("bug-reports 5")
@pytest.mark.fault("bug-reports A")
def test_every_service_gives_the_same_code(new_database: Callable[[], str], rng: random.Random, rounds: int) -> None:
    """Whatever is adopted and changed, in whatever order and for whatever day, all services read a code alike."""
    for _ in range(rounds):
        ministry = Ministry(rng)
        for _ in range(rng.randrange(25)):
            ministry.go_on()
        facts, day = ministry.facts, ministry.day
        events = [orjson.loads(fact.to_bytes()) for fact in facts]
        places, page, rows = RULES[2].places, Two({}), Rows(RecapProjection.tables)
        for at, event in enumerate(events):
            places = places.after(event["type"], event["data"], event["time"])
            page.take(at, event)
        entries = [Entry(at, fact.to_bytes()) for at, fact in enumerate(facts)]
        fold([Fold(RecapProjection(), rows)], entries)
        tree = Frontier.empty().extended(leaf_hash(entry.raw) for entry in entries)
        with opened(new_database(), "supervision") as other, opened(new_database(), "reporting") as database:
            tables = {
                "supervision": supervised(other, facts),
                "reporting": reported(database, facts),
                "reports": Prefix(WholeLog(entries, tree, no_history), day).regions,
            }
        assert isinstance(places, Homes)
        for code in EVERYWHERE:
            said = ministry.regions.code_on(code, day)
            assert {name: table.code_on(code, day) for name, table in tables.items()} == dict.fromkeys(tables, said)
            assert (places.code(code), page.code(code)) == (said, said)
            if not any(recorded_on(fact.time) == day for fact in facts if fact.type.startswith("ksad.anchor")):
                assert _read(rows).code(code) == said


def test_a_boundary_change_holds_from_its_day(rng: random.Random) -> None:
    """A change that was recorded early counts nowhere before its day, and from then on everywhere; so does a chain."""
    ministry = Ministry(rng)
    start = ministry.day
    for region, successor, days in (("32.75", "36.80", 5), ("36.80", "33.81", 9)):
        values = {"region": region, "successor": successor, "effective_on": start + timedelta(days=days)}
        ministry.record(registry.BoundaryChanged.model_validate(values | {"legal_basis": "UU", "decision": None}))

    found = [ministry.regions.code_on("32.75", start + timedelta(days=days)) for days in (0, 4, 5, 8, 9, 99)]

    assert found == ["32.75", "32.75", "36.80", "36.80", "33.81", "33.81"]


@pytest.mark.fault("bug-reports A")
def test_a_table_that_would_undo_a_change_is_refused(rng: random.Random) -> None:
    """A table adopted anew keeps the changes; one that leaves no room for a change is refused with the change named."""
    ministry = Ministry(rng)
    values = {"region": "32.75", "successor": "36.80", "effective_on": FIRST, "legal_basis": "UU", "decision": None}
    ministry.record(registry.BoundaryChanged.model_validate(values))
    listed = small_table().regions
    ended = [one.model_copy(update={"valid_to": FIRST}) if one.code == "32.75" else one for one in listed]

    reference.check_adoptable(ministry.state, _table(small_table()), ministry.day)
    with pytest.raises(RuleBrokenError, match=r"32\.75 menjadi 36\.80") as refused:
        reference.check_adoptable(ministry.state, _table(RegionTable(tuple(ended))), ministry.day)

    assert refused.value.rule == "boundary-kept"
    ministry.record(_table(small_table()))
    assert ministry.regions.code_on("32.75", FIRST) == "36.80"


def test_before_a_region_was_founded_its_predecessor_is_meant() -> None:
    """Where the table knows the day on which a code began, a day before it has the code that the region had then."""
    table = RegionTable.from_csv(load_text())

    assert [table.code_on("93.01", date(year, 8, 1)) for year in (2010, 2021, 2022)] == ["91.01", "91.01", "93.01"]
    assert table.province_of("93.01", date(2010, 1, 1)).code == "91"


def test_the_recapitulation_counts_where_parties_are(rng: random.Random, rounds: int) -> None:
    """A cooperation counts once for the nation, and for regions and provinces of its parties on the log's day."""
    for _ in range(rounds * 3):
        ministry = Ministry(rng)
        for number in range(rng.randrange(1, 8)):
            ministry.go_on()
            key = f"k{number}"
            identity = f"cooperation/{key}"
            ministry.record(registered(key, rng.sample([*REGIONS, *NEW], 2)), identity)
            ministry.go_on()
        ministry.record(registry.DayPassed(day=ministry.day), "calendar/days")
        rows = Rows(RecapProjection.tables)
        fold([Fold(RecapProjection(), rows)], [Entry(at, one.to_bytes()) for at, one in enumerate(ministry.facts)])

        counted = {
            key[0]: row["number"] for key, row in rows.every("recap") if key[1] == "cooperations" and row["number"]
        }

        wanted: dict[str, int] = {}
        for fact in ministry.facts:
            if fact.type == "ksad.cooperation.registered.v1":
                codes = {ministry.regions.code_on(code, ministry.day) for code in fact.data["parties"]}
                for scope in {"nation", *codes, *(code[:2] for code in codes)}:
                    wanted[scope] = wanted.get(scope, 0) + 1
        assert counted == wanted


@pytest.mark.fault(
    "bug-reports 4",
    kind="Which province a region lies in is kept as it was when a fact was folded, so that a list and a count differ.",
    looked="The register's filters by region and province, work lists, the recapitulation, dashboards, reports, tasks.",
    found="nothing more",
)
def test_a_list_is_what_is_counted(database_url: str, rng: random.Random) -> None:
    """Wherever regions have moved since, the register lists for each place as many as the recapitulation counts."""
    ministry = Ministry(rng)
    for number in range(30):
        ministry.go_on()
        key = f"k{number}"
        ministry.record(registered(key, rng.sample(REGIONS, 2)), f"cooperation/{cooperation_id(key)}")
    for region, successor, days in (("32.75", "36.80", -1), ("91.01", "32.99", -1), ("33.72", "36.99", 99)):
        with suppress(RuleBrokenError):
            day = ministry.day + timedelta(days=days)
            ministry.regions.with_boundary_change(region, successor, day)
            said = {"region": region, "successor": successor, "effective_on": day}
            ministry.record(registry.BoundaryChanged.model_validate({**said, "legal_basis": "UU", "decision": None}))
    ministry.record(registry.DayPassed(day=ministry.day), "calendar/days")
    watcher = Watcher("auditor", ministry.regions, ministry.day)
    with opened(database_url, "reporting") as database:
        journal = Journal(database)
        admit(journal, ministry.facts)
        Runner(database, journal).catch_up()
        with database.read() as connection:
            views = Views(connection)
            listing = RegisterList(views, connection, reader_of(watcher))
            counted = {scope: of["cooperations"] for scope, of in views.recap(None).items() if of.get("cooperations")}
            places = [place for place in counted if place != "nation"]
            asked = {one: RegisterQuery.model_validate({"region" if "." in one else "province": one}) for one in places}
            wanted = {place: wanted_of(one, watcher, Affairs(())) for place, one in asked.items()}
            listed = {place: listing.counted(one)["total"] for place, one in wanted.items()}
    assert listed == {place: number for place, number in counted.items() if place != "nation"}
    assert len(listed) > 4


def test_a_rebuild_after_moves_is_identical(database_url: str, rng: random.Random) -> None:
    """Rows folded as regions moved are, row for row, those that a rebuild folds, on either database."""
    ministry = Ministry(rng)
    for number in range(40):
        ministry.go_on()
        key = f"k{number}"
        ministry.record(registered(key, rng.sample(REGIONS, 2)), f"cooperation/{key}")
    with opened(database_url, "reporting") as database:
        journal = Journal(database)
        runner, feeds = Runner(database, journal), Feeds(database, journal)
        cuts = [0, *sorted(rng.sample(range(1, len(ministry.facts)), 5)), len(ministry.facts)]
        for start, stop in pairwise(cuts):
            admit(journal, ministry.facts[start:stop])
            runner.catch_up(rng.randint(1, 50))
            while feeds.step(rng.randint(1, 50)):
                pass

        rebuilt = runner.rebuild()

    assert rebuilt is not None
    assert (rebuilt.identical, rebuilt.differing) == (True, {})
