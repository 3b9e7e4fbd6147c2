"""Events of no particular meaning, a store that holds them, and tasks that run until their block ends."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid5

from ksad.chassis.broker import MESSAGE_ID, STRUCTURED, Outgoing
from ksad.chassis.store import EventStore
from ksad.contracts.envelope import Envelope, format_time, nats_subject
from ksad.contracts.identifiers import EVENTS, event_id
from ksad.contracts.positions import POSITION_HEADER, Position

MOMENT = datetime(2026, 1, 5, 3, 0, tzinfo=UTC)


def subject_of(number: int) -> str:
    """The stream with this number."""
    return f"cooperation/{uuid5(EVENTS, f'example {number}')}"


def event(stream: int, version: int = 1, *, service: str = "registry", type_version: int = 1, **data: Any) -> Envelope:
    """The event at a version of a stream; equal arguments make equal bytes."""
    subject = subject_of(stream)
    kind = f"ksad.example.thing_happened.v{type_version}"
    return Envelope(
        id=event_id(subject, version),
        source=f"urn:ksad:test:{service}",
        type=kind,
        subject=subject,
        streamversion=version,
        time=format_time(MOMENT),
        occurredon=date(2026, 1, 5),
        dateprecision="day",
        actoroffice="operator",
        actorid="penguji",
        commandid=uuid5(EVENTS, f"command {stream} {version}"),
        commanddigest="0" * 64,
        correlationid=UUID(int=0),
        dataschema=f"urn:ksad:schema:{kind}",
        data={"stream": stream, **data},
    )


def events(count: int, *, streams: int = 7, service: str = "registry", start: int = 0) -> list[Envelope]:
    """This many events, dealt to streams in turn; ``start`` goes on after as many."""
    return [event(n % streams, n // streams + 1, service=service) for n in range(start, start + count)]


def message(envelope: Envelope, notification: int = 1) -> Outgoing:
    """The message that a relay makes of an event."""
    headers = {
        MESSAGE_ID: str(envelope.id),
        POSITION_HEADER: str(Position(envelope.service, notification)),
        **STRUCTURED,
    }
    return Outgoing(nats_subject(envelope), envelope.to_bytes(), headers)


def write(store: EventStore, envelopes: Sequence[Envelope], per_command: int = 50) -> None:
    """Append events as a service does; those of one transaction get one command."""
    for start in range(0, len(envelopes), per_command):
        part = envelopes[start : start + per_command]
        with store.database.write() as connection:
            same = {"commandid": part[0].commandid}
            store.append(connection, [envelope.model_copy(update=same) for envelope in part])
        store.wake()


def recorded(store: EventStore) -> list[bytes]:
    """The bytes of all events of a store, in order."""
    return [bytes(notification.state) for notification in store.notifications(0, 1_000_000)]


@asynccontextmanager
async def running(*jobs: Callable[[asyncio.Event], Coroutine[Any, Any, None]]) -> AsyncIterator[asyncio.Event]:
    """Runs the loops of relays and followers until the block ends, and has them stop in good order."""
    stop = asyncio.Event()
    tasks = [asyncio.create_task(job(stop)) for job in jobs]
    try:
        yield stop
    finally:
        stop.set()
        await asyncio.wait_for(asyncio.gather(*tasks), 15)
