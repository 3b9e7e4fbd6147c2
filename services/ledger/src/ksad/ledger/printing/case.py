"""One cooperation as PDF: what is known of it, its parties, instruments and agreements, what is open, its history.

It is set by Typst from the forms ``parts.typ`` and ``case.typ``, as reports are: PDF/A-2a and PDF/UA-1.
"""

from __future__ import annotations

from datetime import datetime, time
from typing import TYPE_CHECKING, Any

import orjson

from ksad.contracts.dates import JAKARTA
from ksad.ledger.figures.content import indonesian
from ksad.ledger.printing.parts import TRAINING, note, paragraph, shown, table
from ksad.ledger.printing.setting import PrintForm, set_apart, set_pdf
from ksad.ledger.printing.tables import ReportTable, columns, day_or_none, named

if TYPE_CHECKING:
    from ksad.ledger.figures.content.case import CaseContent

NARROW = (
    "Cetakan ini memuat fakta yang terbuka untuk semua; permasalahan, perselisihan, dan pemberitahuan hanya untuk para "
    "pihak dan pembinanya."
)


def _instruments(content: CaseContent) -> ReportTable:
    return ReportTable(
        "Naskah",
        columns({"Naskah": 26, "Ditandatangani": 13, "Nomor": 40, "Mulai berlaku": 13, "Berlaku sampai": 13}),
        tuple(
            (
                one.name if one.agreement is None else f"{one.name}: {one.agreement}",
                day_or_none(one.signed_on),
                "\n".join(f"{each.party.name}: {each.number or indonesian.NUMBER_UNKNOWN}" for each in one.numbers)
                or indonesian.NUMBER_UNKNOWN,
                day_or_none(one.begins),
                day_or_none(one.ends),
            )
            for one in content.instruments
        ),
    )


def _parts(content: CaseContent) -> ReportTable:
    return ReportTable(
        "Kesepakatan dan Perjanjian",
        columns({"Nama": 34, "Para pihak": 44, "Keadaan": 22, "Berakhir": 13}),
        tuple((one.name, named(one.between), one.state, day_or_none(one.ends)) for one in content.parts),
    )


def _matters(content: CaseContent) -> ReportTable:
    return ReportTable(
        "Hal yang Menyangkut Kerja Sama",
        columns({"Hal": 18, "Tanggal": 13, "Uraian": 46, "Keadaan": 34}),
        tuple((one.kind, day_or_none(one.on), one.text, one.state) for one in content.matters),
    )


def _history(content: CaseContent) -> ReportTable:
    return ReportTable(
        "Riwayat",
        columns({"Nomor catatan": 10, "Tanggal": 13, "Peristiwa": 60, "Keterangan": 26}),
        tuple((one.number, day_or_none(one.on), one.text, one.note) for one in content.history),
    )


def _data(content: CaseContent) -> dict[str, Any]:
    day = indonesian.day(content.printed_on)
    listed = [_parts(content), _instruments(content), _matters(content), _history(content)]
    chapters: list[dict[str, Any]] = [{"title": shown(one.title), "parts": [table(one)]} for one in listed]
    chapters[-1]["parts"].append(
        note("Nomor catatan adalah urutan peristiwa dalam log, yang dapat diperiksa siapa pun.")
    )
    if content.left_out:
        chapters[-1]["parts"].insert(0, note(f"{content.left_out} catatan yang lebih lama tidak dicetak."))
    if content.narrow:
        chapters[-2]["parts"].append(note(NARROW))
    chapters.insert(0, {"title": "Para Pihak", "parts": [paragraph(named(content.parties))]})
    rows = [
        ("Nomor registrasi", content.registration),
        *((one.label, one.value) for one in content.facts),
        ("Dicetak untuk", content.printed_for),
        ("Menurut", f"{indonesian.number(content.size)} catatan pertama dalam log, {day}"),
    ]
    return {
        "title": shown(content.title),
        "author": "KSAD",
        "mark": TRAINING if content.training else None,
        "footer": shown(f"Kerja sama {content.registration}, {day}"),
        "head": [(label, shown(value)) for label, value in rows],
        "chapters": chapters,
    }


def _filled(content: CaseContent) -> tuple[bytes, datetime]:
    return orjson.dumps(_data(content)), datetime.combine(content.printed_on, time(), JAKARTA)


def render_case(content: CaseContent) -> bytes:
    """The cooperation as PDF. Equal contents give equal bytes under the same form and version of Typst.

    :raises FormError: Typst refuses the form or warns of it.
    """
    return set_pdf(*_filled(content), PrintForm.CASE)


def render_case_apart(content: CaseContent) -> bytes:
    """As :func:`render_case`, in a process of its own, which gives back all memory.

    :raises FormError: as for :func:`render_case`, or the process failed, or took longer than two minutes.
    """
    return set_apart(*_filled(content), PrintForm.CASE)
