"""The tables of section 1: disputes, problems, and cooperations listed for information; and what an R3 is made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ksad.ledger.figures.content import indonesian
from ksad.ledger.printing.tables import (
    COOPERATION,
    Cell,
    DateCell,
    DifferenceCell,
    ReportTable,
    cited,
    columns,
    named,
    of_cooperation,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ksad.ledger.figures.content.accepted import AcceptedFigure, AcceptedFigures
    from ksad.ledger.figures.content.matters import (
        InformedCooperation,
        ReportedDispute,
        ReportedProblem,
        Settlement,
    )
    from ksad.ledger.figures.content.values import IssuedDocument

NOT_GIVEN = "Belum diberikan"
UNTOLD = "Belum dimuat dalam laporan TKKSD yang diterima"


def _paper(paper: IssuedDocument | None) -> str:
    if paper is None:
        return NOT_GIVEN
    return f"{indonesian.day(paper.on)}, kepada {paper.to} ({cited(paper.clause)})"


def disputes(rows: Iterable[ReportedDispute]) -> ReportTable:
    """The disputes: those that await a decision first, those that are settled last."""
    return ReportTable(
        "Perselisihan",
        columns(
            {
                **COOPERATION,
                "Diajukan": 11,
                "Para pihak yang berselisih": 20,
                "Perselisihan": 26,
                "Forum dan dasarnya": 24,
                "Masukan": 24,
                "Bahan pertimbangan": 24,
                "Keadaan dan keputusan": 34,
            }
        ),
        tuple(
            (
                *of_cooperation(r.cooperation),
                DateCell(r.raised_on),
                named(r.between),
                r.text,
                _forum(r),
                _paper(r.advice),
                _paper(r.brief),
                _decided(r),
            )
            for r in rows
        ),
    )


def _forum(dispute: ReportedDispute) -> str:
    ground = "dasar forum tidak dicatat" if dispute.forum_clause is None else cited(dispute.forum_clause)
    return f"{dispute.forum} ({ground})"


def _decided(dispute: ReportedDispute) -> str:
    told = [line for one in dispute.earlier for line in _settled(one)]
    if dispute.settlement is None:
        told.append(indonesian.DISPUTE_STATES[dispute.state])
    else:
        told.extend(_settled(dispute.settlement))
    return "\n".join([*told, *([UNTOLD] if dispute.untold else [])])


def _settled(found: Settlement) -> list[str]:
    manner = _decision(indonesian.SETTLEMENTS[found.manner], found.number)
    # Of an agreement of the parties no statute in force says whether it is final (UU 23/2014 Pasal 370).
    final = "" if found.manner == "deliberation" else "; bersifat final" if found.final else "; belum bersifat final"
    law = "" if found.law is None or not final else f" ({cited(found.law)})"
    signed = [] if found.signed_as is None else [f"Ditandatangani {found.signed_as}"]
    return [f"{manner}, {indonesian.day(found.on)}: {found.outcome}{final}{law}", *signed]


def _decision(manner: str, number: str | None) -> str:
    """The kind of a decision with its number, which some write with the kind before it."""
    if number is None:
        return manner
    return number if number.startswith(manner) else f"{manner} Nomor {number}"


def problems(rows: Iterable[ReportedProblem]) -> ReportTable:
    """The problems with opinion and outcome, the open ones first."""
    return ReportTable(
        "Permasalahan",
        columns(
            {
                **COOPERATION,
                "Dilaporkan": 13,
                "Permasalahan": 36,
                "Pertimbangan": 26,
                "Keadaan": 16,
                "Penyelesaian": 30,
            }
        ),
        tuple(
            (
                *of_cooperation(r.cooperation),
                DateCell(r.reported_on),
                r.text,
                _paper(r.opinion),
                "\n".join([indonesian.PROBLEM_STATES[r.state], *([UNTOLD] if r.untold else [])]),
                None if r.resolved_on is None else f"{indonesian.day(r.resolved_on)}: {r.outcome}",
            )
            for r in rows
        ),
    )


def informed(rows: Iterable[InformedCooperation]) -> ReportTable:
    """The cooperations across provinces, with the Governors who are to be informed."""
    return ReportTable(
        "Kerja Sama Lintas Provinsi untuk Diketahui",
        columns(
            {
                **COOPERATION,
                "Para pihak": 50,
                "Tahap": 16,
                "Pembina": 16,
                "Gubernur yang diberi tahu": 34,
                "Permasalahan terbuka": 12,
                "Perselisihan terbuka": 12,
            }
        ),
        tuple(
            (
                *of_cooperation(r.cooperation),
                named(r.parties),
                indonesian.STAGES[r.stage],
                r.supervisor,
                "; ".join(r.governors),
                r.problems,
                r.disputes,
            )
            for r in rows
        ),
    )


def accepted(found: AcceptedFigures) -> ReportTable:
    """The figures of an R3 by the period of each accepted report, and what has changed since."""
    periods = [indonesian.period(one.period) + ("" if one.version else ": belum diterima") for one in found.periods]
    heads = {
        "Angka": 40,
        **dict.fromkeys(periods, 16),
        "Jumlah atau posisi terakhir": 16,
        "Perubahan sejak laporan": 16,
    }
    return ReportTable("Angka menurut Laporan TKKSD yang Diterima", columns(heads), tuple(map(_figure, found.figures)))


def _figure(figure: AcceptedFigure) -> tuple[Cell, ...]:
    total = None if figure.total is None else figure.total
    delta = None if figure.delta is None else DifferenceCell(figure.delta)
    return (figure.label, *figure.values, total, delta)
