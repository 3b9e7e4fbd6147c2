"""Which step a report may take in which state, as functions of the report alone."""

from collections.abc import Callable
from typing import Any

import pytest

from ksad.contracts.rules import RuleBrokenError
from ksad.ledger.folds.report_state import Report, Version
from ksad.reporting.domain.chain import STATES, check_compile, check_step, check_writing

ALLOWED: dict[str, tuple[Callable[[Report], Any], set[str]]] = {
    "compile": (check_compile, {"discarded", "returned"}),
    "write": (check_writing, {"compiled", "discarded", "returned"}),
    "submit": (lambda report: check_step(report, "submit"), {"compiled"}),
    "discard": (lambda report: check_step(report, "discard"), {"compiled"}),
    "accept": (lambda report: check_step(report, "accept"), {"submitted"}),
    "return": (lambda report: check_step(report, "return"), {"submitted"}),
}


@pytest.mark.clause("P12")
@pytest.mark.parametrize("step", ALLOWED)
def test_each_step_is_taken_in_its_states_only(step: str) -> None:
    """A version that is compiled, on its way or accepted is not compiled again; what was sent is not written anew."""
    check, allowed = ALLOWED[step]
    for state in STATES:
        report = Report("R2", "tkksd:33", "governor:33", "2026-S1", (Version(1, state, {"draft": False}),))
        if state in allowed:
            check(report)
            continue
        with pytest.raises(RuleBrokenError) as refused:
            check(report)
        assert refused.value.clause == "P12", (step, state)
