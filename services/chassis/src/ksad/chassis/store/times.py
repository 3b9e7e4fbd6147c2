"""Recorded times: within a service they never go back, however the machine's clock is set."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import orjson
import structlog

from ksad.chassis.store.closed import ClockError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ksad.chassis.clock import ServiceClock
    from ksad.contracts.envelope import Envelope

BACK_MAX = timedelta(minutes=15)
"""How far the clock may be behind the last recorded time; larger differences are refused, not corrected."""
log = structlog.get_logger(__name__)


class Times:
    """Checks and corrects the times of new events against the newest recorded event."""

    def __init__(self, clock: ServiceClock | None) -> None:
        self.clamped = 0
        """The number of events that were given the time of the event before."""
        self.refused: str | None = None
        """Why the last events were refused; ``None`` if they were accepted."""
        self._clock = clock

    def ordered(self, envelopes: Sequence[Envelope], newest: bytes | None) -> tuple[Envelope, ...]:
        """The events with times that do not go back.

        :param newest: the bytes of the newest recorded event; ``None`` if there is none.
        :raises ClockError: the clock is more than 15 minutes behind that event, or has jumped ahead by more than a day.
        """
        if self._clock is None:
            return tuple(envelopes)
        latest = "" if newest is None else str(orjson.loads(newest)["time"])
        self._check(self._clock, min(envelope.time for envelope in envelopes), latest)
        made = []
        for envelope in envelopes:
            if envelope.time < latest:
                self.clamped += 1
                made.append(envelope.model_copy(update={"time": latest}))
            else:
                latest = envelope.time
                made.append(envelope)
        return tuple(made)

    def _check(self, clock: ServiceClock, earliest: str, latest: str) -> None:
        reason = None
        if earliest < latest and datetime.fromisoformat(latest) - datetime.fromisoformat(earliest) > BACK_MAX:
            reason = f"Jam mesin menunjukkan {earliest}, padahal yang tercatat terakhir {latest}. Betulkan jam mesin."
            clock.trust()  # The correction will be a jump ahead, which must not be refused in turn.
        elif (leapt := clock.leapt()) is not None:
            days = leapt.days
            reason = f"Jam mesin melompat {days} hari ke depan sejak layanan mulai. Betulkan, atau mulai ulang layanan."
        if reason is not None and reason != self.refused:
            log.error("clock_refused", earliest=earliest, latest=latest, reason=reason)
        self.refused = reason
        if reason is not None:
            raise ClockError(reason)
