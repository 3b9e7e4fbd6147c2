"""The tables that reactions and commands read: folded from events, in the transaction that brings the events."""

from ksad.supervision.cases.desk import Desk, rebuild_cases
from ksad.supervision.cases.shelf import Shelf
from ksad.supervision.cases.tables import metadata
from ksad.supervision.cases.views import Views

__all__ = ["Desk", "Shelf", "Views", "metadata", "rebuild_cases"]
