"""A real browser: what officers do from the first idea to the outcome of a task, on pages for everybody."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from ksad.local.machine.platform import wait_settled
from tests.portal.conftest import FIRST, NAMES, SECOND, Browsers
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
