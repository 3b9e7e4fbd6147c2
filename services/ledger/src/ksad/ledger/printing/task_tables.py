"""The tables of what was done: guidance, oversight, evaluations and ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ksad.ledger.figures.content import indonesian
from ksad.ledger.printing.tables import (
    COOPERATION,
    SHEET_ONLY,
    Cell,
    DateCell,
    MoneyCell,
    ReportTable,
    cited,
    columns,
    day_or_none,
    due_date,
    named,
    of_cooperation,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ksad.ledger.figures.content.activities import (
        GuidanceStage,
        ReportedEvaluation,
        ReportedFinding,
        Termination,
    )

NOT_DONE = "Tidak dilaksanakan"


def _state(label: str, *, late: bool) -> str:
    return f"{label} (terlambat)" if late else label


def guidance_counts(stage: GuidanceStage) -> ReportTable:
    """One stage's duties with their counts."""
    counts = {"Wajib dilaksanakan": 12, "Diberikan": 10, "Tidak diperlukan": 13, "Terlambat": 11, NOT_DONE: 12}
    return ReportTable(
        f"Tahap {indonesian.STAGES[stage.stage]}",
        columns({"Dasar": 26, "Tugas": 60, **counts}),
        tuple((cited(d.clause), d.wording, d.owed, d.delivered, d.declined, d.late, d.not_done) for d in stage.duties),
    )


def guidance_rows(stages: Iterable[GuidanceStage], *, whole: bool) -> ReportTable:
    """The guidance offered, one row per party and duty; with ``whole``, stage and duty are columns."""
    rows = []
    for stage in stages:
        for duty in stage.duties:
            lead: tuple[Cell, ...] = (indonesian.STAGES[stage.stage], duty.wording) if whole else ()
            for row in duty.rows:
                state = _state(indonesian.TASK_STATES[row.state], late=row.late)
                parties = named(row.parties)
                tail = (parties, state, day_or_none(row.on), due_date(row.due), row.note)
                rows.append((*lead, cited(duty.clause), *of_cooperation(row.cooperation), *tail))
    where = {"Tahap": 14, "Tugas": 40} if whole else {}
    return ReportTable(
        "Rincian Pembinaan",
        columns(
            {
                **where,
                "Dasar": 18,
                **COOPERATION,
                "Pihak": 24,
                "Keadaan": 18,
                "Tanggal": 11,
                "Jatuh tempo": 11,
                "Keterangan": 22,
            }
        ),
        tuple(rows),
    )


def findings(rows: Iterable[ReportedFinding]) -> ReportTable:
    """The findings of oversight, with stage and the basis of each test."""
    return ReportTable(
        "Temuan Pengawasan",
        columns(
            {
                "Tahap": 14,
                "Diukur terhadap": SHEET_ONLY,
                "Dasar": 16,
                **COOPERATION,
                "Tanggal": 11,
                "Hasil": 8,
                "Temuan": 32,
                "Tindak lanjut": 34,
            }
        ),
        tuple(
            (
                indonesian.STAGES[r.stage],
                indonesian.FINDING_BASES[r.basis],
                cited(r.clause),
                *of_cooperation(r.cooperation),
                DateCell(r.on),
                indonesian.OUTCOMES[r.outcome],
                r.text,
                r.follow_up,
            )
            for r in rows
        ),
    )


def _filed(row: ReportedEvaluation) -> Cell:
    if row.gone is not None:
        return indonesian.TASK_STATES["handed_over" if row.gone == "handed_over" else "withdrawn"]
    return "Terlambat" if row.filed_on is None and row.late else day_or_none(row.filed_on)


def evaluations(rows: Iterable[ReportedEvaluation]) -> ReportTable:
    """The rounds of monitoring and evaluation, filed or due."""
    return ReportTable(
        "Monitoring dan Evaluasi",
        columns(
            {
                **COOPERATION,
                "Dasar": 22,
                "Periode evaluasi": 16,
                "Jatuh tempo": 11,
                "Dilaporkan": 11,
                "Nilai (1–5)": 8,
                "Rekomendasi": 12,
                "Hasil": 30,
            }
        ),
        tuple(
            (
                *of_cooperation(r.cooperation),
                cited(r.clause),
                indonesian.period(r.round),
                due_date(r.due),
                _filed(r),
                r.rating,
                None if r.recommendation is None else indonesian.RECOMMENDATIONS[r.recommendation],
                r.result,
            )
            for r in rows
        ),
    )


def terminations(rows: Iterable[Termination]) -> ReportTable:
    """The cooperations that end or ended, with the state of their checklists."""
    return ReportTable(
        "Kerja Sama dalam Persiapan Pengakhiran atau Telah Berakhir",
        columns(
            {
                **COOPERATION,
                "Rencana berakhir": 14,
                "Berakhir": 14,
                "Alasan": 26,
                "Bukti terkumpul": 10,
                "Yang wajib": 7,
                "Pengecualian": 24,
            }
        ),
        tuple(
            (
                *of_cooperation(r.cooperation),
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
    """The reminders sent, one row per party that has to acknowledge."""
    return ReportTable(
        "Pengingat Persiapan Pengakhiran",
        columns({**COOPERATION, "Dasar": 18, "Dikirim": 14, "Sebab": 26, "Pihak": 20, "Dikonfirmasi": 14}),
        tuple(
            (
                *of_cooperation(r.cooperation, reminder.agreement),
                cited(reminder.clause),
                DateCell(reminder.sent_on),
                reminder.reason,
                acknowledgement.party.name,
                day_or_none(acknowledgement.on) or "Belum",
            )
            for r in rows
            for reminder in r.reminders
            for acknowledgement in reminder.acknowledgements
        ),
    )


def checklist(rows: Iterable[Termination]) -> ReportTable:
    """The termination checklist, one row per proof due from a party or from all parties jointly."""
    return ReportTable(
        "Daftar Periksa Pengakhiran per Pihak",
        columns(
            {
                **COOPERATION,
                "Dasar": 26,
                "Butir": 36,
                "Pihak": 18,
                "Selesai": 11,
                "Nilai": 16,
                "Bukti": 6,
                "Keterangan": 18,
            }
        ),
        tuple(
            (
                *of_cooperation(r.cooperation, item.agreement),
                cited(item.clause),
                item.label,
                "Bersama" if item.party is None else item.party.name,
                "Nihil" if item.nihil else day_or_none(item.done_on) or "Belum",
                None if item.amount is None else MoneyCell(item.amount),
                item.evidence,
                "; ".join(item.notes) or None,
            )
            for r in rows
            for item in r.checklist
        ),
    )
