"""The table of divisions: who gets how much of what an agreement leaves, with sums that close."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ksad.ledger.figures.content import indonesian
from ksad.ledger.printing.tables import Cell, MoneyCell, ReportTable, columns

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ksad.ledger.figures.content.activities import ReportedDivision, Termination


def divisions(rows: Iterable[Termination]) -> ReportTable:
    """One row per participant, and one with the sums: goods and money add up to value less obligations."""
    return ReportTable(
        "Pembagian Hasil Kerja Sama",
        columns({"Kerja sama": 34, "Pihak": 20, "Barang": 18, "Uang": 18, "Bagian": 18, "Keterangan": 34}),
        tuple(line for row in rows for made in row.divisions for line in _lines(made)),
    )


def _lines(made: ReportedDivision) -> Iterator[tuple[Cell, ...]]:
    mark = None if made.verified else "belum diverifikasi"
    for one in made.shares:
        money = (MoneyCell(one.goods), MoneyCell(one.money), MoneyCell(one.share))
        yield (made.agreement, one.party.name, *money, mark)
    says = f"nilai {indonesian.rupiah(made.value)} dikurangi kewajiban {indonesian.rupiah(made.obligations)}"
    goods, money_sum = made.value - made.sold, made.sold - made.obligations
    yield (made.agreement, "Jumlah", MoneyCell(goods), MoneyCell(money_sum), MoneyCell(made.net), says)
