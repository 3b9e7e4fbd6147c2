"""A real browser: what officers do from the first idea to the outcome of a task, on pages for everybody."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page

from ksad.contracts.identifiers import cooperation_id
from ksad.local.machine.platform import wait_settled
from ksad.portal.visits import UNATTENDED
from tests.portal.conftest import FIRST, KEY, NAMES, SECOND, Browsers
from tests.support.browser.tabs import RealBrowsers, browser, examined, paper
from tests.support.servers.served import served

pytestmark = pytest.mark.xdist_group("portal")
SUPERVISOR = "tkksd:33"
TITLE = "Air baku Bengawan"
ADDRESS = "/kerja-sama/air-baku-bengawan"


@pytest.fixture(scope="module")
def officers(browsers: Browsers) -> Iterator[RealBrowsers]:
    """Officers with real browsers before the portal."""
    with served(browsers.app) as port, browser() as opened:
        yield RealBrowsers(opened, f"http://127.0.0.1:{port}")


class OfficerWalk:
    """One officer's way through the pages; each kind of page is examined the first time that somebody sees it."""

    def __init__(self, tab: Page, seen: dict[str, list[str]] | None = None) -> None:
        """:param seen: what was found wrong, by the kind of page; ``None`` for a browser that runs no scripts."""
        self.tab = tab
        self._seen = seen

    def look(self) -> None:
        """Examines the page, if nobody has seen one of its kind."""
        kind = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}|air-baku-bengawan|\?.*", "*", self.tab.url.partition("//")[2])
        if self._seen is not None and kind not in self._seen:
            self._seen[kind] = examined(self.tab)

    def open(self, address: str) -> None:
        """Opens a page."""
        self.tab.goto(address)
        self.look()

    def follow(self, name: str) -> None:
        """Follows the first link of this name."""
        found = self.tab.get_by_role("link", name=name)
        assert found.count(), (name, self.tab.url, self.tab.inner_text("main"))
        found.first.click()
        self.look()

    def row(self, kind: str) -> None:
        """Opens the first row of the desk's lists that is about the cooperation and of this kind."""
        found = self.tab.get_by_role("listitem").filter(has_text=TITLE).filter(has_text=kind)
        assert found.count(), (kind, self.tab.inner_text("main"))
        found.first.get_by_role("link").first.click()
        self.look()

    def press(self, name: str) -> None:
        """Sends a form, which leads to a page that says that it was recorded."""
        self.tab.get_by_role("button", name=name, exact=True).click()
        assert "Sudah tercatat" in self.tab.inner_text("main"), self.tab.inner_text("main")
        self.look()

    def order(self, name: str) -> None:
        """Orders a version of a report, and waits until its page leads to it."""
        self.tab.get_by_role("button", name=name, exact=True).click()
        self.tab.wait_for_url("**/laporan/*?tercatat=disusun")
        self.look()

    def fill(self, **typed: str) -> None:
        """Types into fields by their labels, in which spaces are underscores."""
        for label, text in typed.items():
            self.tab.get_by_label(label.replace("_", " "), exact=False).first.fill(text)

    def stage(self, name: str) -> None:
        """Records that the cooperation entered a stage."""
        self.open(ADDRESS)
        self.follow("Catat tahap yang dimasuki")
        self.tab.get_by_label(name).check()
        self.press("Catat tahap")


def test_from_the_first_idea_to_the_outcome_of_a_task(officers: RealBrowsers, browsers: Browsers) -> None:
    """A region registers and signs without JavaScript, the other consents, the TKKSD verifies and does its task."""
    seen: dict[str, list[str]] = {}
    first = OfficerWalk(officers.sign_in(NAMES[FIRST], scripts=False))
    first.open("/daftarkan")
    first.fill(Judul_kerja_sama=TITLE, Objek_kerja_sama="penyediaan air baku", Para_pihak_2=NAMES[SECOND])
    first.tab.get_by_label("Urusan pemerintahan").select_option("Lingkungan hidup")
    first.press("Daftarkan")
    for stage in ("Negosiasi", "Penandatanganan"):
        first.stage(stage)
    sign(first, "Catat penandatanganan kesepakatan")
    wait_for_readings(browsers)
    second = OfficerWalk(officers.sign_in(NAMES[SECOND]), seen)
    confirm(second)
    sign(first, "Catat penandatanganan perjanjian")
    wait_for_readings(browsers)
    confirm(second)
    wait_for_readings(browsers)
    mend(first)
    supervisor = OfficerWalk(officers.sign_in(NAMES[SUPERVISOR]), seen)
    verify(supervisor)
    complete(supervisor)
    assert {kind: found for kind, found in seen.items() if found} == {}
    assert officers.faults == []


@pytest.mark.timeout(400)
def test_from_a_report_to_the_proof_of_its_figure(officers: RealBrowsers, browsers: Browsers) -> None:
    """A team's report is returned by its Governor, sent again and accepted, and the auditor opens a figure of it down
    to the proof of an entry; the Joint Secretariat's goes to the Minister.
    """
    seen: dict[str, list[str]] = {}
    chain = ("tkksd:34", "governor:34", "joint_secretariat", "minister", "auditor")
    walks = [OfficerWalk(officers.sign_in(NAMES[one]), seen) for one in chain]
    team, governor, secretariat, minister, auditor = walks
    report(team, "Laporan TKKSD", "134/1/2026")
    wait_for_readings(browsers)
    governor.open("/laporan")
    governor.follow("Laporan TKKSD, semester I 2026")
    governor.follow("Kembalikan laporan")
    governor.fill(Alasan_dikembalikan="Lengkapi kendalanya.")
    governor.press("Kembalikan laporan")
    team.open("/laporan")
    team.follow("Laporan TKKSD, semester I 2026")
    assert "Lengkapi kendalanya." in team.tab.inner_text("main")
    team.order("Susun versi baru")
    submit(team, "134/2/2026")
    wait_for_readings(browsers)
    accept(governor, "Laporan TKKSD")
    report(secretariat, "Laporan Sekretariat Bersama", "134/3/2026")
    wait_for_readings(browsers)
    accept(minister, "Laporan Sekretariat Bersama")
    auditor.open(team.tab.url.partition("?")[0])
    auditor.tab.locator("#angka td a").first.click()
    auditor.look()
    auditor.follow("catatan ke-")
    assert "Catatan ini terdapat dalam log yang ditandatangani" in auditor.tab.inner_text("main")
    assert {kind: found for kind, found in seen.items() if found} == {}
    assert officers.faults == []


def report(walk: OfficerWalk, kind: str, number: str) -> None:
    """Compiles and submits the own report, from the list of what is owed on."""
    walk.open("/laporan")
    walk.follow(f"{kind}, semester I 2026")
    walk.order("Susun laporan dari catatan hari ini")
    submit(walk, number)


def submit(walk: OfficerWalk, number: str) -> None:
    """Submits the compiled version, having seen what that brings about."""
    walk.follow("Sampaikan laporan")
    walk.fill(Nomor_surat_pengantar=number)
    walk.tab.get_by_role("button", name="Periksa dahulu").click()
    walk.look()
    assert "Langkah berikutnya pada" in walk.tab.get_by_role("status", name="Bila dikirim").inner_text()
    walk.press("Sampaikan")


def accept(walk: OfficerWalk, kind: str) -> None:
    """Accepts a report, from the list of what waits on."""
    walk.open("/laporan")
    walk.follow(f"{kind}, semester I 2026")
    walk.follow("Terima laporan")
    walk.press("Terima laporan")


@pytest.mark.timeout(400)
def test_what_is_left_after_an_end(officers: RealBrowsers, browsers: Browsers) -> None:
    """An agreement has run out: a party disputes what is left, the Governor decides, and the workbook is filled in."""
    key = "bekas-terminal"
    old = {"legacy": True, "on": "2020-01-02"}
    numbers = {"numbers": {"33.72": None, "33.11": None}, **old}
    head = {"key": key, "title": "Bekas terminal", "object": "terminal", "affair": "perhubungan", **old}
    steps = [
        ("", {**head, "parties": ["33.72", "33.11"], "stage": "signing"}),
        ("/sign-accord", numbers),
        ("/sign-agreement", {**numbers, "term": "dated", "ends_on": "2026-06-30"}),
        ("/enter-stage", {"stage": "implementation_and_termination", **old}),
        ("/close-backfill", {}),
    ]
    with browsers.client() as client:
        path = f"/cooperations/{cooperation_id(key)}"
        for number, (command, body) in enumerate(steps):
            where = path + command if command else "/cooperations"
            client.post("registry", where, "joint_secretariat", f"{key}-{number}", body)
        wait_settled(client)
    seen: dict[str, list[str]] = {}
    first = OfficerWalk(officers.sign_in(NAMES[FIRST]), seen)
    first.open(f"/kerja-sama/{key}")
    first.follow("Ajukan perselisihan")
    for one in first.tab.get_by_role("checkbox").all():
        one.check()
    first.fill(Pokok_perselisihan="Pembagian hasil penjualan.")
    first.tab.get_by_label("Dokumen pendukung").set_input_files(files=[paper("surat.pdf")])
    first.press("Ajukan")
    governor = OfficerWalk(officers.sign_in(NAMES["governor:33"]), seen)
    governor.open(f"/kerja-sama/{key}")
    governor.follow("Catat penyelesaian perselisihan")
    for name in ("Perselisihan", "Cara penyelesaian"):
        governor.tab.get_by_role("group", name=name).get_by_role("radio").last.check()
    governor.fill(Isi_penyelesaian="Dibagi sama besar.", Nomor_keputusan="188/7/2026")
    governor.tab.get_by_label("Pindaian naskah").set_input_files(files=[paper("keputusan.pdf")])
    governor.press("Catat penyelesaian")
    first.open(f"/kerja-sama/{key}/pengakhiran/perjanjian-1")
    first.follow("Catat inventarisasi barang")
    first.fill(Alasan_tidak_ada_barang="Tidak ada barang bersama.")
    first.press("Catat inventarisasi")
    first.open(f"/kerja-sama/{key}/pengakhiran/perjanjian-1")
    assert "Tidak ada barang bersama." in first.tab.inner_text("main")
    assert {kind: found for kind, found in seen.items() if found} == {}
    assert officers.faults == []


def wait_for_readings(browsers: Browsers) -> None:
    """What was recorded has come to every service."""
    with browsers.client() as client:
        wait_settled(client)


def sign(walk: OfficerWalk, act: str) -> None:
    """Records that an instrument was signed, with its document."""
    walk.open(ADDRESS)
    walk.follow(act)
    walk.fill(Kota_Surakarta="15/KB/2026", Kabupaten_Sukoharjo="16/KB/2026")
    walk.tab.get_by_label("Pindaian naskah").set_input_files(files=[paper("naskah.pdf")])
    walk.press("Catat penandatanganan")


def confirm(walk: OfficerWalk) -> None:
    """Confirms what waits, from the desk on."""
    walk.open("/meja-saya")
    walk.row("Menunggu Anda")
    walk.follow("Konfirmasi")
    walk.press("Konfirmasi")


def mend(walk: OfficerWalk) -> None:
    """Corrects the title as it was registered; what was typed first stays readable."""
    walk.open(ADDRESS)
    walk.tab.get_by_role("link", name=re.compile("Perbaiki .* mendaftarkan kerja sama ini")).click()
    assert walk.tab.get_by_label("Judul").input_value() == TITLE
    walk.fill(Objek="penyediaan air baku Bengawan", Alasan_perbaikan="Objek ditulis lengkap.")
    walk.press("Catat perbaikan")
    assert "penyediaan air baku Bengawan" in walk.tab.inner_text("main")


def verify(walk: OfficerWalk) -> None:
    """Verifies all that was recorded, from the desk on."""
    walk.open("/meja-saya")
    walk.open(f"{ADDRESS}/catat/verify-entries")
    for one in walk.tab.get_by_role("checkbox").all():
        one.check()
    walk.press("Nyatakan terverifikasi")


def complete(walk: OfficerWalk) -> None:
    """Does the first oversight of the cooperation that the desk shows, with a finding and its document."""
    walk.open("/meja-saya")
    walk.row("Pengawasan")
    walk.follow("Catat hasil")
    walk.fill(Hasil_dalam_satu="Sesuai dengan peraturan.")
    walk.tab.get_by_label("Peraturan perundang-undangan").first.check()
    walk.tab.get_by_label("Sesuai", exact=True).first.check()
    walk.fill(Uraian="Dokumen lengkap.")
    walk.tab.get_by_label("Dokumen hasil").set_input_files(files=[paper("berita-acara.pdf")])
    walk.press("Catat hasil")
    with walk.tab.expect_download() as download:
        walk.follow("berita-acara.pdf")
    assert download.value.path().read_bytes().startswith(b"%PDF-1.7")


def test_an_open_page_follows_what_happens(browsers: Browsers, officers: RealBrowsers) -> None:
    """What is recorded while a page is open stands there without a key pressed; its script says that nobody asked."""
    tab = officers.sign_in(NAMES[FIRST])
    tab.goto(f"/kerja-sama/{KEY}")
    path = f"/cooperations/{cooperation_id(KEY)}/report-problem"
    page = tab.expect_request(lambda one: urlsplit(one.url).path == f"/kerja-sama/{KEY}")
    with page as fetched, browsers.client() as client:
        client.post("registry", path, FIRST, "seen", {"problem": "terlihat", "description": "tanggul retak"})
    assert fetched.value.headers[UNATTENDED.lower()] == "true"
    tab.locator("#kabar", has_text="Halaman diperbarui.").wait_for(state="attached")
