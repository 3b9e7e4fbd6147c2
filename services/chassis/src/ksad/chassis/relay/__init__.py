"""The relay: sends the events of a store to the log, in order and each once, without a stored position."""

from ksad.chassis.relay.refill import ContradictionError
from ksad.chassis.relay.relay import Relay, RelayStatus

__all__ = ["ContradictionError", "Relay", "RelayStatus"]
