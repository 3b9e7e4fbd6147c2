"""The follower: applies the log's events to a service's own database, with its position in the same transaction."""

from chassis.broker import Received
from chassis.follower.follower import Follower, FollowerStatus
from chassis.follower.progress import LeaseLostError
from chassis.parking import Park

__all__ = ["Follower", "FollowerStatus", "LeaseLostError", "Park", "Received"]
