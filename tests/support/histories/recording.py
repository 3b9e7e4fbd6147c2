"""Commands for tests of recording: on streams of cooperations, without a service around them."""

from collections.abc import Sequence
from typing import NamedTuple

from ksad.chassis.store import (
    CommandRecord,
    CommandRecorder,
    EventStore,
    Outcome,
    PendingCommand,
    StoreView,
)
from ksad.contracts.catalogue import Fact
from ksad.contracts.envelope import Envelope, seal
from ksad.contracts.identifiers import command_id, cooperation_id
from ksad.contracts.registry import Stage, StageEntered
from ksad.contracts.rules import RuleBrokenError
from tests.support.histories.histories import DIGEST, origin, registered
from tests.support.histories.newest import fact_of

ENTERED = fact_of(StageEntered, left=Stage.EXPLORATION, stage=Stage.NEGOTIATION)


class RecordingBench(NamedTuple):
    """A store with its recorder, and how often its listeners were woken."""

    store: EventStore
    recorder: CommandRecorder
    woken: list[None]


def subject(key: str) -> str:
    """The stream of a cooperation."""
    return f"cooperation/{cooperation_id(key)}"


def pending(
    name: str,
    key: str,
    facts: Sequence[Fact],
    *,
    digest: str = DIGEST,
    first: bool = False,
    calls: list[str] | None = None,
) -> PendingCommand:
    """A command that adds facts to a stream; with ``first`` it is refused where the stream has begun."""
    identity = command_id("operator", name)
    made = origin(command=identity, digest=digest)

    def decide(view: StoreView) -> list[Envelope]:
        if calls is not None:
            calls.append(name)
        version = len(view.stream(subject(key)))
        if first and version:
            raise RuleBrokenError("key-unique", "Kunci sudah terdaftar.")
        return [seal(fact, subject(key), number, made) for number, fact in enumerate(facts, version + 1)]

    return PendingCommand(identity, digest, decide)


def register(name: str, key: str, **more: object) -> PendingCommand:
    """A command that registers a cooperation with two facts."""
    return pending(name, key, [registered(key), ENTERED], first=True, **more)  # type: ignore[arg-type] # passed on


def recorded(outcome: Outcome) -> CommandRecord:
    """The record, which the test is sure of."""
    assert isinstance(outcome, CommandRecord), outcome
    return outcome
