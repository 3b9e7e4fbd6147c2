"""The report chain in a browser without scripts: owed, written, compiled, returned, compared, accepted."""

import re
import time

import pytest
from fastapi.testclient import TestClient
from httpx import Response

from ksad.contracts.identifiers import report_id
from ksad.contracts.reporting import NarrativeSection
from ksad.local.machine.platform import wait_settled
from ksad.portal.chain import rows
from ksad.portal.pages.writing import joined, split
from tests.portal.conftest import CLOSED, FIRST, Browsers

pytestmark = pytest.mark.xdist_group("portal")
TEAM, GOVERNOR = "tkksd:33", "governor:33"
REPORT = f"/laporan/{report_id('R2', TEAM, '2026-S1')}"
EDITOR = "/laporan/tulis/R2/2026-S1"


FORM = re.compile(
    r'<form[^>]*action="([^"]+)" method="post"[^>]*>\s*<input type="hidden" name="kunci_formulir" value="([^"]+)"'
)


def keys(browser: TestClient, page: str) -> dict[str, str]:
    """The keys of the forms of a page, by their addresses without what follows a question mark."""
    return {action.partition("?")[0]: key for action, key in FORM.findall(browser.get(page).text)}


def sent(browser: TestClient, path: str, **fields: str) -> Response:
    """A form that was opened, filled in and sent."""
    key = keys(browser, path)[path.partition("?")[0]]
    answer: Response = browser.post(path, data=fields | {"kunci_formulir": key})
    return answer


def compiled(browser: TestClient, page: str, kind: str = "R2") -> str:
    """The address at which a browser ends that orders a version and asks until it is there."""
    order = {"kunci_formulir": keys(browser, page)["/laporan/susun"], "jenis": kind, "periode": "2026-S1"}
    places = {browser.post("/laporan/susun", data=order).headers["location"] for _ in range(2)}
    assert len(places) == 1, "pressed twice, ordered once"
    place = places.pop()
    until = time.monotonic() + 60
    while (answer := browser.get(place)).status_code == 200 and time.monotonic() < until:
        assert answer.headers["refresh"] == "3", answer.text
        time.sleep(0.2)
    assert answer.status_code == 303
    location: str = answer.headers["location"]
    return location


@pytest.mark.timeout(400)
def test_the_chain_from_team_to_governor(browsers: Browsers) -> None:
    """What is owed is written beside the data, compiled, submitted, returned with a reason, mended and accepted."""
    team, governor = browsers.officer(TEAM), browsers.officer(GOVERNOR)
    assert EDITOR in team.get("/laporan").text
    editor = team.get(f"{EDITOR}?isi=rancangan").text
    assert "Rancangan dari data" in editor
    assert "Pada Semester I Tahun 2026 tercatat" in re.findall(r"<textarea.*?</textarea>", editor, re.DOTALL)[0]
    assert sent(team, EDITOR, isi=" ").status_code == 422
    kept = sent(team, EDITOR, isi="Sebagian\n\nbesar", konsep="ya")
    assert "Konsep tersimpan" in team.get(kept.headers["location"]).text
    assert "Belum ada yang tercatat." in sent(team, EDITOR, isi="Berjalan baik.", periksa="ya").text
    written = sent(team, EDITOR, isi="Berjalan baik.\r\n\r\nDua evaluasi menyusul.")
    assert "Bagian ini sudah tercatat." in team.get(written.headers["location"]).text

    assert compiled(team, EDITOR) == f"{REPORT}?tercatat=disusun"
    a_reason_is_corrected(team)
    compiled(team, REPORT)
    page = team.get(REPORT).text
    assert "Dua evaluasi menyusul." in page
    assert f"{REPORT}/catat/submit-report" in page
    assert team.get(f"{REPORT}/versi/1/pdf").content.startswith(b"%PDF")
    assert "submit-report" not in governor.get(REPORT).text
    assert sent(team, f"{REPORT}/catat/submit-report").status_code == 422
    tried = sent(team, f"{REPORT}/catat/submit-report", letter_number="100/1/2026", periksa="ya")
    assert "Langkah berikutnya pada Gubernur Jawa Tengah." in tried.text
    assert "Kewajiban melapor terpenuhi." in tried.text
    done = sent(team, f"{REPORT}/catat/submit-report", letter_number="100/1/2026")
    assert done.headers["location"] == f"{REPORT}?tercatat=berlaku"

    wait(browsers)
    assert "1 laporan menunggu putusan Anda." in governor.get("/laporan").text
    early = sent(team, f"{REPORT}/catat/accept-report")
    assert (early.status_code, "Jabatan Anda tidak berwenang" in early.text) == (403, True)
    assert sent(governor, f"{REPORT}/catat/return-report", remarks="Lengkapi kendala.").status_code == 303
    assert "“Lengkapi kendala.”" in team.get(REPORT).text
    assert sent(team, f"{EDITOR}?bagian=obstacles", isi="Nihil, selain sampah.").status_code == 303
    compiled(team, REPORT)
    between = team.get(f"{REPORT}/bandingkan").text
    assert "1 bagian ditulis lain." in between
    assert "<ins>Nihil, selain sampah.</ins>" in between
    assert sent(team, f"{REPORT}/catat/submit-report", letter_number="100/2/2026").status_code == 303
    assert sent(governor, f"{REPORT}/catat/accept-report").status_code == 303
    assert "Diterima, versi 3" in governor.get(REPORT).text
    own_steps_are_corrected(team, governor)
    a_figure_opens_its_entries(governor)
    a_signed_copy_is_kept_and_removed(team)


def a_reason_is_corrected(team: TestClient) -> None:
    """Why a version was discarded is told on the report's page, and corrected like the remarks of another step."""
    assert sent(team, f"{REPORT}/catat/discard-report", reason="kendla belum ditulis").status_code == 303
    page = team.get(REPORT).text
    assert "Dibatalkan karena “kendla belum ditulis”" in page
    (mend,) = set(re.findall(rf'href="({REPORT}/perbaiki/[0-9a-f-]+)"', page))
    assert "kendla belum ditulis" in team.get(mend).text
    said = {"corrects": mend.rpartition("/")[2], "reason": "salah ketik", "fields.reason": "kendala belum ditulis"}
    assert sent(team, mend, **said).headers["location"] == f"{REPORT}?tercatat=berlaku"
    assert "Dibatalkan karena “kendala belum ditulis”" in team.get(REPORT).text


def own_steps_are_corrected(team: TestClient, governor: TestClient) -> None:
    """Whoever recorded a step finds the form that corrects it on the report's page; nobody else's word is changed."""
    (mend,) = set(re.findall(rf'href="({REPORT}/perbaiki/[0-9a-f-]+)"', team.get(REPORT).text))
    (other,) = set(re.findall(rf'href="({REPORT}/perbaiki/[0-9a-f-]+)"', governor.get(REPORT).text))
    assert mend != other
    assert "100/2/2026" in team.get(mend).text
    number = {"corrects": mend.rpartition("/")[2], "reason": "salah ketik", "fields.letter_number": "100/22/2026"}
    assert sent(governor, mend, **number).status_code == 403
    assert sent(team, mend, **number).headers["location"] == f"{REPORT}?tercatat=berlaku"
    assert "100/22/2026" in team.get(REPORT).text
    assert team.get(f"{REPORT}/perbaiki/{report_id('R2', TEAM, '2026-S2')}").status_code == 404


def a_figure_opens_its_entries(browser: TestClient) -> None:
    """Behind the number of cooperations stand the cooperations themselves, and the entries that registered them."""
    page = browser.get(f"{REPORT}/angka/cooperations").text
    assert "Pengolahan sampah" in page
    assert "Kota Surakarta mendaftarkan kerja sama ini" in page
    assert browser.get(f"{REPORT}/angka/nothing").status_code == 404


def a_signed_copy_is_kept_and_removed(browser: TestClient) -> None:
    """Only a PDF is kept, and what is removed is gone."""
    path = f"{REPORT}/salinan/3"
    for content, status in ((b"surat", 422), (b"%PDF-1.7 bertanda tangan", 303)):
        key = keys(browser, REPORT)[path]
        files = {"salinan": ("surat.pdf", content, "application/pdf")}
        answer = browser.post(path, data={"kunci_formulir": key}, files=files)
        assert answer.status_code == status, answer.text
    assert browser.get(path).content == b"%PDF-1.7 bertanda tangan"
    key = keys(browser, REPORT)[path]
    assert browser.post(path, data={"kunci_formulir": key, "hapus": "ya"}).status_code == 303
    assert browser.get(path).status_code == 404


def wait(browsers: Browsers) -> None:
    """What was recorded has come to every service."""
    with browsers.client() as client:
        wait_settled(client)


def test_who_reads_no_reports_is_told_so(browsers: Browsers) -> None:
    """A region has no report in its menu, and is refused in words; other provinces see nothing of the report."""
    region = browsers.officer(FIRST)
    assert "/laporan" not in region.get("/meja-saya").text
    answer = region.get("/laporan")
    assert (answer.status_code, "Jabatan Anda tidak berwenang" in answer.text) == (403, True)
    assert REPORT not in browsers.officer("tkksd:35").get("/laporan").text
    assert "Sekretariat Bersama" in browsers.officer("minister").get("/laporan").text


def test_what_is_owed_and_what_exists_is_one_list() -> None:
    """A duty without a report is listed once with its due date; the report that answers it takes its place."""
    steps = [{"what": "submitted", "office": TEAM, "on": "2026-07-03"}]
    report = {"kind": "R2", "from_office": TEAM, "to_office": GOVERNOR, "period": "2026-S1", "state": "submitted"}
    task = {
        "body": TEAM,
        "duty": "R2",
        "period": "2026-S1",
        "status": "open",
        "due_on": "2026-06-30",
        "completed": None,
    }
    owed = {**task, "clause": "P12", "scheduled_on": "2026-06-30", "task_id": "t"}
    [late] = rows(CLOSED, [], [owed])
    assert (late.state, late.look, late.days, late.with_office, late.known) == ("none", "late", -1, TEAM, False)
    done = {**owed, "completed": {"on": "2026-07-03"}}
    [one] = rows(CLOSED, [{**report, "version": 1, "detail": {"steps": steps}}], [done])
    assert (one.state, one.look, one.with_office, one.since) == ("submitted", "plain", GOVERNOR, "2026-07-03")
    assert rows(CLOSED, [], [{**owed, "status": "cancelled"}]) == []


def test_paragraphs_come_back_as_they_were_typed() -> None:
    """Empty lines part paragraphs, and of receivers of copies each line is one."""
    text = "Satu\nbaris.\n\n\n Dua. "
    assert split(NarrativeSection.ADVICE, text) == ["Satu baris.", "Dua."]
    assert split(NarrativeSection.COPIES, text) == ["Satu", "baris.", "Dua."]
    for section in NarrativeSection:
        assert split(section, joined(section, ["a", "b"])) == ["a", "b"]
