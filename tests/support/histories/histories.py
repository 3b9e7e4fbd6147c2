"""Histories for tests: envelopes from the generator, and small ones made by hand."""

import random
from collections.abc import Sequence
from datetime import UTC, date, datetime
from functools import lru_cache
from uuid import UUID

from ksad.bench.generator import Generator
from ksad.contracts import registry, supervision
from ksad.contracts.catalogue import Fact
from ksad.contracts.envelope import Envelope, Origin, seal
from ksad.contracts.identifiers import cooperation_id, event_id
from ksad.contracts.registry import Stage
from ksad.reporting.journal import Arrival, Journal
from tests.support.histories.newest import fact_of

CODES = ("32.01", "32.04", "32.75", "33.11", "33.72", "34.71", "35.22", "91.01")
DIGEST = "0" * 64


def generated(count: int, seed: int = 1, codes: Sequence[str] = CODES) -> list[Envelope]:
    """A realistic history, predecessors and causes first; the last few are kept, as nobody changes them."""
    return [*_generated(count, seed, tuple(codes))]


@lru_cache(maxsize=8)
def _generated(count: int, seed: int, codes: tuple[str, ...]) -> tuple[Envelope, ...]:
    return tuple(Generator(codes, seed).envelopes(count))


def following_on(before: Sequence[Envelope], others: Sequence[Envelope]) -> list[Envelope]:
    """Those of other events that can be admitted after these, predecessors and causes first."""
    present = {event.id for event in before}
    found = []
    for event in others:
        needs = {event.causationid} - {None}
        if event.streamversion > 1:
            needs.add(event_id(event.subject, event.streamversion - 1))
        if event.id not in present and needs <= present:
            present.add(event.id)
            found.append(event)
    return found


def origin(
    service: str = "registry", *, command: UUID | None = None, cause: UUID | None = None, digest: str = DIGEST
) -> Origin:
    """Who, when and why, for facts made by hand."""
    return Origin(
        source=f"urn:ksad:test:{service}",
        time=datetime(2026, 1, 5, 3, tzinfo=UTC),
        occurred_on=date(2026, 1, 5),
        date_precision="day",
        actor_office="operator",
        actor_id="test",
        command_id=command,
        command_digest=digest if command else None,
        correlation_id=cooperation_id("test"),
        causation_id=cause,
    )


def registered(key: str, parties: Sequence[str] = ("33.72", "33.11"), **changes: object) -> registry.Registered:
    """The fact that a cooperation enters the register."""
    values: dict[str, object] = {
        "key": key,
        "title": f"Kerja sama {key}",
        "object": "pengolahan sampah",
        "affair": "lingkungan_hidup",
        "category": None,
        "parties": list(parties),
        "initiator": None,
        "stage": Stage.EXPLORATION,
        "profile": "ksad-2009",
    }
    return registry.Registered.model_validate(values | changes)


def resolved(key: str, body: str, parties: Sequence[str] = ("33.72", "33.11")) -> supervision.JurisdictionResolved:
    """The fact that a body supervises a cooperation."""
    return fact_of(
        supervision.JurisdictionResolved,
        cooperation_id=cooperation_id(key),
        tier=supervision.Tier.GOVERNOR,
        supervising_body=body,
        dispute_forum="governor:33",
        clause="P3",
        basis="text",
        row="t4",
        gap_filled=False,
        informed=[],
        parties=list(parties),
        holds_from=date(2026, 1, 5),
    )


def stream(key: str, facts: Sequence[Fact]) -> list[Envelope]:
    """A cooperation's stream made of facts."""
    subject = f"cooperation/{cooperation_id(key)}"
    return [seal(fact, subject, version, origin()) for version, fact in enumerate(facts, 1)]


def arrivals(envelopes: Sequence[Envelope]) -> list[Arrival]:
    """The envelopes as they come from the log, numbered per service."""
    numbers: dict[str, int] = {}
    made = []
    for envelope in envelopes:
        numbers[envelope.service] = numbers.get(envelope.service, 0) + 1
        made.append(Arrival(envelope.to_bytes(), envelope.service, numbers[envelope.service]))
    return made


def admit(journal: Journal, envelopes: Sequence[Envelope]) -> None:
    """Take the envelopes into the journal in one transaction."""
    with journal.database.write() as connection:
        journal.admit(connection, arrivals(envelopes))


def shuffled(items: Sequence[Arrival], rng: random.Random) -> list[Arrival]:
    """The same arrivals in an order that a seed gives."""
    mixed = list(items)
    rng.shuffle(mixed)
    return mixed
