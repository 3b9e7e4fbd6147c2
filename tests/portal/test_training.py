"""A platform for training says so on every page, print, list and mail, from its opening and for ever."""

import io
from collections.abc import Iterator
from datetime import date
from typing import Any

import openpyxl
import pypdf
import pytest
from fastapi.testclient import TestClient

from ksad.chassis.client import ProblemError
from ksad.contracts.identifiers import cooperation_id
from ksad.contracts.reporting import ReportKind
from ksad.ledger.figures.content import model
from ksad.ledger.printing import pdf
from ksad.local.machine.folder import Folder, NoPlatformError
from ksad.local.machine.platform import Platform, pass_days, running, wait_settled
from ksad.local.machine.reference import open_platform
from ksad.portal.naming import TRAINING
from tests.portal.conftest import HERE, KEY, NAMES, Browsers, play, portal_app
from tests.portal.test_letters import written
from tests.support.platforms.compiled import compiled_from

pytestmark = pytest.mark.xdist_group("portal")
DAYS = date(2026, 6, 29), date(2026, 7, 1)
TEAM = "tkksd:33"


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """A platform for training, with a report of a team."""
    folder = Folder(tmp_path_factory.mktemp("latihan") / "data")
    with running(folder, name="latihan", starts_on=DAYS[0], training=True) as platform:
        with platform.client() as client:
            play(client)
            pass_days(folder, client, DAYS[1])
            wait_settled(client)
        yield platform


@pytest.fixture(scope="module")
def browser(trained: Platform) -> Iterator[TestClient]:
    """A browser before its portal, in which the team has signed in."""
    app: Any = portal_app(trained)
    with TestClient(app):
        made = TestClient(app, HERE, headers={"Origin": HERE}, follow_redirects=False)
        made.post("/masuk", data={"jabatan": NAMES[TEAM], "kembali": "/meja-saya"})
        yield made


def test_every_page_and_list_is_marked(browser: TestClient, browsers: Browsers) -> None:
    """Before and after the sign-in, refusals too, and lists that are downloaded; nothing of a platform for work is."""
    mark = f'<strong lang="id">{TRAINING}</strong>'
    assert mark in TestClient(browser.app, HERE).get("/masuk").text
    for path in ("/peraturan", "/meja-saya", "/register", f"/kerja-sama/{KEY}", "/kerja-sama/nowhere"):
        text = browser.get(path).text
        assert mark in text, path
        assert f"<title>{TRAINING}: " in text, path
        assert TRAINING not in browsers.officer(TEAM).get(path).text, path
    assert browser.get("/register/unduh.csv").text.startswith(f"\ufeff{TRAINING} – ")
    sheet = openpyxl.load_workbook(io.BytesIO(browser.get("/register/unduh.xlsx").content)).worksheets[0]
    assert str(sheet["A1"].value).startswith(f"{TRAINING} – ")
    paper = pypdf.PdfReader(io.BytesIO(browser.get("/register/unduh.pdf").content))
    assert all(page.extract_text().startswith(TRAINING) for page in paper.pages)


def test_every_print_is_marked(trained: Platform, browser: TestClient) -> None:
    """On each page of a report and of a cooperation, in the workbook, and in the content that both are made of."""
    with trained.client() as client:
        asked = {"kind": "R2", "office": TEAM, "period": "2026-S1"}
        report = client.post("reporting", "/reports", TEAM, "training-report", asked)
        path = f"/reports/{report['report_id']}/versions/1"
        files = {end: client.raw("reporting", f"{path}.{end}", TEAM) for end in ("pdf", "xlsx", "json")}
    case = browser.get(f"/kerja-sama/{KEY}/cetak").content
    for raw in (files["pdf"], case):
        pages = pypdf.PdfReader(io.BytesIO(raw)).pages
        assert all(TRAINING in page.extract_text() for page in pages)
    book = openpyxl.load_workbook(io.BytesIO(files["xlsx"]))
    assert str(book.worksheets[0]["A1"].value).startswith(f"{TRAINING}: ")
    for page in book.worksheets:
        header = page.HeaderFooter.oddHeader
        assert header is not None
        assert TRAINING in str(header.left.text), page.title
    [again] = compiled_from(trained.folder, [(ReportKind.R2, TEAM, "2026-S1")], DAYS[1])
    assert again.training
    assert pdf.render(model.decode(files["json"])) == files["pdf"]


def test_its_mail_is_marked() -> None:
    """The subject begins with the mark, and the text says that it is of no effect."""
    mail = written("end", training=True)
    text = mail.get_body(("plain",))
    assert str(mail["Subject"]).startswith(f"{TRAINING}: Kerja sama")
    assert text is not None
    assert "isinya tidak berlaku" in text.get_content()


def test_neither_kind_becomes_the_other(trained: Platform, browsers: Browsers) -> None:
    """Opened again without a word it stays what it is; a platform for work is refused, and nothing is recorded."""
    with trained.client() as client:
        open_platform(client)
        assert client.get("registry", "/platform")["training"] is True
        event = client.raw("reporting", "/log?limit=1").partition(b"\n")[0]
        assert b"urn:ksad:latihan:" in event
        assert client.get("registry", f"/cooperations/{cooperation_id(KEY)}")["key"] == KEY
    with browsers.client() as client:
        with pytest.raises(NoPlatformError, match="opened for real work"):
            open_platform(client, training=True)
        with pytest.raises(ProblemError) as refused:
            client.post("registry", "/opening", "operator", "again", {"training": True})
        assert (refused.value.status, refused.value.rule) == (409, "opened-for-training")
        assert client.get("registry", "/platform")["training"] is False
