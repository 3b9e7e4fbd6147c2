"""A TCP proxy on the loopback interface whose answers can be swallowed, as a network does between two machines."""

import asyncio
from contextlib import suppress
from typing import Self


class Proxy:
    """Passes bytes on to a port. While ``deaf``, what the server answers is lost; ``cut`` ends all connections.

    While ``down`` nobody gets through. ``deafening`` is what somebody sends that makes it deaf from then on.
    """

    def __init__(self, port: int) -> None:
        self.deaf = False
        self.deafening: bytes | None = None
        self.down = False
        self._port = port
        self._server: asyncio.Server | None = None
        self._writers: list[asyncio.StreamWriter] = []
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def port(self) -> int:
        """The port it listens on."""
        assert self._server is not None
        found: int = self._server.sockets[0].getsockname()[1]
        return found

    @property
    def url(self) -> str:
        """The address for clients of a broker."""
        return f"nats://127.0.0.1:{self.port}"

    async def __aenter__(self) -> Self:
        """Listens on a free port."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        """Ends all connections, and listens no more."""
        assert self._server is not None
        self._server.close()
        self.down = True
        await asyncio.sleep(0.05)  # So that those which are being accepted get to `_serve`, which ends them.
        self.cut()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.sleep(0)  # An aborted connection is closed in the next round of the loop.

    def cut(self) -> None:
        """End all connections at once."""
        for writer in self._writers:
            writer.transport.abort()  # Nobody may be reading what still waits to be written.
        self._writers.clear()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.down:
            writer.close()
            return
        try:
            there, back = await asyncio.open_connection("127.0.0.1", self._port)
        except OSError:
            writer.close()
            return
        self._writers += [writer, back]
        for job in (self._pass(reader, back, answers=False), self._pass(there, writer, answers=True)):
            task = asyncio.create_task(job)
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _pass(self, source: asyncio.StreamReader, target: asyncio.StreamWriter, *, answers: bool) -> None:
        with suppress(OSError):
            while piece := await source.read(65536):
                if not answers and self.deafening is not None and self.deafening in piece:
                    self.deaf = True
                if not (answers and self.deaf):
                    target.write(piece)
                    await target.drain()
        target.close()
