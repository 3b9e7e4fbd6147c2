"""What R3 and the national overview report in place of activities: evaluations, findings, ends, accepted figures."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from ksad.ledger.figures.content import indonesian
from ksad.ledger.figures.content.model import Results

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ksad.ledger.figures.content.accepted import AcceptedFigures
    from ksad.ledger.figures.content.activities import ReportedEvaluation, ReportedFinding, Termination

TENTHS = 10


def results(
    evaluations: tuple[ReportedEvaluation, ...],
    findings: tuple[ReportedFinding, ...],
    terminations: tuple[Termination, ...],
    accepted: AcceptedFigures | None,
) -> Results:
    """The results of an R3, or of the national overview, which has no accepted figures."""
    return Results(
        accepted=accepted,
        evaluation_summary=tuple(_summary(evaluations, findings)),
        evaluations=evaluations,
        findings=findings,
        terminations=terminations,
    )


def _summary(evaluations: Sequence[ReportedEvaluation], findings: Sequence[ReportedFinding]) -> Iterator[str]:
    filed = [one for one in evaluations if one.filed_on]
    late = sum(1 for one in filed if one.late)
    owed = [one for one in evaluations if one.gone is None]
    if owed:
        told = f"{len(filed)} telah disampaikan" if filed else "belum ada yang disampaikan"
        early = sum(1 for one in owed if one.filed_on is None and not one.late)
        rest = f"; {early} belum jatuh tempo" if early else ""
        yield f"Dari {len(owed)} evaluasi, {told}{f', {late} di antaranya terlambat' if late else ''}{rest}."
    ratings = [one.rating for one in filed if one.rating is not None]
    if ratings:
        # Half up, in integers: a report has no floats.
        mean = (2 * TENTHS * sum(ratings) + len(ratings)) // (2 * len(ratings))
        counts = Counter[str](one.recommendation for one in filed if one.recommendation)
        said = [f"{counts[key]} {label.lower()}" for key, label in indonesian.RECOMMENDATIONS.items() if counts[key]]
        yield f"Nilai rata-rata {mean // TENTHS},{mean % TENTHS} dari 5; rekomendasi: {', '.join(said) or 'tidak ada'}."
    if findings:
        deviating = sum(1 for one in findings if one.outcome == "deviates")
        told = f"{deviating} tidak sesuai" if deviating else "tidak ada yang tidak sesuai"
        yield f"Dari {len(findings)} temuan pengawasan, {told}."
