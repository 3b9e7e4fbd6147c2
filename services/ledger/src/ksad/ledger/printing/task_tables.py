"""The tables of chapters II to V: guidance, oversight, problems and disputes, endings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ksad.ledger.figures.content import indonesian
from ksad.ledger.printing.tables import (
    Cell,
    DateCell,
    MoneyCell,
    ReportTable,
    cited,
    columns,
    day_or_none,
    due_text,
    region_text,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ksad.ledger.figures.content.activities import (
        GuidanceStage,
        ReportedDispute,
        ReportedEvaluation,
        ReportedFinding,
        ReportedProblem,
        Termination,
    )
    from ksad.ledger.figures.content.values import CooperationRef, IssuedDocument

_COOPERATION = {"Nomor registrasi": 14, "Kerja sama": 30}


def _cooperation(ref: CooperationRef) -> tuple[Cell, Cell]:
    return ref.registration, ref.title


def _state(label: str, *, late: bool) -> str:
    return f"{label} (terlambat)" if late else label


def guidance_counts(stage: GuidanceStage) -> ReportTable:
    """One stage's duties with their counts."""
    counts = {"Terutang": 10, "Diberikan": 10, "Tidak diperlukan": 13, "Terlambat": 11}
    return ReportTable(
        f"Tahap {indonesian.STAGES[stage.stage]}",
        columns({"Dasar": 26, "Tugas": 60, **counts}),
        tuple((cited(d.clause), d.wording, d.owed, d.delivered, d.declined, d.late) for d in stage.duties),
    )


def guidance_rows(stages: Iterable[GuidanceStage], *, whole: bool) -> ReportTable:
    """The offers of guidance, one row per party and duty; ``whole`` repeats stage and duty in each."""
    rows = []
    for stage in stages:
        for duty in stage.duties:
            lead: tuple[Cell, ...] = (indonesian.STAGES[stage.stage], duty.wording) if whole else ()
            for row in duty.rows:
                state = _state(indonesian.TASK_STATES[row.state], late=row.late)
                tail = (region_text(row.party), state, day_or_none(row.on), due_text(row.due), row.note)
                rows.append((*lead, cited(duty.clause), *_cooperation(row.cooperation), *tail))
    where = {"Tahap": 14, "Tugas": 40} if whole else {}
    return ReportTable(
        "Rincian Pembinaan",
        columns(
            {
                **where,
                "Dasar": 20,
                **_COOPERATION,
                "Pihak": 18,
                "Keadaan": 14,
                "Tanggal": 13,
                "Jatuh tempo": 14,
                "Keterangan": 20,
            }
        ),
        tuple(rows),
    )


def findings(rows: Iterable[ReportedFinding]) -> ReportTable:
    """The findings of oversight by stage and by what they are measured against."""
    return ReportTable(
        "Temuan Pengawasan",
        columns(
            {
                "Tahap": 14,
                "Diukur terhadap": 11,
                "Dasar": 14,
                **_COOPERATION,
                "Tanggal": 13,
                "Hasil": 10,
                "Temuan": 32,
                "Tindak lanjut": 20,
            }
        ),
        tuple(
            (
                indonesian.STAGES[r.stage],
                indonesian.FINDING_BASES[r.basis],
                cited(r.clause),
                *_cooperation(r.cooperation),
                DateCell(r.on),
                indonesian.OUTCOMES[r.outcome],
                r.text,
                r.follow_up,
            )
            for r in rows
        ),
    )


def evaluations(rows: Iterable[ReportedEvaluation]) -> ReportTable:
    """Monitoring and evaluation, filed or owed."""
    return ReportTable(
        "Monitoring dan Evaluasi",
        columns(
            {
                **_COOPERATION,
                "Dasar": 14,
                "Putaran": 12,
                "Jatuh tempo": 14,
                "Dilaporkan": 13,
                "Nilai (1–5)": 8,
                "Rekomendasi": 13,
                "Hasil": 34,
            }
        ),
        tuple(
            (
                *_cooperation(r.cooperation),
                cited(r.clause),
                indonesian.period(r.round),
                due_text(r.due),
                "Terlambat" if r.filed_on is None and r.late else day_or_none(r.filed_on),
                r.rating,
                None if r.recommendation is None else indonesian.RECOMMENDATIONS[r.recommendation],
                r.result,
            )
            for r in rows
        ),
    )


def _paper(paper: IssuedDocument | None) -> str:
    if paper is None:
        return ""
    return f"{cited(paper.clause)}, {indonesian.day(paper.on)}, kepada {paper.to} (SHA-256 {paper.sha256[:12]}…)"


def problems(rows: Iterable[ReportedProblem]) -> ReportTable:
    """The problems with the opinions on them."""
    return ReportTable(
        "Permasalahan dan Pertimbangan",
        columns({**_COOPERATION, "Dilaporkan": 13, "Permasalahan": 36, "Pertimbangan": 32, "Keadaan": 14}),
        tuple(
            (
                *_cooperation(r.cooperation),
                DateCell(r.reported_on),
                r.text,
                _paper(r.opinion),
                indonesian.PROBLEM_STATES[r.state],
            )
            for r in rows
        ),
    )


def _settlement(dispute: ReportedDispute) -> str:
    state = indonesian.DISPUTE_STATES[dispute.state]
    if dispute.settled_by is None:
        return state
    on = "" if dispute.settled_on is None else f", {indonesian.day(dispute.settled_on)}"
    return f"{state}: {indonesian.SETTLEMENTS[dispute.settled_by]}{on}"


def disputes(rows: Iterable[ReportedDispute]) -> ReportTable:
    """The disputes with advice, brief, forum and settlement."""
    return ReportTable(
        "Perselisihan dan Masukan",
        columns(
            {
                **_COOPERATION,
                "Timbul": 13,
                "Perselisihan": 30,
                "Forum": 20,
                "Masukan": 26,
                "Bahan pertimbangan": 26,
                "Keadaan": 16,
            }
        ),
        tuple(
            (
                *_cooperation(r.cooperation),
                DateCell(r.raised_on),
                r.text,
                f"{r.forum} ({cited(r.forum_clause)})",
                _paper(r.advice),
                _paper(r.brief),
                _settlement(r),
            )
            for r in rows
        ),
    )


def terminations(rows: Iterable[Termination]) -> ReportTable:
    """The cooperations that end, with how far their checklists are."""
    return ReportTable(
        "Kerja Sama yang Bersiap Berakhir atau Berakhir",
        columns(
            {
                **_COOPERATION,
                "Rencana berakhir": 14,
                "Berakhir": 14,
                "Alasan": 26,
                "Bukti lengkap": 10,
                "Dari": 7,
                "Pengecualian": 24,
            }
        ),
        tuple(
            (
                *_cooperation(r.cooperation),
                day_or_none(r.planned_end),
                day_or_none(r.ended_on),
                r.ground,
                r.done,
                len(r.checklist),
                r.exception,
            )
            for r in rows
        ),
    )


def reminders(rows: Iterable[Termination]) -> ReportTable:
    """The reminders sent, one row per party that acknowledges."""
    return ReportTable(
        "Peringatan Persiapan Pengakhiran",
        columns({**_COOPERATION, "Dasar": 18, "Dikirim": 14, "Sebab": 26, "Pihak": 20, "Diakui": 14}),
        tuple(
            (
                *_cooperation(r.cooperation),
                cited(reminder.clause),
                DateCell(reminder.sent_on),
                reminder.reason,
                region_text(acknowledgement.party),
                day_or_none(acknowledgement.on) or "Belum",
            )
            for r in rows
            for reminder in r.reminders
            for acknowledgement in reminder.acknowledgements
        ),
    )


def checklist(rows: Iterable[Termination]) -> ReportTable:
    """The termination checklist, one row per proof that a party (or all together) owes."""
    return ReportTable(
        "Daftar Periksa Pengakhiran per Pihak",
        columns({**_COOPERATION, "Dasar": 20, "Butir": 36, "Pihak": 18, "Selesai": 14, "Nilai": 16, "Bukti": 7}),
        tuple(
            (
                *_cooperation(r.cooperation),
                cited(item.clause),
                item.label,
                "Bersama" if item.party is None else region_text(item.party),
                day_or_none(item.done_on) or "Belum",
                None if item.amount is None else MoneyCell(item.amount),
                item.evidence,
            )
            for r in rows
            for item in r.checklist
        ),
    )
