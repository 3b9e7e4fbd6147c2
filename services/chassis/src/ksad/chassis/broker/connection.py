"""A connection to the broker that comes back for ever, one client object for each life of it.

The client's own reconnecting keeps what was published while it was away and sends it later, after the caller has been
told of a failure. Here every client lives as long as its connection, and what it could not send dies with it.
"""

from __future__ import annotations

import asyncio
import json
import math
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, TypeVar

import structlog
from nats.aio.client import Client
from nats.errors import Error

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterator
    from pathlib import Path

    from nats.aio.msg import Msg

CONNECT_SECONDS = 2
REQUEST_SECONDS = 5.0
WATCH_SECONDS = 0.25
PING_SECONDS = 5
PINGS_LOST_MAX = 2
CONTACT_SECONDS = 1.0
"""How often the broker is asked for a sign of life, which has to be well within KSAD_STUCK_SECONDS."""
RETRY_SECONDS = (0.05, 1.0)
"""The first and the longest pause between two attempts to connect."""

T = TypeVar("T")
log = structlog.get_logger(__name__)


async def pause(stop: asyncio.Event, seconds: float) -> None:
    """Return after these seconds, or as soon as ``stop`` is set."""
    with suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)


@contextmanager
def waking(stop: asyncio.Event, wake: asyncio.Event) -> Iterator[None]:
    """Within the block ``wake`` is set when ``stop`` is, so that who waits for work hears of the end at once."""
    stopping = asyncio.create_task(stop.wait())
    stopping.add_done_callback(lambda _: wake.set())
    try:
        yield
    finally:
        stopping.cancel()


class UnavailableError(Exception):
    """The broker did not answer: what was asked of it may have been done, or not."""


class RefusedError(UnavailableError):
    """The broker answered with an error; ``code`` is the server's ``err_code``."""

    def __init__(self, code: int, description: str) -> None:
        super().__init__(f"the broker refused: {description} ({code})")
        self.code = code


def answer_of(raw: bytes) -> dict[str, Any]:
    """The JSON object that JetStream answers with; raises RefusedError, or UnavailableError where it is none."""
    try:
        body: dict[str, Any] = json.loads(raw)
    except json.JSONDecodeError as error:
        raise UnavailableError(f"no answer of JetStream: {raw[:80]!r}") from error
    if "error" in body:
        raise RefusedError(body["error"].get("err_code", 0), body["error"].get("description", ""))
    return body


class MortalClient(Client):
    """What could not be sent dies with the connection.

    The library tries to flush it into the connection that has just failed. Where that fails, too, it stops half-way:
    socket and tasks stay behind, and nobody is told.
    """

    async def _process_op_err(self, e: Exception) -> None:
        self._pending, self._pending_data_size = [], 0
        await super()._process_op_err(e)


class Session:
    """One life of a connection."""

    def __init__(self) -> None:
        self.client = MortalClient()
        self.gone = asyncio.Event()

    async def run(self, work: Coroutine[Any, Any, T]) -> T:
        """The result of the client's work, or UnavailableError as soon as the connection is lost.

        :raises UnavailableError: the connection was lost, or nobody answered in time.
        """
        task = asyncio.ensure_future(work)
        lost = asyncio.ensure_future(self.gone.wait())
        try:
            await asyncio.wait({task, lost}, return_when=asyncio.FIRST_COMPLETED)
            if not task.done():
                raise UnavailableError("the connection to the broker was lost")
            return task.result()
        except (Error, OSError) as error:
            raise UnavailableError(f"the broker did not answer: {error!r}") from error
        finally:
            lost.cancel()
            task.cancel()

    async def publish(self, subject: str, raw: bytes, headers: dict[str, str] | None, reply: str = "") -> None:
        """Send without waiting for an answer.

        :raises UnavailableError: the connection is gone.
        """
        try:
            await self.client.publish(subject, raw, reply=reply, headers=headers)
        except (Error, OSError) as error:
            raise UnavailableError(f"the connection to the broker was lost: {error!r}") from error


class Connection:
    """Keeps one line to the broker, and makes a new one whenever it is gone."""

    def __init__(self, url: str, name: str, nkey_seed_file: Path | None = None) -> None:
        self.name = name
        self.generation = 0
        self.last_contact = time.monotonic()
        """When the broker gave its last sign of life, by the monotonic clock; at first, when this was made."""
        self._servers = [server.strip() for server in url.split(",")]
        self._seed = str(nkey_seed_file) if nkey_seed_file is not None else None
        self._session: Session | None = None
        self._up = asyncio.Event()
        self._keeper: asyncio.Task[None] | None = None
        self._stopped = False

    @property
    def connected(self) -> bool:
        """Whether there is a line at this moment."""
        return self._session is not None and self._session.client.is_connected

    @property
    def session(self) -> Session:
        """The present line.

        :raises UnavailableError: there is none.
        """
        if self._session is None:
            raise UnavailableError("there is no connection to the broker")
        return self._session

    async def start(self) -> None:
        """Begin connecting, and keep the connection until it is stopped; returns at once."""
        self._keeper = asyncio.create_task(self._keep(), name=f"broker {self.name}")

    async def wait(self, seconds: float) -> None:
        """Wait until there is a connection.

        :raises UnavailableError: there was none within these seconds.
        """
        try:
            await asyncio.wait_for(self._up.wait(), seconds)
        except TimeoutError as error:
            raise UnavailableError(f"no connection to the broker within {seconds} seconds") from error

    async def stop(self) -> None:
        """Close the connection."""
        self._stopped = True
        while self._keeper is not None and not self._keeper.done():
            # The client swallows a cancellation in some places, hence again until it has had its effect.
            self._keeper.cancel()
            await asyncio.wait({self._keeper}, timeout=WATCH_SECONDS)

    async def ask(self, call: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """The answer of a call of JetStream's interface, such as ``STREAM.INFO.KSAD_LOG``.

        :raises RefusedError: it answered with an error.
        :raises UnavailableError: it did not answer.
        """
        message = await self.request(f"$JS.API.{call}", json.dumps(body or {}).encode())
        return answer_of(message.data)

    async def request(
        self, subject: str, payload: bytes, headers: dict[str, str] | None = None, seconds: float = REQUEST_SECONDS
    ) -> Msg:
        """Publish and wait for the answer.

        :raises UnavailableError: there was no answer; the message may have been taken all the same.
        """
        session = self.session
        return await session.run(session.client.request(subject, payload, timeout=seconds, headers=headers))

    async def _keep(self) -> None:
        wait = RETRY_SECONDS[0]
        while not self._stopped:
            session = Session()
            try:
                await self._connect(session)
                wait = RETRY_SECONDS[0]
                self.generation += 1
                self._session = session
                self._up.set()
                await self._watch(session)
                log.warning("broker_lost", broker=self.name, generation=self.generation)
            except (Error, OSError, UnavailableError) as error:
                log.warning("broker_unreachable", broker=self.name, error=repr(error))
                await asyncio.sleep(wait)
                wait = min(wait * 2, RETRY_SECONDS[1])
            finally:
                self._session = None
                self._up.clear()
                session.gone.set()
                await self._close(session)

    async def _connect(self, session: Session) -> None:
        async def closed() -> None:
            session.gone.set()

        async def failed(error: Exception) -> None:
            log.warning("broker_error", broker=self.name, error=repr(error))

        await session.client.connect(
            list(self._servers),
            name=self.name,
            allow_reconnect=False,
            max_reconnect_attempts=1,
            reconnect_time_wait=0,
            connect_timeout=CONNECT_SECONDS,
            ping_interval=PING_SECONDS,
            max_outstanding_pings=PINGS_LOST_MAX,
            nkeys_seed=self._seed,
            closed_cb=closed,
            error_cb=failed,
        )

    async def _watch(self, session: Session) -> None:
        """Returns when the line is gone. The client does not always say so, hence the look at its state.

        The client asks for a sign of life by itself, and tells nobody what it hears; so it is asked here once more.
        """
        asked = -math.inf
        while not session.gone.is_set() and session.client.is_connected:
            if time.monotonic() - asked >= CONTACT_SECONDS:
                asked = time.monotonic()
                await session.run(session.client.flush(PINGS_LOST_MAX * PING_SECONDS))
                self.last_contact = time.monotonic()
            await pause(session.gone, WATCH_SECONDS)

    async def _close(self, session: Session) -> None:
        with suppress(Error, OSError):
            await session.client.close()
