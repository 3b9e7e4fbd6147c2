"""A connection to the broker that is always restored, with a new client object each time.

The client's own reconnecting keeps what was published while it was disconnected and sends it later, after the caller
was told of a failure. Here a client lives as long as its connection, and messages that it could not send are dropped.
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
from nats.errors import Error, NoRespondersError

from ksad.chassis.certificates import ClientTls

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
"""How often the broker is pinged; must be well below KSAD_STUCK_SECONDS."""
NOT_SERVED = 503
CLOSE_SECONDS = 2.0
RETRY_SECONDS = (0.05, 1.0)
"""The first and the longest pause between two attempts to connect."""

T = TypeVar("T")
log = structlog.get_logger(__name__)


async def pause(stop: asyncio.Event, seconds: float) -> None:
    """Waits for some seconds, or until ``stop`` is set."""
    with suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)


@contextmanager
def waking(stop: asyncio.Event, wake: asyncio.Event) -> Iterator[None]:
    """Sets ``wake`` when ``stop`` is set, within the block, so that a loop waiting for work ends at once."""
    stopping = asyncio.create_task(stop.wait())
    stopping.add_done_callback(lambda _: wake.set())
    try:
        yield
    finally:
        stopping.cancel()


class UnavailableError(Exception):
    """The broker did not answer. The request may or may not have been carried out."""


class RefusedError(UnavailableError):
    """The broker answered with an error; ``code`` is its ``err_code``, or 503 where nothing serves what was asked."""

    def __init__(self, code: int, description: str) -> None:
        super().__init__(f"the broker refused: {description} ({code})")
        self.code = code


class DamagedError(UnavailableError):
    """A server has lost messages of a stream that nothing is ever deleted from: its copy must not be used."""


class UnstoredError(UnavailableError):
    """The broker answers, and says nothing of a message that it was to store: a stream whose file it once could not
    write stores nothing until the server is restarted.
    """


def answer_of(raw: bytes) -> dict[str, Any]:
    """Parses a response of JetStream.

    :raises RefusedError: it reports an error.
    :raises UnavailableError: it is not JSON.
    """
    try:
        body: dict[str, Any] = json.loads(raw)
    except json.JSONDecodeError as error:
        raise UnavailableError(f"no answer of JetStream: {raw[:80]!r}") from error
    if "error" in body:
        raise RefusedError(body["error"].get("err_code", 0), body["error"].get("description", ""))
    return body


class MortalClient(Client):
    """A client that drops unsent messages when its connection fails.

    The library tries to flush them into the failed connection. If that fails as well, it stops half-way: socket and
    tasks remain, and no callback is called.
    """

    async def _process_op_err(self, e: Exception) -> None:
        self._pending, self._pending_data_size = [], 0
        await super()._process_op_err(e)


class Session:
    """One connection, from connecting to its loss."""

    def __init__(self) -> None:
        self.client = MortalClient()
        self.gone = asyncio.Event()

    async def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Awaits a call of the client, but no longer than the connection lasts.

        :raises RefusedError: the broker is there, and nothing in it serves this.
        :raises UnavailableError: the connection was lost, or the broker did not answer in time.
        """
        task = asyncio.ensure_future(work)
        lost = asyncio.ensure_future(self.gone.wait())
        try:
            await asyncio.wait({task, lost}, return_when=asyncio.FIRST_COMPLETED)
            if not task.done():
                raise UnavailableError("the connection to the broker was lost")
            return task.result()
        except NoRespondersError as error:
            raise RefusedError(NOT_SERVED, "JetStream is switched off, as after a full disk") from error
        except (Error, OSError) as error:
            raise UnavailableError(f"the broker did not answer: {error!r}") from error
        finally:
            lost.cancel()
            task.cancel()

    async def publish(self, subject: str, raw: bytes, headers: dict[str, str] | None, reply: str = "") -> None:
        """Publishes without waiting for an answer.

        :raises UnavailableError: the connection is lost.
        """
        try:
            await self.client.publish(subject, raw, reply=reply, headers=headers)
        except (Error, OSError) as error:
            raise UnavailableError(f"the connection to the broker was lost: {error!r}") from error


class Connection:
    """Keeps one connection to the broker, and connects again whenever it is lost."""

    def __init__(self, url: str, name: str, nkey_seed_file: Path | None = None, tls: ClientTls | None = None) -> None:
        """:param tls: whom to trust at ``tls://`` addresses; None: the machine's authorities."""
        self.name = name
        self.generation = 0
        self.last_contact = time.monotonic()
        """When the broker last answered a ping (monotonic clock, seconds); initially the time of creation."""
        self._servers = [server.strip() for server in url.split(",")]
        self._seed = str(nkey_seed_file) if nkey_seed_file is not None else None
        self._tls = tls or ClientTls()
        self._session: Session | None = None
        self._up = asyncio.Event()
        self._keeper: asyncio.Task[None] | None = None
        self._stopped = False

    @property
    def connected(self) -> bool:
        """Whether there is a connection at this moment."""
        return self._session is not None and self._session.client.is_connected

    @property
    def server_version(self) -> tuple[int, int, int]:
        """The release of the connected nats-server, as its three numbers.

        :raises UnavailableError: there is no connection.
        """
        known = self.session.client.connected_server_version
        return known.major, known.minor, known.patch

    @property
    def session(self) -> Session:
        """The present connection.

        :raises UnavailableError: there is none.
        """
        if self._session is None:
            raise UnavailableError("there is no connection to the broker")
        return self._session

    async def start(self) -> None:
        """Starts connecting, and stays connected until `stop`; returns at once."""
        self._keeper = asyncio.create_task(self._keep(), name=f"broker {self.name}")

    async def wait(self, seconds: float) -> None:
        """Waits until there is a connection.

        :raises UnavailableError: there was none within these seconds.
        """
        try:
            await asyncio.wait_for(self._up.wait(), seconds)
        except TimeoutError as error:
            raise UnavailableError(f"no connection to the broker within {seconds} seconds") from error

    async def stop(self) -> None:
        """Closes the connection."""
        self._stopped = True
        while self._keeper is not None and not self._keeper.done():
            # The client suppresses cancellation in some places, so it is repeated until it takes effect.
            self._keeper.cancel()
            await asyncio.wait({self._keeper}, timeout=WATCH_SECONDS)

    async def ask(self, call: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """Calls JetStream's API, for example ``STREAM.INFO.KSAD_LOG``.

        :raises RefusedError: it answered with an error.
        :raises UnavailableError: it did not answer.
        """
        message = await self.request(f"$JS.API.{call}", json.dumps(body or {}).encode())
        return answer_of(message.data)

    async def request(
        self, subject: str, payload: bytes, headers: dict[str, str] | None = None, seconds: float = REQUEST_SECONDS
    ) -> Msg:
        """Publishes a request and waits for the answer.

        :raises UnavailableError: there was no answer; the message may have been processed nevertheless.
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
            except Exception as error:  # noqa: BLE001 - whatever failed, there has to be a connection again
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
            # Read each time, so that renewed certificates hold from the next connection on.
            tls=self._tls.context(),
            closed_cb=closed,
            error_cb=failed,
        )

    async def _watch(self, session: Session) -> None:
        """Returns when the connection is lost. The client does not always report that, so its state is polled.

        The client also pings by itself, but does not report the answers, so the broker is pinged here as well.
        """
        asked = -math.inf
        while not session.gone.is_set() and session.client.is_connected:
            if time.monotonic() - asked >= CONTACT_SECONDS:
                asked = time.monotonic()
                await session.run(session.client.flush(PINGS_LOST_MAX * PING_SECONDS))
                self.last_contact = time.monotonic()
            await pause(session.gone, WATCH_SECONDS)

    async def _close(self, session: Session) -> None:
        async def close() -> None:
            with suppress(Error, OSError):
                await session.client.close()

        # After a failed TLS handshake the client waits for ever for its socket to close.
        closing = asyncio.create_task(close())
        await asyncio.wait({closing}, timeout=CLOSE_SECONDS)
        closing.cancel()
