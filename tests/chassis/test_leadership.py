"""One leader for each role: who, since when and in which term, on both databases; nobody and two are seen."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from prometheus_client.parser import text_string_to_metric_families

from ksad.chassis.database import Database
from ksad.chassis.leadership import RoleLease, leaders_of
from ksad.chassis.metrics import Metrics
from tests.support.servers.processes import wait_until
from tests.support.servers.schemas import opened

ROLE = "calendar"


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A service's database, as its first process has it."""
    with opened(database_url) as made:
        yield made


@pytest.fixture
def other(database: Database) -> Iterator[Database]:
    """The same one, as its second process has it."""
    with closing(Database(database.url)) as made:
        yield made


def test_one_of_two_leads_until_it_gives_the_role_back(database: Database, other: Database) -> None:
    """The second stands by however often it asks; when the first ends in good order it leads at once, one term on."""
    first, second = RoleLease(database, ROLE), RoleLease(other, ROLE)
    assert first.hold()
    for _ in range(3):
        assert not second.hold()
        assert first.hold()
    (led,) = leaders_of(database)
    assert (led.role, led.holder, led.term) == (ROLE, first.holder, 1)
    assert abs(led.since - datetime.now(UTC)) < timedelta(minutes=5)
    first.release()
    assert second.hold()
    assert not first.hold()
    (led,) = leaders_of(database)
    assert (led.holder, led.term) == (second.holder, 2)


def test_who_says_nothing_is_succeeded_and_knows_it(database: Database, other: Database) -> None:
    """A process that no longer answers loses the role within seconds; awake again it stands by and may not write."""
    first, second = RoleLease(database, ROLE), RoleLease(other, ROLE)
    assert first.hold()
    wait_until(second.hold, what="the succession", seconds=20, every=0.1)
    with database.write() as connection:
        assert not first.fence(connection)
        assert second.fence(connection)
    assert not first.hold()
    assert [one.term for one in leaders_of(database)] == [2]


def test_a_leader_that_nobody_asks_writes_nothing(database: Database) -> None:
    """Holding a role is a reading; the same process keeps its term and its beginning."""
    lease = RoleLease(database, ROLE)
    assert lease.hold()
    known, written = leaders_of(database), database.written
    assert all(lease.hold() for _ in range(5))
    assert (leaders_of(database), database.written) == (known, written)


def test_of_many_who_begin_at_once_one_leads(database: Database) -> None:
    """Eight processes that take a free role at the same moment have one leader, in term one."""
    leases = [RoleLease(database, ROLE) for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(lambda one: one.hold(), leases))
    assert sum(outcomes) == 1
    assert [one.term for one in leaders_of(database)] == [1]


def test_nobody_and_two_are_seen_in_the_metrics(database: Database, other: Database) -> None:
    """The sum of the gauge over the processes of a service is the number of those that lead now."""
    leases = [RoleLease(database, ROLE), RoleLease(other, ROLE)]

    def leading() -> float:
        total = 0.0
        for lease in leases:
            metrics = Metrics("registry")
            metrics.labelled("leader", "1 in the process that leads", "role", {ROLE: partial(getattr, lease, "leads")})
            for family in text_string_to_metric_families(metrics.text().decode()):
                total += sum(one.value for one in family.samples if one.labels == {"service": "registry", "role": ROLE})
        return total

    assert leading() == 0
    assert [lease.hold() for lease in leases] == [True, False]
    assert leading() == 1
    leases[1].leads = True
    assert leading() == 2
