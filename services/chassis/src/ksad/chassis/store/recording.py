"""Records commands, each exactly once: a repeat returns the first record, a new command is decided and appended.

All services record their commands here. Commands that arrive while others are being committed share the next
transaction (group commit). There is no timer: a command that comes alone is committed at once, by its own thread.
"""

from __future__ import annotations

import time
from collections import deque
from contextvars import copy_context
from threading import Event, Lock
from typing import TYPE_CHECKING

from ksad.chassis.database import WAITING_MAX, BusyError
from ksad.chassis.store import request_events
from ksad.chassis.store.batch import BatchAnswer, execute

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from uuid import UUID

    import sqlalchemy as sa

    from ksad.chassis.store.batch import Outcome, PendingCommand
    from ksad.chassis.store.store import CommandRecord, EventStore

BATCH_MAX = 64
"""The most commands of one transaction."""


class _Waiting:
    """A command in the queue, until it is answered; its caller may be called upon to lead meanwhile."""

    def __init__(self, command: PendingCommand, deadline: float) -> None:
        self.command = command
        self.deadline = deadline
        self.context = copy_context()
        self.answer: BatchAnswer | None = None
        self._called = Event()

    def call(self) -> None:
        """Wakes the caller: its command is answered, or it has to lead."""
        self._called.set()

    def leads(self) -> bool:
        """Waits until the caller is woken; whether it has to lead."""
        self._called.wait()
        self._called.clear()
        return self.answer is None


class CommandRecorder:
    """Records the commands of an event store.

    :param lock_rows: locks the rows that commands name, in an order that is the same for all; for a service whose
        follower writes such rows before it appends, and which would otherwise wait for a command that waits for it.
    """

    def __init__(
        self, store: EventStore, lock_rows: Callable[[sa.Connection, Sequence[UUID]], None] | None = None
    ) -> None:
        self._store = store
        self._lock_rows = lock_rows
        self._queue: deque[_Waiting] = deque()
        self._guard = Lock()
        self._led = False
        self._callers = 0

    @property
    def waiting(self) -> int:
        """How many commands wait for the next transaction."""
        return len(self._queue)

    def record(self, batch: Sequence[PendingCommand]) -> list[Outcome]:
        """Executes commands in order, together with those of other callers; returns the outcome of each.

        A failed command does not affect the others. All recorded events are committed when this returns.

        :raises BusyError: too many callers wait already.
        """
        return [answer.outcome for answer in self._answers(batch)]

    def record_one(self, command: PendingCommand) -> CommandRecord | None:
        """Executes one command; returns its record, or ``None`` if there was nothing to record.

        :raises RuleBrokenError: the command is refused.
        :raises CommandReusedError: the same id was used before with another digest.
        :raises ConflictError: the command names a version that is taken.
        :raises StoreClosedError: the store accepts no events at present.
        :raises BusyError: others did not finish in time; nothing was recorded.
        """
        ((outcome, repeated),) = self._answers([command])
        if isinstance(outcome, Exception):
            raise outcome
        if outcome is not None:
            request_events.note(outcome.envelopes, repeated=repeated)
        return outcome

    def _answers(self, commands: Sequence[PendingCommand]) -> list[BatchAnswer]:
        deadline = time.monotonic() + self._store.database.wait_seconds
        mine = [_Waiting(command, deadline) for command in commands]
        with self._guard:
            if self._callers >= WAITING_MAX:
                raise BusyError(f"{self._callers} callers of this process wait already")
            self._callers += 1
            self._queue.extend(mine)
            leading = bool(mine) and not self._led
            self._led = self._led or leading
        try:
            for one in mine:
                while one.answer is None:
                    if leading or one.leads():
                        leading = False
                        self._lead()
        finally:
            with self._guard:
                self._callers -= 1
        return [one.answer for one in mine if one.answer is not None]

    def _lead(self) -> None:
        """Commits the oldest commands, then passes the lead on to whoever has waited longest."""
        with self._guard:
            taken = [self._queue.popleft() for _ in range(min(BATCH_MAX, len(self._queue)))]
        try:
            self._commit(taken)
        finally:
            with self._guard:
                # What the transaction had no time for goes first in the next.
                self._queue.extendleft(one for one in reversed(taken) if one.answer is None)
                following = self._queue[0] if self._queue else None
                self._led = following is not None
            for one in taken:
                if one.answer is not None:
                    one.call()
            if following is not None:
                following.call()

    def _commit(self, taken: Sequence[_Waiting]) -> None:
        """Commits commands together. If that fails each is tried alone, so that a failure is of one command only."""
        try:
            answers = self._attempt(taken)
        except BusyError as error:
            now = time.monotonic()
            # Who has waited long enough is told; the others are tried again. Somebody is told in any case.
            for one in [one for one in taken if one.deadline <= now] or taken:
                one.answer = BatchAnswer(error)
        except Exception as error:  # noqa: BLE001 - it is the outcome of a command, and nobody else's
            if len(taken) == 1:
                taken[0].answer = BatchAnswer(error)
            else:
                for one in taken:
                    self._commit([one])
        else:
            for one, answer in zip(taken, answers, strict=False):
                one.answer = answer

    def _attempt(self, taken: Sequence[_Waiting]) -> list[BatchAnswer]:
        with self._store.database.write(min(one.deadline for one in taken)) as connection:
            rows = [row for one in taken for row in one.command.rows]
            if self._lock_rows is not None and rows:
                self._lock_rows(connection, rows)
            answers = execute(self._store, connection, [(one.command, one.context) for one in taken])
        if any(not answer.repeated and _recorded(answer) for answer in answers):
            self._store.wake()
        return answers


def _recorded(answer: BatchAnswer) -> bool:
    return answer.outcome is not None and not isinstance(answer.outcome, Exception)
