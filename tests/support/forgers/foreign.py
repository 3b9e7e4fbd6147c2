"""Messages that should not be in the log, put there with a service's own credentials, as a faulty release would."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from ksad.chassis.broker import Broker, Outgoing
from ksad.contracts.catalogue import Fact
from ksad.contracts.envelope import Envelope, Origin, seal
from ksad.contracts.identifiers import cooperation_id
from ksad.contracts.registry import Registered
from ksad.local.machine.platform import Platform
from tests.support.histories.events import message

ON = date(2026, 1, 5)
ORIGIN = Origin(
    source="urn:ksad:local:registry",
    time=datetime(2026, 1, 5, 1, tzinfo=UTC),  # The hour at which a simulated day begins: no clock is behind it.
    occurred_on=ON,
    date_precision="day",
    actor_office="operator",
    actor_id="foreign",
    command_id=None,
    command_digest=None,
    correlation_id=UUID(int=1),
    causation_id=None,
)


def registered(key: str, parties: Sequence[str]) -> Registered:
    """A registration that no command has made."""
    head = {"title": f"Kerja sama {key}", "object": "sampah", "affair": "lingkungan_hidup", "category": None}
    rest = {"parties": list(parties), "initiator": None, "stage": "exploration", "profile": "ksdd-2018"}
    return Registered.model_validate({"key": key, **head, **rest})


def sealed(key: str, *facts: Fact) -> list[Envelope]:
    """The stream of a cooperation."""
    subject = f"cooperation/{cooperation_id(key)}"
    return [seal(fact, subject, version, ORIGIN) for version, fact in enumerate(facts, 1)]


def retyped(envelope: Envelope, kind: str) -> Envelope:
    """The same event under another type."""
    changed: dict[str, Any] = envelope.model_dump(mode="json", exclude_none=True)
    return Envelope.model_validate({**changed, "type": kind, "dataschema": f"urn:ksad:schema:{kind}"})


FORGED: set[bytes] = set()
"""The bodies that tests have put into a log, for which no service answers."""
MALFORMED = Outgoing("ksad.log.registry.cooperation.registered", b'{"specversion": "1.0"', {})


def publish(platform: Platform, *messages: Outgoing | Envelope) -> None:
    """Put messages into the log's stream as the registry, events numbered on from its newest one."""
    with platform.client() as client:
        head = client.get("registry", "/status", "operator")["head"]
    asyncio.run(_publish(platform, head, messages))


async def _publish(platform: Platform, head: int, messages: tuple[Outgoing | Envelope, ...]) -> None:
    async with Broker(platform.endpoints["nats"], "foreign", platform.folder.keys / "registry.nk") as broker:
        await broker.wait_connected()
        for number, one in enumerate(messages, head + 1):
            forged = message(one, number) if isinstance(one, Envelope) else one
            FORGED.add(forged.raw)
            await broker.publish(forged)
