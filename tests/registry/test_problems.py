"""Problems: reported, resolved, and no dispute."""

import pytest

from ksad.contracts.registry import ProblemReported, ProblemResolved
from tests.support.histories.cooperations import PAPER, Case
from tests.support.histories.newest import fact_of

CLAUSE = "P6.d.2/P10.d.2"


@pytest.mark.clause("P6.d.2", "P10.d.2")
def test_a_problem_lives_once() -> None:
    """It is reported under a key of its own, resolved once with its outcome, and its key is never used again."""
    case = Case().running().do("report-problem", problem="p", description="iuran terlambat")
    assert case.act == fact_of(ProblemReported, problem="p", description="iuran terlambat", agreement="perjanjian-1")
    assert case.refused("problem-key-unique", "report-problem", problem="p", description="x").clause == CLAUSE
    case.do("resolve-problem", problem="p", outcome="dibayar")
    assert case.last == ProblemResolved(problem="p", outcome="dibayar", document=PAPER)
    assert case.refused("problem-open", "resolve-problem", problem="p", outcome="y").clause == CLAUSE
    case.refused("problem-key-unique", "report-problem", problem="p", description="x")
    assert dict(case.state.problems) == {"p": False}


@pytest.mark.clause("P6.d.2", "P10.d.2")
def test_problems_are_independent_of_one_another() -> None:
    """Resolving one leaves the others open; a problem that nobody reported cannot be resolved."""
    case = Case().running()
    for key in ("a", "b"):
        case.do("report-problem", problem=key, description="x")
    case.do("resolve-problem", problem="a", outcome="y")
    assert dict(case.state.problems) == {"a": False, "b": True}
    case.refused("problem-open", "resolve-problem", problem="c", outcome="y")


@pytest.mark.clause("P6.d.2", "P6.d.3", "P10.d.2", "P10.d.3")
def test_a_problem_is_no_dispute() -> None:
    """The two have keys of their own, and the forum has nothing to decide on a problem."""
    case = Case().running().do("report-problem", problem="x", description="x")
    case.refused("dispute-open", "request-decision", dispute="x")
    assert case.state.disputes == ()


def test_a_problem_of_any_stage_is_recorded() -> None:
    """What goes wrong in exploration is known, too; whether an opinion is owed is supervision's to say."""
    assert Case().do("report-problem", problem="p", description="x").state.problem_open("p") is True
