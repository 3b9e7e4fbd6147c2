"""What an office may do with a report now, and if not, the rule that forbids it: the checks that each step makes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ksad.contracts.rules import RuleBrokenError, afforded
from ksad.reporting.domain import chain, permissions

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ksad.contracts.rules import Affordance
    from ksad.ledger.folds.report_state import Report


def _step(step: str) -> Callable[[str, Report], None]:
    def check(office: str, report: Report) -> None:
        permissions.check_step(office, report, step)
        chain.check_step(report, step)

    return check


def _compile(office: str, report: Report) -> None:
    permissions.check_compiling(office, report.from_office)
    chain.check_compile(report)


def _write(office: str, report: Report) -> None:
    permissions.check_compiling(office, report.from_office)
    chain.check_writing(report)


ACTS: Mapping[str, Callable[[str, Report], None]] = {
    "compile": _compile,
    "write": _write,
    **{step: _step(step) for step in ("submit", "discard", "accept", "return")},
}
"""By act, what is checked of office and state; corrections are of entries and not of the report."""


def may(office: str, report: Report) -> list[Affordance]:
    """Each act on a report, in the order of its chain."""
    return [afforded(act, [({}, _refused(check, office, report))]) for act, check in ACTS.items()]


def _refused(check: Callable[[str, Report], None], office: str, report: Report) -> RuleBrokenError | None:
    try:
        check(office, report)
    except RuleBrokenError as error:
        return error
    return None
