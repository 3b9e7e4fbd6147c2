"""Every clause of the regulation has a behaviour, events that exist, and a test; and the page says so."""

import re

import pytest

from ksad.contracts.law import CLAUSES, packaged
from tests.pages import traceability
from tests.support.text.source import ROOT

PROFILE = packaged().profile("ksad-2009")
DESCRIBED = traceability.behaviours(traceability.BEHAVIOURS.read_text())
OTHER_LAW = re.compile(r"(UU|PP|Permendagri) [0-9]+/[0-9]{4} Pasal [0-9]+\S*")


@pytest.fixture(scope="module")
def proven() -> traceability.Tests:
    """The tests of each clause, by the marks in their source."""
    return traceability.collect(ROOT / "tests", ROOT)


def test_every_clause_has_a_behaviour() -> None:
    """Whoever opens a clause finds what the platform does about it, and nothing is said of a clause that is none."""
    assert set(DESCRIBED) == CLAUSES


def test_every_clause_has_a_test(proven: traceability.Tests) -> None:
    """No article, letter or number goes unproven."""
    assert traceability.untested(PROFILE, proven) == []


def test_every_marker_names_a_clause(proven: traceability.Tests) -> None:
    """A test proves a clause of the regulation, or names other law by its article."""
    assert [name for name in proven if name not in CLAUSES and not OTHER_LAW.fullmatch(name)] == []


def test_every_event_type_of_a_duty_is_among_its_behaviours() -> None:
    """What closes a duty by the profile is among the events that its clause lists, so that the two never part."""
    for duty in PROFILE.duties:
        for clause in filter(None, (duty.clause.minister, duty.clause.governor)):
            assert set(PROFILE.closings[duty.closes].events) <= set(DESCRIBED[clause].events), clause


def test_the_page_is_current() -> None:
    """docs/traceability.md is what the generator writes today; `make schemas` writes it."""
    assert traceability.PAGE.read_text() == traceability.current()


def test_markers_are_read_from_functions_classes_modules_and_parameters() -> None:
    """Each way to mark a test is read, and the same clause twice counts once."""
    source = """
pytestmark = pytest.mark.clause("P1.1")
@pytest.mark.clause("P2", "P3")
@pytest.mark.parametrize("x", [pytest.param(n, marks=pytest.mark.clause("P8")) for n in (1, 2)])
@pytest.mark.clause("P8")
def test_a(x): ...
@pytest.mark.clause("P4.a")
class TestB:
    @pytest.mark.clause("P4.b")
    async def test_c(self): ...
@pytest.mark.clause("P5(1)")
def helper(): ...
"""
    read = sorted(traceability.marked(source))
    assert read == [
        ("P1.1", "test_a"),
        ("P1.1", "test_c"),
        ("P2", "test_a"),
        ("P3", "test_a"),
        ("P4.a", "test_c"),
        ("P4.b", "test_c"),
        ("P8", "test_a"),
    ]


def test_a_marker_must_be_literal() -> None:
    """A marker that is computed cannot be read without running the test, and would prove everything at once."""
    with pytest.raises(TypeError, match="must be literal"):
        list(traceability.marked("@pytest.mark.clause(*ALL)\ndef test_a(): ...\n"))


def test_a_clause_without_test_is_found(proven: traceability.Tests) -> None:
    """Taking away the tests of a clause names it; a clause that only introduces others needs none of its own."""
    fewer = {clause: tests for clause, tests in proven.items() if clause not in {"P6.d.4", "P9(2)", "P6.a.1"}}
    assert traceability.untested(PROFILE, fewer) == ["P6.d.4", "P9(2)"]


def test_a_behaviour_with_an_unknown_event_is_refused() -> None:
    """A renamed event, or a clause described twice, breaks the page before anybody reads it."""
    row = '[[behaviours]]\nclauses = ["P2"]\ndoes = "x"\nevents = [{}]\n'
    with pytest.raises(ValueError, match="no such event"):
        traceability.behaviours(row.format('"ksad.task.imagined"'))
    with pytest.raises(ValueError, match="said twice"):
        traceability.behaviours(row.format("") * 2)
