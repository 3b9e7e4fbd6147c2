"""The commands of one write transaction: each is decided on what the earlier ones made, all are written at once."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import sqlalchemy as sa

from ksad.chassis.store.store import CommandRecord, CommandReusedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextvars import Context
    from uuid import UUID

    from ksad.chassis.store.store import EventStore
    from ksad.contracts.envelope import Envelope

BATCH_SECONDS = 0.1
"""After it no further command of the batch is decided, so that large commands do not delay all others."""

Outcome: TypeAlias = CommandRecord | Exception | None
"""The outcome of a command: its record (new or from the first time), the error, or ``None`` (nothing to record)."""


class PendingCommand(NamedTuple):
    """A command to be decided.

    :param command_id: the command's id; a repeat has the same.
    :param digest: the digest of the request; a repeat has the same.
    :param decide: returns the events of the command, with the versions that follow those in the view; none if there is
        nothing to record. It refuses by RuleBrokenError. If its transaction fails it is called again, so it must write
        through the view's connection only.
    :param streams: the streams that it is expected to read, whose versions are then known from one query for all.
    :param rows: the rows to lock before the events; see ``CommandRecorder``.
    """

    command_id: UUID
    digest: str
    decide: Callable[[StoreView], Sequence[Envelope]]
    streams: Sequence[str] = ()
    rows: Sequence[UUID] = ()


class _Decided:
    """A command with its events; once these are written, with the notification id of the last."""

    def __init__(self, command: PendingCommand, envelopes: Sequence[Envelope]) -> None:
        self.command = command
        self.envelopes = tuple(envelopes)
        self.notification = 0

    def record(self) -> CommandRecord:
        """The record of the command."""
        return CommandRecord(self.command.command_id, self.command.digest, self.envelopes, self.notification)


class StoreView:
    """The events of a service as one write transaction sees them, those of its earlier commands included."""

    def __init__(self, store: EventStore, connection: sa.Connection, heads: dict[str, int] | None = None) -> None:
        """:param heads: versions of streams that are known; nobody else can append in this transaction."""
        self._store = store
        self._connection = connection
        self._heads = heads or {}
        self._unwritten: list[_Decided] = []
        self._made: set[str] = set()
        self._savepoint: sa.NestedTransaction | None = None
        self.failed: Exception | None = None
        """Why earlier commands could not be written; nothing of the transaction holds then."""

    def stream(self, subject: str, after: int = 0) -> list[Envelope]:
        """The events of a stream with versions above ``after``, in order."""
        if subject in self._made:
            self.write()
        elif self._heads.get(subject, after + 1) <= after:
            return []
        return self._store.stream(subject, self._connection, after)

    def uncommitted(self, subject: str) -> bool:
        """Whether the view shows events of a stream that are not committed yet, so that nobody may remember them."""
        return subject in self._made

    @property
    def connection(self) -> sa.Connection:
        """The connection, for further tables. What a command writes is undone if it fails."""
        self.write()
        if self._savepoint is None:
            self._savepoint = self._connection.begin_nested()
        return self._connection

    @contextmanager
    def command(self) -> Iterator[None]:
        """One command: what it wrote by itself is kept at the end of the block, and undone by an exception."""
        try:
            yield
        except sa.exc.SQLAlchemyError:
            raise
        except Exception:
            if self._savepoint is not None and self.failed is None:
                self._savepoint.rollback()
            raise
        else:
            if self._savepoint is not None:
                self._savepoint.commit()
        finally:
            self._savepoint = None

    def add(self, decided: _Decided) -> None:
        """Takes the events of a command; they are written with those of others, at the latest before they are read."""
        self._unwritten.append(decided)
        self._made.update(envelope.subject for envelope in decided.envelopes)

    def write(self) -> None:
        """Writes the events that were taken.

        :raises ConflictError: a version is taken.
        :raises StoreClosedError: the store accepts no events at present.
        """
        if not self._unwritten:
            return
        taken, self._unwritten = self._unwritten, []
        try:
            made, ids = self._store.record(self._connection, [one for each in taken for one in each.envelopes])
        except Exception as error:
            self.failed = error
            raise
        begin = 0
        for each in taken:
            end = begin + len(each.envelopes)
            each.envelopes, each.notification = made[begin:end], ids[end - 1]
            begin = end


class BatchAnswer(NamedTuple):
    """The outcome of a command, and whether it is the record of an earlier command with the same id."""

    outcome: Outcome
    repeated: bool = False


def execute(
    store: EventStore, connection: sa.Connection, commands: Sequence[tuple[PendingCommand, Context]]
) -> list[BatchAnswer]:
    """Decides commands in order and writes their events; the answers hold once the transaction is committed.

    :param commands: the commands, each with the context in which it was sent.
    :return: the answers to as many commands as there was time for; to one at least.
    :raises Exception: something could not be read or written, so that nothing of the transaction holds.
    """
    # Before anything is decided: nobody else can append from here on, so decisions meet no conflict. On PostgreSQL a
    # statement after the lock sees all that was committed before it.
    store.recorder.lock(connection)
    known = store.recalled([command.command_id for command, _ in commands], connection)
    streams = {stream for command, _ in commands for stream in command.streams}
    view = StoreView(store, connection, store.heads(streams, connection))
    until = time.monotonic() + BATCH_SECONDS
    decided: dict[UUID, _Decided] = {}
    answers: list[Callable[[], BatchAnswer]] = []
    for command, context in commands:
        if answers and time.monotonic() > until:
            break
        earlier = decided.get(command.command_id) or known.get(command.command_id)
        if earlier is not None:
            answers.append(_repeated(command, earlier))
            continue
        found = _decide(command, context, view)
        if isinstance(found, _Decided):
            decided[command.command_id] = found
            view.add(found)
        answers.append(_new(found))
    view.write()
    return [answer() for answer in answers]


def _decide(command: PendingCommand, context: Context, view: StoreView) -> _Decided | Exception | None:
    try:
        with view.command():
            made = context.run(command.decide, view)
    except sa.exc.SQLAlchemyError:
        raise
    except Exception as error:
        if view.failed is not None:
            raise view.failed from error
        return error
    return _Decided(command, made) if made else None


def _repeated(command: PendingCommand, earlier: _Decided | CommandRecord) -> Callable[[], BatchAnswer]:
    first = earlier.command if isinstance(earlier, _Decided) else earlier
    if first.digest != command.digest:
        error = CommandReusedError(str(command.command_id))
        return lambda: BatchAnswer(error)
    return lambda: BatchAnswer(earlier.record() if isinstance(earlier, _Decided) else earlier, repeated=True)


def _new(found: _Decided | Exception | None) -> Callable[[], BatchAnswer]:
    return lambda: BatchAnswer(found.record() if isinstance(found, _Decided) else found)
