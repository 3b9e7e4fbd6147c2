"""The follower's work in its worker thread: one batch, or one parked stream, per write transaction."""

from __future__ import annotations

from itertools import takewhile
from typing import TYPE_CHECKING

import sqlalchemy as sa

from ksad.chassis.broker import MalformedError, Received, Stored, received
from ksad.chassis.follower.progress import LeaseLostError
from ksad.chassis.parking import Counts, Park

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from uuid import UUID

    from ksad.chassis.database import Database
    from ksad.chassis.follower.progress import Progress, StreamPosition
    from ksad.chassis.parking import Parking

    Apply = Callable[[sa.Connection, Sequence[Received]], None]
    Refuse = Callable[[Received], str | None]


class Intake:
    """Applies events, and updates the follower's position and parking in the same transaction."""

    def __init__(
        self, database: Database, progress: Progress, parking: Parking, apply: Apply, refuse: Refuse | None
    ) -> None:
        self.counts = Counts(0, 0)
        self._database = database
        self._progress = progress
        self._parking = parking
        self._apply = apply
        self._refuse = refuse

    def apply(self, batch: Sequence[Stored], position: StreamPosition) -> None:
        """Applies a batch; repeated without an event that turns out to be unprocessable, which is parked.

        :raises LeaseLostError: another process has taken over; nothing was applied.
        """
        events, malformed = _decode(batch)
        poison = self._refused(events)
        while True:
            try:
                with self._database.write() as connection:
                    # First: the lease's row stays locked until the commit, so no other process can apply the same
                    # batch.
                    self._progress.fence(connection, position)
                    fresh = self._progress.unseen(connection, events)
                    flowing, waiting = self._parking.split(connection, fresh, poison)
                    if flowing:
                        self._apply(connection, flowing)
                    self._parking.park(connection, waiting)
                    self._parking.isolate(connection, position.incarnation, malformed)
                    self._progress.note(connection, fresh)
                    if malformed or waiting:
                        self.counts = self._parking.counts(connection)
            except Park as park:
                _learn(poison, park)
            else:
                return

    def state(self) -> StreamPosition:
        """The position of the active process; also updates the counts of what it has parked."""
        with self._database.read() as connection:
            self.counts = self._parking.counts(connection)
            return self._progress.position(connection)

    def renew(self) -> list[str]:
        """Keeps the lease if another process asks for it; returns the streams that an operator wants to be tried again.

        :raises LeaseLostError: another process has taken over.
        """
        with self._database.read() as connection:
            asked = self._progress.asked_for(connection)
            self.counts = self._parking.counts(connection)
            wanted = self._parking.requested(connection)
        if asked:
            with self._database.write() as connection:
                self._progress.fence(connection)
        return wanted

    def drain(self, stream: str) -> None:
        """Applies the events of a parked stream, in order, up to the first that still fails.

        :raises LeaseLostError: another process has taken over; nothing was applied.
        """
        poison: dict[UUID, str] = {}
        ready: list[Received] = []
        while True:
            try:
                with self._database.write() as connection:
                    self._progress.fence(connection)
                    waiting = self._parking.waiting(connection, stream)
                    poison = self._refused(waiting) | poison
                    ready = _before(waiting, poison)
                    if ready:
                        self._apply(connection, ready)
                        self._parking.release(connection, ready)
                    if len(ready) < len(waiting):
                        stuck = waiting[len(ready)]
                        self._parking.failed(connection, stuck, poison[stuck.envelope.id])
                    self.counts = self._parking.counts(connection)
            except Park as park:
                _learn(poison, park)
            except (LeaseLostError, sa.exc.OperationalError, sa.exc.InterfaceError, sa.exc.TimeoutError):
                raise
            except Exception as error:
                # These events are parked already, so a fault in applying them must not stop the others.
                if not ready:
                    raise
                poison[ready[-1].envelope.id] = repr(error)
            else:
                return

    def _refused(self, events: Sequence[Received]) -> dict[UUID, str]:
        reasons = ((event.envelope.id, self._reason(event)) for event in events)
        return {key: reason for key, reason in reasons if reason is not None}

    def _reason(self, event: Received) -> str | None:
        """Why an event must be parked before anybody applies it."""
        if event.newer:
            return f"a newer release has given it attributes that this one does not know: {', '.join(event.newer)}"
        return self._refuse(event) if self._refuse is not None else None


def _learn(poison: dict[UUID, str], park: Park) -> None:
    if park.event_id in poison:
        raise RuntimeError(f"{park.event_id} is parked, and was parked again: {park.reason}") from park
    poison[park.event_id] = park.reason


def _before(waiting: Sequence[Received], poison: dict[UUID, str]) -> list[Received]:
    return list(takewhile(lambda event: event.envelope.id not in poison, waiting))


def _decode(batch: Sequence[Stored]) -> tuple[list[Received], list[tuple[Stored, str]]]:
    """The events of a batch, and separately the messages that are not events, with the reason."""
    events: list[Received] = []
    malformed: list[tuple[Stored, str]] = []
    for message in batch:
        try:
            events.append(received(message))
        except MalformedError as error:
            malformed.append((message, str(error)))
    return events, malformed
