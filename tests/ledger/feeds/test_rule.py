"""The feeds' rule: service, verifier and a recomputation from the written specification give the same feeds."""

import json
import random
from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path

from ksad.audit.checks.concerns import Concerns
from ksad.audit.checks.form import Form
from ksad.audit.checks.membership import Membership
from ksad.chassis.database import Database
from ksad.contracts import canonical
from ksad.contracts.envelope import Envelope
from ksad.ledger.feeds.rules import RULES
from ksad.reporting.feeds.appender import Feeds
from ksad.reporting.journal import Journal
from tests.support.histories import feed_rule
from tests.support.histories.feed_lives import PROVINCES, Lives
from tests.support.histories.histories import arrivals
from tests.support.servers.schemas import opened
from tests.support.text.source import ROOT

LENGTH = 150
TABLES = {str(version): rule.audiences for version, rule in RULES.items()}
Found = dict[str, list[int]]


def verified(leaves: Sequence[bytes], rng: random.Random) -> Found:
    """What the verifier says that feeds had to contain, told in several parts."""
    membership, form = Membership(), Form()
    cuts = sorted({0, len(leaves), *(rng.randrange(len(leaves)) for _ in range(3))})
    for start, stop in pairwise(cuts):
        concerns = Concerns()
        concerns.take(form.take(start, b"".join(raw + b"\n" for raw in leaves[start:stop]))[1])
        membership.take(concerns)
    return {province: list(feed) for province, feed in membership.feeds().items()}


def delivered(
    database: Database, facts: Sequence[Envelope], rng: random.Random, provinces: Iterable[str] = (*PROVINCES, "99")
) -> Found:
    """What the service delivers, in steps of any size."""
    feeds = Feeds(database, Journal(database))
    with database.write() as connection:
        assert feeds.journal.admit(connection, arrivals(facts)) == len(facts)
    while feeds.step(rng.randint(1, 60)):
        pass
    with database.read() as connection:
        places = {fact.to_bytes(): at for at, fact in enumerate(facts)}
        found = {one: [places[raw] for raw in feeds.leaves(connection, one, 0, LENGTH)] for one in provinces}
    return {province: feed for province, feed in found.items() if feed}


def test_the_vectors_hold(tmp_path: Path, rng: random.Random) -> None:
    """The published vectors are what service and verifier give, and the published tables are those of the rule."""
    published = json.loads((ROOT / "docs" / "feed-rule.json").read_text())
    assert published["audiences"] == TABLES
    for number, vector in enumerate(published["vectors"]):
        facts = [Envelope.from_bytes(canonical.encode(leaf)) for leaf in vector["leaves"]]
        leaves = [fact.to_bytes() for fact in facts]
        assert verified(leaves, rng) == vector["feeds"], vector["name"]
        assert feed_rule.recomputed(vector["leaves"], published["audiences"]) == vector["feeds"]
        with opened(f"sqlite:///{tmp_path / str(number)}.sqlite", "reporting") as database:
            assert delivered(database, facts, rng, {*PROVINCES, "34", "35"}) == vector["feeds"], vector["name"]


def specified(leaves: Sequence[bytes]) -> Found:
    """What the page says."""
    return feed_rule.recomputed([json.loads(raw) for raw in leaves], TABLES)


def test_three_implementations_agree(tmp_path: Path, rng: random.Random, rounds: int) -> None:
    """On any history, with or without an adoption of version 2, all three give the same feeds, entry for entry."""
    for number in range(rounds * 8):
        facts = Lives(rng, adopts=rng.choice([0, 0.01, 0.05])).many(LENGTH)
        leaves = [fact.to_bytes() for fact in facts]
        said = specified(leaves)
        assert verified(leaves, rng) == said
        with opened(f"sqlite:///{tmp_path / str(number)}.sqlite", "reporting") as database:
            assert delivered(database, facts, rng) == said
