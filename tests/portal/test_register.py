"""The register as files, and filters that an office keeps under a name."""

import csv
import io
import re

import pypdf
import pytest
from openpyxl import load_workbook

from ksad.chassis.database import Database
from ksad.local.machine.platform import wait_settled
from ksad.portal.sheets import Listed, as_csv, as_xlsx
from ksad.portal.views import VIEWS_MAX, SavedViews
from tests.portal.conftest import FIRST, SECOND, Browsers
from tests.portal.test_recording import opened

pytestmark = pytest.mark.xdist_group("portal")
TRICK = "=1+1 air bersih"


@pytest.fixture
def tables() -> str:
    """The portal's tables."""
    return "portal"


def test_a_file_has_what_the_filters_find(browsers: Browsers) -> None:
    """Both files have the columns of the page, all rows of its filters, and say what was filtered and when."""
    with browsers.client() as client:
        head = {"title": TRICK, "object": "air", "affair": "lingkungan_hidup", "parties": ["33.72", "33.11"]}
        client.post("registry", "/cooperations", FIRST, "trick-1", {"key": "air-bersih", **head})
        wait_settled(client)
    browser = browsers.officer(FIRST)
    answer = browser.get("/register/unduh.csv?q=bersih")
    assert answer.headers["content-disposition"] == 'attachment; filename="register.csv"'
    about, columns, *rows = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert re.fullmatch(r"Register kerja sama\. Saringan: bersih\. Keadaan pada .* pukul .* WIB\.", about[0])
    assert columns == ["Kerja sama", "Para pihak", "Tahap", "Keadaan", "Berakhir", "Dibina oleh"]
    assert rows[0][:3] == [f"'{TRICK}", "Kota Surakarta dan Kabupaten Sukoharjo", "Penjajakan"]
    whole = load_workbook(io.BytesIO(browser.get("/register/unduh.xlsx?q=bersih").content)).active
    assert whole is not None
    listed = list(whole.iter_rows(values_only=True))
    assert len(listed) == len(rows) + 2
    assert listed[2][0] == TRICK
    assert {cell.data_type for row in whole.iter_rows() for cell in row if cell.value} == {"s"}
    everything = browser.get("/register/unduh.csv").content.decode("utf-8-sig").splitlines()
    assert len(everything) > len(rows) + 2


def test_a_pdf_has_what_the_filters_find(browsers: Browsers) -> None:
    """The rows of the filters in both languages, with what was filtered, for whom, and that it is no official paper."""
    browser = browsers.officer(FIRST)
    answer = browser.get("/register/unduh.pdf?q=penghubung")
    assert answer.headers["content-disposition"] == 'attachment; filename="register.pdf"'
    paper = pypdf.PdfReader(io.BytesIO(answer.content))
    text = " ".join(page.extract_text() for page in paper.pages)
    _, columns, *rows = csv.reader(
        io.StringIO(browser.get("/register/unduh.csv?q=penghubung").content.decode("utf-8-sig"))
    )
    assert rows
    for said in (*columns, *rows[0], "Saringan: penghubung", "Kota Surakarta", "bukan naskah dinas"):
        assert "".join(said.split()) in "".join(text.split()), said
    assert paper.metadata is not None
    assert paper.metadata.title == "Register kerja sama"
    nothing = pypdf.PdfReader(io.BytesIO(browser.get("/register/unduh.pdf?q=tiadasamasekali").content))
    assert "Tidak ada baris." in nothing.pages[0].extract_text()

    browser.cookies.set("bahasa", "en")
    told = pypdf.PdfReader(io.BytesIO(browser.get("/register/unduh.pdf?q=penghubung").content))
    assert "no official paper" in told.pages[0].extract_text()
    assert str(told.root_object["/Lang"]) == "en-ID"


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t"])
def test_no_cell_is_a_formula(sign: str) -> None:
    """What begins like a formula is text in both files."""
    listed = Listed("Daftar", "semua", ["Judul"], [[f"{sign}SUM(A1)"]])
    assert list(csv.reader(io.StringIO(as_csv(listed).decode("utf-8-sig"))))[2] == [f"'{sign}SUM(A1)"]
    sheet = load_workbook(io.BytesIO(as_xlsx(listed))).active
    assert sheet is not None
    assert sheet["A3"].data_type == "s"


def test_an_office_keeps_its_filters(browsers: Browsers) -> None:
    """Filters get a name from their page and are found there by this office only; its page forgets them again."""
    browser = browsers.officer(SECOND)
    kept = {"tahap": "signing", "provinsi": "33", "nama": "Akan  ditandatangani"}
    key = opened(browser, "/register?tahap=signing&provinsi=33")
    answer = browser.post("/register/tampilan", data=kept | key)
    assert (answer.status_code, answer.headers["location"]) == (303, "/register?provinsi=33&tahap=signing")
    page = browser.get(answer.headers["location"]).text
    assert 'aria-current="page">Akan ditandatangani</a>' in page
    assert "Akan ditandatangani" not in browsers.officer(FIRST).get("/register").text
    assert browser.post("/register/tampilan", data=kept | {"provinsi": "jawa"} | key).status_code == 422
    assert browser.post("/register/tampilan", data=kept).status_code == 403
    browser.post("/register/tampilan", data=kept | key | {"nama": "Akan ditandatangani", "lupakan": "ya"})
    assert "Akan ditandatangani" not in browser.get("/register").text


def test_the_oldest_view_gives_way(database: Database) -> None:
    """An office keeps so many views; one of the same name is replaced, and those of others stay."""
    moments = iter(range(100))
    views = SavedViews(database, lambda: next(moments))
    views.save("auditor", "semua", "")
    for number in range(VIEWS_MAX + 1):
        views.save("minister", f"{number:02}", f"q={number}")
    views.save("minister", "05", "q=lain")
    found = {one.name: one.query for one in views.of("minister")}
    assert set(found) == {f"{number:02}" for number in range(1, VIEWS_MAX + 1)}
    assert found["05"] == "q=lain"
    assert [one.name for one in views.of("auditor")] == ["semua"]


def test_the_register_is_narrowed_and_counted(browsers: Browsers) -> None:
    """What a list is narrowed to is what its office has to do with; the number above it is that of all rows."""
    with browsers.client() as client:
        wait_settled(client)
    own, other = browsers.officer(SECOND), browsers.officer("region:35.78")
    assert "Jalan penghubung" in own.get("/register?pilih=konfirmasi").text
    assert "Jalan penghubung" not in other.get("/register?pilih=konfirmasi").text
    assert "Tidak ada kerja sama yang cocok" in other.get("/register?pilih=milik").text
    rows = own.get("/register/unduh.csv?pilih=milik").content.decode("utf-8-sig").splitlines()[2:]
    assert f"<strong>{len(rows)} kerja sama</strong>" in own.get("/register?pilih=milik&urut=ends_on").text
    assert "Tidak ada kerja sama yang cocok" in own.get("/register?berakhir=30&pilih=milik").text
