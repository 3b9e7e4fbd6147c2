"""Records commands, each exactly once: a repeat returns the first record, a new command is decided and appended.

All services record their commands here. A decision rests on the events that its transaction sees; if another command
was first, it is decided again.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from ksad.chassis.store.recorder import ConflictError
from ksad.chassis.store.store import CommandRecord
from ksad.contracts.rules import RuleBrokenError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from uuid import UUID

    import sqlalchemy as sa

    from ksad.chassis.store.store import EventStore
    from ksad.contracts.envelope import Envelope

ATTEMPTS_MAX = 60
"""Attempts per command. A conflict means that another command was committed, so sixty concurrent commands on one
stream succeed; one process has fewer at a time."""


class StoreView:
    """The events of a service as one write transaction sees them, and the connection, for further tables."""

    def __init__(self, store: EventStore, connection: sa.Connection) -> None:
        self._store = store
        self.connection = connection

    def stream(self, subject: str, after: int = 0) -> list[Envelope]:
        """The events of a stream with versions above ``after``, in order."""
        return self._store.stream(subject, self.connection, after)


class PendingCommand(NamedTuple):
    """A command to be decided.

    :param command_id: the command's id; a repeat has the same.
    :param digest: the digest of the request; a repeat has the same.
    :param decide: returns the events of the command, with the versions that follow those in the view; none if there is
        nothing to record. It refuses by RuleBrokenError. After a conflict it is called again, so it must write through
        the view's connection only.
    """

    command_id: UUID
    digest: str
    decide: Callable[[StoreView], Sequence[Envelope]]


Outcome: TypeAlias = CommandRecord | Exception | None
"""The outcome of a command: its record (new or from the first time), the error, or ``None`` (nothing to record)."""


class CommandRecorder:
    """Records the commands of an event store."""

    def __init__(self, store: EventStore) -> None:
        self._store = store

    def record(self, batch: Sequence[PendingCommand]) -> list[Outcome]:
        """Executes commands in order, each in its own transaction; returns the outcome of each.

        A failed command does not affect the others. All recorded events are committed when this returns.
        """
        return [self._outcome(command) for command in batch]

    def record_one(self, command: PendingCommand) -> CommandRecord | None:
        """Executes one command; returns its record, or ``None`` if there was nothing to record.

        :raises RuleBrokenError: the command is refused.
        :raises CommandReusedError: the same id was used before with another digest.
        :raises ConflictError: other commands were first in every attempt.
        :raises StoreClosedError: the store accepts no events at present.
        """
        (outcome,) = self.record([command])
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def _outcome(self, command: PendingCommand) -> Outcome:
        deadline = time.monotonic() + self._store.database.wait_seconds
        attempt = 0
        while True:
            attempt += 1
            try:
                return self._attempt(command, deadline)
            except ConflictError as error:
                if attempt == ATTEMPTS_MAX or time.monotonic() > deadline:
                    return error
            except Exception as error:  # noqa: BLE001 - it is this command's outcome and nobody else's
                return error

    def _attempt(self, command: PendingCommand, deadline: float) -> CommandRecord | None:
        store = self._store
        try:
            with store.database.write(deadline) as connection:
                known = store.recall(command.command_id, command.digest, connection)
                if known is not None:
                    return known
                made = tuple(command.decide(StoreView(store, connection)))
                made, last = store.record(connection, made) if made else (made, 0)
        except RuleBrokenError:
            known = self._meanwhile(command)
            if known is None:
                raise
            return known
        if not made:
            return self._meanwhile(command)
        store.wake()
        return CommandRecord(command.command_id, command.digest, made, last)

    def _meanwhile(self, command: PendingCommand) -> CommandRecord | None:
        """The record of the same command, if it was sent twice at once and the other was committed meanwhile.

        A transaction of PostgreSQL sees what others commit while it runs. The second of the two may therefore be
        refused, or find nothing to record, only because the first was carried out.
        """
        return self._store.recall(command.command_id, command.digest)
