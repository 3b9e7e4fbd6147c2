"""Signed checkpoints of the national log and of the provinces' feeds, and their daily anchors."""

from ksad.reporting.checkpoints.anchors import Anchors
from ksad.reporting.checkpoints.announcer import Announcer
from ksad.reporting.checkpoints.broker_memory import HEADS, BrokerMemory
from ksad.reporting.checkpoints.keyring import Keyring
from ksad.reporting.checkpoints.publisher import Checkpoints

__all__ = ["HEADS", "Anchors", "Announcer", "BrokerMemory", "Checkpoints", "Keyring"]
