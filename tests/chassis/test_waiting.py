"""Readings that promise "not older than": who may wait, for what, how long, and that waiting costs nobody else."""

import asyncio
import threading
import time
from collections.abc import Collection

import pytest

from ksad.chassis import waiting
from ksad.chassis.health import Health
from ksad.chassis.problems import Problem
from ksad.chassis.waiting import Arrivals, positions, seconds
from ksad.contracts.positions import Position

REGISTRY = Position("registry", 12)
SUPERVISION = Position("supervision", 7)


class Taken:
    """What a service has taken in so far, and how often somebody looked."""

    def __init__(self) -> None:
        self.known: set[Position] = set()
        self.looks = 0
        self.fault: Exception | None = None

    def reached(self, wanted: Collection[Position]) -> list[Position]:
        """As a service answers it."""
        self.looks += 1
        if self.fault is not None and self.looks > 1:
            raise self.fault
        return [one for one in wanted if one in self.known]


@pytest.fixture
def taken() -> Taken:
    """A service that has taken nothing in."""
    return Taken()


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ("registry:12", {REGISTRY}),
        ("registry:12, supervision:7", {REGISTRY, SUPERVISION}),
        ("supervision:7,\tregistry:12,reporting:1", {REGISTRY, SUPERVISION, Position("reporting", 1)}),
        *[(bad, None) for bad in ("", "registry", "registry:-1", "portal:1", "registry:12,", "registry:1, registry:2")],
        *[(bad, None) for bad in ("registry:1_0", "registry:١", "registry:1\n", "registry:" + "9" * 16)],
    ],
)
def test_a_position_of_each_service_can_be_asked_for(header: str, found: set[Position] | None) -> None:
    """Ksad-After names one position or several, of each service at most one; anything else is refused."""
    if found is None:
        with pytest.raises(Problem) as refused:
            positions(header)
        assert (refused.value.status, refused.value.rule) == (400, "position-readable")
    else:
        assert positions(header) == found


@pytest.mark.parametrize(
    ("header", "found"),
    [
        (None, 5.0),
        ("0.8", 0.8),
        ("0", 0.0),
        ("5", 5.0),
        *[(bad, None) for bad in ("5.1", "60", "-1", "nan", "1e0")],
    ],
)
def test_the_caller_chooses_how_long_to_wait(header: str | None, found: float | None) -> None:
    """Ksad-Wait is a number of seconds up to five, which is what is waited where it is not given."""
    if found is None:
        with pytest.raises(Problem) as refused:
            seconds(header)
        assert (refused.value.status, refused.value.rule) == (400, "wait-readable")
    else:
        assert seconds(header) == found


@pytest.mark.anyio
async def test_who_waits_goes_on_as_soon_as_all_positions_are_reached(taken: Taken) -> None:
    """One position of two is not enough; with the second the wait is over, long before its time."""
    arrivals = Arrivals(taken.reached, Health())
    waiter = asyncio.create_task(arrivals.wait("auditor", {REGISTRY, SUPERVISION}, 30))
    taken.known.add(REGISTRY)
    await asyncio.sleep(3 * waiting.POLL_SECONDS)
    assert not waiter.done()
    taken.known.add(SUPERVISION)
    threading.Thread(target=arrivals.wake).start()
    await asyncio.wait_for(waiter, 5)


@pytest.mark.anyio
async def test_a_wait_of_no_seconds_still_looks(taken: Taken) -> None:
    """What is there is answered also to who does not want to wait; what is not there is refused at once."""
    arrivals = Arrivals(taken.reached, Health())
    taken.known.add(REGISTRY)
    await arrivals.wait("auditor", {REGISTRY}, 0)
    with pytest.raises(Problem, match=r"supervision:7\."):
        await arrivals.wait("auditor", {REGISTRY, SUPERVISION}, 0)


@pytest.mark.anyio
@pytest.mark.fault("http A2", kind="somebody who is not known makes the platform wait, and waiting holds a thread")
async def test_hundreds_wait_without_a_thread(taken: Taken) -> None:
    """Four hundred who wait cost as many looks at the database as one, and who needs a thread gets it at once."""
    arrivals = Arrivals(taken.reached, Health())
    waiters = [asyncio.create_task(arrivals.wait(f"region:{n % 9}", {REGISTRY}, 4.0)) for n in range(400)]
    await asyncio.sleep(0.5)
    await asyncio.to_thread(time.monotonic)
    assert not any(one.done() for one in waiters)
    looks = taken.looks
    await asyncio.sleep(5 * waiting.POLL_SECONDS)
    assert taken.looks - looks <= 6
    ended = await asyncio.gather(*waiters, return_exceptions=True)
    assert {getattr(one, "rule", None) for one in ended} == {"reading-current"}


@pytest.mark.anyio
async def test_one_office_does_not_wait_for_all(taken: Taken) -> None:
    """An office that waits very often is refused at once, as everybody is when very many wait; others still wait."""
    arrivals = Arrivals(taken.reached, Health())

    async def wait(office: str) -> str | None:
        try:
            await arrivals.wait(office, {REGISTRY}, 2.0)
        except Problem as refused:
            return refused.detail
        return None

    first = [asyncio.create_task(wait("auditor")) for _ in range(waiting.WAITERS_OF_OFFICE_MAX)]
    await asyncio.sleep(0.3)
    refused = await asyncio.wait_for(wait("auditor"), 0.5)
    assert refused is not None
    assert "menunggu" in refused
    other = asyncio.create_task(wait("minister"))
    await asyncio.sleep(0.1)
    taken.known.add(REGISTRY)
    assert set(await asyncio.gather(*first, other)) == {None}


@pytest.mark.anyio
async def test_a_fault_of_the_database_is_told_to_who_waits(taken: Taken) -> None:
    """Where the look fails, those who wait hear of it, and the next one who asks is looked for again."""
    arrivals = Arrivals(taken.reached, Health())
    taken.fault = ConnectionError("away")
    with pytest.raises(ConnectionError):
        await asyncio.wait_for(arrivals.wait("auditor", {REGISTRY}, 30), 5)
    taken.fault = None
    taken.known.add(REGISTRY)
    await arrivals.wait("auditor", {REGISTRY}, 1)


@pytest.mark.anyio
async def test_a_service_that_ends_lets_nobody_wait(taken: Taken) -> None:
    """When the service is about to end, whoever waits is told at once that the data is not there yet."""
    health = Health()
    arrivals = Arrivals(taken.reached, health)
    waiter = asyncio.create_task(arrivals.wait("auditor", {REGISTRY}, 30))
    await asyncio.sleep(0.1)
    health.draining = True
    with pytest.raises(Problem):
        await asyncio.wait_for(waiter, 1)
