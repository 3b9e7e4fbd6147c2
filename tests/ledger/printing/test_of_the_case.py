"""What a report prints of parties that nobody heard, of who signed a decision, and of a division (item c)."""

from datetime import date
from typing import Any

import pytest

from ksad.contracts import supervision
from ksad.contracts.dates import Period
from ksad.contracts.envelope import Envelope, seal
from ksad.contracts.identifiers import cooperation_id
from ksad.contracts.reporting import ReportKind
from ksad.ledger.figures.compiling import ReportOrder, compile_report
from ksad.ledger.figures.content.model import ReportContent
from ksad.ledger.figures.whole import WholeLog
from ksad.ledger.folds.rows import no_history
from ksad.ledger.log.entries import Entry
from ksad.ledger.log.tree import Frontier
from ksad.ledger.printing import ending_tables, matter_tables
from ksad.ledger.printing.tables import ReportTable, matrix, text_of
from tests.support.histories.cooperations import BOTH, KARANGANYAR, PAPER, SOLO, YOGYA, Case
from tests.support.histories.histories import origin
from tests.support.histories.newest import fact_of
from tests.support.histories.settlements import divided
from tests.support.platforms.fed_supervision import reference_facts

TEAM = "tkksd:33"
BEGUN = date(2026, 1, 5)
SEMESTER = Period.parse("2026-S1")
K = cooperation_id("a")


def no_document(sha256: str) -> bytes:
    """None is needed.

    :raises LookupError: always.
    """
    raise LookupError(sha256)


def reported(case: Case) -> ReportContent:
    """The draft of the team's report on the semester in which a case was lived."""
    events: list[Envelope] = []

    def take(subject: str, fact: Any, on: date) -> None:
        told = origin("supervision").model_copy(update={"occurred_on": on})
        events.append(seal(fact, subject, 1 + sum(one.subject == subject for one in events), told))

    for fact in reference_facts():
        take("reference/adopted", fact, date(2025, 1, 1))
    events += case.events[:1]
    home = fact_of(
        supervision.JurisdictionResolved, cooperation_id=K, supervising_body=TEAM, dispute_forum="governor:33",
        tier="governor", clause="P3", basis="text", row="t4", gap_filled=False, informed=[],
        parties=[SOLO, KARANGANYAR], holds_from=BEGUN,
        forum_clause="UU 23/2014 Pasal 370 ayat (1)", forum_basis="text", forum_says="uji",
    )  # fmt: skip
    take(f"supervision/{K}", home, BEGUN)
    events += case.events[1:]
    leaves = [Entry(at, one.to_bytes()) for at, one in enumerate(events)]
    source = WholeLog(leaves, Frontier.empty()._replace(size=len(leaves)), no_history)
    order = ReportOrder(ReportKind.R2, TEAM, SEMESTER, "ksad/uji/national", SEMESTER.last, no_document)
    return compile_report(source, order).content


def cells(table: ReportTable, label: str) -> list[str]:
    """A column as it is printed."""
    at = [one.label for one in table.columns].index(label)
    return [text_of(row[at]) for row in table.rows]


def parties(case: Case) -> list[str]:
    """The lines of the matrix about the parties of the case."""
    (cell,) = cells(matrix(reported(case).matrix), "Para pihak (kode wilayah)")
    return cell.split("\n")


def in_force() -> Case:
    """An agreement of two regions stands."""
    case = Case(on=BEGUN)
    for stage in ("negotiation", "signing"):
        case.do("enter-stage", BEGUN, stage=stage)
    case.do("sign-accord", "2026-02-02", numbers=BOTH)
    return case.do("sign-agreement", "2026-02-03", numbers=BOTH, effective_on="2026-02-03", ends_on="2026-05-30")


@pytest.mark.clause("P1.4")
def test_who_has_not_been_heard_is_a_candidate() -> None:
    """Whom a region names as a party is calon pihak until an accord stands; whom it asks to join, until all confirm."""
    case = Case((), BEGUN).do(
        "register", BEGUN, office=f"region:{SOLO}", key="a", title="Sampah", object="sampah",
        affair="lingkungan_hidup", parties=[SOLO, KARANGANYAR],
    )  # fmt: skip
    assert parties(case) == ["Kota Surakarta (33.72)", "Kabupaten Karanganyar (33.13), calon pihak"]
    case = in_force().do("add-party", "2026-05-02", office=f"region:{SOLO}", region=YOGYA)
    both = ["Kota Surakarta (33.72)", "Kabupaten Karanganyar (33.13)"]
    assert parties(case) == [*both, "Kota Yogyakarta (34.71), calon pihak"]


def test_a_number_that_nobody_knows_is_said_to_be_unknown() -> None:
    """An old agreement of which one party's number was lost is reported, and its number is said to be unknown."""
    case = Case(on=BEGUN)
    known = {SOLO: None, KARANGANYAR: "12/2019"}
    case.do("sign-accord", "2019-02-02", legacy=True, numbers={SOLO: None, KARANGANYAR: None})
    case.do("sign-agreement", "2019-02-03", legacy=True, numbers=known, ends_on="2030-01-01")
    (cell,) = cells(matrix(reported(case).matrix), "Nomor & tanggal naskah (per pihak)")
    assert "3 Februari 2019\nKabupaten Karanganyar: 12/2019\nKota Surakarta: nomor tidak diketahui" in cell
    assert "2 Februari 2019\nnomor tidak diketahui" in cell


def test_a_decision_names_who_signed_it() -> None:
    """An acting Governor signs as such, with the letter that makes him one."""
    case = in_force()
    case.do("raise-dispute", "2026-05-04", dispute="tarif", description="Tarif.", between=[SOLO, KARANGANYAR])
    case.do("request-decision", "2026-05-05", dispute="tarif")
    case.do(
        "settle-dispute", "2026-05-20", dispute="tarif", manner="governor_decision", outcome="Tarif ditetapkan.",
        number="100/2026", document=PAPER, signed_as={"capacity": "plt", "number": "121.33/99", "date": "2026-04-01"},
    )  # fmt: skip
    (printed,) = cells(matter_tables.disputes(reported(case).matters.disputes), "Keadaan dan keputusan")
    assert (
        "Ditandatangani Plt. Gubernur Jawa Tengah (berdasarkan surat Nomor 121.33/99 tanggal 1 April 2026)" in printed
    )


@pytest.mark.clause("P6.d.4.c", "P10.d.4.c")
def test_a_division_is_printed_with_its_sums() -> None:
    """Each participant's goods, money and share in rupiah, and a last line that closes; marked until it is verified."""
    activities = reported(divided(in_force())).activities
    assert activities is not None
    table = ending_tables.divisions(activities.terminations)
    assert cells(table, "Pihak") == ["Kota Surakarta", "Kabupaten Karanganyar", "Jumlah"]
    assert cells(table, "Barang") == [money(1_200_000_000), money(3_000_000_000), money(4_200_000_000)]
    assert cells(table, "Uang") == [money(925_000_000), money(-875_000_000), money(50_000_000)]
    assert cells(table, "Bagian") == [money(2_125_000_000), money(2_125_000_000), money(4_250_000_000)]
    assert cells(table, "Keterangan")[-1] == "nilai Rp 4.500.000.000 dikurangi kewajiban Rp 250.000.000"


def money(amount: int) -> str:
    """As a report writes it."""
    return f"{'-' if amount < 0 else ''}Rp\u00a0{abs(amount):,}".replace(",", ".")
