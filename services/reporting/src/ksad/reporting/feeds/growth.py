"""Readers that wait for their province's feed to grow: one coroutine each, and no thread."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress


class Growth:
    """What the feeds' sizes are known to be at least. Make it inside the event loop."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._sizes: dict[str, int] = {}
        self._grown = asyncio.Event()
        self._woken = 0

    def tell(self, sizes: dict[str, int]) -> None:
        """These feeds have grown to these sizes; from any thread."""
        if sizes and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._tell, sizes)

    def _tell(self, sizes: dict[str, int]) -> None:
        self._sizes.update(sizes)
        self._grown.set()
        self._grown = asyncio.Event()

    def wake(self) -> None:
        """Have everybody look for himself; from any thread."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._wake)

    def _wake(self) -> None:
        self._woken += 1
        self._tell({})

    async def wait(self, province: str, size: int, seconds: float) -> None:
        """Return when a feed is known to be larger than ``size``, when all are woken, or after these seconds."""
        deadline, woken = time.monotonic() + seconds, self._woken
        while self._sizes.get(province, 0) <= size and self._woken == woken:
            left = deadline - time.monotonic()
            if left <= 0:
                return
            with suppress(TimeoutError):
                await asyncio.wait_for(self._grown.wait(), left)
