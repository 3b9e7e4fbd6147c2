"""Who signs for the head of an office: an acting official is named by the letter that makes him so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ksad.contracts.dates import in_words
from ksad.contracts.rules import RuleBrokenError

if TYPE_CHECKING:
    from datetime import date

    from ksad.contracts.registry.vocabulary import SignedAs

DEFINITIVE = "definitif"


def check_signed_as(said: SignedAs | None, today: date, clause: str | None = None) -> None:
    """Checks the capacity in which the head of an office signs now; recorded facts are taken as they are.

    :raises RuleBrokenError: an acting official is without number or day of his letter, or it is of a future day.
    """
    if said is None:
        return
    if said.capacity != DEFINITIVE and (said.number is None or said.date is None):
        detail = (
            "Penanda tangan bertindak sebagai Plt., Plh., Pj., atau Pjs. Sebutkan nomor dan tanggal surat yang "
            "menunjuknya."
        )
        raise RuleBrokenError("acting-by-letter", detail, clause, capacity=said.capacity)
    if said.date is not None and said.date > today:
        detail = f"Tanggal {in_words(said.date)} belum tiba. Catat setelah peristiwanya terjadi."
        raise RuleBrokenError("date-not-future", detail, clause, on=said.date)
