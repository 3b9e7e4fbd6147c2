"""What a report or a sheet cannot hold as a whole says how much it leaves out."""

from datetime import date

import openpyxl
import pytest

from ksad.contracts import registry
from ksad.contracts.envelope import seal
from ksad.contracts.identifiers import cooperation_id
from ksad.contracts.reporting import ReportKind
from ksad.contracts.wording import listed, shortened
from ksad.ledger.printing.sheet import put
from tests.support.histories.histories import origin
from tests.support.histories.newest import fact_of
from tests.support.histories.report_chain import TEAM, Chain, life
from tests.support.servers.schemas import ON_SQLITE


@pytest.mark.fault(
    "bug-reports 27",
    kind="A part is shown as if it were the whole.",
    looked="Cells of the matrix, obstacles and suggestions of reports, cells and headings of sheets, errors of "
    "requests and of adopted texts, what verify names of an archive.",
    found="Obstacles and suggestions after the twentieth, errors after the twentieth, the faults of an adopted text "
    "after a thousand characters, files and documents that verify does not name.",
)
@ON_SQLITE
def test_a_cell_of_the_matrix_says_what_it_leaves_out(chain: Chain) -> None:
    """Each problem is there as a whole or counted in the note at the end; none is cut in the middle."""
    chain.admit(life("a", TEAM))
    made = origin().model_copy(update={"occurred_on": date(2026, 1, 6)})
    texts = {f"p{number}": f"{number}-{'x' * 487}" for number in range(9)}
    reported = [fact_of(registry.ProblemReported, problem=key, description=text) for key, text in texts.items()]
    subject = f"cooperation/{cooperation_id('a')}"
    chain.admit([seal(fact, subject, version, made) for version, fact in enumerate(reported, 2)])
    [row] = [one for one in chain.compile(ReportKind.R2, TEAM).matrix if one.problems]
    assert row.problems is not None
    assert len(row.problems) <= 4_000
    shown = [text for text in texts.values() if text in row.problems]
    assert 0 < len(shown) < len(texts)
    assert row.problems.endswith(f"… ({len(texts) - len(shown)} lagi)")
    assert row.problems.count("x") == sum(text.count("x") for text in shown)


def test_a_cell_of_a_sheet_says_what_it_leaves_out() -> None:
    """A spreadsheet takes 32,767 characters; what is longer ends with how many are missing."""
    sheet = openpyxl.Workbook().active
    assert sheet is not None
    put(sheet, 1, 1, "y" * 40_000)
    text = str(sheet.cell(1, 1).value)
    assert len(text) <= 32_767
    left = 40_000 - text.count("y")
    assert text.endswith(f"… ({left} karakter lagi)")


def test_a_list_in_a_text_counts_the_rest() -> None:
    """The note stands where something was left out, and only there."""
    assert listed(["a", "b", "c"], 3) == "a, b, c"
    assert listed(["a", "b", "c"], 1) == "a, … (2 lagi)"
    assert listed(["a", "b", "c"], 2, "and {} more", "; ") == "a; b; and 1 more"
    assert (shortened("abc", 3), shortened("abc", 2)) == ("abc", "ab … (1 karakter lagi)")
