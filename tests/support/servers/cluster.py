"""Three real nats-servers on loopback that keep every stream three times, and can be stopped and damaged one by one."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Self

import httpx

from ksad.chassis.broker import LOG_STREAM, Broker, UnavailableError
from ksad.local.machine.ports import Port
from tests.support.servers.nats import NatsServer
from tests.support.servers.processes import eventually, wait_until

NAMES = ("s1", "s2", "s3")


class NatsCluster:
    """A cluster of three; each server keeps its ports and its folder over restarts."""

    def __init__(self, folder: Path, *, extra: str = "") -> None:
        """:param extra: further configuration text of every server, such as accounts."""
        self._routes = {name: Port() for name in NAMES}
        self._monitors = {name: Port() for name in NAMES}
        routes = ", ".join(f'"nats://127.0.0.1:{port.number}"' for port in self._routes.values())
        self.servers = {
            name: NatsServer(
                folder / name,
                extra=f"server_name: {name}\n"
                f"http: 127.0.0.1:{self._monitors[name].number}\n"
                f'cluster {{ name: ksad, listen: "127.0.0.1:{self._routes[name].number}", routes: [{routes}] }}\n'
                f"{extra}",
            )
            for name in NAMES
        }
        self._stack = ExitStack()

    @property
    def url(self) -> str:
        """The address for clients: all three."""
        return ",".join(server.url for server in self.servers.values())

    @property
    def monitors(self) -> list[str]:
        """The monitoring address of each server."""
        return [f"http://127.0.0.1:{port.number}" for port in self._monitors.values()]

    def __enter__(self) -> Self:
        for server in self.servers.values():
            self._stack.enter_context(server)
        for port in (*self._routes.values(), *self._monitors.values()):
            self._stack.callback(port.close)
        for name in NAMES:
            self.wait_healthy(name)
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def wait_healthy(self, name: str) -> None:
        """Return when a server has caught up with the others in everything that it keeps."""

        def healthy() -> bool:
            try:
                answer = httpx.get(f"http://127.0.0.1:{self._monitors[name].number}/healthz", trust_env=False)
            except httpx.HTTPError:
                return False
            return answer.is_success

        wait_until(healthy, what=f"the health of {name}", every=0.1)

    def truncate(self, name: str) -> None:
        """Cut the first block of the log in half on a server that is down, as a broken disk may."""
        block = min(self.servers[name].jetstream.rglob(f"{LOG_STREAM}/msgs/*.blk"))
        with block.open("r+b") as file:
            file.truncate(block.stat().st_size // 2)


async def leader(broker: Broker) -> str:
    """The name of the server that leads the log, as soon as there is one."""

    async def found() -> str:
        try:
            info = await broker._connection.ask(f"STREAM.INFO.{LOG_STREAM}")
        except UnavailableError:
            return ""
        return str(info["cluster"].get("leader", ""))

    return await eventually(found, what="a leader of the log", every=0.1)


async def lead(broker: Broker, name: str) -> None:
    """Have this server lead the log."""

    async def leads() -> bool:
        if await leader(broker) == name:
            return True
        try:
            wish = {"placement": {"preferred": name}}
            await broker._connection.ask(f"STREAM.LEADER.STEPDOWN.{LOG_STREAM}", wish)
        except UnavailableError:
            pass
        return False

    await eventually(leads, what=f"{name} as the leader", every=0.5)
