"""The tables that reactions and commands read: folded from events, in the transaction that brings the events."""

from supervision.cases.desk import Desk, rebuild_cases
from supervision.cases.shelf import Shelf
from supervision.cases.tables import metadata
from supervision.cases.views import Views

__all__ = ["Desk", "Shelf", "Views", "metadata", "rebuild_cases"]
