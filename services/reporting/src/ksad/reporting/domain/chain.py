"""The steps of the report chain: compile, submit, accept or return (P8, P12, P13)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from ksad.contracts.dates import Period, PeriodKind
from ksad.contracts.reporting import NarrativeSection
from ksad.contracts.rules import RefusalKind, RuleBrokenError
from ksad.ledger.folds.report_state import CLAUSES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ksad.ledger.folds.report_state import Report, Version

COPY_MAX = 200
STATES = {
    "compiled": "telah disusun dan belum disampaikan",
    "discarded": "telah dibatalkan",
    "submitted": "telah disampaikan",
    "accepted": "telah diterima",
    "returned": "telah dikembalikan",
}
"""How an officer is told the state of a version."""


def check_compile(report: Report) -> None:
    """Checks that a new version may be compiled: it is the first, or the last one was discarded or returned.

    :raises RuleBrokenError: the last version is compiled, submitted or accepted (kind ``CONFLICT``).
    """
    if report.state in {"compiled", "submitted", "accepted"}:
        mend = "dibatalkan atau dikembalikan" if report.state == "compiled" else "dikembalikan"
        detail = f"Versi {len(report.versions)} {STATES[report.state]}; versi baru disusun setelah versi itu {mend}."
        raise RuleBrokenError("recompile-when-returned", detail, CLAUSES.get(report.kind), kind=RefusalKind.CONFLICT)


def check_writing(report: Report) -> None:
    """Checks that sections of a coming version may be written: none is with its addressee, or accepted.

    :raises RuleBrokenError: one is (kind ``CONFLICT``).
    """
    if report.state in {"submitted", "accepted"}:
        detail = f"Versi {len(report.versions)} {STATES[report.state]}; isinya tidak dapat ditulis lagi."
        raise RuleBrokenError("written-before-sent", detail, CLAUSES.get(report.kind), kind=RefusalKind.CONFLICT)


def check_text(section: NarrativeSection, text: Sequence[str]) -> None:
    """Checks that a section can be printed: those who get copies are named shortly.

    :raises RuleBrokenError: the name of a receiver is too long.
    """
    if section is NarrativeSection.COPIES and any(len(one) > COPY_MAX for one in text):
        detail = f"Tulis setiap penerima tembusan sebagai satu paragraf, paling panjang {COPY_MAX} huruf."
        raise RuleBrokenError("copies-short", detail)


def periods_until(day: date) -> Iterator[Period]:
    """The periods of all lengths of the year of a day, and of the year before."""
    for year in (day.year - 1, day.year):
        for kind in PeriodKind:
            period = Period.containing(date(year, 1, 1), kind)
            while period.first.year == year:
                yield period
                period = period.following


def check_letter(number: str, report: Report, version: int, others: Iterable[Report]) -> None:
    """Checks that a letter's number is that of no other letter of the office.

    :param version: the version of the report that the letter sends.
    :param others: the other reports whose letters may not bear it.
    :raises RuleBrokenError: it is (kind ``CONFLICT``).
    """
    sent = [one for one in report.versions if one.number != version]
    sent += [one for other in others for one in other.versions]
    if any(one.letter_number == number for one in sent):
        detail = (
            f"Nomor surat {number} sudah dipakai untuk surat lain. Periksa nomornya; setiap surat bernomor sendiri."
        )
        raise RuleBrokenError("letter-number-once", detail, CLAUSES.get(report.kind), kind=RefusalKind.CONFLICT)


def check_step(report: Report, wanted: str) -> Version:
    """The version that a step applies to, which is the newest.

    :param wanted: ``submit``, ``discard``, ``accept`` or ``return``.
    :raises RuleBrokenError: there is none (kind ``UNKNOWN``), or it is in another state than the step needs
        (``CONFLICT``), or a draft would be submitted (``CONFLICT``).
    """
    newest = report.newest
    if newest is None:
        raise RuleBrokenError("report-known", "Laporan ini belum disusun.", kind=RefusalKind.UNKNOWN)
    needs = {"submit": "compiled", "discard": "compiled", "accept": "submitted", "return": "submitted"}[wanted]
    if newest.state != needs:
        detail = f"Laporan versi {newest.number} {STATES[newest.state]}; hanya yang {STATES[needs]} dapat diproses."
        raise RuleBrokenError("report-state", detail, CLAUSES.get(report.kind), kind=RefusalKind.CONFLICT)
    if wanted == "submit" and newest.compiled["draft"]:
        detail = (
            f"Versi {newest.number} adalah rancangan, karena disusun sebelum hari terakhir periodenya ditutup dalam "
            "kalender. Batalkan, lalu susun lagi setelah hari itu ditutup."
        )
        raise RuleBrokenError("period-closed", detail, CLAUSES.get(report.kind), kind=RefusalKind.CONFLICT)
    return newest
