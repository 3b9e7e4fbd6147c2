"""Folds of some cooperations, whose rows are made in the end, give the rows of those that make them with every fact."""

import random
from collections.abc import Sequence
from typing import Any

import orjson
import pytest

from ksad.contracts import registry
from ksad.contracts.envelope import Envelope, seal
from ksad.contracts.identifiers import cooperation_id
from ksad.contracts.verification import EntryStatus
from ksad.ledger.folds.folding import Fold, fold
from ksad.ledger.folds.listed import Projection
from ksad.ledger.folds.partial import Evolution, PartialRecap, PartialRegister
from ksad.ledger.folds.recap import DAY, PLACES, REGIONS, RecapProjection, RegionTurn, turn_after
from ksad.ledger.folds.register import RegisterProjection
from ksad.ledger.folds.rows import Event, Key, Rows
from ksad.ledger.log.entries import Entry
from tests.registry.test_consent_properties import STARTS, THREE, asked_by_another
from tests.support.histories.cooperations import SOLO
from tests.support.histories.feed_lives import Lives
from tests.support.histories.histories import origin, resolved

WHERE = {DAY, REGIONS}
"""Rows that say where regions are, which parts do not make."""


def entries_of(facts: Sequence[Envelope]) -> list[Entry]:
    """A log of some facts."""
    return [Entry(number, fact.to_bytes()) for number, fact in enumerate(facts)]


def stored(projections: Sequence[Projection], log: Sequence[Entry]) -> dict[str, list[tuple[Any, ...]]]:
    """The rows of all tables as they are stored, after a log."""

    def history(stream: str, until: int) -> list[Event]:
        events = (orjson.loads(entry.raw) for entry in log[: until + 1])
        return [event for event in events if event["subject"] == stream]

    folds = [Fold(one, Rows(one.tables, history)) for one in projections]
    fold(folds, log)
    for one in folds:
        if isinstance(one.projection, PartialRegister | PartialRecap):
            one.projection.finish(one.rows)
    found: dict[str, list[tuple[Any, ...]]] = {}
    for one in folds:
        for table in one.projection.tables:
            rows: dict[Key, Any] = {key: row for key, row in one.rows.every(table.name) if key not in WHERE}
            found[table.name] = table.pack(rows)
    return found


def turns_of(log: Sequence[Entry]) -> list[RegionTurn]:
    """Where regions are from which entry on."""
    found: list[RegionTurn] = []
    for entry in log:
        event = orjson.loads(entry.raw)
        if event["type"].startswith(RecapProjection.prefixes):
            turn = turn_after(found[-1] if found else None, entry.number, event)
            found += [] if turn is None else [turn]
    return found


def compare(facts: Sequence[Envelope]) -> dict[str, list[tuple[Any, ...]]]:
    """The rows, which are the same by either way, for each projection alone and for both together."""
    log = entries_of(facts)
    turns, whole = turns_of(log), stored([RegisterProjection(), RecapProjection()], log)
    evolution = Evolution()
    together = stored([PartialRegister(evolution), PartialRecap(turns, evolution)], log)
    assert together == whole
    register, recap = stored([PartialRegister(Evolution())], log), stored([PartialRecap(turns, Evolution())], log)
    assert register | recap == whole
    return whole


def test_lives_are_folded_alike(rng: random.Random) -> None:
    """Random facts, with corrections, regions that move, parties that come and go, and ends of agreements."""
    for _ in range(4):
        facts = Lives(rng).many(rng.randint(20, 250))
        # A fact of a region in a cooperation's stream is none that its correction can fold.
        rows = compare([fact for fact in facts if not fact.type.startswith(PLACES) or "reference/" in fact.subject])
        assert rows["cooperations"]
        assert rows["recap"]


@pytest.mark.parametrize("start", sorted(STARTS))
def test_acts_that_wait_and_what_is_examined_are_folded_alike(start: str, rng: random.Random) -> None:
    """Acts that are proposed, confirmed and refused, facts that are verified and returned, and are then corrected."""
    case = STARTS[start]()
    first, *others = (key for key, one in case.state.entries.items() if one.status is EntryStatus.UNVERIFIED)
    case.do("return-entry", entry=str(first), reason="keliru", mend="perbaiki")
    case.do("report-problem", problem="banjir", description="x")
    if others:
        case.do("verify-entries", entries=[str(one) for one in others])
    if rng.random() < 0.5:
        case.correct(registry.Registered, title="Judul lain")
    case.do("resolve-problem", problem="banjir", outcome="surut")
    facts = list(case.events)
    for version, body in enumerate(("tkksd:33", "tkksd:34"), 1):
        resolution = seal(resolved("a", body), f"supervision/{cooperation_id('a')}", version, origin("supervision"))
        facts.insert(rng.randrange(1, len(facts) + 1), resolution)

    rows = compare(facts)

    assert len(rows["verifiable_entries"]) == len(case.state.entries)


def test_asked_regions_are_folded_alike() -> None:
    """Who has to confirm an act is known while it waits, and that nobody has to, when it stands."""
    case = asked_by_another(THREE)
    assert sorted(row[-1] for row in compare(case.events)["awaited"]) == [0, 1, 1]
    for code in (SOLO, "33.11"):
        proposal = str(case.event(registry.ActProposed))
        case.do("confirm-act", office=f"region:{code}", proposal=proposal, numbers={code: "1"})
    assert {row[-1] for row in compare(case.events)["awaited"]} == {0}
