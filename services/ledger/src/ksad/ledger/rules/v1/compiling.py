"""Compiles a report: its content from a prefix of the log, and the journal entries behind each figure."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from ksad.contracts.identifiers import report_id
from ksad.contracts.reporting import Citation, ReportKind
from ksad.contracts.supervision import Tier
from ksad.ledger.rules.v1 import offices, tables, telling
from ksad.ledger.rules.v1.chapters import Chapters, closing, ref
from ksad.ledger.rules.v1.citing import earlier
from ksad.ledger.rules.v1.content import indonesian, model
from ksad.ledger.rules.v1.content.matrix import Achievement
from ksad.ledger.rules.v1.content.model import Introduction, ProminentProblem, ReportContent, Results
from ksad.ledger.rules.v1.content.values import (
    CitedClause,
    DueDate,
    Evidence,
    Late,
    LogPrefix,
    ReportPeriod,
    ReportStage,
)
from ksad.ledger.rules.v1.content.wording import WORDINGS
from ksad.ledger.rules.v1.figures import Figures
from ksad.ledger.rules.v1.period import Span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ksad.contracts.dates import Period
    from ksad.ledger.rules.v1.prefix import Prefix, Row

FIGURES = "application/vnd.ksad.figures+json"
"""Media type of the stored document that lists the journal entries behind each figure."""
LATE = {"overdue": "diingatkan", "escalated": "dilaporkan kepada kepala pembina"}


class ReportOrder(NamedTuple):
    """What is compiled: kind, office and period of the report, the log's origin, and the day of compilation."""

    kind: ReportKind
    office: str
    period: Period
    origin: str
    compiled_on: date


class Compiled(NamedTuple):
    """A compiled report: its content, the journal entries (indexes) behind each figure, and the reports it cites."""

    content: ReportContent
    behind: dict[str, list[int]]
    cites: tuple[Citation, ...]

    def events(self) -> bytes:
        """The entries behind the figures as JSON with sorted keys, the form in which they are stored."""
        return orjson.dumps(self.behind, option=orjson.OPT_SORT_KEYS)

    def stated(self) -> dict[str, Any]:
        """What the event of the compilation says, but for its documents."""
        content = self.content
        return {
            "kind": content.kind.value,
            "from_office": content.from_office.id,
            "to_office": content.to_office.id,
            "period": content.period.id,
            "version": content.version,
            "period_from": content.period.first.isoformat(),
            "period_to": content.period.last.isoformat(),
            "prefix_size": content.prefix.size,
            "prefix_root": content.prefix.root,
            "previous_size": content.prefix.previous_size or 0,
            "content_sha256": model.content_hash(content),
            "cites": [one.model_dump(mode="json") for one in self.cites],
            "figures": {figure.name: figure.value for figure in content.figures},
        }


def compile_report(prefix: Prefix, order: ReportOrder) -> Compiled:
    """Compiles a report. Equal prefixes and orders give equal bytes.

    :raises RuleBrokenError: an R3 has no accepted R2 to be built from (P13).
    """
    before = earlier(prefix, order.kind, order.office, order.period)
    figures = Figures(prefix, before.previous_figures)
    span = Span.of(order.period)
    chosen = span.cooperations(_supervised(prefix, order))
    identities = {key for key, _ in chosen}
    tasks = span.tasks(one for one in prefix.tasks() if one[1]["cooperation_id"] in identities)
    wording = WORDINGS[order.kind]
    tier = Tier.MINISTER if order.kind in {ReportKind.R1, ReportKind.OVERVIEW} else Tier.GOVERNOR
    _headline(figures, chosen, tasks)
    province = order.office.partition(":")[2] or None

    def label(office: str) -> str:
        return offices.written(office, prefix).label

    activities = results = None
    if order.kind in {ReportKind.R1, ReportKind.R2}:
        ending = closing(prefix.law.in_force(order.period.last), chosen, tasks, order.compiled_on)
        activities = Chapters(prefix, figures, chosen, tasks, tier, span).build(ending)
    else:
        evaluations = Chapters(prefix, figures, chosen, tasks, tier, span).evaluations()
        results = _results(figures, chosen, tasks, evaluations, span)
    content = ReportContent(
        report_id=str(report_id(order.kind.value, order.office, str(order.period))),
        kind=order.kind,
        title=wording.title,
        # The letter's number is known when the report is submitted, and is then part of that event.
        number="(diisi saat disampaikan)",
        from_office=offices.written(order.office, prefix),
        to_office=offices.written(offices.to_office(order.kind, order.office), prefix),
        copies=(),
        period=ReportPeriod(id=str(order.period), first=order.period.first, last=order.period.last),
        compiled_on=order.compiled_on,
        version=before.versions + 1,
        prefix=LogPrefix(
            origin=order.origin,
            size=prefix.size,
            previous_size=before.previous_size if before.previous else None,
            root=prefix.frontier.root().hex(),
        ),
        previous_report=before.previous,
        figures=tuple(figures.headline),
        late=_late(prefix, chosen, tasks, order.compiled_on),
        remarks=before.remarks,
        introduction=Introduction(
            legal_basis=telling.legal_basis(prefix.law), purpose=wording.purpose, scope=wording.scope
        ),
        activities=activities,
        results=results,
        matrix=tuple(
            tables.matrix_row(prefix, key, row, [task for _, task in tasks], label, span) for key, row in chosen
        ),
        recapitulation=tables.recapitulation(prefix, figures, chosen, tasks, order.period, province),
        cited=before.cited,
        evidence=_evidence(chosen, tasks),
    )
    return Compiled(content, figures.behind, before.cites)


def _supervised(prefix: Prefix, order: ReportOrder) -> list[tuple[str, Row]]:
    """The cooperations that the report covers: those that the body supervises, or all for the national overview."""
    # A Governor reports on what the TKKSD of the province supervises (P13).
    body = order.office.replace("governor:", "tkksd:")
    return [one for one in prefix.cooperations() if order.kind is ReportKind.OVERVIEW or one[1]["body"] == body]


def _headline(figures: Figures, chosen: Sequence[tuple[str, Row]], tasks: Sequence[tuple[str, Row]]) -> None:
    def of(**wanted: Any) -> list[str]:  # noqa: ANN401 - columns of any row
        return [key for key, row in chosen if all(row[name] == value for name, value in wanted.items())]

    figures.show("cooperations", "Kerja sama terdaftar", "cooperations", [key for key, _ in chosen])
    figures.show("running", "Kerja sama berjalan", "cooperations", of(status="running"))
    figures.show("ended", "Kerja sama berakhir", "cooperations", of(status="ended"))
    states = {"completed": ("completed",), "late": ("overdue", "escalated")}
    figures.show("tasks", "Tugas pembinaan dan pengawasan", "tasks", [key for key, _ in tasks], "tugas")
    labels = {"completed": "Tugas dilaksanakan", "late": "Tugas terlambat"}
    for name, wanted in states.items():
        keys = [key for key, row in tasks if row["status"] in wanted]
        figures.show(f"tasks_{name}", labels[name], "tasks", keys, "tugas")


def _late(
    prefix: Prefix, chosen: Sequence[tuple[str, Row]], tasks: Sequence[tuple[str, Row]], today: date
) -> tuple[Late, ...]:
    titles = {key: row["title"] for key, row in chosen}
    duties = prefix.law.in_force(today)
    return tuple(
        Late(
            what=f"{duties.duty(row['duty']).label}: {titles[row['cooperation_id']]}",
            clause=CitedClause(id=row["clause"], basis="text"),
            office=offices.written(row["body"], prefix).label,
            due=DueDate(on=date.fromisoformat(row["due_on"]), basis="policy"),
            # A task is overdue once its due day has passed, so at least one day late.
            days=max(1, tables.days_late(row["due_on"], today)),
            escalation=LATE[row["status"]],
        )
        for _, row in tasks
        if row["status"] in LATE
    )


def _results(
    figures: Figures,
    chosen: Sequence[tuple[str, Row]],
    tasks: Sequence[tuple[str, Row]],
    evaluations: tuple[Any, ...],
    span: Span,
) -> Results:
    affairs = sorted({row["affair"] for _, row in chosen})
    achievements = []
    for affair in affairs:
        mine = [(key, row) for key, row in chosen if row["affair"] == affair]
        values = {}
        for stage in ReportStage:
            keys = [
                key
                for key, row in mine
                if tables.STAGES[row["stage"]] is stage and row["status"] in {"proposed", "running"}
            ]
            values[str(stage)] = figures.count(f"achievement.{affair}.{stage}", "cooperations", keys)
        ended = [key for key, row in mine if row["status"] == "ended"]
        values["ended"] = figures.count(f"achievement.{affair}.ended", "cooperations", ended)
        achievements.append(Achievement(affair=affair, label=affair.replace("_", " "), **values))
    problems = tuple(
        ProminentProblem(cooperation=ref(row), text=problem["description"], asked=None)
        for _, row in chosen
        for problem in span.matters(row["detail"]["problems"], "resolved_on").values()
        if problem.get("outcome") is None
    )
    filed = sum(1 for one in evaluations if one.filed_on)
    late = sum(1 for _, row in tasks if row["status"] in LATE)
    summary = (f"Terdapat {len(chosen)} kerja sama terdaftar; {late} tugas pembinaan dan pengawasan terlambat.",)
    return Results(
        summary=summary,
        achievements=tuple(achievements),
        evaluation_summary=(f"{filed} dari {len(evaluations)} evaluasi telah disampaikan.",),
        evaluations=evaluations,
        problems=problems,
        requests=(),
    )


def _evidence(chosen: Sequence[tuple[str, Row]], tasks: Sequence[tuple[str, Row]]) -> tuple[Evidence, ...]:
    found: dict[str, Evidence] = {}
    titles = {key: row["title"] for key, row in chosen}
    for _, row in chosen:
        for one in row["detail"]["instruments"]:
            if one["document"]:
                _add(found, one["document"], f"{indonesian.INSTRUMENTS[one['kind']]}: {row['title']}")
    for _, row in tasks:
        for document in row["detail"].get("documents", ()):
            _add(found, document, f"{indonesian.clause(row['clause'])}: {titles[row['cooperation_id']]}")
    return tuple(found[key] for key in sorted(found))


def _add(found: dict[str, Evidence], document: dict[str, Any], what: str) -> None:
    sha256 = document["sha256"]
    found.setdefault(sha256, Evidence(sha256=sha256, media_type=document["media_type"], what=what))
