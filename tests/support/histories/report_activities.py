"""What a supervisor did, for the contents of reports: findings, evaluations, problems, disputes and endings."""

import hashlib
from collections.abc import Sequence
from datetime import date

from ksad.ledger.figures.content.activities import (
    Acknowledgement,
    ChecklistProof,
    Reminder,
    ReportedEvaluation,
    ReportedFinding,
    Termination,
)
from ksad.ledger.figures.content.matters import ReportedDispute, ReportedProblem, Settlement
from ksad.ledger.figures.content.values import (
    CitedClause,
    CooperationRef,
    DueDate,
    IssuedDocument,
    NamedRegion,
    ReportStage,
)

CHECKLIST = {
    "a": "Inventarisasi barang bergerak dan tidak bergerak hasil kerja sama",
    "b": "Pemenuhan kewajiban/utang perjanjian kerja sama",
    "c": "Pembagian barang setelah dinilai dengan rupiah dan dikurangi kewajiban/utang",
    "d": "Penyetoran hasil pembagian berupa uang ke kas daerah",
    "e": "Pencatatan sebagai aset daerah dan pelaporan kepada DPRD",
    "f": "Penyiapan laporan tentang pengakhiran kerja sama",
}


def paper(clause: str) -> IssuedDocument:
    """A paper that answers a clause."""
    sha256 = hashlib.sha256(clause.encode()).hexdigest()
    return IssuedDocument(clause=CitedClause(id=clause, basis="text"), on="2026-05-03", to="para pihak", sha256=sha256)


def findings(refs: Sequence[CooperationRef]) -> tuple[ReportedFinding, ...]:
    """One finding each, in turn against legislation and against the agreement."""
    return tuple(
        ReportedFinding(
            cooperation=cooperation,
            stage=ReportStage.IMPLEMENTATION if i % 2 else ReportStage.NEGOTIATION,
            basis="agreement" if i % 2 else "legislation",
            clause=CitedClause(id="P11", basis="text"),
            on="2026-04-17",
            outcome="deviates" if i % 4 == 0 else "conforms",
            text="Rencana kerja tahunan belum disusun bersama." if i % 4 == 0 else "Sesuai.",
            follow_up="Rencana kerja diminta selesai sebelum September 2026." if i % 4 == 0 else None,
        )
        for i, cooperation in enumerate(refs)
    )


def evaluations(refs: Sequence[CooperationRef]) -> tuple[ReportedEvaluation, ...]:
    """One round each; every third is owed and late."""
    return tuple(
        ReportedEvaluation(
            cooperation=cooperation,
            clause=CitedClause(id="P10.d.1", basis="text"),
            round="Semester I 2026",
            due=DueDate(on=date(2026, 6, 12), basis="policy"),
            filed_on=None if i % 3 == 2 else "2026-06-10",
            late=i % 3 == 2,
            rating=None if i % 3 == 2 else 4,
            result=None if i % 3 == 2 else "Tujuan tercapai; kontribusi mitra tepat waktu.",
            recommendation=None if i % 3 == 2 else "continue",
        )
        for i, cooperation in enumerate(refs)
    )


def quarrels(
    refs: Sequence[CooperationRef], sides: tuple[NamedRegion, ...]
) -> tuple[tuple[ReportedProblem, ...], tuple[ReportedDispute, ...]]:
    """A problem that was answered and a dispute that was decided, both of the first cooperation."""
    if not refs:
        return (), ()
    problem = ReportedProblem(
        cooperation=refs[0],
        reported_on="2026-04-20",
        text="Iuran bersama terlambat dibayar.",
        opinion=paper("P10.d.2"),
        state="opinion_given",
        resolved_on=None,
        outcome=None,
    )
    dispute = ReportedDispute(
        cooperation=refs[0],
        raised_on="2026-05",
        between=sides,
        text="Perbedaan penafsiran pembagian pendapatan.",
        forum="Gubernur Jawa Tengah",
        forum_clause=CitedClause(id="PP 50/2007", basis="memory"),
        advice=paper("P10.d.3"),
        brief=paper("P10.d.5"),
        state="settled",
        settlement=Settlement(
            manner="decision",
            on="2026-06-25",
            number="100/26/2026",
            outcome="Pendapatan dibagi menurut tonase.",
            final=False,
            law=CitedClause(id="UU 23/2014 Pasal 370(4)", basis="text"),
        ),
    )
    return (problem,), (dispute,)


def terminations(refs: Sequence[CooperationRef], parties: Sequence[NamedRegion]) -> tuple[Termination, ...]:
    """Cooperations that prepare to end: reminded, acknowledged by the first party, two items done."""
    together = {"a", "b", "c", "f"}
    items = tuple(
        ChecklistProof(
            clause=CitedClause(id=f"P10.d.4.{letter}", basis="text"),
            label=label,
            party=party,
            done_on="2026-06-01" if letter in "ac" else None,
            amount=1_250_000_000 if letter == "c" else None,
            evidence=1 if letter in "ac" else 0,
        )
        for letter, label in CHECKLIST.items()
        for party in ([None] if letter in together else parties)
    )
    acknowledged = tuple(Acknowledgement(party=p, on=None if i else "2026-03-02") for i, p in enumerate(parties))
    reminder = Reminder(
        clause=CitedClause(id="P10.d.4", basis="text"),
        sent_on="2026-02-21",
        reason="Enam bulan sebelum jangka waktu berakhir",
        acknowledgements=acknowledged,
    )
    return tuple(
        Termination(
            cooperation=cooperation,
            planned_end="2026-08-21",
            ended_on=None,
            ground="Jangka waktu berakhir",
            exception=None,
            reminders=(reminder,),
            checklist=items,
        )
        for cooperation in refs
    )
