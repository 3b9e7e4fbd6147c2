"""A list as PDF, on landscape pages: its title, what it was chosen by, for whom it was printed, and its rows.

It is set by Typst from the forms ``parts.typ`` and ``listing.typ``, as reports are: PDF/A-2a and PDF/UA-1.
"""

from __future__ import annotations

from datetime import datetime, time
from typing import TYPE_CHECKING, Any

import orjson

from ksad.contracts.dates import JAKARTA
from ksad.ledger.printing.parts import TRAINING, note, paragraph, shown, table
from ksad.ledger.printing.setting import PrintForm, set_apart
from ksad.ledger.printing.tables import Column, ReportTable

if TYPE_CHECKING:
    from ksad.ledger.figures.content.listing import ListContent

WORDS = {
    "id": {
        "about": "Menurut",
        "rows": "Banyaknya baris",
        "for": "Dicetak untuk",
        "none": "Tidak ada baris.",
        "remark": "Cetakan ini memuat apa yang tampil di layar saat diminta; cetakan ini bukan naskah dinas.",
        "page": "Halaman",
        "of": "dari",
    },
    "en": {
        "about": "By",
        "rows": "Number of rows",
        "for": "Printed for",
        "none": "No rows.",
        "remark": "This print holds what the screen showed when it was asked for; it is no official paper.",
        "page": "Page",
        "of": "of",
    },
}
_NARROWEST, _WIDEST = 8, 40
"""The least and the largest share of a column's width."""


def _share(label: str, texts: tuple[str, ...]) -> int:
    """A column's share of the width: as many letters as its texts have on average."""
    mean = sum(map(len, texts)) // len(texts)
    return min(max(mean, len(label), _NARROWEST), _WIDEST)


def _table(content: ListContent) -> ReportTable:
    every = zip(content.columns, zip(*content.rows, strict=True), strict=True)
    columns = tuple(Column(label, _share(label, texts)) for label, texts in every)
    return ReportTable(content.title, columns, content.rows)


def _data(content: ListContent) -> dict[str, Any]:
    said = WORDS[content.language]
    rows = [(said["about"], content.about), (said["rows"], str(len(content.rows)))]
    rows.append((said["for"], content.printed_for))
    return {
        "title": shown(content.title),
        "author": "KSAD",
        "mark": TRAINING if content.training else None,
        "language": content.language,
        "pages": (said["page"], said["of"]),
        "footer": shown(content.title),
        "head": [(label, shown(value)) for label, value in rows],
        "parts": [
            table(_table(content), attachment=True) if content.rows else paragraph(said["none"]),
            note(said["remark"]),
        ],
    }


def render_list_apart(content: ListContent) -> bytes:
    """The list as PDF, set in a process of its own, which gives back all memory.

    :raises FormError: Typst refuses the form or warns of it, or the process failed, or took longer than two minutes.
    """
    dated = datetime.combine(content.printed_on, time(), JAKARTA)
    return set_apart(orjson.dumps(_data(content)), dated, PrintForm.LIST)
