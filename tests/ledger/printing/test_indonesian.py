"""Dates, money and citations are written as Indonesian offices write them."""

from datetime import date

import pytest

from ksad.contracts.reporting import ReportKind
from ksad.contracts.supervision import Tier
from ksad.ledger.figures.content import indonesian, values
from ksad.ledger.printing.tables import DateCell, DifferenceCell, MoneyCell, text_of


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (date(2009, 5, 22), "22 Mei 2009"),
        ("2009-05-22", "22 Mei 2009"),
        ("2016-10", "Oktober 2016"),
        ("2009", "2009"),
        ("2026-08-01", "1 Agustus 2026"),
    ],
)
def test_a_date_is_written_as_precisely_as_it_is_known(value: date | str, written: str) -> None:
    """A full date has day, month and year in words; a partial one has only what is known."""
    assert indonesian.day(value) == written


@pytest.mark.parametrize(
    ("amount", "written"), [(1_250_000, "Rp 1.250.000"), (0, "Rp 0"), (-5_000, "-Rp 5.000"), (999, "Rp 999")]
)
def test_rupiah_have_dots_between_thousands(amount: int, written: str) -> None:
    """Money is whole rupiah with dots between thousands."""
    assert indonesian.rupiah(amount) == written


@pytest.mark.parametrize(
    ("identifier", "written"),
    [
        ("2026", "Tahun 2026"),
        ("2026-S1", "Semester I Tahun 2026"),
        ("2026-Q4", "Triwulan IV Tahun 2026"),
        ("2026-05", "Bulan Mei 2026"),
    ],
)
def test_a_period_is_named_in_words(identifier: str, written: str) -> None:
    """Every form of period id that the content takes has a name in words."""
    assert indonesian.period(identifier) == written
    assert values.ReportPeriod(id=identifier, first=date(2026, 1, 1), last=date(2026, 6, 30)).id == identifier


def test_only_the_text_of_the_law_goes_unmarked() -> None:
    """Inference, memory and policy each carry a mark of their own; the legend explains every mark."""
    marks = {indonesian.marked("Pasal 12", basis) for basis in ("inference", "memory", "policy")}
    assert indonesian.marked("Pasal 12", "text") == "Pasal 12"
    assert len(marks) == 3
    assert all(mark.removeprefix("Pasal 12 ") in indonesian.BASIS_LEGEND for mark in marks)


def test_a_cell_on_paper_follows_the_same_conventions() -> None:
    """Dates, money, counts and changes in a table are written as in a sentence, dates in short; nothing is a dash."""
    cells = (
        DateCell("2016-10"),
        MoneyCell(1_250_000),
        48_211,
        DifferenceCell(3),
        DifferenceCell(-2),
        DifferenceCell(0),
        None,
        "",
    )
    assert [text_of(cell) for cell in cells] == [
        "Okt\u00a02016",
        "Rp\u00a01.250.000",
        "48.211",
        "+3",
        "-2",
        "0",
        "–",
        "–",
    ]


def test_every_closed_list_has_its_labels() -> None:
    """Each stage, tier and kind that the content knows has an Indonesian name."""
    assert set(indonesian.STAGES) == set(indonesian.STAGE_LETTERS) == set(values.ReportStage)
    assert set(indonesian.TIERS) == set(Tier)
    assert set(indonesian.KINDS) == set(ReportKind)
    assert indonesian.STAGES["implementation"] == "Pelaksanaan dan Pengakhiran"
