"""The content of a report: the single source of its PDF, XLSX and JSON forms."""

from __future__ import annotations

import hashlib
from collections import Counter
from datetime import date
from typing import Annotated, Self

from pydantic import Field, model_validator

from ksad.contracts import canonical
from ksad.contracts.reporting import ReportKind
from ksad.ledger.figures.content.accepted import AcceptedFigures
from ksad.ledger.figures.content.activities import Activities, ReportedEvaluation, ReportedFinding, Termination
from ksad.ledger.figures.content.matrix import Achievement, MatrixRow, Recapitulation
from ksad.ledger.figures.content.matters import Matters
from ksad.ledger.figures.content.narrative import Narrative
from ksad.ledger.figures.content.registered import RegisterState
from ksad.ledger.figures.content.sums import Developments, Scored, Timeliness
from ksad.ledger.figures.content.values import (
    CitedReport,
    Evidence,
    Figure,
    ForTraining,
    Late,
    LegalBasisLine,
    LetterOffice,
    LogPrefix,
    PastFigures,
    Printed,
    Remark,
    ReportPeriod,
    Text,
)

MEDIA_TYPE = "application/json"


class Introduction(Printed):
    """Chapter I: the legal basis, the purpose and the scope of the report.

    ``legal_history`` is for an attachment: what is in force no more, or only recalled.
    """

    legal_basis: tuple[LegalBasisLine, ...]
    legal_history: tuple[LegalBasisLine, ...] = ()
    purpose: Text
    scope: Text


class Results(Printed):
    """The results that R3 and the national overview report in place of activities (Pasal 13)."""

    accepted: AcceptedFigures | None
    """Of an R3: what its figures are made of."""
    evaluation_summary: tuple[Text, ...]
    evaluations: tuple[ReportedEvaluation, ...]
    findings: tuple[ReportedFinding, ...]
    terminations: tuple[Termination, ...]


class ReportContent(Printed):
    """One version of a report. R1 and R2 have ``activities``; R3 and the overview have ``results``.

    ``past`` are up to four reports on the preceding periods, the oldest first.
    ``proof_page`` is the adopted address under which a print is compared with the log.

    :raises ValueError: the chapters do not fit the kind of report, or two figures have the same name.
    """

    report_id: Text
    kind: ReportKind
    title: Text
    number: Text
    from_office: LetterOffice
    to_office: LetterOffice
    period: ReportPeriod
    compiled_on: date
    state_on: date
    """The day whose state all tables show, at its end."""
    version: Annotated[int, Field(ge=1)]
    prefix: LogPrefix
    previous_report: CitedReport | None
    proof_page: Text | None
    figures: tuple[Figure, ...]
    timeliness: Timeliness
    past: tuple[PastFigures, ...]
    late: tuple[Late, ...]
    scored: Scored
    developments: Developments
    remarks: tuple[Remark, ...]
    matters: Matters
    narrative: Narrative
    introduction: Introduction
    achievements: tuple[Achievement, ...]
    activities: Activities | None
    results: Results | None
    register_states: tuple[RegisterState, ...]
    """The cooperations whose entries in the register cannot all be relied upon yet."""
    matrix: tuple[MatrixRow, ...]
    recapitulation: Recapitulation
    cited: tuple[CitedReport, ...]
    evidence: tuple[Evidence, ...]
    training: ForTraining = False

    @model_validator(mode="after")
    def _chapters_fit_the_kind(self) -> Self:
        tells_activities = self.kind in {ReportKind.R1, ReportKind.R2}
        if (self.activities is not None) != tells_activities or (self.results is not None) == tells_activities:
            raise ValueError("R1 and R2 tell activities, R3 and the overview tell results")
        return self

    @model_validator(mode="after")
    def _figures_have_one_name(self) -> Self:
        # The many figures of the recapitulation are not made for their names alone.
        built = [one.name for one in (*self.figures, *self._counts())]
        twice = [name for name, times in Counter([*built, *self.recapitulation.names()]).items() if times > 1]
        if twice:
            raise ValueError(f"figures named twice: {', '.join(twice)}")
        return self

    @property
    def findings(self) -> tuple[ReportedFinding, ...]:
        """The findings of oversight, whatever the kind of report."""
        told = self.activities or self.results
        return () if told is None else told.findings

    @property
    def terminations(self) -> tuple[Termination, ...]:
        """What is ending or has ended, whatever the kind of report."""
        told = self.activities or self.results
        return () if told is None else told.terminations

    def every_figure(self) -> tuple[Figure, ...]:
        """The headline figures and the counts of all tables. Each name leads to the events behind the figure."""
        return (*self.figures, *self.recapitulation.figures(), *self._counts())

    def _counts(self) -> list[Figure]:
        found = [f for row in self.timeliness.rows for f in row.figures()]
        if self.activities:
            found += [f for stage in self.activities.guidance for duty in stage.duties for f in duty.figures()]
        found += [f for achievement in self.achievements for f in achievement.figures()]
        return found


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
