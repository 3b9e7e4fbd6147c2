"""Why a store takes nothing for a while."""

from __future__ import annotations


class StoreClosedError(Exception):
    """Nothing is recorded at present; the reason is its text, in Indonesian."""


class StoreBehindError(StoreClosedError):
    """The log has events of this service that its store lacks: writes wait until it is refilled."""


class ClockError(StoreClosedError):
    """The machine's clock is so far off that what it says must not stand in the log for ever."""
