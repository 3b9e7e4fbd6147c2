"""The content of a print of one cooperation: its facts, parties, instruments and agreements, and its history."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import Field

from ksad.ledger.figures.content.matrix import Instrument
from ksad.ledger.figures.content.values import Count, ForTraining, NamedRegion, PartialDate, Printed, Text


class CaseFact(Printed):
    """One thing that is known of the cooperation as a whole, with what it is called."""

    label: Text
    value: Text


class CaseInstrument(Instrument):
    """An instrument with its term, and the agreement that it is of, where there are several."""

    agreement: Text | None
    begins: PartialDate | None
    ends: PartialDate | None


class CasePart(Printed):
    """An accord or agreement: what it is called, whose it is, how it stands."""

    name: Text
    between: tuple[NamedRegion, ...]
    state: Text
    ends: PartialDate | None


class CaseMatter(Printed):
    """A problem, a dispute, a council's decision or a notice: its day, what it is, what became of it."""

    kind: Text
    on: PartialDate | None
    text: Text
    state: Text


class CaseLine(Printed):
    """A line of the history: its number in the log from 1, its day, the sentence, and what is to be known of it."""

    number: Annotated[int, Field(ge=1)]
    on: PartialDate
    text: Text
    note: Text | None


class CaseContent(Printed):
    """A print of one cooperation, as an office may see it, on a day.

    ``size`` is the number of the log's entries that it tells; ``narrow``: the office is neither party nor supervises,
    so that problems, disputes and notices are not in it. ``left_out`` counts the lines of the history before those.
    """

    registration: Text
    title: Text
    printed_on: date
    printed_for: Text
    size: Count
    narrow: bool
    facts: tuple[CaseFact, ...]
    parties: tuple[NamedRegion, ...]
    instruments: tuple[CaseInstrument, ...]
    parts: tuple[CasePart, ...]
    matters: tuple[CaseMatter, ...]
    history: tuple[CaseLine, ...]
    left_out: Count
    training: ForTraining = False
