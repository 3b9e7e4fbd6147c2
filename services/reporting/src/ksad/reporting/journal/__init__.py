"""The journal: the total order of all events, and the frontiers of the trees over it."""

from ksad.ledger.log.entries import Entry
from ksad.reporting.journal.journal import Arrival, Journal
from ksad.reporting.journal.references import JournalReferences
from ksad.reporting.journal.tables import NATIONAL, conflicts, frontiers, held, journal, load_frontier, save_frontier

__all__ = [
    "NATIONAL",
    "Arrival",
    "Entry",
    "Head",
    "Journal",
    "JournalReferences",
    "conflicts",
    "frontiers",
    "held",
    "journal",
    "load_frontier",
    "save_frontier",
]
