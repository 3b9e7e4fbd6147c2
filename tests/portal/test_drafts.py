"""Drafts: what was typed and not recorded is kept for its office, and forgotten when it is recorded or old."""

import time

import pytest

from ksad.chassis.database import Database
from ksad.portal.drafts import KEPT_SECONDS, Drafts
from ksad.portal.form_keys import KEY
from ksad.portal.sessions import IDLE_SECONDS
from tests.portal.conftest import FIRST, SECOND, Browsers
from tests.portal.test_recording import FILLED, key_in, opened


@pytest.fixture
def tables() -> str:
    """The portal's tables."""
    return "portal"


def test_a_draft_is_of_one_office_and_one_form(database: Database) -> None:
    """The newest takes the place of the one before; others neither see nor forget it; a month later it is gone."""
    time = [1_000_000.0]
    drafts = Drafts(database, lambda: time[0])
    drafts.save(FIRST, "/daftarkan", "Daftarkan", {"title": ["satu"]})
    drafts.save(FIRST, "/daftarkan", "Daftarkan", {"title": ["dua"]})
    drafts.save(FIRST, "/lain", "Lain", {})
    assert drafts.find(SECOND, "/daftarkan") is None
    drafts.forget(SECOND, "/daftarkan")
    found = drafts.find(FIRST, "/daftarkan")
    assert found is not None
    assert found.given == {"title": ["dua"]}
    assert len(drafts.of(FIRST)) == 2
    drafts.forget(FIRST, "/daftarkan")
    assert [one.address for one in drafts.of(FIRST)] == ["/lain"]
    time[0] += KEPT_SECONDS
    assert drafts.of(FIRST) == []


@pytest.mark.xdist_group("portal")
def test_a_draft_is_gone_on_with(browsers: Browsers) -> None:
    """What was saved stands in the form and on the desk, records nothing, and is gone when the form is recorded."""
    browser = browsers.officer(FIRST)
    typed = {**FILLED, "title": "Konsep Bengawan", "affair": "", "parties.1": "Kabupaten Antah"}
    saved = browser.post("/daftarkan", data=typed | {"konsep": "ya"} | opened(browser, "/daftarkan"))
    assert (saved.status_code, saved.headers["location"]) == (303, "/daftarkan")
    again = browsers.officer(FIRST)
    form = again.get("/daftarkan")
    assert "Konsep tersimpan" in form.text
    assert 'value="Kabupaten Antah"' in form.text
    assert "Konsep, belum tercatat" in again.get("/meja-saya").text
    assert "Konsep Bengawan" not in browsers.officer(SECOND).get("/daftarkan").text
    with browsers.client() as client:
        assert client.get("reporting", "/cooperations", FIRST, q="Konsep Bengawan")["items"] == []
    done = again.post("/daftarkan", data={**FILLED, "title": "Konsep Bengawan"} | key_in(form))
    assert done.headers["location"] == "/kerja-sama/konsep-bengawan?tercatat=berlaku"
    assert "Konsep, belum tercatat" not in again.get("/meja-saya").text


@pytest.mark.xdist_group("portal")
def test_what_was_typed_in_a_session_that_is_over_is_kept(browsers: Browsers, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sent too late, it leads to the sign-in and stands in the form afterwards; another's key keeps nothing."""
    browser = browsers.officer(FIRST)
    typed = {**FILLED, "title": "Terlambat Dikirim"} | opened(browser, "/daftarkan")
    with monkeypatch.context() as later:
        later.setattr(browsers.app.parts.sessions, "now", lambda: time.time() + IDLE_SECONDS + 1)
        strange = browser.post("/daftarkan", data=typed | {KEY: "a.b"})
        unkeyed = browser.post("/daftarkan", data={"title": "Terlambat"}, files={KEY: b"a.b"})
        sent = browser.post("/daftarkan", data=typed)
    assert (strange.status_code, unkeyed.status_code) == (401, 401)
    assert (sent.status_code, sent.headers["location"]) == (303, "/masuk?kembali=/daftarkan")
    again = browsers.officer(FIRST)
    assert 'value="Terlambat Dikirim"' in again.get("/daftarkan").text
    assert "Formulir yang belum terkirim" in again.get("/meja-saya").text
    with browsers.client() as client:
        assert client.get("reporting", "/cooperations", FIRST, q="Terlambat Dikirim")["items"] == []
