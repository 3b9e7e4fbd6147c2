"""The relay: sends a store's events to the log in order, each once, and keeps no position of its own."""

from ksad.chassis.relay.refill import ContradictionError
from ksad.chassis.relay.relay import Relay, RelayStatus

__all__ = ["ContradictionError", "Relay", "RelayStatus"]
