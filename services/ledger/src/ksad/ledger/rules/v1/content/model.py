"""The content of a report: the single source of its PDF, XLSX and JSON forms."""

from __future__ import annotations

import hashlib
from collections import Counter
from datetime import date
from typing import Annotated, Self

from pydantic import Field, model_validator

from ksad.contracts import canonical
from ksad.contracts.reporting import ReportKind
from ksad.ledger.rules.v1.content.activities import Activities, ReportedEvaluation
from ksad.ledger.rules.v1.content.matrix import Achievement, MatrixRow, Recapitulation
from ksad.ledger.rules.v1.content.values import (
    CitedReport,
    CooperationRef,
    Evidence,
    Figure,
    Late,
    LegalBasisLine,
    LetterOffice,
    LogPrefix,
    Printed,
    Remark,
    ReportPeriod,
    Text,
)

MEDIA_TYPE = "application/json"


class Introduction(Printed):
    """Chapter I: the legal basis, the purpose and the scope of the report."""

    legal_basis: tuple[LegalBasisLine, ...]
    purpose: Text
    scope: Text


class ProminentProblem(Printed):
    """A problem that is brought before the Minister; ``asked`` is what the Minister is asked to do, if anything."""

    cooperation: CooperationRef | None
    text: Text
    asked: Text | None


class Results(Printed):
    """The results that R3 and the national overview report in place of activities (Pasal 13)."""

    summary: tuple[Text, ...]
    achievements: tuple[Achievement, ...]
    evaluation_summary: tuple[Text, ...]
    evaluations: tuple[ReportedEvaluation, ...]
    problems: tuple[ProminentProblem, ...]
    requests: tuple[Text, ...]


class ReportContent(Printed):
    """One version of a report. R1 and R2 have ``activities``; R3 and the overview have ``results``.

    :raises ValueError: the chapters do not fit the kind of report, or two figures have the same name.
    """

    report_id: Text
    kind: ReportKind
    title: Text
    number: Text
    from_office: LetterOffice
    to_office: LetterOffice
    copies: tuple[Text, ...]
    period: ReportPeriod
    compiled_on: date
    version: Annotated[int, Field(ge=1)]
    prefix: LogPrefix
    previous_report: CitedReport | None
    figures: tuple[Figure, ...]
    late: tuple[Late, ...]
    remarks: tuple[Remark, ...]
    introduction: Introduction
    activities: Activities | None
    results: Results | None
    matrix: tuple[MatrixRow, ...]
    recapitulation: Recapitulation
    cited: tuple[CitedReport, ...]
    evidence: tuple[Evidence, ...]

    @model_validator(mode="after")
    def _chapters_fit_the_kind(self) -> Self:
        tells_activities = self.kind in {ReportKind.R1, ReportKind.R2}
        if (self.activities is not None) != tells_activities or (self.results is not None) == tells_activities:
            raise ValueError("R1 and R2 tell activities, R3 and the overview tell results")
        return self

    @model_validator(mode="after")
    def _figures_have_one_name(self) -> Self:
        twice = [name for name, times in Counter(f.name for f in self.every_figure()).items() if times > 1]
        if twice:
            raise ValueError(f"figures named twice: {', '.join(twice)}")
        return self

    def every_figure(self) -> tuple[Figure, ...]:
        """The headline figures and the counts of all tables. Each name leads to the events behind the figure."""
        found = [*self.figures, *self.recapitulation.figures()]
        if self.activities:
            found += [f for stage in self.activities.guidance for duty in stage.duties for f in duty.figures()]
        if self.results:
            found += [f for achievement in self.results.achievements for f in achievement.figures()]
        return tuple(found)


def encode(content: ReportContent) -> bytes:
    """The content as canonical JSON. The hash of the content is the hash of these bytes.

    :raises contracts.canonical.NotCanonicalError: a number is beyond ±(2^53-1).
    """
    return canonical.encode(content.model_dump(mode="json"))


def decode(raw: bytes) -> ReportContent:
    """Reads a content from canonical JSON.

    :raises contracts.canonical.NotCanonicalError: the bytes are not canonical JSON.
    :raises pydantic.ValidationError: they are not the content of a report.
    """
    canonical.decode(raw)
    return ReportContent.model_validate_json(raw)


def content_hash(content: ReportContent) -> str:
    """The SHA-256 (hex) of the canonical JSON, printed on every page of the PDF and in the XLSX."""
    return hashlib.sha256(encode(content)).hexdigest()
