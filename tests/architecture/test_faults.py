"""A fault that is marked as mended says its kind, where else it was looked for and what was found; so does the page."""

import pytest

from tests.pages import faults
from tests.support.text.source import ROOT


def test_every_marker_tells_the_whole_fault() -> None:
    """A marked fault is one that a trial named, and its tests say kind, places looked at and what else was found."""
    assert faults.wrong(faults.collect(ROOT / "tests", ROOT)) == []


def test_the_page_is_current() -> None:
    """docs/faults.md is what the generator writes today; `make schemas` writes it."""
    assert faults.PAGE.read_text() == faults.current()


def test_markers_are_read_from_functions_classes_and_parameters() -> None:
    """Each way to mark a test is read, with what it says."""
    source = """
@pytest.mark.fault("audit F1", kind="k" "ind")
@pytest.mark.parametrize("x", [pytest.param(1, marks=pytest.mark.fault("audit F2", found="f", looked="l"))])
def test_a(x): ...
@pytest.mark.fault("operator F3")
class TestB:
    async def test_c(self): ...
@pytest.mark.fault("audit F9")
def helper(): ...
NAMED = pytest.mark.fault("audit F4", kind="k")
@NAMED
def test_d(): ...
@pytest.mark.parametrize("x", [pytest.param(1, marks=NAMED)])
def test_e(x): ...
"""
    assert list(faults.marked(source)) == [
        ("audit F1", "test_a", {"kind": "kind"}),
        ("audit F2", "test_a", {"found": "f", "looked": "l"}),
        ("operator F3", "test_c", {}),
        ("audit F4", "test_d", {"kind": "k"}),
        ("audit F4", "test_e", {"kind": "k"}),
    ]


@pytest.mark.parametrize("marker", ["FAULT", "'audit F1', kind=KIND", "'audit F1', why='x'", "**ALL", "'a', 'b'"])
def test_a_marker_must_be_literal(marker: str) -> None:
    """A marker that is computed, or says something else than the page tells, is refused."""
    with pytest.raises(TypeError, match="all literal"):
        list(faults.marked(f"@pytest.mark.fault({marker})\ndef test_a(): ...\n"))


def test_what_is_not_said_is_found() -> None:
    """An id that no trial gave and a fault of which something is not said are named; two tests may share the saying."""
    whole = {"kind": "k", "looked": "l", "found": "f"}
    assert faults.wrong({"audit F1": [faults.Told("a", "test_a", whole), faults.Told("a", "test_b", {})]}) == []
    assert faults.wrong({"audit F99": [faults.Told("a", "test_a", whole)]}) == ["audit F99: no trial named it"]
    some = [faults.Told("a", "test_a", {"kind": "k"}), faults.Told("b", "test_b", {"found": "f"})]
    assert faults.wrong({"audit F1": some}) == ["audit F1: no test says looked="]


def test_the_page_tells_what_has_no_test() -> None:
    """A fault without a marked test is not passed over in silence, and one with a test leaves that list."""
    told = faults.Told("tests/a.py", "test_a", {"kind": "k", "looked": "l", "found": "f"})
    assert "Without a marked test: F1, F2," in faults.page({})
    text = faults.page({"audit F1": [told]})
    assert "Without a marked test: F2, F3," in text
    assert "### audit F1\n\nKind: k\n\nLooked at: l\n\nFound besides: f\n\nTests:\n\n- [tests/a.py]" in text
