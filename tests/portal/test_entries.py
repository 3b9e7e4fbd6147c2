"""Entries as they were recorded: who may see one, its proof, and the program that the page gives to check it."""

import html
import re
import subprocess
import sys
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from ksad.contracts.identifiers import cooperation_id
from ksad.local.machine.platform import wait_settled
from tests.portal.conftest import CLOSED, FIRST, OPENED, Browsers
from tests.support.servers.processes import wait_until

pytestmark = pytest.mark.xdist_group("portal")
WAITING = "jalan"
PROGRAM = re.compile(r'<pre[^>]*id="periksa">(.*?)</pre>', re.DOTALL)


def number_of(browsers: Browsers, name: str) -> int:
    """The number of an entry of the cooperation that waits, by the name of its event."""
    with browsers.client() as client:
        wait_settled(client)
        items = client.get("reporting", f"/cooperations/{cooperation_id(WAITING)}/timeline", "auditor")["items"]
    return next(int(one["index"]) + 1 for one in items if f".{name}." in one["event"]["type"])


def check(browser: TestClient, number: int, folder: Path, changed: bytes = b"") -> str:
    """What the program of the page says, run on what the page lets download."""
    found = PROGRAM.search(browser.get(f"/catatan/{number}").text)
    assert found is not None
    (folder / "catatan.json").write_bytes(browser.get(f"/catatan/{number}/isi").content + changed)
    (folder / "bukti.json").write_bytes(browser.get(f"/catatan/{number}/bukti").content)
    asked = [sys.executable, "-c", html.unescape(found[1])]
    done = subprocess.run(asked, cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_the_program_of_the_page_proves_an_entry(browsers: Browsers, tmp_path: Path) -> None:
    """Whoever copies it sees that the signed log has the entry; one changed bit, and it does not."""
    browser = browsers.officer("auditor")
    numbers = [1, number_of(browsers, "registered"), number_of(browsers, "act_proposed")]
    last = max(numbers)
    wait_until(lambda: browser.get(f"/catatan/{last}/bukti").is_success, what="a signed head")
    for number in numbers:
        assert check(browser, number, tmp_path) == "cocok", number
    assert check(browser, last, tmp_path, b" ") == "TIDAK cocok"
    assert "catatan terikat pada satu nilai" in browsers.nobody().get("/titik-periksa").text


def test_an_entry_is_for_whoever_sees_its_line(browsers: Browsers) -> None:
    """A line of a history leads to its entry; what is for the parties has no page for anybody else."""
    proposed, registered = number_of(browsers, "act_proposed"), number_of(browsers, "registered")
    party, other = browsers.officer(FIRST), browsers.officer("region:35.78")
    assert f'href="/catatan/{proposed}"' in party.get(f"/kerja-sama/{WAITING}").text
    assert party.get(f"/catatan/{proposed}").status_code == 200
    for path in ("", "/isi", "/bukti"):
        assert other.get(f"/catatan/{proposed}{path}").status_code == 404, path
    assert other.get(f"/catatan/{registered}").status_code == 200
    # The first entry adopts a reference and stands in no history: it is for those who read the log.
    assert party.get("/catatan/1").status_code == 404
    assert browsers.officer("auditor").get("/catatan/1").status_code == 200
    assert browsers.officer("auditor").get("/catatan/999999").status_code == 404


def test_a_cooperation_is_shown_as_of_a_day(browsers: Browsers) -> None:
    """Before it was registered there is none; on its first day it is at the stage that it had at its end."""
    browser = browsers.officer(FIRST)
    led = browser.get(f"/kerja-sama/{WAITING}/per?tanggal=29&bulan=6&tahun=2026")
    assert (led.status_code, led.headers["location"]) == (303, f"/kerja-sama/{WAITING}/per/{OPENED}")
    then = browser.get(led.headers["location"])
    assert (then.status_code, "Penandatanganan" in then.text) == (200, True)
    assert "belum terdaftar" in browser.get(f"/kerja-sama/{WAITING}/per/2026-06-28").text
    assert browser.get(f"/kerja-sama/{WAITING}/per?tanggal=31&bulan=2&tahun=2026").status_code == 422
    assert browser.get(f"/kerja-sama/{WAITING}/per/{CLOSED}").status_code == 200
