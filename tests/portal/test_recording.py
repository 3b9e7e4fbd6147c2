"""Forms without a script: what is sent is recorded once, what is refused is said beside its field."""

import re

import pytest
from fastapi.testclient import TestClient
from httpx import Response

from ksad.contracts.identifiers import cooperation_id
from ksad.local.machine.platform import wait_settled
from tests.portal.conftest import FIRST, KEY, SECOND, Browsers

pytestmark = pytest.mark.xdist_group("portal")
HIDDEN = re.compile(r'name="kunci_formulir" value="([^"]+)"')
FILLED = {
    "title": "Pariwisata Bengawan",
    "object": "promosi wisata",
    "affair": "pariwisata",
    "parties.0": "Kota Surakarta",
    "parties.1": "Kabupaten Sukoharjo",
}


def opened(browser: TestClient, path: str) -> dict[str, str]:
    """The hidden key of a form that was opened."""
    answer = browser.get(path)
    assert answer.status_code == 200, answer.text
    return key_in(answer)


def key_in(answer: Response) -> dict[str, str]:
    """The hidden key of the form in an answer."""
    found = HIDDEN.search(answer.text)
    assert found is not None
    return {"kunci_formulir": found[1]}


def test_a_cooperation_is_registered_once_however_often_it_is_sent(browsers: Browsers) -> None:
    """A form with faults comes back as it was typed; pressing twice records once, and leads to the new page."""
    browser = browsers.officer(FIRST)
    wrong = {**FILLED, "title": "", "parties.1": "Kabupaten Antah"}
    answer = browser.post("/daftarkan", data=wrong | opened(browser, "/daftarkan"))
    assert answer.status_code == 422
    assert re.findall(r'<li><a href="#(f-[^"]+)">', answer.text) == ["f-title", "f-parties-1"]
    assert 'value="Kabupaten Antah"' in answer.text
    assert 'value="promosi wisata"' in answer.text
    key = key_in(answer)
    for done in [browser.post("/daftarkan", data=FILLED | key) for _ in range(2)]:
        assert (done.status_code, done.headers["location"]) == (303, "/kerja-sama/pariwisata-bengawan?tercatat=berlaku")
    page = browser.get("/kerja-sama/pariwisata-bengawan?tercatat=berlaku")
    assert "Sudah tercatat." in page.text
    assert page.text.count("mendaftarkan kerja sama ini.</p>") <= 1
    again = browser.post("/daftarkan", data=FILLED | opened(browser, "/daftarkan"))
    assert again.status_code == 409
    assert "Belum tercatat" in again.text
    assert "Sudah ada kerja sama dengan judul ini" in again.text
    assert "Kode registrasi" not in again.text
    with browsers.client() as client:
        found = client.get("registry", "/cooperations", FIRST, key="pariwisata-bengawan")
        assert (found["version"], found["parties"]) == (1, ["33.72", "33.11"])


def test_a_form_is_of_its_session_and_its_site(browsers: Browsers) -> None:
    """A form without its key, with that of another session or of another form, or from another site records nothing."""
    browser, other = browsers.officer(FIRST), browsers.officer(FIRST)
    key = opened(other, "/daftarkan")
    assert browser.post("/daftarkan", data=FILLED).status_code == 403
    assert browser.post("/daftarkan", data=FILLED | key).status_code == 403
    own = opened(browser, "/daftarkan")
    assert browser.post("/daftarkan", data=FILLED | own, headers={"Origin": "http://evil.example"}).status_code == 403
    assert browser.post(f"/kerja-sama/{KEY}/catat/enter-stage", data=own).status_code == 403


def test_who_may_not_is_told_so_in_words(browsers: Browsers) -> None:
    """The service decides; its refusal names no office and no action as programs do."""
    browser = browsers.officer("region:35.78")
    path = f"/kerja-sama/{KEY}/catat/report-problem"
    answer = browser.post(path, data={"description": "uraian"} | opened(browser, path))
    assert answer.status_code == 403
    assert "Jabatan Anda tidak berwenang untuk tindakan ini." in answer.text
    assert "region:" not in answer.text
    assert "report-problem" not in re.sub(r"<[^>]*>", "", answer.text)


def test_a_document_stays_chosen_while_the_text_is_mended(browsers: Browsers) -> None:
    """A name of a person is asked about; the file need not be chosen again, and the problem names it."""
    browser = browsers.officer(FIRST)
    path = f"/kerja-sama/{KEY}/catat/report-problem"
    files = {"document": ("surat.pdf", b"%PDF-1.7 surat", "application/pdf")}
    typed = {"description": "Bapak Budi Santoso belum menandatangani"}
    asked = browser.post(path, data=typed | opened(browser, path), files=files)
    assert asked.status_code == 422
    assert "Teks tampak memuat data orang" in asked.text
    assert "looks-personal" not in re.sub(r"<[^>]*>", "", asked.text)
    kept = re.findall(r'name="document.kept" value="([^"]+)"', asked.text)
    assert len(kept) == 1
    sent = {"description": "Wali Kota belum menandatangani", "document.kept": kept[0].replace("&#34;", '"')}
    done = browser.post(path, data=sent | key_in(asked))
    assert (done.status_code, done.headers["location"]) == (303, f"/kerja-sama/{KEY}?tercatat=berlaku")
    with browsers.client() as client:
        events = client.get("registry", f"/cooperations/{cooperation_id(KEY)}/events", FIRST)["items"]
    assert events[-1]["data"]["document"]["media_type"] == "application/pdf"


def test_a_party_confirms_what_it_is_asked(browsers: Browsers) -> None:
    """From the desk to the form to the cooperation: the accord stands with the confirmation of the second party."""
    browser = browsers.officer(SECOND)
    assert f"/kerja-sama/{KEY}#konfirmasi" in browser.get("/meja-saya").text
    page = browser.get(f"/kerja-sama/{KEY}").text
    [path] = set(re.findall(r'href="(/kerja-sama/[^"]+/catat/confirm-act\?usulan=[^"]+)"', page))
    assert "confirm-act" not in browsers.officer(FIRST).get(f"/kerja-sama/{KEY}").text
    form = browser.get(path)
    assert "Penandatanganan kesepakatan" in form.text
    proposal = path.partition("usulan=")[2]
    address = path.partition("?")[0]
    done = browser.post(address, data={"proposal": proposal, "numbers.33.11": "12/KB/2026"} | key_in(form))
    assert done.headers["location"] == f"/kerja-sama/{KEY}?tercatat=berlaku"
    shown = browser.get(done.headers["location"]).text
    wait_for_readings(browsers)
    [document] = set(
        re.findall(rf'href="(/kerja-sama/{KEY}/dokumen/[0-9a-f]+)"', browser.get(f"/kerja-sama/{KEY}").text)
    )
    assert browser.get(document).content == b"%PDF-1.7 naskah"
    assert "Kabupaten Sukoharjo 12/KB/2026" in shown
    assert "Berlaku" in shown
    assert browser.get(path).status_code == 404


def wait_for_readings(browsers: Browsers) -> None:
    """What was recorded has come to every service."""
    with browsers.client() as client:
        wait_settled(client)


def test_a_task_is_completed_with_its_document(browsers: Browsers) -> None:
    """Oversight is recorded with a finding and a document; without a finding the service says what is missing."""
    browser = browsers.officer("tkksd:33")
    with browsers.client() as client:
        wait_settled(client)
        tasks = client.get("supervision", "/tasks", "tkksd:33", duty="oversight", status="open")["items"]
    task = next(one["task_id"] for one in tasks if one["stage"] is not None)
    assert f"/tugas/{task}/catat/complete" in browser.get(f"/tugas/{task}").text
    path = f"/tugas/{task}/catat/complete"
    refused = browser.post(path, data={"outcome": "diperiksa"} | opened(browser, path))
    assert refused.status_code == 422
    assert "Belum tercatat" in refused.text
    finding = {
        "findings.0.basis": "legislation",
        "findings.0.conforms": "yes",
        "findings.0.description": "sesuai peraturan",
    }
    files = {"documents": ("berita-acara.pdf", b"%PDF-1.7 berita acara", "application/pdf")}
    filled = {"outcome": "diperiksa"} | finding
    tried = browser.post(path, data=filled | key_in(refused) | {"periksa": "ya"}, files=files)
    assert "Tugas ini selesai." in tried.text
    assert "Berkas tadi tetap terpilih." in tried.text
    done = browser.post(path, data=filled | key_in(tried), files=files)
    assert (done.status_code, done.headers["location"]) == (303, f"/tugas/{task}?tercatat=berlaku"), done.text
    page = browser.get(done.headers["location"])
    assert "Sudah tercatat." in page.text
    [document] = re.findall(rf'href="(/tugas/{task}/dokumen/[0-9a-f]+)"', page.text)
    file = browser.get(document)
    assert file.content == b"%PDF-1.7 berita acara"
    assert file.headers["content-disposition"].startswith("attachment")
    assert file.headers["content-security-policy"].startswith("sandbox; default-src 'none'")
    assert path not in browser.get(f"/tugas/{task}").text


def test_a_form_offers_what_there_is(browsers: Browsers) -> None:
    """Choices are those that the register says: stages that may come, facts to verify, problems by their words."""
    browser = browsers.officer("tkksd:33")
    path = f"/kerja-sama/{KEY}/catat/verify-entries"
    form = browser.get(path)
    found = re.findall(r'name="entries" id="[^"]+" value="([^"]+)">\s*<div><label for="[^"]+">([^<]+)', form.text)
    assert any(label.startswith("Pendaftaran kerja sama, ") for _, label in found)
    done = browser.post(path, data={"entries": [identity for identity, _ in found]} | key_in(form))
    assert done.headers["location"] == f"/kerja-sama/{KEY}?tercatat=berlaku"
    assert "TKKSD Provinsi Jawa Tengah memverifikasi catatan." in browser.get(f"/kerja-sama/{KEY}").text
    wrong = browser.post(path, data={"entries": [found[0][0]]} | opened(browser, path))
    assert wrong.status_code == 422


def test_what_cannot_be_recorded_says_why(browsers: Browsers) -> None:
    """Beside what may be recorded stands what may not, with the rule's sentence; who only reads is shown neither."""
    page = browsers.officer(FIRST).get(f"/kerja-sama/{KEY}").text
    assert f"/kerja-sama/{KEY}/catat/enter-stage" in page
    assert "Belum dapat dicatat, dan sebabnya" in page
    other = browsers.officer("auditor").get(f"/kerja-sama/{KEY}").text
    assert "/catat/" not in other
    assert "Belum dapat dicatat" not in other


def test_what_would_happen_is_said_before_it_is_sent(browsers: Browsers) -> None:
    """A form that is tried says facts, supervisor, duties and who is asked; it records nothing and keeps what was
    typed, and its key.
    """
    browser = browsers.officer(FIRST)
    filled = {**FILLED, "title": "Terminal Bengawan"}
    key = opened(browser, "/daftarkan")
    tried = browser.post("/daftarkan", data=filled | key | {"periksa": "ya"})
    assert tried.status_code == 200
    for said in (
        "Belum ada yang tercatat.",
        "Kota Surakarta mendaftarkan kerja sama ini untuk Kota Surakarta dan Kabupaten Sukoharjo.",
        "Pembinaan dan pengawasan oleh TKKSD Provinsi Jawa Tengah.",
        "Segera timbul kewajiban pembina:",
        'value="Terminal Bengawan"',
    ):
        assert said in tried.text, said
    assert key_in(tried) == key
    assert browser.get("/kerja-sama/terminal-bengawan").status_code == 404
    stranger, path = browsers.officer("region:35.78"), f"/kerja-sama/{KEY}/catat/report-problem"
    refused = stranger.post(path, data={"description": "uraian", "periksa": "ya"} | opened(stranger, path))
    assert (refused.status_code, "Belum tercatat" in refused.text) == (403, True)
    browser.cookies.set("bahasa", "en")
    english = browser.post("/daftarkan", data=filled | key | {"periksa": "ya"})
    assert "A duty of the supervisor arises at once:" in english.text
