"""The journal: the one total order of all facts, and the frontiers of the trees over it."""

from reporting.journal.journal import Arrival, Entry, Head, Journal
from reporting.journal.tables import NATIONAL, conflicts, frontiers, held, journal, load_frontier, save_frontier

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
