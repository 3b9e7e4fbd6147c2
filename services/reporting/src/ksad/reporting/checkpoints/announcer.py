"""Announces signed checkpoints on NATS (``ksad.checkpoint.<log>``), without persistence: a message may be lost."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

from ksad.chassis.broker import UnavailableError

if TYPE_CHECKING:
    from ksad.chassis.broker import Broker


class Announcer:
    """Announces checkpoints. Must be created inside the event loop."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self._loop = asyncio.get_running_loop()

    def announce(self, log: str, note: bytes) -> None:
        """Sends a signed checkpoint, from any thread, without waiting."""
        if not self._loop.is_closed():
            asyncio.run_coroutine_threadsafe(
                self._send(f"ksad.checkpoint.{log.removeprefix('feed/')}", note), self._loop
            )

    async def _send(self, subject: str, note: bytes) -> None:
        with suppress(UnavailableError):
            await self._broker.notify(subject, note)
