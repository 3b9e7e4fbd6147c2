"""Tells every signed head to whoever listens on NATS (``ksad.checkpoint.<log>``): a message that may get lost."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

from ksad.chassis.broker import UnavailableError

if TYPE_CHECKING:
    from ksad.chassis.broker import Broker


class Announcer:
    """Sends signed heads as they are made. Make it inside the event loop."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self._loop = asyncio.get_running_loop()

    def announce(self, log: str, note: bytes) -> None:
        """Send the signed head of a log, from any thread; returns at once."""
        if not self._loop.is_closed():
            asyncio.run_coroutine_threadsafe(
                self._send(f"ksad.checkpoint.{log.removeprefix('feed/')}", note), self._loop
            )

    async def _send(self, subject: str, note: bytes) -> None:
        with suppress(UnavailableError):
            await self._broker.notify(subject, note)
