"""The journal: the one total order of all facts, and the frontiers of the trees over it."""

from ksad.ledger.log.entries import Entry
from ksad.reporting.journal.journal import Arrival, Journal
from ksad.reporting.journal.tables import NATIONAL, conflicts, frontiers, held, journal, load_frontier, save_frontier

__all__ = [
    "NATIONAL",
    "Arrival",
    "Entry",
    "Head",
    "Journal",
    "conflicts",
    "frontiers",
    "held",
    "journal",
    "load_frontier",
    "save_frontier",
]
