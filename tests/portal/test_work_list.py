"""The tasks as a list: narrowed by what officers look for, counted, and taken along exactly as they are narrowed."""

import csv
import io
import re

import pytest
from fastapi.testclient import TestClient

from tests.portal.conftest import FIRST, Browsers

pytestmark = pytest.mark.xdist_group("portal")
TEAM = "tkksd:33"
COUNT = re.compile(r"<strong>([0-9]+) tugas</strong>")


def number(browser: TestClient, query: str) -> int:
    """How many tasks the filters find, as the page says."""
    page = browser.get(f"/tugas?{query}").text
    found = COUNT.search(page)
    assert found is not None, page
    return int(found[1])


def rows(browser: TestClient, query: str) -> list[list[str]]:
    """The rows of the file that the filters give."""
    content = browser.get(f"/tugas/unduh.csv?{query}").content.decode("utf-8-sig")
    return list(csv.reader(io.StringIO(content)))[2:]


def test_each_filter_narrows_by_what_it_says(browsers: Browsers) -> None:
    """State, days, officer, region, province, supervisor, tier: what is left is what was asked for, and is counted."""
    browser = browsers.officer(TEAM)
    task = next(
        one["task_id"]
        for one in client_tasks(browsers)
        if one["status"] in {"open", "overdue", "in_progress"} and one["cooperation_id"]
    )
    with browsers.client() as client:
        client.post("supervision", f"/tasks/{task}/assign", TEAM, "saring-1", {"assignee": "petugas-d"})
    every = number(browser, "")
    assert every == len(rows(browser, "")) > 1
    assert (number(browser, "petugas=petugas-d"), rows(browser, "petugas=petugas-d")[0][5]) == (1, "petugas-d")
    dues = sorted({row[3] for row in rows(browser, "")})
    assert number(browser, "dari=2026-01-01&sampai=2026-07-10") + number(browser, "dari=2026-07-11") == every
    assert len(dues) > 1
    assert number(browser, "daerah=Kota+Surakarta&provinsi=33") > 0
    assert number(browser, "daerah=kabupaten%20sragen") == number(browser, "provinsi=11") == 0
    assert number(browser, "pembina=33&tingkat=governor") > 0
    assert number(browser, "pembina=35") == 0
    assert number(browser, "pembina=33") + number(browser, "pembina=bersama") <= every
    nobody, *others = {row[5] for row in rows(browser, "pilih=belum")}
    assert others == []
    own = rows(browser, "pilih=milik")
    assert (number(browser, "pilih=milik"), number(browser, "pilih=belum")) == (
        len(own),
        sum(row[5] == nobody for row in own),
    )
    assert "petugas-d" in {row[5] for row in own}
    late = number(browser, "keadaan=terlambat")
    assert {row[4].startswith("Terlambat") for row in rows(browser, "keadaan=terlambat")} <= {True}
    assert late < every
    assert number(browser, "keadaan=semua") == every + number(browser, "keadaan=selesai") + number(
        browser, "keadaan=dibatalkan"
    )


def client_tasks(browsers: Browsers) -> list[dict[str, str]]:
    """The tasks of the team, as programs read them."""
    with browsers.client() as client:
        found: list[dict[str, str]] = client.get("supervision", "/tasks", TEAM, mine="true", open="true")["items"]
        return found


def test_a_filter_that_is_none_is_refused(browsers: Browsers) -> None:
    """A region that does not exist, a day that is none and an unknown filter are said so, and not left out."""
    browser = browsers.officer(TEAM)
    answer = browser.get("/tugas?daerah=Kota+Antah")
    assert (answer.status_code, "Tidak ada daerah bernama demikian." in answer.text) == (422, True)
    for query in ("dari=2026-02-31", "keadaan=lain", "saring=ya"):
        assert browser.get(f"/tugas?{query}").status_code == 422, query


def test_a_print_has_what_the_file_has(browsers: Browsers) -> None:
    """The page to print has all rows and columns of the file, its filters and moment; also that of the register."""
    browser = browsers.officer(TEAM)
    page = browser.get("/tugas/cetak?pilih=milik").text
    listed = rows(browser, "pilih=milik")
    assert len(re.findall(r'<th scope="row"', page)) == len(listed)
    assert f"{len(listed)} baris" in page
    assert "Saringan: Belum selesai, Tugas kami. Keadaan pada" in page
    register = browser.get("/register/cetak?q=penghubung").text
    content = browser.get("/register/unduh.csv?q=penghubung").content.decode("utf-8-sig")
    assert len(re.findall(r'<th scope="row"', register)) == len(content.splitlines()) - 2 > 0
    assert '<a href="/register?q=penghubung">' in register
    assert "pembinaan" in browsers.officer(FIRST).get("/tugas").text
