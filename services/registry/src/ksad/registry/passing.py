"""The passing of time: what days that are over have brought about for a cooperation is recorded by the register."""

from __future__ import annotations

from datetime import date, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Protocol

from ksad.chassis.clock import today
from ksad.chassis.store import PendingCommand, StoreView
from ksad.contracts.identifiers import command_id
from ksad.registry import terms
from ksad.registry.domain.consequences import consequences, turning_day
from ksad.registry.sealing import PLATFORM, by_calendar, name_of

if TYPE_CHECKING:
    from uuid import UUID

    import sqlalchemy as sa

    from ksad.chassis.clock import Clock
    from ksad.chassis.store import CommandRecorder, EventStore
    from ksad.contracts.envelope import Envelope
    from ksad.registry.domain.context import Context
    from ksad.registry.domain.cooperation import Cooperation


ATTEMPTS_MAX = 60
"""How often the calendar goes first before a day is given up; each time another command left something due."""


class CalendarBehindError(Exception):
    """The calendar owes something that has to be recorded before the command or the day."""


class States(Protocol):
    """Gives cooperations and the circumstances of today, now or as a view has them."""

    def cooperation(self, subject: str, view: StoreView | None = None) -> tuple[int, Cooperation]:
        """A cooperation's version and state."""
        ...

    def today(self, view: StoreView | None = None) -> Context:
        """The circumstances of today."""
        ...


class Passing:
    """Records what the calendar brings about: agreements that become effective, terms that end."""

    def __init__(self, recorder: CommandRecorder, store: EventStore, clock: Clock, source: str, states: States) -> None:
        self._recorder = recorder
        self._store = store
        self._clock = clock
        self._source = source
        self._states = states

    def owes(self, state: Cooperation, version: int) -> bool:
        """Whether days that are over may have something to record for a cooperation, before a command on it."""
        turning = turning_day(state) if version else None
        return turning is not None and turning <= today(self._clock)

    def before_a_command(self, subject: str) -> None:
        """Between midnight and the recording of the day, a command on a cooperation lets the calendar go first."""
        self._pass(subject, today(self._clock) - timedelta(days=1))

    def through(self, day: date) -> None:
        """Record what is due when a day is over, cooperation by cooperation."""
        with self._store.database.write() as connection:
            due = self.due(day, connection)
        for identity in due:
            self._pass(f"cooperation/{identity}", day)

    def due(self, day: date, connection: sa.Connection) -> list[UUID]:
        """The cooperations that have something to record when a day is over, as a transaction sees them."""
        return terms.due(connection, day, self._turning)

    def _turning(self, identity: UUID, connection: sa.Connection) -> date | None:
        view = StoreView(self._store, connection)
        return turning_day(self._states.cooperation(f"cooperation/{identity}", view)[1])

    def _pass(self, subject: str, through: date) -> None:
        _, state = self._states.cooperation(subject)
        expected, _ = consequences(state, self._states.today(), through=through)
        if not expected:
            return
        name = name_of(subject, expected[0])
        identity, digest = command_id(PLATFORM, name), sha256(name.encode()).hexdigest()

        def decide(view: StoreView) -> list[Envelope]:
            version, present = self._states.cooperation(subject, view)
            made, _ = consequences(present, self._states.today(view), through=through)
            return by_calendar(made, subject, version, identity, digest, self._source, self._clock.now())

        self._recorder.record_one(PendingCommand(identity, digest, decide))
