"""The one map of region codes answers as the three did that it replaced: held against their formulas, kept here."""

import csv
import io
import random
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import orjson
import pytest
import sqlalchemy as sa

from ksad.contracts import registry
from ksad.contracts.envelope import Envelope, seal
from ksad.contracts.regions import RegionTable, load_text
from ksad.contracts.sight import sight
from ksad.ledger.feeds.concern import ConcernState
from ksad.ledger.folds import regions
from ksad.ledger.folds.folding import Fold, fold
from ksad.ledger.folds.recap import CODES, RecapProjection, _difference, _measures
from ksad.ledger.folds.rows import Event, Rows
from ksad.ledger.log.entries import Entry
from ksad.reporting.feeds import appender
from ksad.reporting.feeds.appender import Batch, Feeds
from ksad.reporting.journal import Journal
from ksad.reporting.projections.runner import Runner
from tests.support.histories.histories import admit, arrivals, generated, origin
from tests.support.servers.schemas import opened

ADOPTED, CHANGED = "ksad.reference.reference_adopted.v1", "ksad.reference.boundary_changed.v1"
MOVING_REGIONS = ("32.01", "32.75", "33.11", "34.71", "91.01")
"""Regions that the generated cooperations lie in."""
PROVINCES = ("31", "32", "33", "34", "35", "91", "92", "93", "94")


class OldRecap(RecapProjection):
    """The recapitulation with a map of its own, as it was."""

    def _scopes(self, rows: Rows, parties: list[str]) -> set[str]:
        codes = rows.get("recap_members", CODES)
        if codes is not None:
            parties = [codes["detail"].get(code, code) for code in parties]
        return {"nation", *(code[:2] for code in parties), *parties}

    def _codes(self, rows: Rows, kind: str, data: dict[str, Any]) -> None:
        known = rows.get("recap_members", CODES)
        codes: dict[str, str] = {} if known is None else dict(known["detail"])
        if kind == CHANGED:
            codes[data["region"]] = data["successor"]
        elif data.get("kind") == "regions":
            table = list(csv.DictReader(io.StringIO(data["content"])))
            today = {row["lineage"]: row["code"] for row in table if not row["valid_to"]}
            codes |= {
                row["code"]: today[row["lineage"]] for row in table if row["valid_to"] and row["lineage"] in today
            }
        members = [(key, row["detail"]) for key, row in rows.every("recap_members") if key != CODES]
        for _, detail in members:
            self._count(rows, self._scopes(rows, detail["parties"]), _difference(_measures(detail), {}))
        rows.put("recap_members", CODES, {"detail": codes})
        for _, detail in members:
            self._count(rows, self._scopes(rows, detail["parties"]), _measures(detail))


def old_new_codes(kind: str, data: dict[str, Any]) -> dict[str, str]:
    """What a fact said to the feeds, by a formula of their own, as it was."""
    if kind == CHANGED:
        return {data["region"]: data["successor"]}
    if kind == ADOPTED and data["kind"] == "regions":
        table = list(csv.DictReader(io.StringIO(data["content"])))
        current = {row["lineage"]: row["code"] for row in table if not row["valid_to"]}
        return {row["code"]: current[row["lineage"]] for row in table if row["valid_to"] and row["lineage"] in current}
    return {}


def old_now(codes: dict[str, str], code: str) -> str:
    """The code that a region has now, as it was looked up everywhere."""
    return codes.get(code, code)


class OldCase(ConcernState):
    """A case whose provinces are looked up as they were."""

    def provinces(self, codes: dict[str, str]) -> frozenset[str]:
        """The provinces that the parties are, or lie in."""
        return frozenset(codes.get(party, party)[:2] for party in self.parties)


class OldBatch(Batch):
    """The feeds' selection with a map of its own, as it was."""

    def take(self, index: int, event: dict[str, Any]) -> None:
        """Select for one fact."""
        kind = event["type"]
        if kind in {ADOPTED, CHANGED}:
            moved = old_new_codes(kind, event["data"])
            if moved:
                self._move_as_before(moved)
            return
        super().take(index, event)

    def _move_as_before(self, moved: dict[str, str]) -> None:
        rows = self._connection.execute(sa.select(appender.cases))
        everyone = {row.cooperation_id: row for row in rows}
        for identity in sorted(everyone.keys() | self.cases.keys()):
            case = OldCase(*self._case(identity))
            if case.provinces(self.codes) != case.provinces({**self.codes, **moved}):
                before, self.codes = self.codes, {**self.codes, **moved}
                self._catch_up(identity, case)
                self.codes = before
        self.codes = {**self.codes, **moved}


def adopted(rng: random.Random) -> registry.ReferenceAdopted:
    """An adoption: of another kind, of the table as it is, or of one with ends, chains and days to come."""
    table = RegionTable.from_csv(load_text())
    if rng.random() < 0.2:
        content, kind = "date,name\n", registry.ReferenceKind.HOLIDAYS
    else:
        for code in rng.sample(MOVING_REGIONS, rng.randrange(4)):
            known = table.known(code)
            for turn in range(rng.randrange(1, 3)):
                successor = f"{rng.choice(PROVINCES[1:])}.{rng.randrange(81, 99)}"
                day = date(rng.choice([2020, 2026, 2030]), rng.randrange(1, 13), 1 + turn)
                try:
                    table = table.with_boundary_change(known.code, successor, day)
                except Exception:  # noqa: BLE001 - what the table refuses is not adopted
                    break
                known = table.known(successor)
        content, kind = table.to_csv(), registry.ReferenceKind.REGIONS
    return registry.ReferenceAdopted(kind=kind, name=kind.value, content=content, sha256="0" * 64, source="uji")


def changed(rng: random.Random) -> registry.BoundaryChanged:
    """A boundary change, which may follow on one before, go back, or lie in the future."""
    region, successor = rng.sample([*MOVING_REGIONS, "92.81", "93.82", "31.83", "31"], 2)
    day = date(rng.choice([2020, 2026, 2030]), 1, 1)
    return registry.BoundaryChanged(region=region, successor=successor, effective_on=day, legal_basis="UU")


def history(rng: random.Random, count: int) -> list[Envelope]:
    """A generated history with reference facts strewn into it."""
    facts = generated(count, rng.randrange(10**6))
    for version in range(1, rng.randrange(2, 8)):
        fact = adopted(rng) if rng.random() < 0.4 else changed(rng)
        facts.insert(rng.randrange(len(facts)), seal(fact, f"reference/uji-{version}", 1, origin()))
    return facts


def folded(recap: RecapProjection, entries: list[Entry]) -> dict[str, list[Any]]:
    """All rows of a recapitulation of these entries, as they are stored."""
    rows = Rows(recap.tables)
    fold([Fold(recap, rows)], entries)
    return {table.name: table.pack(dict(rows.every(table.name))) for table in recap.tables}


def test_a_fact_brings_the_codes_that_it_brought(rng: random.Random, rounds: int) -> None:
    """For any run of reference facts the map, and the code and province of any region, are what each formula gave."""
    for _ in range(rounds * 30):
        codes: dict[str, str] = {}
        old: dict[str, str] = {}
        for _ in range(rng.randrange(6)):
            fact = adopted(rng) if rng.random() < 0.4 else changed(rng)
            event: Event = orjson.loads(seal(fact, "reference/uji", 1, origin()).to_bytes())
            codes = regions.extended(codes, regions.new_codes(event["type"], event["data"]))
            old = {**old, **old_new_codes(event["type"], event["data"])}
        assert codes == old
        for code in [*MOVING_REGIONS, "92.81", "31", "99.99", *old, *old.values()]:
            assert regions.now(codes, code) == old.get(code, code)
            assert regions.province(codes, code) == old.get(code, code)[:2]
            for office in ("region:32.75", f"region:{code}", f"tkksd:{code[:2]}", "governor:92"):
                seen = sight(office, [code, "32.75"], None, partial(regions.now, codes))
                assert seen is sight(office, [code, "32.75"], None, partial(old_now, old))


def test_the_recapitulation_is_the_same_row_for_row(rng: random.Random, rounds: int) -> None:
    """Whatever regions do, the counts and the members are those of the recapitulation with a map of its own."""
    for _ in range(rounds):
        entries = [Entry(at, one.to_bytes()) for at, one in enumerate(history(rng, 300))]
        assert folded(RecapProjection(), entries) == folded(OldRecap(), entries)


def test_the_feeds_are_the_same_entry_for_entry(
    tmp_path: Path, rng: random.Random, rounds: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever regions do, every feed has the leaves, and remembers the codes, of the feeds with a map of their own."""
    for number in range(rounds):
        facts, step = history(rng, 300), rng.randint(1, 300)
        found = []
        for batch in (Batch, OldBatch):
            monkeypatch.setattr(appender, "Batch", batch)
            with opened(f"sqlite:///{tmp_path / f'{number}-{batch.__name__}'}.sqlite", "reporting") as database:
                feeds = Feeds(database, Journal(database))
                with database.write() as connection:
                    assert feeds.journal.admit(connection, arrivals(facts)) == len(facts)
                while feeds.step(step):
                    pass
                with database.read() as connection:
                    leaves = [feeds.leaves(connection, province, 0, len(facts)) for province in PROVINCES]
                    found.append((feeds.codes(connection), leaves))
        assert found[0] == found[1]
        assert any(found[0][1])


def test_a_rebuild_after_moves_is_identical(database_url: str, rng: random.Random) -> None:
    """Rows folded as regions moved are, row for row, those that a rebuild folds, on either database."""
    with opened(database_url, "reporting") as database:
        journal = Journal(database)
        runner = Runner(database, journal)
        facts = history(rng, 300)
        for start in range(0, len(facts), 50):
            admit(journal, facts[start : start + 50])
            runner.catch_up(rng.randint(1, 50))

        rebuilt = runner.rebuild()

    assert rebuilt is not None
    assert (rebuilt.events, rebuilt.identical, rebuilt.differing) == (len(facts), True, {})
