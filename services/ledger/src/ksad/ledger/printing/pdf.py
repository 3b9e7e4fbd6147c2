"""The report as PDF: covering letter, contents, summary, chapters, attachments, and a box to verify it by.

It is set by Typst from the forms ``parts.typ`` and ``report.typ``, as PDF/A-2a (ISO 19005-2) and PDF/UA-1 (ISO
14289-1), in the fonts that come with the library: what a machine has installed changes nothing.
"""

from __future__ import annotations

from datetime import datetime, time
from typing import TYPE_CHECKING, Any

import orjson

from ksad.contracts.dates import JAKARTA
from ksad.contracts.reporting import ReportKind
from ksad.ledger.figures.content import indonesian
from ksad.ledger.figures.content.model import content_hash
from ksad.ledger.printing import chapters, letter, summary, tables
from ksad.ledger.printing.parts import TRAINING, note, shown, table
from ksad.ledger.printing.setting import set_apart, set_pdf

if TYPE_CHECKING:
    from ksad.ledger.figures.content.model import ReportContent
    from ksad.ledger.figures.content.values import LetterSent
    from ksad.ledger.printing.tables import ReportTable

MEDIA_TYPE = "application/pdf"
_RECAP_NOTE = (
    "Satu kerja sama dihitung pada baris setiap daerah yang menjadi pihak; baris jumlah menghitung setiap kerja sama "
    "satu kali."
)


def _attachments(content: ReportContent) -> list[dict[str, Any]]:
    # The matrix on A3: its nineteen columns could not be read on A4.
    listed: list[tuple[ReportTable, str, str | None]] = [(tables.matrix(content.matrix), "a3", None)]
    if content.kind is ReportKind.OVERVIEW and not content.matrix:
        listed.clear()  # The national overview has the sums in its recapitulation, and need not list cooperations.
    listed += [
        (tables.recapitulation(content.recapitulation), "a4", _RECAP_NOTE),
        (tables.evidence(content.evidence), "a4", None),
    ]
    if content.cited:
        listed.append((tables.cited_reports(content.cited), "a4", None))
    if content.introduction.legal_history:
        listed.append((tables.legal_history(content.introduction.legal_history), "a4", None))
    return [
        {
            "number": f"LAMPIRAN {numeral}",
            "title": shown(f"{one.title}, keadaan {indonesian.day(content.state_on)}".upper()),
            "paper": paper,
            "parts": [*([note(remark)] if remark and one.rows else []), table(one, attachment=True)],
        }
        for numeral, (one, paper, remark) in zip(("I", "II", "III", "IV", "V"), listed, strict=False)
    ]


def _data(content: ReportContent, sent: LetterSent | None) -> dict[str, Any]:
    period = indonesian.period(content.period.id)
    sender = content.from_office.label
    called = indonesian.KINDS[content.kind] if content.kind is ReportKind.OVERVIEW else f"Laporan {sender}"
    attachments = _attachments(content)
    return {
        "title": shown(f"{content.title}, {period}"),
        "author": shown(sender),
        "mark": TRAINING if content.training else None,
        "footer": shown(f"{called}, {period}, versi {content.version}"),
        "letter": letter.letter(content, sent, len(attachments)),
        "summary": summary.summary(content),
        "late": summary.late(content),
        "chapters": chapters.chapters(content),
        "attachments": attachments,
        "verification": letter.verification(content, content_hash(content)),
    }


def _filled(content: ReportContent, sent: LetterSent | None) -> tuple[bytes, datetime]:
    # The file has the date of its content, in the capital's time zone, and not that of printing.
    dated = datetime.combine(content.compiled_on if sent is None else sent.on, time(), JAKARTA)
    return orjson.dumps(_data(content, sent)), dated


def render(content: ReportContent, sent: LetterSent | None = None) -> bytes:
    """The report as PDF. Equal contents give equal bytes under the same form and the same version of Typst.

    :param sent: number, day and capacity of the letter, once it is sent.
    :raises FormError: Typst refuses the form or warns of it.
    """
    return set_pdf(*_filled(content, sent))


def render_apart(content: ReportContent, sent: LetterSent | None = None) -> bytes:
    """As :func:`render`, in a process of its own, which gives back all memory.

    :raises FormError: as for :func:`render`, or the process failed, or took longer than two minutes.
    """
    return set_apart(*_filled(content, sent))
