"""What a report says of others: versions that came back, the report before, the accepted ones it is built on.

All of it is read from the log's prefix, and so can be computed again by whoever has the log.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from ksad.contracts.dates import Period
from ksad.contracts.identifiers import report_id
from ksad.contracts.reporting import Citation, ReportKind
from ksad.contracts.rules import RuleBrokenError
from ksad.ledger.figures.content.values import CitedReport, Remark
from ksad.ledger.figures.offices import written

if TYPE_CHECKING:
    from uuid import UUID

    from ksad.ledger.figures.prefix import Prefix
    from ksad.ledger.folds.report_state import Report


class Earlier(NamedTuple):
    """The reports that a version refers to; ``previous`` with its figures and the size of its prefix."""

    versions: int
    remarks: tuple[Remark, ...]
    previous: CitedReport | None
    previous_size: int
    previous_figures: dict[str, int]
    cites: tuple[Citation, ...]
    cited: tuple[CitedReport, ...]


def earlier(prefix: Prefix, kind: ReportKind, office: str, period: Period) -> Earlier:
    """What the prefix holds of earlier versions, of the period before, and of what an R3 is built from.

    :raises RuleBrokenError: an R3 has nothing accepted to be built from.
    """
    mine = prefix.report(report_id(kind.value, office, str(period)))
    identity = report_id(kind.value, office, str(period.preceding))
    before = prefix.report(identity)
    told = before.newest
    accepted = _accepted(prefix, kind, office, period)
    return Earlier(
        versions=len(mine.versions),
        remarks=_remarks(mine, prefix),
        previous=None if told is None else _cited(identity, before, prefix),
        previous_size=0 if told is None else told.compiled["prefix_size"],
        previous_figures={} if told is None else told.compiled["figures"],
        cites=tuple(_citation(*one) for one in accepted),
        cited=tuple(_cited(*one, prefix) for one in accepted),
    )


def _accepted(prefix: Prefix, kind: ReportKind, office: str, period: Period) -> list[tuple[UUID, Report]]:
    """The accepted R2s inside the period, which an R3 is built from and cites (Pasal 13).

    :raises RuleBrokenError: there is none.
    """
    if kind is not ReportKind.R3:
        return []
    team = office.replace("governor:", "tkksd:")
    known = [report_id(ReportKind.R2.value, team, text) for text in _periods_inside(period)]
    accepted = [(one, state) for one in known if (state := prefix.report(one)).state == "accepted"]
    if not accepted:
        detail = f"Belum ada laporan TKKSD yang diterima untuk periode {period}. Terima laporan itu lebih dahulu."
        raise RuleBrokenError("built-from-accepted", detail, "P13", period=str(period))
    return accepted


def _citation(identity: UUID, state: Report) -> Citation:
    newest = state.versions[-1]
    sha256 = newest.compiled["content_sha256"]
    return Citation(report_id=identity, version=newest.number, content_sha256=sha256)


def _remarks(state: Report, prefix: Prefix) -> tuple[Remark, ...]:
    """Why earlier versions were returned, and by whom."""
    found = []
    for version in state.versions:
        returned = [step for step in version.steps if step[0] == "returned"]
        if returned and version.remarks:
            _, office, on = returned[-1]
            by = written(office, prefix).label
            found.append(Remark(version=version.number, on=date.fromisoformat(on), office=by, text=version.remarks))
    return tuple(found)


def _cited(identity: UUID, state: Report, prefix: Prefix) -> CitedReport:
    """A report as another one cites it: its newest version, and when that was accepted."""
    newest = state.versions[-1]
    accepted = [step for step in newest.steps if step[0] == "accepted"]
    return CitedReport(
        id=str(identity),
        kind=ReportKind(state.kind),
        office=written(state.from_office, prefix).label,
        period=state.period,
        version=newest.number,
        accepted_on=date.fromisoformat(accepted[-1][2]) if accepted else None,
        content_hash=newest.compiled["content_sha256"],
    )


def _periods_inside(period: Period) -> list[str]:
    """The texts of all periods that lie in a period, itself included."""
    year = period.first.year
    texts = [str(year), f"{year}-S1", f"{year}-S2", *(f"{year}-{month:02}" for month in range(1, 13))]
    inside = [Period.parse(text) for text in texts]
    return [str(one) for one in inside if period.first <= one.first and one.last <= period.last]
