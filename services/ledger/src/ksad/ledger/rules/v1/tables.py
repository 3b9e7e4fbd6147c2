"""Counts the matrix and the recapitulation of a report from a prefix."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from ksad.contracts.dates import add_months
from ksad.contracts.supervision import Tier
from ksad.ledger.rules.v1 import telling
from ksad.ledger.rules.v1.content.matrix import (
    RECAP_COLUMNS,
    Instrument,
    InstrumentNumber,
    MatrixRow,
    RecapCounts,
    Recapitulation,
    RecapRow,
)
from ksad.ledger.rules.v1.content.values import NamedRegion, ReportStage
from ksad.ledger.rules.v1.period import Span

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ksad.contracts.dates import Period
    from ksad.ledger.rules.v1.figures import Figures
    from ksad.ledger.rules.v1.prefix import Prefix, Row

STAGES = {
    "exploration": ReportStage.EXPLORATION,
    "negotiation": ReportStage.NEGOTIATION,
    "signing": ReportStage.SIGNING,
    "implementation_and_termination": ReportStage.IMPLEMENTATION,
}
# The recapitulation's column "Berakhir dalam 6 bulan".
SOON_MONTHS = 6


def partial(on: str, precision: str) -> str:
    """An ISO 8601 date, shortened to its year or month where the source is no more precise."""
    return on[: {"year": 4, "month": 7}.get(precision, 10)]


def region(prefix: Prefix, code: str) -> NamedRegion:
    """A region with its present code and name."""
    found = prefix.region(code)
    return NamedRegion(code=found.code, name=found.name)


def _instruments(prefix: Prefix, row: Row) -> tuple[Instrument, ...]:
    return tuple(
        Instrument(
            kind=one["kind"],
            signed_on=partial(one["on"], one["precision"]),
            numbers=tuple(
                InstrumentNumber(party=region(prefix, code), number=number)
                for code, number in sorted(one["numbers"].items())
            ),
        )
        for one in row["detail"]["instruments"]
    )


def _begins(row: Row) -> str | None:
    found = [one for one in row["detail"]["instruments"] if one["kind"] != "accord"]
    return (found[0]["effective_on"] or partial(found[0]["on"], found[0]["precision"])) if found else None


def _joined(texts: list[str]) -> str | None:
    # 4000 is the longest text of a report's content.
    return "; ".join(texts)[:4000] if texts else None


def matrix_row(
    prefix: Prefix, identity: str, row: Row, tasks: Sequence[Row], label: Callable[[str], str], span: Span
) -> MatrixRow:
    """The row of one cooperation in the printed matrix (*Matrik kerja sama*).

    :param label: returns the printed name of an office.
    """
    detail, home = row["detail"], row["jurisdiction"] or {}
    mine = [task for task in tasks if task["cooperation_id"] == identity and task["completed_on"]]
    evaluated = sorted((task for task in mine if task["duty"] == "d.1"), key=lambda task: str(task["completed_on"]))
    papers = [task for task in mine if task["duty"] in {"d.2", "d.3", "d.5"}]
    problems = [one["description"] for one in _open_problems(row, span)]
    quarrels = [one["description"] for one in _open_disputes(row, span)]
    return MatrixRow(
        registration=row["key"],
        title=row["title"],
        instruments=_instruments(prefix, row),
        parties=tuple(region(prefix, code) for code in detail["parties"]),
        affair=row["affair"].replace("_", " "),
        scope=next((one["scope"] for one in reversed(detail["instruments"]) if one["scope"]), None) or detail["object"],
        category=detail["category"],
        begins=_begins(row),
        ends=row["ends_on"],
        stage=STAGES[row["stage"]],
        supervisor=label(row["body"]) if row["body"] else "belum ditetapkan",
        supervisor_basis=home.get("basis", "inference"),
        last_evaluation=telling.evaluation(evaluated[-1]) if evaluated else None,
        problems=_joined(problems),
        disputes=_joined(quarrels),
        opinions=_joined([telling.paper(task) for task in papers]),
        follow_up=None,
        remarks="pembina ditetapkan dengan mengisi kekosongan hukum" if home.get("gap_filled") else None,
    )


def _open_problems(row: Row, span: Span) -> list[dict[str, Any]]:
    found = span.matters(row["detail"]["problems"], "resolved_on").values()
    return [one for one in found if one.get("outcome") is None]


def _open_disputes(row: Row, span: Span) -> list[dict[str, Any]]:
    found = span.matters(row["detail"]["disputes"], "settled_on").values()
    return [one for one in found if one.get("status") != "settled"]


def counted(
    figures: Figures, name: str, chosen: Sequence[tuple[str, Row]], tasks: Sequence[tuple[str, Row]], period: Period
) -> RecapCounts:
    """The counts of one row of the recapitulation, as figures ``recap.<name>.<column>``."""
    soon = add_months(period.last, SOON_MONTHS).isoformat()
    span = Span.of(period)
    first, last = span
    alive = [(key, row) for key, row in chosen if row["status"] in {"proposed", "running"}]
    late = {
        row["cooperation_id"] for _, row in tasks if row["duty"] == "d.1" and row["status"] in {"overdue", "escalated"}
    }
    tests: dict[str, Any] = {
        "new": lambda _, row: first <= row["detail"]["registered_on"] <= last,
        "active": lambda _, row: row["status"] == "running",
        "ending_soon": lambda _, row: row["status"] == "running" and row["ends_on"] and last < row["ends_on"] <= soon,
        "ended": lambda _, row: row["status"] == "ended" and first <= row["detail"]["ended"]["on"] <= last,
        "problems": lambda _, row: bool(_open_problems(row, span)),
        "disputes": lambda _, row: bool(_open_disputes(row, span)),
        "late_evaluations": lambda key, _: key in late,
    }
    values = {}
    for column in RECAP_COLUMNS:
        rows = alive if column in {str(stage) for stage in ReportStage} else chosen
        test = tests.get(column) or (lambda _, row, wanted=column: str(STAGES[row["stage"]]) == wanted)
        keys = [key for key, row in rows if test(key, row)]
        values[column] = figures.count(f"recap.{name}.{column}", "cooperations", keys)
    return RecapCounts(**values)


def recapitulation(
    prefix: Prefix,
    figures: Figures,
    chosen: Sequence[tuple[str, Row]],
    tasks: Sequence[tuple[str, Row]],
    period: Period,
    province: str | None,
) -> Recapitulation:
    """The recapitulation by regency and city of a province; without ``province``, by province and tier."""
    rows: dict[str, list[tuple[str, Row]]] = {}
    for key, row in chosen:
        codes = {prefix.region(code).code for code in row["detail"]["parties"]}
        wanted = {code for code in codes if code[:2] == province} if province else {code[:2] for code in codes}
        for code in wanted:
            rows.setdefault(code, []).append((key, row))
    listed = []
    for code in sorted(rows):
        tiers = (None,) if province else tuple(Tier)
        for tier in tiers:
            mine = [one for one in rows[code] if tier is None or (one[1]["jurisdiction"] or {}).get("tier") == tier]
            if mine:
                name = code if tier is None else f"{tier}.{code}"
                counts = counted(figures, name, mine, tasks, period)
                listed.append(RecapRow(region=region(prefix, code), tier=tier, counts=counts))
    total = counted(figures, "total", chosen, tasks, period)
    return Recapitulation(of="regency" if province else "province", rows=tuple(listed), total=total)


def days_late(due_on: str, today: date) -> int:
    """The number of days since a due date; negative before it."""
    return (today - date.fromisoformat(due_on)).days
