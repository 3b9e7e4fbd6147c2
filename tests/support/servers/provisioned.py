"""The broker with the configuration that `ksad up` generates, its streams filled, and everybody's real credentials."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Self

import nats
from nats.aio.client import Client
from nats.aio.msg import Msg

from ksad.chassis.broker import Broker, Outgoing
from ksad.contracts.asyncapi import FEEDS_STREAM, LOG_STREAM
from ksad.local.machine.broker import broker_command, new_seed, write_broker_config
from ksad.local.machine.folder import Folder
from ksad.local.machine.ports import Port
from ksad.local.machine.processes import Processes
from ksad.local.machine.provision import make_credentials
from ksad.local.machine.reach import Reach
from tests.support.servers.processes import eventually, port_open, wait_until

EACH = 6
COUNTS = ("delivered", "ack_floor", "num_ack_pending", "num_redelivered", "num_pending")


class User:
    """One connection to the broker, which remembers what the broker refused and what it was sent."""

    def __init__(self) -> None:
        self.client = Client()
        self.refused: list[str] = []
        self.heard: list[Msg] = []

    async def failed(self, error: Exception) -> None:
        """Called with what the broker has to complain about."""
        self.refused.append(str(error).lower())

    async def hear(self, message: Msg) -> None:
        """Called with what arrives."""
        self.heard.append(message)

    async def is_refused(self, verb: str, subject: str) -> None:
        """Returns when the broker has told that publish to, or subscription to, a subject is refused."""
        wanted = f'permissions violation for {verb} to "{subject.lower()}"'

        async def told() -> bool:
            return any(wanted in one for one in self.refused)

        await eventually(told, what=wanted, every=0.005)

    async def publish(self, subject: str, payload: bytes = b"", reply: str = "") -> None:
        """Publish and wait until the broker has looked at it."""
        await self.client.publish(subject, payload, reply=reply)
        await self.client.flush()


class ProvisionedBroker:
    """A nats-server on a data folder. An observer who may do everything is added; all else is as generated."""

    def __init__(self, root: Path, *, second_acks: bool = False) -> None:
        """:param second_acks: whether the server writes the second form of ack subjects."""
        self.folder = Folder(root)
        self._second_acks = second_acks
        self._observer = new_seed()
        self._processes = Processes(self.folder)
        self._port = Port()

    @property
    def port(self) -> int:
        """The port it listens on."""
        return self._port.number

    @property
    def url(self) -> str:
        """The address for clients."""
        return f"nats://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self.folder.make()
        make_credentials(self.folder, f"nats://127.0.0.1:{self.port}")
        path = write_broker_config(self.folder, Reach().listening(self.port))
        config = json.loads(path.read_text())
        if self._second_acks:
            config["feature_flags"] = {"js_ack_fc_v2": True}
        everything = {"publish": ">", "subscribe": ">"}
        for account in ("KSAD", "FEEDS"):
            observer = {"user": account, "password": self._observer, "permissions": everything}
            config["accounts"][account]["users"].append(observer)
        path.write_text(json.dumps(config))
        self._processes.add("nats-server", broker_command(path))
        self.folder.endpoints.write_text(json.dumps({"nats": self.url, "feeds": self.url}))
        wait_until(lambda: port_open(self.port), what="nats-server")
        return self

    def __exit__(self, *_: object) -> None:
        self._processes.stop()
        self._port.close()

    @asynccontextmanager
    async def user(self, seed: str | None, inbox_prefix: str = "_INBOX") -> AsyncIterator[User]:
        """Somebody who has a seed, or none; raises nats' Error or OSError where he is not let in."""
        user = User()
        try:
            await user.client.connect(
                self.url,
                nkeys_seed_str=None if seed is None else seed.strip(),
                inbox_prefix=inbox_prefix.encode(),
                error_cb=user.failed,
                allow_reconnect=False,
                max_reconnect_attempts=1,
            )
            yield user
        finally:
            await user.client.close()

    def reloads(self) -> int:
        """How often the server has taken over a changed configuration; signals that come faster are lost on it."""
        return (self.folder.logs / "nats-server.log").read_text().count("Reloaded server configuration")

    def credentials(self, province: str) -> dict[str, Any]:
        """What a province was given."""
        known: dict[str, Any] = json.loads((self.folder.feeds / f"{province}.json").read_text())
        return known

    @asynccontextmanager
    async def province(self, province: str) -> AsyncIterator[User]:
        """A province with the credentials that it was given."""
        known = self.credentials(province)
        async with self.user(known["nkey_seed"], known["inbox_prefix"]) as user:
            yield user

    @asynccontextmanager
    async def service(self, name: str) -> AsyncIterator[User]:
        """A service, or ``feeds``, with its own key."""
        async with self.user((self.folder.keys / f"{name}.nk").read_text()) as user:
            yield user

    async def fill(self, *provinces: str) -> None:
        """Six messages in each feed with its consumer, and six of each service in the log."""
        async with Broker(self.url, "feeds", self.folder.feeds_seed) as broker:
            await broker.wait_connected()
            await broker.open_stream(FEEDS_STREAM, "ksad.feed.>")
            for province in provinces:
                await broker.open_consumer(FEEDS_STREAM, f"prov_{province}", f"ksad.feed.{province}.events")
                for number in range(EACH):
                    await broker.publish(Outgoing(f"ksad.feed.{province}.events", b"%d" % number, {}))
        for service in ("registry", "supervision", "reporting"):
            async with Broker(self.url, service, self.folder.keys / f"{service}.nk") as broker:
                await broker.wait_connected()
                await broker.open_stream()
                for number in range(EACH):
                    await broker.publish(Outgoing(f"ksad.log.{service}.noun.event", b"%d" % number, {}))

    async def facts(self) -> dict[str, Any]:
        """All streams and consumers there are, with their settings, contents and positions."""
        found: dict[str, Any] = {}
        for account, stream in (("KSAD", LOG_STREAM), ("FEEDS", FEEDS_STREAM)):
            observer = await nats.connect(self.url, user=account, password=self._observer)
            jetstream = observer.jetstream()
            for info in await jetstream.streams_info():
                found[f"{account} {info.config.name}"] = (info.config, info.state.messages, info.state.last_seq)
            for consumer in await jetstream.consumers_info(stream):
                counts = [getattr(consumer, name) for name in COUNTS]
                found[f"{account} {stream} {consumer.name}"] = (consumer.config, *map(_plain, counts))
            await observer.close()
        return found

    async def take(self, user: User, province: str, count: int = EACH) -> list[bytes]:
        """The next messages of a province's feed, each acknowledged and the ack confirmed."""
        known = self.credentials(province)
        jetstream = user.client.jetstream(prefix=known["api_prefix"])
        pulling = await jetstream.pull_subscribe_bind(known["consumer"], stream=known["stream"])
        bodies: list[bytes] = []
        while len(bodies) < count:
            for message in await pulling.fetch(count - len(bodies), timeout=5):
                await message.ack_sync()
                bodies.append(message.data)
        await pulling.unsubscribe()
        return bodies


def _plain(value: Any) -> Any:
    """A count without the moment it was last changed."""
    return (value.consumer_seq, value.stream_seq) if hasattr(value, "stream_seq") else value
