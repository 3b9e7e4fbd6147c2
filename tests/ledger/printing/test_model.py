"""The content of a report is closed, exact and its own canonical JSON."""

import hashlib
import json
from typing import Any

import pytest
from pydantic import ValidationError

from ksad.contracts.canonical import NotCanonicalError
from ksad.contracts.reporting import ReportKind
from ksad.ledger.figures.content import model
from ksad.ledger.figures.content.values import Figure, LogPrefix
from tests.support.histories.report_contents import REGIONS, cited, digest, matrix_row, report, results


@pytest.mark.parametrize("kind", ReportKind)
@pytest.mark.parametrize("count", [0, 1, 12])
def test_json_gives_the_content_back(kind: ReportKind, count: int) -> None:
    """Whatever is encoded decodes to the same content, and encodes to the same bytes."""
    content = report(kind, count)
    raw = model.encode(content)
    assert model.decode(raw) == content
    assert model.encode(model.decode(raw)) == raw


def test_the_hash_is_that_of_the_json_file() -> None:
    """Who holds the JSON can check the hash with any tool: it is the sha256 of the file."""
    content = report()
    assert model.content_hash(content) == hashlib.sha256(model.encode(content)).hexdigest()


def test_json_is_sorted_and_has_no_floats() -> None:
    """Keys are sorted at every level and every number is an integer."""

    def refuse(text: str) -> None:
        raise AssertionError(f"a float: {text}")

    def ordered(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        assert [key for key, _ in pairs] == sorted(key for key, _ in pairs)
        return dict(pairs)

    json.loads(model.encode(report(ReportKind.R2, 12)), parse_float=refuse, object_pairs_hook=ordered)


def test_json_in_another_order_is_refused() -> None:
    """A report whose bytes are not the canonical ones would have another hash, so it is no report."""
    raw = model.encode(report())
    with pytest.raises(NotCanonicalError):
        model.decode(json.dumps(json.loads(raw), indent=1).encode())


@pytest.mark.parametrize(
    "changes",
    [
        {"number": "100.2.2.3/215/2026"},
        {"version": 2},
        {"matrix": (matrix_row(0, remarks="Diperpanjang"),)},
        {"prefix": LogPrefix(origin="ksad/jateng", size=48_212, previous_size=31_007, root=digest("root"))},
    ],
)
def test_any_change_changes_the_hash(changes: dict[str, Any]) -> None:
    """Number, version, a remark in the matrix, the log prefix: each is part of what is hashed."""
    assert model.content_hash(report(**changes)) != model.content_hash(report())


def test_content_is_frozen_closed_and_strict() -> None:
    """A compiled report never changes, has no unknown field, and takes no number for another type."""
    content = report()
    with pytest.raises(ValidationError, match="frozen"):
        content.version = 2  # type: ignore[misc] # that it is refused is the point
    with pytest.raises(ValidationError, match="Extra inputs"):
        report(colour="red")
    with pytest.raises(ValidationError, match="valid integer"):
        report(version=1.0)


@pytest.mark.parametrize(
    ("kind", "changes"),
    [
        (ReportKind.R2, {"activities": None, "results": results(ReportKind.R3, 1)}),
        (ReportKind.R2, {"results": results(ReportKind.R3, 1)}),
        (ReportKind.R3, {"results": None}),
        (ReportKind.OVERVIEW, {"activities": report().activities}),
    ],
)
def test_chapters_fit_the_kind(kind: ReportKind, changes: dict[str, Any]) -> None:
    """R1 and R2 tell activities (Pasal 8, 12), R3 tells results (Pasal 13); neither can pass for the other."""
    with pytest.raises(ValidationError, match="R1 and R2 tell activities"):
        report(kind, **changes)


def test_every_number_of_a_table_has_a_name_of_its_own() -> None:
    """Headline, guidance, recapitulation and achievement figures are all named, and no name is used twice."""
    names = {figure.name: figure.value for figure in report(ReportKind.R2, 12).every_figure()}
    assert names["cooperations"] == 12
    assert names["guidance.P10.a.1.a.owed"] == 12
    assert names["guidance.P10.a.1.a.not_done"] == 4
    assert names["timeliness.tkksd.33.carried_in"] == 12
    assert names["recap.33.74.active"] == 6
    assert names["recap.total.active"] == 12
    national = {figure.name for figure in report(ReportKind.OVERVIEW, 12).every_figure()}
    assert {"recap.governor.33.active", "recap.minister.33.active", "achievement.transport.implementation"} <= national


def test_two_figures_of_one_name_are_refused() -> None:
    """A name leads to the events of one figure only."""
    twice = Figure(name="recap.total.active", label="Berjalan", value=1, previous=None, unit="kerja sama")
    with pytest.raises(ValidationError, match=r"named twice: recap\.total\.active"):
        report(figures=(twice,))


def test_the_change_is_counted_from_the_previous_report() -> None:
    """A figure's change is value minus previous, and nothing where there was no previous report."""
    grown, first = report(count=12).figures
    assert (grown.difference, first.difference) == (9, None)


@pytest.mark.parametrize("written", ["2009-13", "2009-02-30", "22-05-2009", "2009-5", ""])
def test_a_date_that_is_none_is_refused(written: str) -> None:
    """A partial date still names a real year, month or day."""
    with pytest.raises(ValidationError, match="begins"):
        matrix_row(0, begins=written)


def test_the_log_does_not_shrink() -> None:
    """A report never covers less of the log than the one before it."""
    with pytest.raises(ValidationError, match="does not shrink"):
        LogPrefix(origin="ksad/jateng", size=5, previous_size=6, root=digest("root"))


def test_text_is_made_printable_once() -> None:
    """Control characters become spaces and letters are composed, so that paper, sheet and hash agree on the text."""
    row = matrix_row(0, title="Air\x0bMinum\x00 Cafe\u0301\nBaru")
    assert row.title == "Air Minum  Café\nBaru"
    content = report(matrix=(row,))
    assert model.decode(model.encode(content)).matrix[0].title == row.title


def test_a_cited_report_is_named_by_its_hash() -> None:
    """R3 cites accepted reports by id, version and content hash, and they survive the round trip."""
    content = model.decode(model.encode(report(ReportKind.R3)))
    assert content.cited == (cited(ReportKind.R2),)
    assert content.recapitulation.rows[0].region == REGIONS[0]
