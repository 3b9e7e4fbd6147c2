"""Internal notes on a cooperation: of one office, no fact, and gone when it says so or when two years are over."""

import re

import pytest

from ksad.chassis.database import Database
from ksad.portal.notes import KEPT_SECONDS, NOTES_MAX, Notes
from tests.portal.conftest import FIRST, KEY, SECOND, Browsers
from tests.portal.test_sessions import Hand

pytestmark = pytest.mark.xdist_group("portal")
PATH = f"/kerja-sama/{KEY}/catatan-internal"


@pytest.fixture
def tables() -> str:
    """The portal's tables."""
    return "portal"


def test_a_note_is_of_its_office_alone(browsers: Browsers) -> None:
    """It stands on the cooperation's page for its office, once however often it was sent, and for nobody else."""
    browser, other = browsers.officer(FIRST), browsers.officer(SECOND)
    page = f"/kerja-sama/{KEY}"

    def key() -> str:
        [found] = {*map(str, re.findall(rf'action="{PATH}"[^>]*><input[^>]*value="([^"]+)"', browser.get(page).text))}
        return found

    sent = {"kunci_formulir": key(), "catatan": "  Tanyakan lampiran <b>peta</b>.  \r\nKe bagian hukum.  "}
    for _ in range(2):
        answer = browser.post(PATH, data=sent)
        assert (answer.status_code, answer.headers["location"]) == (303, f"{page}#catatan-internal")
    text = browser.get(page).text
    assert text.count("Tanyakan lampiran &lt;b&gt;peta&lt;/b&gt;.\nKe bagian hukum.") == 1
    assert "Tanyakan" not in other.get(page).text
    assert other.post(PATH, data=sent).status_code == 403
    [note] = re.findall(r'name="hapus" value="([^"]+)"', text)
    for words in ("  \n ", "a" * 2001):
        assert browser.post(PATH, data={"kunci_formulir": key(), "catatan": words}).status_code == 422
    browser.post(PATH, data={"kunci_formulir": key(), "hapus": note})
    assert "Tanyakan" not in browser.get(page).text


def test_notes_have_an_end(database: Database) -> None:
    """Fifty on one cooperation; those of two years ago go with the next one; an office deletes its own only."""
    hand = Hand()
    notes = Notes(database, hand)
    assert notes.write("first", "minister", "a", "lama")
    hand.time += KEPT_SECONDS - 1
    for number in range(NOTES_MAX - 1):
        assert notes.write(f"{number:02}", "minister", "a", "baru")
    assert not notes.write("more", "minister", "a", "lagi")
    assert notes.write("00", "minister", "a", "baru"), "it is there already"
    assert notes.write("other", "minister", "b", "lain")
    notes.forget("00", "governor:33", "a")
    notes.forget("00", "minister", "b")
    assert len(notes.of("minister", "a")) == NOTES_MAX
    hand.time += 1
    assert notes.write("more", "minister", "a", "lagi")
    found = notes.of("minister", "a")
    assert (len(found), found[0].id, found[0].words) == (NOTES_MAX, "more", "lagi")
    assert "first" not in {one.id for one in found}
