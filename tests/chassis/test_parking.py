"""Parking and quarantine: one bad event stops its own stream, and nothing else."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from pydantic.fields import FieldInfo

from ksad.chassis.broker import Broker, Outgoing
from ksad.chassis.database import Database
from ksad.chassis.follower import Follower, Received
from ksad.contracts import canonical
from ksad.contracts.envelope import Envelope
from tests.support.histories.events import event, message, running, subject_of
from tests.support.platforms.ledger import Ledger
from tests.support.servers.processes import eventually
from tests.support.servers.schemas import opened

pytestmark = pytest.mark.anyio

Refuse = Callable[[Received], str | None]


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """An empty database of a service."""
    with opened(database_url) as made:
        yield made


@pytest.fixture
def book(database: Database) -> Ledger:
    """The service that follows."""
    return Ledger(database)


@asynccontextmanager
async def following(book: Ledger, url: str, refuse: Refuse | None = None) -> AsyncIterator[Follower]:
    """A follower at work, on a log that exists."""
    async with Broker(url, "follower") as broker:
        await broker.wait_connected()
        await broker.open_stream()
        follower = Follower("ledger", broker, book.database, book.apply, refuse=refuse, code_version="1.2")
        async with running(follower.run):
            yield follower


async def publish(follower: Follower, *messages: Envelope | Outgoing) -> None:
    """Publish events, or whatever else, and wait until the follower is past them."""
    last = 0
    for number, one in enumerate(messages, start=1):
        last = await follower.broker.publish(message(one, number) if isinstance(one, Envelope) else one)

    async def past() -> bool:
        return follower.status().position >= last

    await eventually(past, what="the position")


def items(follower: Follower) -> list[dict[str, Any]]:
    """What operators see."""
    with follower.database.read() as connection:
        return follower.parking.items(connection)


def both(*streams: int, version: int) -> list[Envelope]:
    """The events at one version of several streams."""
    return [event(stream, version) for stream in streams]


async def test_a_poisoned_event_holds_its_stream_and_nothing_else(book: Ledger, nats_url: str) -> None:
    """An event that cannot be applied is parked, later events of its stream wait behind it, and all others flow."""
    poison = event(1, 2)
    book.poison[poison.id] = "unknown office"
    async with following(book, nats_url) as follower:
        await publish(follower, *both(1, 2, version=1), *both(1, 2, version=2), *both(1, 2, version=3))
        await publish(follower, *both(1, 2, version=4))
        one, two = subject_of(1), subject_of(2)
        assert book.places() == [(one, 1), (two, 1), (two, 2), (two, 3), (two, 4)]
        assert follower.status().parked == 3
        found = await asyncio.to_thread(items, follower)
    assert [(row["stream"], row["version"], row["code_version"]) for row in found] == [
        (one, version, "1.2") for version in (2, 3, 4)
    ]
    assert [row["reason"] for row in found][:2] == ["unknown office", "waits behind a parked event of its stream"]
    assert found[0]["event_id"] == poison.id


async def test_a_retry_drains_in_order(book: Ledger, nats_url: str) -> None:
    """After the code was mended, a retry applies what is parked in the order of its stream; then the stream flows."""
    book.poison[event(1, 1).id] = "unknown office"
    async with following(book, nats_url) as follower:
        await publish(follower, *[event(1, version) for version in range(1, 13)])
        assert book.rows() == []
        book.poison.clear()
        assert await follower.retry_parked() == {"applied": 12, "parked": 0}
        await publish(follower, event(1, 13))
        assert book.places() == [(subject_of(1), version) for version in range(1, 14)]
        assert follower.status().parked == 0


async def test_a_retry_goes_as_far_as_it_can(book: Ledger, nats_url: str) -> None:
    """A retry that meets another bad event applies what lies before it; the rest stays, with the new reason."""
    book.poison[event(1, 1).id] = "first"
    async with following(book, nats_url) as follower:
        await publish(follower, *[event(1, version) for version in range(1, 5)], event(2, 1))
        book.poison = {event(1, 3).id: "third"}
        assert await follower.retry_parked() == {"applied": 2, "parked": 2}
        found = await asyncio.to_thread(items, follower)
        assert [(row["version"], row["attempts"]) for row in found] == [(3, 2), (4, 1)]
        assert found[0]["reason"] == "third"
        assert await follower.retry_parked() == {"applied": 0, "parked": 2}
        assert [row["attempts"] for row in await asyncio.to_thread(items, follower)] == [3, 1]
        await publish(follower, event(2, 2))
    assert book.places() == [(subject_of(2), 1), (subject_of(1), 1), (subject_of(1), 2), (subject_of(2), 2)]


async def test_a_retry_that_breaks_leaves_the_event_parked(book: Ledger, nats_url: str) -> None:
    """Code that fails on a parked event, in whatever way, does not stop the follower."""
    book.poison[event(1, 1).id] = "unknown office"
    async with following(book, nats_url) as follower:
        await publish(follower, event(1, 1), event(1, 2))
        book.poison.clear()
        book.faults = 2
        assert await follower.retry_parked() == {"applied": 0, "parked": 2}
        assert "is away" in (await asyncio.to_thread(items, follower))[0]["reason"]
        await publish(follower, event(2, 1))
        assert await follower.retry_parked() == {"applied": 2, "parked": 0}


async def test_many_poisoned_events_in_one_batch_are_all_parked(book: Ledger, nats_url: str) -> None:
    """However many events of a batch are bad, the good ones are applied."""
    bad = [event(stream, 1) for stream in range(10, 20)]
    good = [event(stream, 1) for stream in range(30, 40)]
    book.poison = {one.id: "bad" for one in bad}
    async with following(book, nats_url) as follower:
        await publish(follower, *[one for pair in zip(bad, good, strict=True) for one in pair])
        assert follower.status().parked == 10
    assert book.rows() == [one.to_bytes() for one in good]


async def test_a_newer_version_is_parked_and_never_guessed(book: Ledger, nats_url: str) -> None:
    """What the service refuses to understand is parked with its reason before it is applied, until newer code comes."""
    newest = 1

    def refuse(received: Received) -> str | None:
        version = int(received.envelope.type.rpartition(".v")[2])
        return None if version <= newest else f"version {version} is newer than this code"

    async with following(book, nats_url, refuse) as follower:
        await publish(follower, event(1, 1), event(1, 2, type_version=2), event(1, 3), event(2, 1))
        assert book.places() == [(subject_of(1), 1), (subject_of(2), 1)]
        assert (await asyncio.to_thread(items, follower))[0]["reason"] == "version 2 is newer than this code"
        assert await follower.retry_parked() == {"applied": 0, "parked": 2}
        newest = 2
        assert await follower.retry_parked() == {"applied": 2, "parked": 0}
    assert book.places()[2:] == [(subject_of(1), 2), (subject_of(1), 3)]


def newer(envelope: Envelope, notification: int = 1) -> Outgoing:
    """An event as a release to come may write it: with an attribute that this one has not heard of."""
    raw = canonical.encode(json.loads(envelope.to_bytes()) | {"zukunft": "1"})
    return message(envelope, notification)._replace(raw=raw)


@pytest.mark.fault(
    "cluster K11",
    kind="What a newer release writes is taken for garbage, and the position goes on over it: it is never tried again.",
    looked="The follower, a parked event that is read again, the relay's look at the newest event of its service, the"
    " refilling of a store; newer versions of a type, which were parked already.",
    found="An older relay did not know a newer event of its own service for one, and would have sent events twice; a"
    " store was not refilled with it.",
)
async def test_an_event_of_a_newer_release_waits_for_it(
    book: Ledger, nats_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Attributes that are not known park an event with its stream; the release that knows them applies it in order."""
    async with following(book, nats_url) as follower:
        await publish(follower, event(1, 1), newer(event(1, 2)), event(1, 3), event(2, 1))
        assert book.places() == [(subject_of(1), 1), (subject_of(2), 1)]
        assert follower.status()[5:7] == (2, 0)
        found = await asyncio.to_thread(items, follower)
        assert "attributes that this one does not know: zukunft" in found[0]["reason"]
        assert await follower.retry_parked() == {"applied": 0, "parked": 2}
        monkeypatch.setitem(Envelope.model_fields, "zukunft", FieldInfo(annotation=str))
        monkeypatch.setattr(Envelope, "_checked", classmethod(lambda _, known: event(1, known["streamversion"])))
        assert await follower.retry_parked() == {"applied": 2, "parked": 0}
    assert book.rows()[2:] == [newer(event(1, 2)).raw, event(1, 3).to_bytes()]


NO_EVENTS = {
    "no JSON": Outgoing("ksad.log.registry.example.thing_happened", b"\xff\x00", {}),
    "an empty message": Outgoing("ksad.log.registry.example.thing_happened", b"", {}),
    "another's subject": message(event(9, 1))._replace(subject="ksad.log.reporting.example.thing_happened"),
    "no position": message(event(9, 1))._replace(headers={}),
    "another's position": message(event(9, 1))._replace(headers={"Ksad-Position": "reporting:1"}),
    "a position of nonsense": message(event(9, 1))._replace(headers={"Ksad-Position": "registry:x"}),
    "an attribute that CloudEvents has not": message(event(9, 1))._replace(
        raw=canonical.encode(json.loads(event(9, 1).to_bytes()) | {"Zukunft": "1"})
    ),
    "not canonical": message(event(9, 1))._replace(raw=event(9, 1).to_bytes() + b" "),
}


@pytest.mark.parametrize("kind", NO_EVENTS)
async def test_what_is_no_event_is_quarantined(book: Ledger, nats_url: str, kind: str) -> None:
    """A message that carries no event is set aside with its reason, and nothing waits for it."""
    async with following(book, nats_url) as follower:
        await publish(follower, event(1, 1), NO_EVENTS[kind], event(1, 2))
        assert book.places() == [(subject_of(1), 1), (subject_of(1), 2)]
        assert follower.status()[5:7] == (0, 1)
        (found,) = await asyncio.to_thread(items, follower)
    assert (found["kind"], found["stream_sequence"]) == ("quarantined", 2)
    assert found["reason"]


async def test_what_somebody_has_looked_at_is_counted_no_more(book: Ledger, nats_url: str) -> None:
    """An operator dismisses the quarantine, which alone can never drain; what is parked stays parked."""
    book.poison[event(1, 1).id] = "unknown office"
    async with following(book, nats_url) as follower:
        await publish(follower, event(1, 1), NO_EVENTS["no JSON"])
        assert await follower.dismiss_quarantined() == 1
        assert [row["kind"] for row in await asyncio.to_thread(items, follower)] == ["parked"]

        async def forgotten() -> bool:
            return follower.status()[5:7] == (1, 0)

        await eventually(forgotten, what="the new count")
        assert await follower.dismiss_quarantined() == 0
