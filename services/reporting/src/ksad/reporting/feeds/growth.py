"""Lets requests wait for a feed to grow, with one coroutine each and no thread."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress


class Growth:
    """The known sizes of feeds, which may be larger by now. Must be created inside the event loop."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._sizes: dict[str, int] = {}
        self._grown = asyncio.Event()
        self._woken = 0

    def tell(self, sizes: dict[str, int]) -> None:
        """Announces, from any thread, that feeds have grown to these sizes."""
        if sizes and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._tell, sizes)

    def _tell(self, sizes: dict[str, int]) -> None:
        self._sizes.update(sizes)
        # Wakes those that wait now; later ones wait for a new event, so that none is woken by an old one.
        self._grown.set()
        self._grown = asyncio.Event()

    def wake(self) -> None:
        """Ends all waits, from any thread; for example when the service stops."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._wake)

    def _wake(self) -> None:
        self._woken += 1
        self._tell({})

    async def wait(self, province: str, size: int, seconds: float) -> None:
        """Waits until a feed is known to be larger than ``size``, until `wake` is called, or for ``seconds``."""
        deadline, woken = time.monotonic() + seconds, self._woken
        while self._sizes.get(province, 0) <= size and self._woken == woken:
            left = deadline - time.monotonic()
            if left <= 0:
                return
            with suppress(TimeoutError):
                await asyncio.wait_for(self._grown.wait(), left)
