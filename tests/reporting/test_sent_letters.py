"""A submission prints the letter again, with what was adopted and written, and cites what it printed."""

import io
import re
from datetime import date

import openpyxl
import pypdf
import pytest

from ksad.contracts.envelope import seal
from ksad.contracts.identifiers import report_id
from ksad.contracts.regions import sha256
from ksad.contracts.registry import ReferenceAdopted, ReferenceKind, SignedAs
from ksad.contracts.reporting import NarrativeSection, ReportKind
from ksad.ledger.figures.content.values import LetterSent
from ksad.ledger.printing import pdf
from tests.support.histories.histories import origin as made_by
from tests.support.histories.report_chain import PERIOD, TEAM, Chain, asked, life
from tests.support.platforms.fed_supervision import DECISION, reference_facts
from tests.support.servers.schemas import ON_SQLITE

OFFICES = """
id = "offices"
says = "uji"
proof_page = "https://ksad.contoh.go.id/periksa"

[offices."tkksd:33"]
letterhead = ["Pemerintah Provinsi Jawa Tengah", "Sekretariat Daerah"]
address = ["Jalan Pahlawan Nomor 9"]
seat = "Semarang"
mailbox = "tkksd@jatengprov.contoh"
"""


def text_of(raw: bytes) -> list[str]:
    """The text of every page, with any space made one space."""
    return [re.sub(r"\s+", " ", page.extract_text()) for page in pypdf.PdfReader(io.BytesIO(raw)).pages]


def adopt(chain: Chain, content: str) -> None:
    """The Minister adopts letterheads and seats."""
    fact = ReferenceAdopted(
        kind=ReferenceKind.OFFICES,
        name="offices",
        content=content,
        sha256=sha256(content),
        source="uji",
        decision=DECISION,
    )
    chain.admit([seal(fact, "reference/adopted", len(reference_facts()) + 1, made_by())])


@pytest.mark.fault(
    "law form 1",
    kind="An office is at a place that is guessed from the name of its province.",
    looked="Place and addressee of every letter.",
    found="Nothing else.",
)
@pytest.mark.fault(
    "law form 2",
    kind="A paper says that something will be filled in, after it was.",
    looked="PDF and XLSX of versions that were sent.",
    found="Nothing else.",
)
@pytest.mark.fault(
    "law form 3",
    kind="A letter lacks what makes it one: letterhead, address, capacity, copies.",
    looked="Letters of all four offices.",
    found="A team writes on the head of the Sekretariat Daerah.",
)
@ON_SQLITE
def test_a_sent_letter_has_number_day_seat_and_copies(chain: Chain) -> None:
    """What was compiled says that the number is to come; what was sent has it, and its documents are cited."""
    adopt(chain, OFFICES)
    chain.admit(life("a", TEAM))
    chain.owe(ReportKind.R2, TEAM, PERIOD)
    copies = ("Sekretaris Daerah Provinsi Jawa Tengah",)
    chain.settle()
    chain.cases.write(asked(TEAM, "w"), (ReportKind.R2, TEAM, PERIOD), NarrativeSection.COPIES, copies)
    content = chain.compile(ReportKind.R2, TEAM)
    identity = report_id("R2", TEAM, PERIOD)
    plt = SignedAs(capacity="plt", number="800/1", date=date(2026, 6, 1))
    made = chain.cases.submit(asked(TEAM, "s"), identity, "100/7", plt).report.versions[0]

    compiled = {one["media_type"]: one["sha256"] for one in made.compiled["documents"]}
    assert made.sent is not None
    sent = {one["media_type"]: one["sha256"] for one in made.sent["documents"]}
    before, after = (text_of(chain.documents.get(one[pdf.MEDIA_TYPE]))[0] for one in (compiled, sent))
    assert "Semarang, (tanggal diisi saat disampaikan) Nomor : (diisi saat disampaikan)" in before
    assert "Semarang, 6 Juli 2026 Nomor : 100/7" in after
    assert "Jalan Pahlawan Nomor 9" in after
    assert "di –" in after  # Nobody adopted a seat of the Governor.
    assert "Plt. Ketua Tim Koordinasi Kerja Sama Daerah" in after
    assert "Tembusan: 1. Sekretaris Daerah Provinsi Jawa Tengah" in after
    assert (made.sent["place"], tuple(made.sent["copies"])) == ("Semarang", copies)
    assert f"https://ksad.contoh.go.id/periksa/{identity}/1" in "".join(
        text_of(chain.documents.get(sent[pdf.MEDIA_TYPE]))[-1].split()
    )
    letter = LetterSent(number="100/7", on=date(2026, 7, 6), capacity="plt")
    assert pdf.render(content, letter) == chain.documents.get(sent[pdf.MEDIA_TYPE])
    (other,) = set(sent) - {pdf.MEDIA_TYPE}
    sheet = openpyxl.load_workbook(io.BytesIO(chain.documents.get(sent[other])))["Ringkasan"]
    assert "100/7" in {row[1].value for row in sheet.iter_rows()}


@ON_SQLITE
def test_without_an_adopted_text_a_letter_has_no_seat_and_no_code(chain: Chain) -> None:
    """What nobody decided is a dash, not a guess: neither a capital nor the name of a province stands for a seat."""
    chain.admit(life("a", TEAM))
    content = chain.compile(ReportKind.R2, TEAM)
    assert (content.from_office.seat, content.to_office.seat, content.proof_page) == (None, None, None)
    texts = text_of(pdf.render(content))
    assert "–, (tanggal diisi saat disampaikan)" in texts[0]
    assert "Halaman pemeriksaan : belum ditetapkan" in texts[-1]
