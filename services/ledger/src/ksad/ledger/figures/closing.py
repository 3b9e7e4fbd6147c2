"""Whether the period of a report has closed, so that the report can be more than a draft."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ksad.contracts.identifiers import task_id
from ksad.contracts.reporting import ReportKind
from ksad.contracts.rules import RuleBrokenError
from ksad.ledger.figures import offices
from ksad.ledger.figures.content import indonesian
from ksad.ledger.folds.report_state import CLAUSES

if TYPE_CHECKING:
    from ksad.contracts.dates import Period
    from ksad.ledger.figures.prefix import Prefix


def is_draft(prefix: Prefix, kind: ReportKind, office: str, period: Period) -> bool:
    """Whether the period has not closed yet, so that its report cannot be submitted.

    It has closed once the task to report on it is in the log: supervision schedules that last on the closing day, when
    all that the day brought has been recorded. The national overview goes with the report of the Joint Secretariat.

    :raises RuleBrokenError: the period is over, and nobody owes a report on it.
    """
    duty = "R1" if kind is ReportKind.OVERVIEW else kind.value
    if prefix.is_owed(task_id(office, duty, str(period))):
        return False
    # On the closing day itself the tasks may be on their way; once another day has passed, there are none to come.
    # Before the first day has passed, none are to come for what was over when the platform was opened.
    if period.last >= (prefix.last_day or prefix.opened_on or period.last):
        return True
    detail = (
        f"Tidak ada kewajiban laporan {indonesian.period(str(period))} bagi "
        f"{offices.written(office, prefix).label}. Susun laporan periode yang diwajibkan."
    )
    raise RuleBrokenError("period-owed", detail, CLAUSES.get(duty), period=str(period))
