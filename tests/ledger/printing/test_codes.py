"""What people read has words, and no codes: no value, field, key or day in the form of programs."""

import random
import re

import pytest

from ksad.contracts.dates import Period
from ksad.contracts.envelope import seal
from ksad.contracts.reporting import ReportKind
from ksad.ledger.figures.compiling import ReportOrder, compile_report
from ksad.ledger.figures.whole import WholeLog
from ksad.ledger.folds.rows import no_history
from ksad.ledger.log.entries import Entry
from ksad.ledger.log.tree import Frontier
from tests.support.histories.histories import generated
from tests.support.histories.histories import origin as made_by
from tests.support.histories.report_contents import report
from tests.support.platforms.fed_supervision import reference_facts
from tests.support.text.printed import codes, printed_codes

OWN = re.compile(r"kerja-sama-\d+")
"""The registration of a generated cooperation, which people choose."""
pytestmark = pytest.mark.xdist_group("printing")
CODED = pytest.mark.fault(
    "law strings",
    kind="A key, field name, value of an enumeration or ISO date stands in a sentence for people.",
    looked="Every text of every kind of report, in the PDF and in each cell of the workbook.",
    found="Kinds of reports (R2), profiles by key, periods and grounds of ending as keys, after-90 as a number of "
    "days, codes of regions in every table.",
)


@CODED
@pytest.mark.parametrize(
    "sentence",
    [
        "Laporan R2 TKKSD Provinsi Jawa Tengah",
        "Penyampaian laporan: 2026-S1",
        "Jabatan tkksd:33 tidak menyusun laporan",
        "Keputusan menteri: profil hukum ksad-2009",
        "0 hari sebelum rencana pengakhiran 2026-10-25",
        "Alasan berakhir: term_expired",
        "Laporan berstatus submitted",
        "Bukti butir e: asset_record, council_report.",
        "Dasar: P10.d.4.c",
        "Jenis berkas: text/plain",
        "kurang: ['33.72']; None",
        "Sebutkan yang dimaksud: perjanjian-1, perjanjian-2",
        "Profil hukum ksad-1999 belum ditetapkan",
    ],
)
def test_a_code_is_found(sentence: str) -> None:
    """The guard below finds each kind of code that reports once had."""
    assert codes(sentence)


@CODED
@pytest.mark.parametrize("kind", ReportKind)
def test_every_part_of_a_report_is_in_words(kind: ReportKind) -> None:
    """A report that has every part, with disputes, ends, scores and cited reports, prints no code."""
    content = report(kind, 12)
    own = frozenset({row.registration for row in content.matrix})
    assert not printed_codes(content, own)


@CODED
@pytest.mark.parametrize(
    ("kind", "offices"),
    [
        (ReportKind.R1, ["joint_secretariat"]),
        (ReportKind.R2, ["tkksd:32", "tkksd:33", "tkksd:91"]),
        (ReportKind.OVERVIEW, ["joint_secretariat"]),
    ],
)
def test_what_is_compiled_from_a_mixed_history_is_in_words(
    kind: ReportKind, offices: list[str], rng: random.Random
) -> None:
    """Whatever happened, in whatever order: what is told of it has words, but for what people named themselves."""
    adopted = [seal(fact, "reference/adopted", n, made_by()) for n, fact in enumerate(reference_facts(), 1)]
    events = [*adopted, *generated(600, rng.randrange(1_000))]
    leaves = [Entry(at, one.to_bytes()) for at, one in enumerate(events)]
    source = WholeLog(leaves, Frontier.empty()._replace(size=len(leaves)), no_history)
    last = max(one.occurredon for one in events)
    period = Period.parse(f"{last.year}-S{1 if last.month <= 6 else 2}")
    orders = [ReportOrder(kind, one, period, "ksad/uji/national", period.last, _no_document) for one in offices]
    contents = [compile_report(source, order).content for order in orders]
    fullest = max(contents, key=lambda one: len(one.matrix))
    assert fullest.matrix
    assert not {code: where for code, where in printed_codes(fullest).items() if not OWN.fullmatch(code)}


def _no_document(sha256: str) -> bytes:
    raise LookupError(sha256)
