"""Compiles a report: its content from a prefix of the log, and the journal entries behind each figure."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from ksad.contracts.identifiers import report_id
from ksad.contracts.reporting import Citation, NarrativeCited, NarrativeSection, ReportCompiled, ReportKind
from ksad.contracts.supervision import Tier
from ksad.ledger.collection import without_collection
from ksad.ledger.figures import matters, narrative, offices, sums, tables, telling
from ksad.ledger.figures import results as outcome
from ksad.ledger.figures.accepted import Accepted, Recomputed, headline
from ksad.ledger.figures.achieving import achievements
from ksad.ledger.figures.chapters import Chapters
from ksad.ledger.figures.citing import earlier
from ksad.ledger.figures.closing import is_draft
from ksad.ledger.figures.content import model
from ksad.ledger.figures.content.matrix import MatrixRow, Recapitulation
from ksad.ledger.figures.content.model import Introduction, ReportContent, Results
from ksad.ledger.figures.content.values import (
    LogPrefix,
    ReportPeriod,
)
from ksad.ledger.figures.content.wording import WORDINGS, Wording
from ksad.ledger.figures.evidence import evidence
from ksad.ledger.figures.figures import Figures
from ksad.ledger.figures.gathering import Gathering
from ksad.ledger.figures.lateness import late
from ksad.ledger.figures.period import Span
from ksad.ledger.figures.prefix import Prefix
from ksad.ledger.figures.registered import register_states
from ksad.ledger.figures.scope import ReportScope
from ksad.ledger.figures.timeliness import DONE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from ksad.contracts.catalogue import DocumentRef
    from ksad.contracts.dates import Period
    from ksad.ledger.figures.citing import Earlier
    from ksad.ledger.figures.content.accepted import AcceptedFigures
    from ksad.ledger.figures.content.matters import Matters
    from ksad.ledger.figures.prefix import Row
    from ksad.ledger.figures.source import ReportSource

RULES = 2
"""The number of the rules in this package: figures, wording and folds.

Whoever changes what is compiled after a release freezes these first, beside the others in ``ksad.ledger.rules``.
"""


class ReportOrder(NamedTuple):
    """What is compiled: kind, office and period of the report, the log's origin, and the day of compilation.

    ``read`` gives the bytes of a document that the log cites, by its SHA-256.
    """

    kind: ReportKind
    office: str
    period: Period
    origin: str
    compiled_on: date
    read: Callable[[str], bytes]


class Compiled(NamedTuple):
    """A compiled report: its content, the journal entries (indexes) behind each figure, and the reports it cites."""

    content: ReportContent
    behind: dict[str, list[int]]
    cites: tuple[Citation, ...]
    as_of: date
    draft: bool
    narratives: list[NarrativeCited]

    def events(self) -> bytes:
        """The entries behind the figures as JSON with sorted keys, the form in which they are stored."""
        return orjson.dumps(self.behind, option=orjson.OPT_SORT_KEYS)

    def stated(self) -> dict[str, Any]:
        """What the event of the compilation says, but for its documents and how they were printed."""
        return self.fact((), None, None).model_dump(mode="json", exclude={"documents", "form", "renderer"})

    def fact(self, documents: Sequence[DocumentRef], form: int | None, renderer: str | None) -> ReportCompiled:
        """The event that records the compilation.

        :param documents: the stored documents with the content and its printed forms.
        :param form: the number of the printed form.
        :param renderer: the programs that printed it, with their versions.
        """
        content = self.content
        return ReportCompiled(
            kind=ReportKind(content.kind.value),
            from_office=content.from_office.id,
            to_office=content.to_office.id,
            period=content.period.id,
            version=content.version,
            period_from=content.period.first,
            period_to=content.period.last,
            prefix_size=content.prefix.size,
            prefix_root=content.prefix.root,
            previous_size=content.prefix.previous_size or 0,
            content_sha256=model.content_hash(content),
            documents=list(documents),
            cites=list(self.cites),
            figures={figure.name: figure.value for figure in content.figures},
            rules=RULES,
            form=form,
            renderer=renderer,
            as_of=self.as_of,
            draft=self.draft,
            narratives=self.narratives,
        )


def compile_report(source: ReportSource, order: ReportOrder) -> Compiled:
    """Compiles a report. Equal prefixes and orders give equal bytes, whatever else of the log a source has selected.

    :raises RuleBrokenError: nobody owes a report on this period, an R3 has no accepted R2 to be built from (P13), or a
        written section says that there is nothing while there is.
    :raises PoisonError: a stream that the report needs has an event that this release cannot read.
    """
    made = compile_unchecked(source, order)
    for section in NarrativeSection:
        narrative.check(section, made.content.narrative.of(section), made.content)
    return made


@without_collection()
def compile_unchecked(source: ReportSource, order: ReportOrder) -> Compiled:
    """As :func:`compile_report`, whatever the written sections say: for drafts, and for figures counted anew.

    :raises RuleBrokenError: nobody owes a report on this period, or an R3 has no accepted R2 to be built from (P13).
    :raises PoisonError: a stream that the report needs has an event that this release cannot read.
    """
    # All tables speak of the last day of the period; a draft of the day on which it is compiled.
    prefix = Prefix(source, min(order.period.last, order.compiled_on))
    draft = is_draft(prefix, order.kind, order.office, order.period)
    before = earlier(prefix, order.kind, order.office, order.period)
    span = Span.of(order.period)

    def label(office: str) -> str:
        return offices.written(office, prefix).label

    # A Governor reports on the work of the TKKSD of the province (P13), the overview on that of all bodies.
    body = None if order.kind is ReportKind.OVERVIEW else order.office.replace("governor:", "tkksd:")
    known = None if before.previous is None else before.previous_size
    gathered = Gathering(prefix, body, span, known, label).gather()
    tier = Tier.MINISTER if order.kind in {ReportKind.R1, ReportKind.OVERVIEW} else Tier.GOVERNOR
    scope = ReportScope(prefix, gathered, tier, span, body)
    texts = narrative.cited(prefix.report(report_id(order.kind.value, order.office, str(order.period))))
    content, figures = _content(scope, order, before, texts, draft=draft)
    return Compiled(content, figures.behind, before.cites, prefix.day, draft, texts)


def _content(
    scope: ReportScope, order: ReportOrder, before: Earlier, texts: list[NarrativeCited], *, draft: bool
) -> tuple[ReportContent, Figures]:
    """The content of a report, and its figures with the entries behind them."""
    prefix, wording = scope.prefix, WORDINGS[order.kind]

    def label(office: str) -> str:
        return offices.written(office, prefix).label

    province = order.office.partition(":")[2]
    listed = matters.matters(scope, f"governor:{province}" if province else None)
    figures = Figures(scope.gathered, before.previous_figures)
    timeliness = sums.timeliness(scope, figures, label, before.previous_figures)
    told = order.kind in {ReportKind.R1, ReportKind.R2}
    chapters = Chapters(figures, scope)
    results = None
    if order.kind is ReportKind.R3:
        results, listed = _accepted(scope, order, before, figures, listed)
    else:
        _headline(figures, scope)
    if order.kind is ReportKind.OVERVIEW:
        results = _results(chapters, None)
    content = ReportContent(
        report_id=str(report_id(order.kind.value, order.office, str(order.period))),
        kind=order.kind,
        title=f"Rancangan {wording.title}" if draft else wording.title,
        # The letter's number is known when the report is submitted, and is then part of that event.
        number="(rancangan, periode belum berakhir)" if draft else "(diisi saat disampaikan)",
        from_office=offices.written(order.office, prefix),
        to_office=offices.written(offices.to_office(order.kind, order.office), prefix),
        period=ReportPeriod(id=str(order.period), first=order.period.first, last=order.period.last),
        compiled_on=order.compiled_on,
        state_on=prefix.day,
        version=before.versions + 1,
        prefix=LogPrefix(
            origin=order.origin,
            size=prefix.size,
            previous_size=before.previous_size if before.previous else None,
            root=prefix.frontier.root().hex(),
        ),
        previous_report=before.previous,
        proof_page=prefix.offices.proof_page,
        past=before.past,
        matters=listed,
        narrative=narrative.told(texts, order.read),
        activities=chapters.build() if told else None,
        achievements=achievements(figures, scope),
        results=results,
        register_states=register_states(scope),
        figures=tuple(figures.headline),
        timeliness=timeliness,
        late=tuple(late(scope, offices.to_office(order.kind, order.office))),
        scored=sums.scored(scope, order.period),
        developments=sums.developments(scope),
        remarks=before.remarks,
        introduction=_introduction(prefix, wording, order.compiled_on),
        matrix=tuple(_matrix(scope, label)),
        recapitulation=_recapitulation(scope, figures, order),
        cited=before.cited,
        evidence=evidence(scope),
        training=prefix.training,
    )
    return content, figures


def _accepted(
    scope: ReportScope, order: ReportOrder, before: Earlier, figures: Figures, listed: Matters
) -> tuple[Results, Matters]:
    """What an R3 takes from accepted R2s: their figures, and the marks of what they do not have."""
    team = order.office.replace("governor:", "tkksd:")

    def again(period: Period) -> Recomputed:
        made = compile_unchecked(scope.prefix.source, order._replace(kind=ReportKind.R2, office=team, period=period))
        return Recomputed(made.content.model_dump(mode="json"), made.behind)

    accepted = Accepted(scope.prefix, order.office, before.periods, order.read)
    taken = accepted.figures(again, figures.behind)
    figures.headline += headline(taken, before.previous_figures)
    return _results(Chapters(figures, scope), taken), accepted.marked(listed)


def _results(chapters: Chapters, taken: AcceptedFigures | None) -> Results:
    return outcome.results(chapters.evaluations(), chapters.findings(), chapters.terminations(), taken)


def _headline(figures: Figures, scope: ReportScope) -> None:
    rows, shares = scope.cooperations, scope.shares

    def tasks(name: str, label: str, *kinds: str) -> None:
        keys = [one.task for one in shares if not kinds or one.entered in kinds or one.left in kinds]
        figures.show(f"tasks{name}", label, "tasks", keys, "tugas")

    for name, label, status in (
        ("cooperations", "Kerja sama terdaftar", None),
        ("running", "Kerja sama berjalan", "running"),
        ("ended", "Kerja sama berakhir", "ended"),
    ):
        keys = [key for key, row in rows.items() if status is None or row["status"] == status]
        figures.show(name, label, "cooperations", keys)
    tasks("", "Tugas pembinaan dan pengawasan")
    tasks("_carried_in", "Tugas sisa periode lalu", "carried_in")
    tasks("_new", "Tugas baru", "new")
    tasks("_taken_over", "Tugas alihan masuk", "taken_over")
    tasks("_completed", "Tugas dilaksanakan", *DONE)
    tasks("_on_time", "Tugas dilaksanakan tepat waktu", "on_time")
    tasks("_done_late", "Tugas dilaksanakan terlambat", "late")
    tasks("_cancelled", "Tugas dibatalkan", "cancelled")
    tasks("_handed_over", "Tugas dialihkan", "handed_over")
    tasks("_not_done", "Tugas tidak dilaksanakan", "not_done")
    tasks("_not_due", "Tugas belum jatuh tempo", "not_due")


def _introduction(prefix: Prefix, wording: Wording, on: date) -> Introduction:
    return Introduction(
        legal_basis=(*telling.legal_basis(prefix.law, on), *telling.decisions(prefix.texts.values(), prefix.law)),
        legal_history=telling.legal_history(prefix.law, on),
        purpose=wording.purpose,
        scope=wording.scope,
    )


def _matrix(scope: ReportScope, label: Callable[[str], str]) -> Iterator[MatrixRow]:
    answers: dict[str, list[Row]] = {}
    for task in scope.answers("d.1", "d.2", "d.3", "d.5", "oversight"):
        answers.setdefault(task["cooperation_id"], []).append(task)
    for key, one in scope.gathered.chosen.items():
        handed = one.supervision.handed(scope.body, scope.span.first, scope.day) if scope.body else None
        yield tables.matrix_row(scope.prefix, one.row, answers.get(key, []), label, scope.span, handed)


def _recapitulation(scope: ReportScope, figures: Figures, order: ReportOrder) -> Recapitulation:
    behind = {one.row["cooperation_id"] for one in scope.of("d.1") if one.left == "not_done"}
    rows = tables.RecapRows(scope.cooperations, frozenset(behind), scope.prefix.day, scope.span)
    province = order.office.partition(":")[2] or None
    return tables.recapitulation(scope.prefix, figures, rows, province, tiered=order.kind is ReportKind.OVERVIEW)
