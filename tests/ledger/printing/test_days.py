"""Every table of a print says of which day it speaks."""

import pytest

from ksad.contracts.reporting import ReportKind
from ksad.ledger.printing import chapters, days, summary
from tests.support.histories.report_contents import report


@pytest.mark.fault("law L1")
@pytest.mark.parametrize("kind", list(ReportKind))
def test_every_table_says_of_which_day_it_speaks(kind: ReportKind) -> None:
    """Above each table stands a day, in the chapters and in the summary; an attachment has it in its heading."""
    content = report(kind, 3)
    parts = [*summary.summary(content), *(part for one in chapters.chapters(content) for part in one["parts"])]
    days = [part["day"] for part in parts if part["kind"] == "table"]
    assert len(days) > 5
    assert {one for one in days if "30 Juni 2026" in one}
    assert None not in days


def test_the_figures_of_an_r3_are_of_the_last_accepted_report() -> None:
    """Where the second semester was not received, what stands is told as of the end of the first."""
    content = report(ReportKind.R3, 3)
    assert content.results is not None
    assert content.results.accepted is not None
    given = content.results.accepted.periods
    (first,) = (one for one in given if one.period.endswith("S1"))
    accepted = content.results.accepted.model_copy(
        update={"periods": (first, first.model_copy(update={"period": "2026-S2", "version": None}))}
    )
    results = content.results.model_copy(update={"accepted": accepted})
    told = days.figures_on(content.model_copy(update={"results": results}))
    year = first.period[:4]
    assert told == f"Menurut laporan TKKSD yang diterima, keadaan 30 Juni {year}"
