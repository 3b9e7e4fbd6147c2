"""What `verify` says that a feed had to contain is what the service delivers, whatever happens to a cooperation."""

import random
from datetime import date
from pathlib import Path

from ksad.audit.checks.concerns import Concerns
from ksad.audit.checks.form import Form
from ksad.audit.checks.membership import Membership
from ksad.contracts import registry, supervision
from ksad.contracts.catalogue import Fact
from ksad.contracts.envelope import Envelope, seal
from ksad.contracts.identifiers import cooperation_id, task_id
from ksad.reporting.feeds.appender import Feeds
from ksad.reporting.journal import Journal
from tests.support.histories.histories import arrivals, origin, registered, resolved
from tests.support.histories.newest import fact_of
from tests.support.servers.schemas import opened

REGIONS = ["31", "32.75", "33.72", "33.11", "34.71", "91.01", "91.02"]
SUCCESSORS = {"91.01": "93.01", "91.02": "92.71"}
PROVINCES = ["31", "32", "33", "34", "91", "92", "93"]
DAY = date(2026, 1, 5)
LENGTH = 120


class Life:
    """Random facts of three cooperations between few regions, so that provinces leave, supervise, and come back."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._versions: dict[str, int] = {}
        self._parties: dict[str, list[str]] = {}

    def _sealed(self, fact: Fact, subject: str) -> Envelope:
        self._versions[subject] = self._versions.get(subject, 0) + 1
        return seal(fact, subject, self._versions[subject], origin(fact.declaration.service.value))

    def next(self) -> Envelope:
        """A fact that may follow on those before."""
        rng, key = self._rng, self._rng.choice("abc")
        identity, task = cooperation_id(key), f"task/{task_id(key)}"
        subject = f"cooperation/{identity}"
        if key not in self._parties:
            self._parties[key] = rng.sample(REGIONS, 2)
            return self._sealed(registered(key, self._parties[key]), subject)
        kind, parties = rng.randrange(10), self._parties[key]
        if kind == 0:
            region = rng.choice(list(SUCCESSORS))
            values = {"region": region, "successor": SUCCESSORS[region], "effective_on": DAY, "legal_basis": "UU"}
            if rng.random() < 0.5:
                changed: Fact = registry.BoundaryChangedV1.model_validate(values)
            else:
                changed = registry.BoundaryChanged.model_validate(values | {"decision": None})
            return self._sealed(changed, rng.choice(["reference/boundaries", subject]))
        if kind <= 2:
            return self._sealed(resolved(key, f"tkksd:{rng.choice(PROVINCES)}", parties), f"supervision/{identity}")
        if kind <= 4 and len(parties) > 2:
            region = rng.choice(parties)
            self._parties[key] = rest = [one for one in parties if one != region]
            return self._sealed(fact_of(registry.PartyWithdrew, region=region, reason=None, parties=rest), subject)
        if kind <= 5 and (free := sorted(set(REGIONS) - set(parties))):
            region = rng.choice(free)
            self._parties[key] = more = sorted([*parties, region])
            return self._sealed(fact_of(registry.PartyJoined, region=region, reason=None, parties=more), subject)
        if kind <= 7:
            overdue = supervision.TaskOverdue(cooperation_id=identity, due_on=DAY, day=DAY)
            return self._sealed(overdue, task)
        problem = fact_of(registry.ProblemReported, problem=f"p{self._versions[subject]}", description="terlambat")
        return self._sealed(problem, subject)


def selected(leaves: list[bytes], cut: int) -> Membership:
    """What every feed had to contain, told in two steps."""
    membership, form = Membership(), Form()
    for at, some in ((0, leaves[:cut]), (cut, leaves[cut:])):
        concerns = Concerns()
        assert concerns.take(form.take(at, b"".join(raw + b"\n" for raw in some))[1]) == []
        membership.take(concerns)
    return membership


def test_feeds_are_what_is_delivered(tmp_path: Path, rng: random.Random, rounds: int) -> None:
    """Random lives of cooperations give the same feeds, in the same order, from the leaves as from the service."""
    for number in range(rounds * 5):
        life = Life(rng)
        facts = [life.next() for _ in range(LENGTH)]
        leaves = [fact.to_bytes() for fact in facts]
        with opened(f"sqlite:///{tmp_path / str(number)}.sqlite", "reporting") as database:
            feeds = Feeds(database, Journal(database))
            with database.write() as connection:
                assert feeds.journal.admit(connection, arrivals(facts)) == LENGTH
            while feeds.step(rng.randint(1, LENGTH)):
                pass
            found = selected(leaves, rng.randrange(LENGTH)).feeds()
            with database.read() as connection:
                for province in PROVINCES:
                    had = [leaves[at] for at in found.get(province, ())]
                    assert had == feeds.leaves(connection, province, 0, LENGTH), province


def test_an_id_that_is_no_text_is_read_by_the_rule_of_the_feeds() -> None:
    """A fact whose cooperation is named by something else than a text belongs to what the feeds' rule makes of it."""
    fact = supervision.TaskOverdue(cooperation_id=cooperation_id("a"), due_on=DAY, day=DAY)
    sealed = seal(fact, f"task/{task_id('a')}", 1, origin("supervision")).model_dump(mode="json", exclude_none=True)
    oddities: list[object] = [[], {}, 5, True]
    for odd in oddities:
        raw = Envelope.model_validate(sealed | {"data": sealed["data"] | {"cooperation_id": odd}}).to_bytes()
        concerns = Concerns()
        assert concerns.take(Form().take(0, raw + b"\n")[1]) == []
        assert list(concerns.matters) == [str(odd)]
