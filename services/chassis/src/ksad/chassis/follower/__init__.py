"""The follower: applies the log's events to a service's database, with its position in the same transaction."""

from ksad.chassis.broker import Received
from ksad.chassis.follower.follower import Follower, FollowerStatus
from ksad.chassis.follower.progress import LeaseLostError
from ksad.chassis.parking import Park

__all__ = ["Follower", "FollowerStatus", "LeaseLostError", "Park", "Received"]
