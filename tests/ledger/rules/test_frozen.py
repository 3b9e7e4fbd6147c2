"""Rules that were superseded go on giving what they gave: reports that an old release compiled are compiled again."""

import hashlib
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import orjson
import pytest

from ksad.contracts.dates import Period
from ksad.contracts.reporting import ReportKind
from ksad.ledger.archive.archive import document, read_events
from ksad.ledger.archive.inside import opened
from ksad.ledger.folds.histories import Histories
from ksad.ledger.folds.poison import PoisonError
from ksad.ledger.log.entries import Entry
from ksad.ledger.log.tree import Frontier, leaf_hash
from ksad.ledger.rules.v1.prefix import Prefix
from ksad.ledger.rules.versions import RULES, Asked
from tests.support.platforms.released import archive


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[list[bytes], dict[str, bytes]]]:
    """The leaves of the old release's archive, and the documents of its reports by SHA-256."""
    with opened(archive(tmp_path_factory.mktemp("old"))) as bag:
        leaves = list(read_events(bag / "data" / "events"))
        named = {
            one["sha256"]
            for event in map(orjson.loads, leaves)
            if event["type"] == "ksad.report.compiled.v1"
            for one in event["data"]["documents"]
        }
        yield leaves, {sha256: document(bag / "data", sha256) for sha256 in named}


def _reports(leaves: list[bytes]) -> list[dict[str, Any]]:
    found = [orjson.loads(raw) for raw in leaves if b'"ksad.report.compiled.v1"' in raw]
    return [event for event in found if event["type"] == "ksad.report.compiled.v1"]


def _prefix(leaves: list[bytes]) -> Prefix:
    histories = Histories(leaves)
    tree = Frontier.empty().extended(map(leaf_hash, leaves))
    return Prefix(histories.noting(map(Entry._make, enumerate(leaves))), tree, histories)


def test_old_reports_are_compiled_again_to_the_byte(old: tuple[list[bytes], dict[str, bytes]]) -> None:
    """Each report of the old release, compiled by rules 1 from its prefix, is its kept content and figures document."""
    leaves, documents = old
    reports = _reports(leaves)
    assert [event["data"]["kind"] for event in reports] == ["R2", "R2", "R3", "R1"]

    for event in reports:
        fact = event["data"]
        origin = f"ksad/{event['source'].split(':')[2]}/national"
        day = date.fromisoformat(event["occurredon"])
        named = (ReportKind(fact["kind"]), fact["from_office"], Period.parse(fact["period"]))
        asked = Asked(*named, origin, day, lambda _: b"")
        made = RULES[1].compiled(_prefix(leaves[: fact["prefix_size"]]), asked)

        kept = [documents[one["sha256"]] for one in fact["documents"]]
        assert made.content in kept
        assert made.events in kept
        assert made.stated == {name: value for name, value in fact.items() if name != "documents"}
        assert RULES[1].read(made.content).title == json.loads(made.content)["title"]


def test_an_old_overview_is_what_it_was(old: tuple[list[bytes], dict[str, bytes]]) -> None:
    """The old release compiled no overview that is kept; what rules 1 made of its log is held from here on."""
    leaves, _ = old
    event = _reports(leaves)[-1]
    office, period = event["data"]["from_office"], Period.parse(event["data"]["period"])
    day = date.fromisoformat(event["occurredon"])
    asked = Asked(ReportKind.OVERVIEW, office, period, "ksad/x/national", day, lambda _: b"")
    made = RULES[1].compiled(_prefix(leaves[: event["data"]["prefix_size"]]), asked)
    assert [hashlib.sha256(one).hexdigest()[:16] for one in (made.content, made.events)] == [
        "100d7d3d3e200b5e",
        "d5079e14bba3b27f",
    ]


@pytest.mark.parametrize(
    "change",
    [
        lambda event: event | {"type": "ksad.cooperation.stage_entered.v2"},
        lambda event: event | {"type": "ksad.cooperation.blessed.v1"},
        lambda event: event | {"type": "ksad.cooperation.stage_entered.v1", "data": {}},
    ],
)
def test_rules_1_guess_nothing(old: tuple[list[bytes], dict[str, bytes]], change: Any) -> None:
    """An event that came later, or lacks what rules 1 read, stops them; they never pass it over."""
    leaves, _ = old
    at, event = next(
        (at, orjson.loads(raw)) for at, raw in enumerate(leaves) if b'"ksad.cooperation.stage_entered.v1"' in raw
    )
    odd = [*leaves[:at], orjson.dumps(change(event))]

    with pytest.raises(PoisonError) as caught:
        _prefix(odd)

    assert caught.value.entry.number == at


def test_the_newest_rules_are_those_of_the_figures(tmp_path: Path) -> None:
    """The list has every number up to the newest, without a gap."""
    assert sorted(RULES) == list(range(1, max(RULES) + 1))
