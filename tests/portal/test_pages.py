"""Every page, for every kind of office and for nobody: what it answers, how it is guarded, and what it never holds."""

import re

import pytest
from fastapi.testclient import TestClient

from ksad.chassis.access import endpoints
from ksad.contracts.identifiers import cooperation_id, report_id
from ksad.local.machine.platform import wait_settled
from tests.portal.conftest import FIRST, KEY, SECOND, TITLE, Browsers
from tests.support.text.printed import codes

pytestmark = pytest.mark.xdist_group("portal")
OFFICES = (
    "minister",
    "joint_secretariat",
    "governor:33",
    "tkksd:33",
    FIRST,
    SECOND,
    "region:35.78",
    "auditor",
    "operator",
)
OPEN = {
    "/",
    "/masuk",
    "/masuk/selesai",
    "/berkas/{name}",
    "/periksa",
    "/periksa/{laporan}/{versi}",
    "/titik-periksa",
    "/peraturan",
    "/livez",
    "/readyz",
    "/metrics",
}
DOWNLOADS = ("/perubahan", "/kini", "/{sha256}", "/{bentuk}", "/salinan/{versi}", "/isi", "/bukti", "/per", "}/cetak")
"""Ends of addresses at which no page is: downloads, and a form that leads to a day."""
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; connect-src 'self'; form-action 'self'; "
    "base-uri 'none'; object-src 'none'; frame-ancestors 'none'"
)
INLINE = re.compile(
    r"<script(?! src=\"/berkas/live\.[0-9a-f]{16}\.js\" defer data-)|<style|\sstyle=|\son[a-z]+=|javascript:|\|safe",
    re.IGNORECASE,
)
CODES = re.compile(
    r"\b(tkksd|governor|region):[0-9]|\b[0-9]{2}\.[0-9]{2}\b|\bP1?[0-9]\.[a-d]\b|20[0-9]{2}-[0-9]{2}-[0-9]{2}"
)
"""Names of offices, regions, clauses and days as programs write them; none reaches the text of a page."""
TEXT = re.compile(r"<(pre|ol|dd|code)[^>]*lang=\"zxx\".*?</\1>|<[^>]*>", re.DOTALL)
"""What is no text for people: tags, and the bytes of an entry with their proof, which say so."""
CLOCK = re.compile(r"pukul [0-9]{2}\.[0-9]{2}")


NOBODY = "00000000-0000-5000-8000-000000000000"


def filled(path: str, task: str, entry: str | None = None) -> str:
    """The address of a page of the cooperation that was played."""
    values = {
        "kunci": KEY,
        "tindakan": {"tugas": "complete", "laporan": "submit-report"}.get(path.split("/")[1], "report-problem"),
        "laporan": str(report_id("R2", "tkksd:33", "2026-S1")),
        "versi": "1",
        "nama": "cooperations",
        "jenis": "assigned" if "pengingat" in path else "R2",
        "periode": "2026-S1",
        "nomor": "3",
        "hari": "2026-06-30",
        "penyusunan": "0" * 8 + "-0000-5000-8000-" + "0" * 12,
        "tugas": task,
        "sha256": "0" * 64,
        "bentuk": "csv",
        "catatan": entry or NOBODY,
        "proposal": NOBODY,
    }
    return re.sub(r"\{(\w+)\}", lambda found: values.get(found[1], found[1]), path)


def an_entry(browsers: Browsers) -> str:
    """The registration of the cooperation."""
    with browsers.client() as client:
        path = f"/cooperations/{cooperation_id(KEY)}/events"
        return str(client.get("registry", path, FIRST)["items"][0]["id"])


def a_task(browsers: Browsers) -> str:
    """A task of the cooperation."""
    with browsers.client() as client:
        return str(client.get("supervision", "/tasks", "tkksd:33")["items"][0]["task_id"])


def test_every_page_is_for_officers_only(browsers: Browsers) -> None:
    """Whoever has not signed in is led to the entrance from every page, and can send no form."""
    browser, task = browsers.nobody(), a_task(browsers)
    asked = [one for one in endpoints(browsers.app) if one.method in {"GET", "POST"} and one.path not in OPEN]
    assert len(asked) > 5
    for one in asked:
        path = filled(one.path, task)
        answer = browser.request(one.method, path)
        if one.method == "GET":
            assert (answer.status_code, answer.headers["location"]) == (303, f"/masuk?kembali={path}"), one
        elif one.path not in {"/keluar", "/ganti-jabatan", "/bahasa"}:
            assert answer.status_code == 401, one


@pytest.mark.parametrize("office", OFFICES)
def test_every_page_answers_every_office(office: str, browsers: Browsers) -> None:
    """A page shows what this office may see, or says why not: never a fault, never a code, never a script."""
    browser, task, entry = browsers.officer(office), a_task(browsers), an_entry(browsers)
    shown = 0
    for one in endpoints(browsers.app):
        if one.method != "GET" or one.path in OPEN or one.path.endswith(DOWNLOADS) or "bentuk" in one.path:
            continue
        answer = browser.get(filled(one.path, task, entry))
        # A kind of report that the office does not owe is no kind that it writes.
        refusals = {403, 404, 422} if "tulis/{jenis}" in one.path else {403, 404}
        assert answer.status_code in {200, *refusals}, (one.path, answer.text)
        assert answer.headers["content-security-policy"] == POLICY
        assert answer.text.count("<h1") == 1, one.path
        assert INLINE.findall(answer.text) == [], one.path
        text = CLOCK.sub("", TEXT.sub(" ", answer.text))
        assert CODES.findall(text) == [], (one.path, CODES.search(text))
        assert codes(text) == set(), one.path
        shown += answer.status_code == 200
    assert shown >= 3


def test_reading_records_nothing(browsers: Browsers) -> None:
    """Whoever opens every page has recorded nothing: the log is as long as before."""
    browser, task, entry = browsers.officer(FIRST), a_task(browsers), an_entry(browsers)
    read = browsers.app.parts.gateway.text_publicly
    before = read("reporting", "/checkpoint")
    for one in endpoints(browsers.app):
        if one.method == "GET" and "{bentuk}" not in one.path:
            browser.get(filled(one.path, task, entry))
    with browsers.client() as client:
        wait_settled(client)
    assert read("reporting", "/checkpoint") == before


def test_headers_guard_every_answer(browsers: Browsers) -> None:
    """Pages, files, refusals and answers to programs have the headers that protect an officer's browser."""
    browser = browsers.nobody()
    for path in ("/masuk", "/livez", "/nowhere", "/berkas/nothing.css", "/meja-saya"):
        headers = browser.get(path).headers
        assert headers["content-security-policy"] == POLICY, path
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert headers["cross-origin-opener-policy"] == "same-origin"
        assert headers["cache-control"] == "no-store"


def test_what_pages_load_is_kept_by_its_content(browsers: Browsers) -> None:
    """A style sheet has its hash in its name, and may be kept for ever."""
    browser = browsers.nobody()
    loaded = re.findall(r'href="(/berkas/[^"]+)"', browser.get("/masuk").text)
    assert len(loaded) == 3
    for path in loaded:
        answer = browser.get(path)
        assert (answer.status_code, answer.headers["cache-control"]) == (200, "public, max-age=31536000, immutable")


def test_the_desk_says_what_waits(browsers: Browsers) -> None:
    """A party sees what it is asked to confirm; who only reads sees nothing of it."""
    desk = browsers.officer(SECOND).get("/meja-saya").text
    assert re.search("[12] tindakan menunggu konfirmasi Anda", desk)
    assert "/kerja-sama/jalan#konfirmasi" in desk
    assert "Tidak ada yang menunggu Anda saat ini" in browsers.officer("auditor").get("/meja-saya").text


def test_the_register_is_filtered(browsers: Browsers) -> None:
    """The filters of the register are those that reporting has; one that nothing fits says so."""
    browser = browsers.officer("auditor")
    for query in ("", "?q=sampah", "?q=Sukoharjo", "?provinsi=33", "?tahap=signing", "?urusan=&keadaan=&tahap="):
        assert TITLE in browser.get(f"/register{query}").text, query
    for query in ("?q=jembatan", "?provinsi=11", "?tahap=exploration", "?keadaan=ended"):
        assert TITLE not in browser.get(f"/register{query}").text, query
    assert "Tidak ada kerja sama yang cocok" in browser.get("/register?q=jembatan").text
    assert browser.get("/register?saring=ya").status_code == 422


def test_a_cooperation_is_told_in_sentences(browsers: Browsers) -> None:
    """Its history names who did what; who is no party does not see what waits for confirmation."""
    text = browsers.officer("tkksd:33").get(f"/kerja-sama/{KEY}").text
    assert "Kota Surakarta mendaftarkan kerja sama ini untuk Kota Surakarta dan Kabupaten Sukoharjo." in text
    assert "Kota Surakarta mengajukan penandatanganan kesepakatan" in text
    other = browsers.officer("region:35.78").get(f"/kerja-sama/{KEY}").text
    assert "mengajukan" not in other
    whole = browsers.officer("tkksd:33").get(f"/kerja-sama/{KEY}?riwayat=semua").text
    assert "Tugas timbul" in whole
    assert "Tugas timbul" not in text


def test_english_is_chosen_and_remembered(browsers: Browsers) -> None:
    """The language is that of the browser's choice, on every page, and legal text stays Indonesian."""
    browser = browsers.officer("tkksd:33")
    answer = browser.post("/bahasa", data={"bahasa": "en", "kembali": "/register"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/register")
    page = browser.get("/register")
    assert '<html lang="en">' in page.text
    assert "Register of cooperations" in page.text
    assert '<blockquote lang="id">' in browser.get(f"/tugas/{a_task(browsers)}").text
    _indonesian(browser)


def _indonesian(browser: TestClient) -> None:
    browser.post("/bahasa", data={"bahasa": "id", "kembali": "/register"})
    assert "Register kerja sama" in browser.get("/register").text


def test_the_furthest_line_is_the_stage_of_a_cooperation(browsers: Browsers) -> None:
    """An agreement is carried out while the cooperation's own line is at the signing: its page does not say "belum"."""
    key, office = "irigasi", "joint_secretariat"
    path = f"/cooperations/{cooperation_id(key)}"
    numbers = {"numbers": {"33.72": "1", "33.11": "2"}, "legacy": True, "on": "2019-05-01"}
    head = {"title": "Irigasi", "object": "irigasi", "affair": "lingkungan_hidup", "parties": ["33.72", "33.11"]}
    steps = [
        ("", {"key": key, **head, "stage": "signing", "legacy": True, "on": "2019-05-01"}),
        ("/sign-accord", {**numbers, "term": "open"}),
        ("/open-agreement", {"agreement": "pintu-air", "title": "Pintu air", "legacy": True, "on": "2019-05-01"}),
        ("/sign-agreement", {**numbers, "agreement": "pintu-air", "ends_on": "2040-01-01"}),
        ("/open-agreement", {"agreement": "saluran", "title": "Saluran", "legacy": True, "on": "2019-05-01"}),
    ]
    approval = {"region": "33.72", "number": "172/9", "agreement": "pintu-air", "legacy": True, "on": "2019-05-01"}
    with browsers.client() as client:
        for number, (command, body) in enumerate([*steps, ("/record-council-approval", approval)]):
            where = path + command if command else "/cooperations"
            client.post("registry", where, office, f"{key}-{number}", body)
        wait_settled(client)
        assert client.get("registry", path, office)["stage"] == "signing"
    text = browsers.officer("tkksd:33").get(f"/kerja-sama/{key}").text
    [now] = re.findall(r'<li class="is-now" aria-current="step">(.*?)</li>', text, re.DOTALL)
    assert "Pelaksanaan dan pengakhiran" in now
    assert "1 Mei 2019 · Pintu air" in text
