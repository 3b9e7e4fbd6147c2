"""The follower's loop: takes the lease, reads on from its position, applies batches, and parks what fails."""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import sqlalchemy as sa
import structlog

from ksad.chassis.broker import LOG_SUBJECTS, pause
from ksad.chassis.follower.intake import Intake
from ksad.chassis.follower.progress import LeaseLostError, Progress, StreamPosition
from ksad.chassis.leadership import new_holder
from ksad.chassis.parking import Parking

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ksad.chassis.broker import Broker, Received, Stored, StreamReader
    from ksad.chassis.database import Database
    from ksad.chassis.follower.intake import Apply

    T = TypeVar("T")

BATCH_MAX = 500
# A third of LEASE_SECONDS, so that a late renewal does not lose the lease.
RENEW_SECONDS = 0.5
STANDBY_SECONDS = 0.5
IDLE_SECONDS = 0.5
CONNECTION_SECONDS = 1.0
RETRY_SECONDS = (0.1, 5.0)

log = structlog.get_logger(__name__)


class FollowerStatus(NamedTuple):
    """The progress of a follower, in sequences of the stream. ``role`` is ``active``, ``standby`` or ``stopped``."""

    role: str
    position: int
    head: int
    lag_events: int
    lag_seconds: float
    parked: int
    quarantined: int
    error: str | None

    @property
    def progress(self) -> tuple[int, int]:
        """The position, and the number of messages left."""
        return self.position, self.lag_events


class Follower:
    """Applies the events under ``subjects``, each once and in order, in batches of one write transaction each.

    ``apply`` runs in a worker thread. It may raise :class:`Park` for one event. Any other exception counts as a fault
    of the infrastructure: the batch is tried again after growing pauses, and nothing is skipped. ``refuse`` may return
    a reason for which an event is parked before ``apply`` sees it. ``committed`` is called after each commit, in the
    worker thread.
    """

    def __init__(
        self,
        name: str,
        broker: Broker,
        database: Database,
        apply: Apply,
        *,
        subjects: Sequence[str] = (LOG_SUBJECTS,),
        refuse: Callable[[Received], str | None] | None = None,
        committed: Callable[[], None] | None = None,
        code_version: str | None = None,
    ) -> None:
        self.name = name
        self.broker = broker
        self.database = database
        self.subjects = tuple(subjects)
        self.error: str | None = None
        self._committed = committed
        self.progress = Progress(database, name, new_holder())
        self.parking = Parking(name, code_version or version("ksad-chassis"))
        self._intake = Intake(database, self.progress, self.parking, apply, refuse)
        self._role = "stopped"
        self._position = StreamPosition("", 0, 0)
        self._renewed = 0.0
        self._level_at = time.monotonic()
        self._reader: StreamReader | None = None
        self._working = 0
        self._wait = RETRY_SECONDS[0]
        self._worker: ThreadPoolExecutor | None = None

    def status(self) -> FollowerStatus:
        """The status. While the log cannot be read, at least one event counts as missing."""
        reader = self._reader
        blind = reader is None and self._role != "standby"
        lag = max(int(blind), self._working + (reader.pending if reader is not None else 0))
        seconds = time.monotonic() - self._level_at if lag or self.error else 0.0
        position = self._position.sequence
        return FollowerStatus(
            self._role, position, position + lag, lag, round(seconds, 3), *self._intake.counts, error=self.error
        )

    async def run(self, stop: asyncio.Event) -> None:
        """Follows until ``stop`` is set, as the active process or on standby."""
        # One thread, so that batches, renewals and retries of this process never overlap.
        with ThreadPoolExecutor(1, thread_name_prefix=f"follower-{self.name}") as self._worker:
            while not stop.is_set():
                try:
                    await self._turn(stop)
                except LeaseLostError:
                    log.warning("lease_lost", follower=self.name)
                except Exception as error:  # noqa: BLE001 - faults back off and never skip
                    log.warning("follower_failed", follower=self.name, error=repr(error))
                    self.error = repr(error)
                    await pause(stop, self._wait)
                    self._wait = min(self._wait * 2, RETRY_SECONDS[1])
            self._role = "stopped"
            try:
                await self._do(self.progress.release)
            except sa.exc.SQLAlchemyError as error:
                log.warning("lease_not_released", follower=self.name, error=repr(error))

    def reached(self, service: str) -> int:
        """The notification id of the newest event of a service that any process of this follower has applied.

        It blocks. Reading routes use it to guarantee an answer "not older than".
        """
        with self.database.read() as connection:
            return self.progress.reached(connection, service)

    async def retry_parked(self, seconds: float = 30.0) -> dict[str, int]:
        """Makes the active follower, in whichever process, try all parked events again; returns how many were applied.

        Returns after ``seconds`` at the latest, with the result up to then.
        """
        wanted = await asyncio.to_thread(self._request_retry)
        self._renewed = 0.0
        if self._reader is not None:
            self._reader.wake()
        deadline = time.monotonic() + seconds
        left, trying = await asyncio.to_thread(self._left)
        while trying and time.monotonic() < deadline:
            await asyncio.sleep(RETRY_SECONDS[0])
            left, trying = await asyncio.to_thread(self._left)
        return {"applied": max(0, wanted - left), "parked": left}

    async def dismiss_quarantined(self) -> int:
        """Deletes the records of quarantined messages, which an operator has examined; returns their number."""
        gone = await asyncio.to_thread(self._dismiss)
        for sequence, subject, reason in gone:
            log.warning("dismissed", follower=self.name, sequence=sequence, subject=subject, reason=reason)
        return len(gone)

    async def _turn(self, stop: asyncio.Event) -> None:
        await self.broker.wait_connected(CONNECTION_SECONDS)
        position = await self._do(self.progress.acquire)
        if position is None:
            self._role, self.error = "standby", None
            self._position = await self._do(self._intake.state)
            await pause(stop, STANDBY_SECONDS)
            return
        self._role = "active"
        self._position = await self._resume(position)
        stopping = asyncio.create_task(stop.wait())
        try:
            # A missing message shows only to a reader of the whole log.
            async with self.broker.reader(self._position.sequence, [LOG_SUBJECTS]) as reader:
                self._reader = reader
                stopping.add_done_callback(lambda _: reader.wake())
                await self._follow(reader, stop)
        finally:
            self._reader = None
            stopping.cancel()

    async def _resume(self, position: StreamPosition) -> StreamPosition:
        """The position to continue from: the stored one, or the start if the stream is not the one it belongs to.

        A stream may have been created again, or its folder may have lost its end and grown again. Both are detected by
        the time at which the message at the position was stored.
        """
        state = await self.broker.open_log()
        if position.incarnation == state.incarnation:
            if position.sequence == 0:
                return position
            message = await self.broker.message(position.sequence)
            if message is not None and message.stored_at == position.stored_at:
                return position
        if position.sequence > 0:
            log.warning("log_read_anew", follower=self.name, was=position.incarnation, now=state.incarnation)
        return StreamPosition(state.incarnation, 0, 0)

    async def _follow(self, reader: StreamReader, stop: asyncio.Event) -> None:
        while not stop.is_set():
            batch = await reader.read(BATCH_MAX, IDLE_SECONDS)
            if batch:
                await self._work(batch, reader.pending)
            if time.monotonic() - self._renewed > RENEW_SECONDS:
                await self._do(self._renew)
            self.error, self._wait = None, RETRY_SECONDS[0]
            if batch or not reader.pending:
                self._level_at = time.monotonic()

    async def _work(self, batch: Sequence[Stored], left: int) -> None:
        """Applies those messages of a batch that lie under the subjects; others only move the position, in memory."""
        last = batch[-1]
        position = self._position._replace(sequence=last.sequence, stored_at=last.stored_at)
        own = [message for message in batch if self._concerns(message.subject)]
        if not own:
            self._position = position
            return
        self._working = len(own)
        began = time.monotonic()
        try:
            await self._do(self._take, own, position)
        finally:
            self._working = 0
        self._tell(len(own), left, time.monotonic() - began)

    def _concerns(self, subject: str) -> bool:
        return any(subject.startswith(one[:-1]) if one.endswith(">") else subject == one for one in self.subjects)

    def _tell(self, messages: int, left: int, seconds: float) -> None:
        """Writes the log line of a batch."""
        parked, quarantined = self._intake.counts
        log.info(
            "batch_applied",
            follower=self.name,
            messages=messages,
            position=self._position.sequence,
            left=left,
            parked=parked,
            quarantined=quarantined,
            milliseconds=round(seconds * 1000, 2),
        )

    def _take(self, batch: Sequence[Stored], position: StreamPosition) -> None:
        self._intake.apply(batch, position)
        self._position = position
        if self._committed is not None:
            self._committed()

    def _renew(self) -> None:
        """Renews the lease, and tries parked streams again if an operator asked for it."""
        streams = self._intake.renew()
        self._renewed = time.monotonic()
        for stream in streams:
            self._intake.drain(stream)
            if self._committed is not None:
                self._committed()

    def _request_retry(self) -> int:
        with self.database.write() as connection:
            return self.parking.request_retry(connection)

    def _dismiss(self) -> list[tuple[int, str, str]]:
        with self.database.write() as connection:
            return self.parking.dismiss(connection)

    def _left(self) -> tuple[int, bool]:
        with self.database.read() as connection:
            return self.parking.counts(connection).parked, bool(self.parking.requested(connection))

    async def _do(self, work: Callable[..., T], *arguments: Any) -> T:  # noqa: ANN401 - passed on as they are
        assert self._worker is not None  # noqa: S101 - only run calls it, inside the worker's block
        return await asyncio.get_running_loop().run_in_executor(self._worker, work, *arguments)
