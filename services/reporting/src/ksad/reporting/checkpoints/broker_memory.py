"""The claims in the broker: a stream that keeps the newest message of each log."""

from __future__ import annotations

import asyncio
from concurrent.futures import CancelledError
from typing import TYPE_CHECKING, TypeVar

from ksad.chassis.broker import GuardError, Outgoing, StreamPlan, UnavailableError
from ksad.ledger.log.errors import MemoryAwayError, SignerMovedError
from ksad.reporting.checkpoints.memory import HeadClaim

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from ksad.chassis.broker import Broker

    T = TypeVar("T")

HEADS = StreamPlan("KSAD_HEADS", "ksad.head.>", newest_only=True)
CONNECTION_SECONDS = 1.0
ANSWER_SECONDS = 20.0
"""Longer than the limits of the requests of one call."""


class BrokerMemory:
    """The claims in the broker. Create it in the event loop, and use it from other threads."""

    name = "the broker"

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self._loop = asyncio.get_running_loop()
        self._sequences: dict[str, int] = {}

    def read(self, origin: str) -> HeadClaim | None:
        """The newest claim of a log, or None."""
        return self._wait(self._read(origin))

    def advance(self, seen: HeadClaim | None, claim: HeadClaim) -> None:
        """Replaces the claim read last."""
        if seen is None:
            self._sequences.setdefault(claim.origin, 0)
        self._wait(self._advance(claim))

    async def _read(self, origin: str) -> HeadClaim | None:
        await self._broker.wait_connected(CONNECTION_SECONDS)
        await self._broker.open_stream(HEADS.name, HEADS.subjects, newest_only=HEADS.newest_only)
        newest = await self._broker.last_of(_subject(origin), HEADS.name)
        self._sequences[origin] = 0 if newest is None else newest.sequence
        return None if newest is None else HeadClaim.from_bytes(newest.raw)

    async def _advance(self, claim: HeadClaim) -> None:
        subject = _subject(claim.origin)
        message = Outgoing(subject, claim.to_bytes(), {})
        try:
            sequence = await self._broker.publish_batch([message], subject, self._sequences[claim.origin])
        except GuardError as error:
            raise SignerMovedError(f"{claim.origin}: another machine has claimed a head in the broker") from error
        self._sequences[claim.origin] = sequence

    def _wait(self, work: Coroutine[None, None, T]) -> T:
        try:
            return asyncio.run_coroutine_threadsafe(work, self._loop).result(ANSWER_SECONDS)
        except (UnavailableError, TimeoutError, CancelledError) as error:
            raise MemoryAwayError(f"what other machines have signed cannot be known: {error}") from error
        except RuntimeError as error:
            work.close()
            raise MemoryAwayError("what other machines have signed cannot be known: the service is ending") from error


def _subject(origin: str) -> str:
    return f"ksad.head.{origin.replace('/', '.')}"
