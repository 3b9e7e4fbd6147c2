"""Errors of a store that temporarily accepts no events."""

from __future__ import annotations


class StoreClosedError(Exception):
    """The store accepts no events at present; the text is the reason, in Indonesian."""


class StoreBehindError(StoreClosedError):
    """The log has events of this service that its store lacks; writes are refused until it is refilled."""


class ClockError(StoreClosedError):
    """The machine's clock is too far off for its time to be recorded."""
