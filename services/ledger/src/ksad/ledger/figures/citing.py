"""The references of a report to others: its own returned versions, the previous period, and reports it is built from.

They are computed from the prefix of the log, so anyone with the log can compute them again.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from ksad.contracts.dates import Period
from ksad.contracts.identifiers import report_id, task_id
from ksad.contracts.reporting import Citation, ReportKind
from ksad.contracts.rules import RuleBrokenError
from ksad.ledger.figures.content import indonesian
from ksad.ledger.figures.content.values import CitedReport, PastFigures, Remark
from ksad.ledger.figures.offices import written

if TYPE_CHECKING:
    from uuid import UUID

    from ksad.ledger.figures.prefix import Prefix
    from ksad.ledger.folds.report_state import Report

PAST_MAX = 4
"""How many preceding periods a report is compared with."""


class Earlier(NamedTuple):
    """The reports that a new version refers to.

    ``versions`` counts the earlier versions of the same report; ``remarks`` says why some were returned. ``previous``
    is the report of the preceding period, with its figures and the size of its prefix. ``cites`` and ``cited`` are the
    accepted reports that an R3 cites, as recorded and as printed; ``periods`` are those, and the other periods of its
    time for which a report is owed.
    ``past`` are the figures of the reports on up to four preceding periods, the oldest first.
    """

    versions: int
    remarks: tuple[Remark, ...]
    previous: CitedReport | None
    previous_size: int
    previous_figures: dict[str, int]
    cites: tuple[Citation, ...]
    cited: tuple[CitedReport, ...]
    periods: tuple[str, ...]
    past: tuple[PastFigures, ...]


def earlier(prefix: Prefix, kind: ReportKind, office: str, period: Period) -> Earlier:
    """Collects the reports that a new version refers to.

    :param office: the office that owes the report.
    :raises RuleBrokenError: an R3 has no accepted R2 to be built from (P13).
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
        periods=_reported(prefix, office, period, [state for _, state in accepted]) if kind is ReportKind.R3 else (),
        past=_past(prefix, kind, office, period),
    )


def _past(prefix: Prefix, kind: ReportKind, office: str, period: Period) -> tuple[PastFigures, ...]:
    found: list[PastFigures] = []
    for _ in range(PAST_MAX):
        period = period.preceding
        newest = prefix.report(report_id(kind.value, office, str(period))).newest
        if newest is not None:
            found.insert(0, PastFigures(period=str(period), values=newest.compiled["figures"]))
    return tuple(found)


def _accepted(prefix: Prefix, kind: ReportKind, office: str, period: Period) -> list[tuple[UUID, Report]]:
    """The accepted R2 reports for periods within this one, which an R3 is built from and cites (P13).

    :raises RuleBrokenError: there is none.
    """
    if kind is not ReportKind.R3:
        return []
    # A Governor's report is built from those of the team of the same province.
    team = office.replace("governor:", "tkksd:")
    known = [report_id(ReportKind.R2.value, team, text) for text in _periods_inside(period)]
    accepted = [(one, state) for one in known if (state := prefix.report(one)).state == "accepted"]
    if not accepted:
        when = indonesian.period(str(period))
        detail = f"Belum ada laporan TKKSD yang diterima untuk {when}. Terima laporan itu lebih dahulu."
        raise RuleBrokenError("built-from-accepted", detail, "P13", period=str(period))
    return accepted


def _reported(prefix: Prefix, office: str, period: Period, accepted: list[Report]) -> tuple[str, ...]:
    """The periods within this one of which the team owes a report, or whose report has been accepted."""
    team = office.replace("governor:", "tkksd:")
    told = {state.period for state in accepted}
    return tuple(
        one for one in _periods_inside(period) if one in told or prefix.is_owed(task_id(team, ReportKind.R2.value, one))
    )


def _citation(identity: UUID, state: Report) -> Citation:
    newest = state.versions[-1]
    sha256 = newest.compiled["content_sha256"]
    return Citation(report_id=identity, version=newest.number, content_sha256=sha256)


def _remarks(state: Report, prefix: Prefix) -> tuple[Remark, ...]:
    """The remarks with which earlier versions were returned, and the offices that returned them."""
    found = []
    for version in state.versions:
        returned = [step for step in version.steps if step.what == "returned"]
        if returned and version.remarks:
            last = returned[-1]
            by, on = written(last.office, prefix).label, date.fromisoformat(last.on)
            found.append(Remark(version=version.number, on=on, office=by, text=version.remarks))
    return tuple(found)


def _cited(identity: UUID, state: Report, prefix: Prefix) -> CitedReport:
    """The newest version of a report in the form of a citation, with the date on which it was accepted."""
    newest = state.versions[-1]
    accepted = [step for step in newest.steps if step.what == "accepted"]
    return CitedReport(
        id=str(identity),
        kind=ReportKind(state.kind),
        office=written(state.from_office, prefix).label,
        period=state.period,
        version=newest.number,
        accepted_on=date.fromisoformat(accepted[-1].on) if accepted else None,
        content_hash=newest.compiled["content_sha256"],
    )


def _periods_inside(period: Period) -> list[str]:
    """The years, semesters and months that lie within a period, itself included, as texts."""
    # No kind of period extends over two years.
    year = period.first.year
    texts = [str(year), f"{year}-S1", f"{year}-S2", *(f"{year}-{month:02}" for month in range(1, 13))]
    inside = [Period.parse(text) for text in texts]
    return [str(one) for one in inside if period.first <= one.first and one.last <= period.last]
