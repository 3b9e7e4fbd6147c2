"""Signed heads of the national log and of the provinces' feeds, and their daily anchors."""

from reporting.checkpoints.anchors import Anchors
from reporting.checkpoints.keyring import Keyring
from reporting.checkpoints.publisher import Checkpoints

__all__ = ["Anchors", "Checkpoints", "Keyring"]
