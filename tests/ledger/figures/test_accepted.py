"""An R3 takes its figures from the R2 that the Governor has accepted, and from no other version."""

from types import SimpleNamespace
from typing import Any

import pytest

from ksad.ledger.figures.accepted import SUMMED, Accepted
from ksad.ledger.folds.report_state import Report, Version


def _unread(sha256: str) -> bytes:
    raise AssertionError(f"{sha256} was read of a report that nobody has accepted")


@pytest.mark.clause("P13")
@pytest.mark.parametrize("state", ["compiled", "discarded", "submitted", "returned"])
def test_what_is_not_accepted_is_no_source(state: str) -> None:
    """A period whose newest version is with its office, on its way or sent back has no figures, and is named."""
    compiled: dict[str, Any] = {"documents": [], "version": 2, "rules": 2, "prefix_size": 9}
    report = Report(
        "R2", "tkksd:32", "governor:32", "2026-S1", (Version(1, "returned", {}), Version(2, state, compiled))
    )
    prefix: Any = SimpleNamespace(report=lambda _: report)
    behind: dict[str, list[int]] = {}
    told = Accepted(prefix, "governor:32", ("2026-S1",), _unread).figures(_never, behind)
    assert [(one.period, one.version) for one in told.periods] == [("2026-S1", None)]
    assert {one.values for one in told.figures} == {one.deltas for one in told.figures} == {(None,)}
    assert behind == {name: [] for name in SUMMED}


def _never(period: object) -> Any:
    raise AssertionError(f"{period} was compiled again")
