"""What supervision asks of the settlement of an ended agreement: which reminder is due, and since when it is late."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

from ksad.contracts.dates import in_words
from ksad.contracts.law import workbook
from ksad.contracts.umbrella import AgreementState

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ksad.contracts.law import Checklist
    from ksad.contracts.umbrella import Agreement
    from ksad.supervision.domain.reference import Reference


class AfterEnd(NamedTuple):
    """A reminder of d.4 after an end: on which end it rests, from which day it is due, and why it is given."""

    end: date
    since: date
    name: str
    why: str


def reminder(agreement: Agreement, checklist: Checklist, reference: Reference, base: date) -> AfterEnd | None:
    """The reminder that is due on the day ``base``; None where nothing is open, or its time has not come."""
    ended = agreement.ended
    if ended is None or agreement.state is not AgreementState.SETTLING:
        return None
    days = reference.policy.reminders.since((base - ended.on).days)
    left = workbook.open_items(agreement, checklist)
    if days is None or not left:
        return None
    late = late_from(agreement, reference)
    told = f", terlambat sejak {in_words(late)}" if late is not None and late <= base else ""
    over = f"{days} hari setelah perjanjian berakhir {in_words(ended.on)}"
    why = f"{over}; {len(left)} butir penyelesaian belum selesai{told}"
    return AfterEnd(ended.on, ended.on + timedelta(days=days), f"{ended.on}/after-{days}", why)


def reminder_days(agreement: Agreement, reference: Reference, base: date) -> Iterator[date]:
    """The days ahead on which a settlement that is open then is reminded of."""
    if agreement.ended is not None and agreement.state is AgreementState.SETTLING:
        days = (agreement.ended.on + timedelta(days=one) for one in reference.policy.reminders.after_end)
        yield from (day for day in days if day > base)


def late_from(agreement: Agreement, reference: Reference) -> date | None:
    """The first day on which what is open of a settlement is late."""
    return workbook.late_from(agreement, reference.policy, reference.calendar)
