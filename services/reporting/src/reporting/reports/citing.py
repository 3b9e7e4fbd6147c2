"""What a report says of others: versions that came back, the report before, the accepted ones it is built on."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from contracts.dates import Period
from reporting.printing.values import CitedReport, Kind, Remark
from reporting.reports.offices import written

if TYPE_CHECKING:
    from reporting.domain import Report
    from reporting.reports.prefix import Prefix


def remarks_of(state: Report, prefix: Prefix) -> tuple[Remark, ...]:
    """Why earlier versions were returned, and by whom."""
    found = []
    for version in state.versions:
        returned = [step for step in version.steps if step[0] == "returned"]
        if returned and version.remarks:
            _, office, on = returned[-1]
            by = written(office, prefix).label
            found.append(Remark(version=version.number, on=date.fromisoformat(on), office=by, text=version.remarks))
    return tuple(found)


def cited(identity: str, state: Report, prefix: Prefix) -> CitedReport:
    """A report as another one cites it: its newest version, and when that was accepted."""
    newest = state.versions[-1]
    accepted = [step for step in newest.steps if step[0] == "accepted"]
    return CitedReport(
        id=identity,
        kind=Kind(state.kind),
        office=written(state.from_office, prefix).label,
        period=state.period,
        version=newest.number,
        accepted_on=date.fromisoformat(accepted[-1][2]) if accepted else None,
        content_hash=newest.compiled["content_sha256"],
    )


def periods_inside(period: Period) -> list[str]:
    """The texts of all periods that lie in a period, itself included."""
    year = period.first.year
    texts = [str(year), f"{year}-S1", f"{year}-S2", *(f"{year}-{month:02}" for month in range(1, 13))]
    inside = [Period.parse(text) for text in texts]
    return [str(one) for one in inside if period.first <= one.first and one.last <= period.last]
