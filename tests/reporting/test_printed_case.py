"""One cooperation is printed as an office may see it: facts, parties, agreements and its whole history in words."""

import io
import re
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any
from uuid import UUID

import pypdf
import pytest

from ksad.chassis.database import Database
from ksad.contracts.catalogue import NEWEST
from ksad.contracts.identifiers import cooperation_id
from ksad.contracts.regions import RegionTable, load_text
from ksad.ledger.figures.case import CaseOrder, case
from ksad.ledger.figures.case_telling import CASE_SENTENCES
from ksad.ledger.figures.content.case import CaseContent
from ksad.ledger.figures.prefix import Prefix
from ksad.ledger.folds.timeline import TimelineProjection
from ksad.ledger.printing.case import render_case
from ksad.reporting.api.choosing import Watcher
from ksad.reporting.api.cooperations import _whole
from ksad.reporting.api.narrowing import register_row
from ksad.reporting.journal import Arrival, Journal, JournalReferences
from ksad.reporting.projections.runner import Runner
from ksad.reporting.projections.views import Views
from ksad.reporting.reports.selected import SelectedStreams
from tests.support.histories import golden
from tests.support.histories.golden_cases import ENDING, MOVED, SECRETARIAT
from tests.support.servers.schemas import opened

DAY = date(2027, 1, 11)
REGIONS = RegionTable.from_csv(load_text())
Print = Callable[[str, str], CaseContent]


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Print]:
    """What an office gets printed of a cooperation of the golden history."""
    with opened(f"sqlite:///{tmp_path_factory.mktemp('cases') / 'reporting.sqlite'}", "reporting") as database:
        yield lambda key, office: _content(_filled(database), cooperation_id(key), office)


def _filled(database: Database) -> Journal:
    journal = Journal(database)
    with database.write() as connection:
        arrivals = [Arrival(raw, "registry", at) for at, raw in enumerate(golden.leaves(), 1)]
        journal.admit(connection, arrivals)
    Runner(database, journal).catch_up()
    return journal


def _content(journal: Journal, identity: UUID, office: str) -> CaseContent:
    with journal.database.read() as connection:
        views, reader = Views(connection), Watcher(office, REGIONS, DAY)
        known = views.cooperation(identity)
        assert known is not None
        row = register_row(known, *reader, JournalReferences().affairs(connection))
        entries = list(_whole(views, reader, known, identity))
        source = SelectedStreams(journal, connection)
        return case(Prefix(source, DAY), row, entries, CaseOrder(office, DAY, source.size))


def _text(content: CaseContent) -> str:
    document = pypdf.PdfReader(io.BytesIO(render_case(content)), strict=True)
    return re.sub(r"\s+", " ", " ".join(page.extract_text() for page in document.pages)).replace("\u200b", "")


def test_every_kind_of_entry_has_a_sentence() -> None:
    """A timeline holds no fact that a print could not tell."""
    kinds = {name.removeprefix("ksad.") for name in NEWEST if name.startswith(TimelineProjection.prefixes)}
    assert kinds == set(CASE_SENTENCES)


def test_the_supervisor_gets_all_of_it(printed: Print) -> None:
    """Facts, parties, instruments with their numbers, the open dispute, each entry with its day in the log's order."""
    content = printed(MOVED, SECRETARIAT)
    assert [one.name for one in content.parties] == ["Kabupaten Bogor", "Kota Bogor", "Kota Tangerang Selatan"]
    facts = {one.label: one.value for one in content.facts}
    assert facts["Pembina dan pengawas"] == "Menteri Dalam Negeri, dibantu Sekretariat Bersama"
    assert facts["Verifikasi"] == "0 dari 4 fakta telah diverifikasi"
    assert [(one.kind, one.text, one.state) for one in content.matters] == [
        ("Perselisihan", "Tarif air baku belum disepakati.", "Ditangani Menteri Dalam Negeri")
    ]
    told = [(one.on, one.text) for one in content.history]
    assert told[0] == ("2025-09-01", "Kerja sama didaftarkan")
    assert ("2026-05-20", "Kota Tangerang Selatan bergabung") in told
    moved = "Pembinaan dan pengawasan oleh Sekretariat Bersama sejak 20 Mei 2026"
    assert ("2026-05-20", moved) in told
    assert [one.number for one in content.history] == sorted(one.number for one in content.history)
    text = _text(content)
    for said in ("Kabupaten Bogor: 1/KB/2025", "Dicetak untuk : Sekretariat Bersama", moved):
        assert said in text
    assert not re.search(r"tkksd:|joint_secretariat|[a-z]_[a-z]|\b\d\d\.\d\d\b", text)


def test_whoever_is_no_party_gets_what_is_open_to_all(printed: Print) -> None:
    """An office of another province sees no dispute, and the print says why."""
    content = printed(MOVED, "tkksd:73")
    assert content.narrow
    assert [one.kind for one in content.matters] == []
    assert not any("erselisihan" in one.text for one in content.history)
    assert "hanya untuk para pihak dan pembinanya" in _text(content)


def test_of_several_agreements_each_is_named(printed: Print) -> None:
    """Accord and agreements stand with their ends; the one that expired is told as ended, the other as in force."""
    content = printed(ENDING, "tkksd:32")
    assert [(one.name, one.state, one.ends) for one in content.parts] == [
        ("Kesepakatan", "Berlaku", "2026-08-14"),
        ("Perjanjian kerja sama ke-1", "Berakhir, dalam penyelesaian", "2026-08-14"),
        ("Pengelolaan parkir terminal", "Berlaku", "2029-08-14"),
    ]


def test_a_screen_reader_gets_header_cells_and_headings(printed: Print) -> None:
    """The file names its language and title, and is PDF/A-2a and PDF/UA-1; equal contents give equal bytes."""
    content = printed(MOVED, SECRETARIAT)
    made = render_case(content)
    assert made == render_case(content)
    document: Any = pypdf.PdfReader(io.BytesIO(made), strict=True)
    root = document.trailer["/Root"]
    stated = root["/Metadata"].get_object().get_data().decode()
    assert (root["/Lang"], document.metadata.title) == ("id-ID", content.title)
    assert "<pdfuaid:part>1</pdfuaid:part>" in stated
    assert re.search(r"<pdfaid:part>2</pdfaid:part>\s*<pdfaid:conformance>A<", stated)
