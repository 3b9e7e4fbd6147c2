"""The page behind the code of a print: for anybody, true of what was sent, silent about everything else."""

import re

import pytest

from ksad.contracts.identifiers import report_id
from tests.portal.conftest import Browsers
from tests.portal.test_reports import compiled, sent, wait

pytestmark = pytest.mark.xdist_group("portal")
TEAM, GOVERNOR = "tkksd:32", "governor:32"
IDENTITY = report_id("R2", TEAM, "2026-S1")
REPORT, CHECK = f"/laporan/{IDENTITY}", f"/periksa/{IDENTITY}"
SECRETS = ("Hanya untuk Gubernur", "100/77/2026", "Perbaiki angkanya")


@pytest.mark.timeout(400)
def test_a_print_is_checked_by_anybody(browsers: Browsers) -> None:
    """Before it is sent nothing is told; then who sent it and how it stands; a file is compared by its hash alone."""
    nobody, author, governor = browsers.nobody(), browsers.officer(TEAM), browsers.officer(GOVERNOR)
    editor = "/laporan/tulis/R2/2026-S1"
    assert sent(author, editor, isi=SECRETS[0]).status_code == 303
    compiled(author, editor)
    before = author.get(f"{REPORT}/versi/1/pdf").content
    assert "Tidak ada laporan yang disampaikan dengan kode ini" in nobody.get(f"{CHECK}/1").text
    assert nobody.get(f"{CHECK}/1").text == nobody.get(f"{CHECK}/7").text.replace("/7", "/1")

    assert sent(author, f"{REPORT}/catat/submit-report", letter_number=SECRETS[1]).status_code == 303
    page = nobody.get(f"{CHECK}/1")
    assert (page.status_code, "belum diterima oleh penerimanya" in page.text) == (200, True)
    assert "TKKSD" in page.text
    paper = author.get(f"{REPORT}/versi/1/pdf").content
    for content, told in (
        (paper, "dengan laporan yang disampaikan."),
        (before, "sebelum disampaikan; nomor dan tanggal"),
        (paper + b" ", "Berkas Anda tidak sama"),
    ):
        answer = nobody.post(f"{CHECK}/1", files={"berkas": ("laporan.pdf", content, "application/pdf")})
        assert told in answer.text, told

    assert sent(governor, f"{REPORT}/catat/return-report", remarks=SECRETS[2]).status_code == 303
    assert "dikembalikan oleh penerimanya" in nobody.get(f"{CHECK}/1").text
    compiled(author, REPORT)
    assert sent(author, f"{REPORT}/catat/submit-report", letter_number="100/78/2026").status_code == 303
    assert sent(governor, f"{REPORT}/catat/accept-report").status_code == 303
    assert "sudah digantikan versi 2" in nobody.get(f"{CHECK}/1").text
    last = nobody.get(f"{CHECK}/2").text
    assert "diterima, dan masih berlaku" in last
    assert [one for one in SECRETS for text in (page.text, last) if one in text] == []
    wait(browsers)
    assert "Laporan TKKSD" in governor.get("/laporan").text


def test_the_check_asks_for_no_session(browsers: Browsers) -> None:
    """Typed in by hand the code leads to its page; another site cannot send a file from somebody's browser."""
    nobody = browsers.nobody()
    assert "Kode laporan" in nobody.get("/periksa").text
    led = nobody.get(f"/periksa?laporan={IDENTITY}&versi=2")
    assert (led.status_code, led.headers["location"]) == (303, f"{CHECK}/2")
    files = {"berkas": ("laporan.pdf", b"%PDF", "application/pdf")}
    elsewhere = nobody.post(f"{CHECK}/1", files=files, headers={"Origin": "http://evil.example"})
    assert elsewhere.status_code == 403
    unknown = nobody.get(f"/periksa/{report_id('R2', TEAM, '1999-S1')}/1")
    assert unknown.status_code == 404
    assert re.findall("tkksd|R2", re.sub(r"<[^>]*>", "", unknown.text)) == []
