"""The day that a table of a report speaks of, in the words that stand above it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ksad.contracts.dates import Period
from ksad.ledger.figures.content import indonesian

if TYPE_CHECKING:
    from ksad.ledger.figures.content.model import ReportContent

EACH_PERIOD = "Keadaan hari terakhir setiap periode"
"""Above figures of several reports, one column for each."""


def day_of(content: ReportContent) -> str:
    """Above a table of the state on the report's day."""
    return f"Keadaan {indonesian.day(content.state_on)}"


def known_on(content: ReportContent) -> str:
    """Above a table of what became known until a report was compiled, whatever day it is of."""
    return f"Sebagaimana diketahui pada {indonesian.day(content.compiled_on)}"


def figures_on(content: ReportContent) -> str:
    """Above the headline figures; those of an R3 are what the newest accepted R2 tells, and of its last day."""
    accepted = content.results.accepted if content.results else None
    if accepted is None:
        return day_of(content)
    last = max(Period.parse(one.period).last for one in accepted.periods if one.version is not None)
    return f"Menurut laporan TKKSD yang diterima, keadaan {indonesian.day(last)}"
