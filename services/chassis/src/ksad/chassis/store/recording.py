"""Records commands, each exactly once: a repeat is answered from the log, a new one is decided and appended.

Every service records its commands here. A decision rests on the facts that its transaction sees; where another command
was faster, it is decided again on the newer facts.
"""

from __future__ import annotations

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
"""An attempt that meets a conflict has lost to a command that was committed, so that sixty at once on one stream get
through. One process works on fewer at a time."""


class StoreView:
    """The events of a service as one write transaction sees them, and the connection for the tables beside them."""

    def __init__(self, store: EventStore, connection: sa.Connection) -> None:
        self._store = store
        self.connection = connection

    def stream(self, subject: str, after: int = 0) -> list[Envelope]:
        """The events of a stream with versions above ``after``, in order."""
        return self._store.stream(subject, self.connection, after)


class PendingCommand(NamedTuple):
    """A command that waits to be decided.

    :param command_id: which command it is; a repeat has the same.
    :param digest: of what was asked; a repeat has the same.
    :param decide: gives the command's events, sealed for the versions that follow those in the view, or none where
        there is nothing to record; it refuses with RuleBrokenError. It is called again after a conflict, so whatever
        else it writes goes through the view's connection.
    """

    command_id: UUID
    digest: str
    decide: Callable[[StoreView], Sequence[Envelope]]


Outcome: TypeAlias = CommandRecord | Exception | None
"""What became of a command: its record, be it of now or of its first time; why it failed; None: nothing to record."""


class CommandRecorder:
    """The one way for commands into an event store."""

    def __init__(self, store: EventStore) -> None:
        self._store = store

    def record(self, batch: Sequence[PendingCommand]) -> list[Outcome]:
        """Carry out commands in their order, each in a transaction of its own; the outcome of each.

        A command that fails takes no other with it. When this returns, all that was recorded is committed.
        """
        return [self._outcome(command) for command in batch]

    def record_one(self, command: PendingCommand) -> CommandRecord | None:
        """Carry out one command; its record, or None where there was nothing to record.

        :raises RuleBrokenError: it is refused.
        :raises CommandReusedError: its id came before with another digest.
        :raises ConflictError: others were faster in every attempt.
        :raises StoreClosedError: nothing is recorded at present.
        """
        (outcome,) = self.record([command])
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def _outcome(self, command: PendingCommand) -> Outcome:
        attempt = 0
        while True:
            attempt += 1
            try:
                return self._attempt(command)
            except ConflictError as error:
                if attempt == ATTEMPTS_MAX:
                    return error
            except Exception as error:  # noqa: BLE001 - it is this command's outcome and nobody else's
                return error

    def _attempt(self, command: PendingCommand) -> CommandRecord | None:
        store = self._store
        try:
            with store.database.write() as connection:
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
        """The record that the same command, sent twice at once, got between its recall and its decision here.

        A transaction of PostgreSQL sees what others commit while it runs, so that the second of the two can be refused,
        or find nothing to record, for the only reason that the first was carried out.
        """
        return self._store.recall(command.command_id, command.digest)
