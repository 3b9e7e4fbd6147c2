"""Open pages follow what happens: they are told that they changed, and of nothing that their officer may not see."""

import gzip
import re
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress

import httpx
import pytest
import sqlalchemy as sa

from ksad.chassis.problems import Problem
from ksad.contracts.identifiers import cooperation_id
from ksad.local.machine.platform import wait_settled
from ksad.local.machine.ports import Port
from ksad.portal.live import LINES_OF_OFFICE_MAX, LOOK_SECONDS, ComparingTurn, OpenLines, Pulse
from ksad.portal.pages.changes import STEP_SECONDS
from ksad.portal.rendering import files
from ksad.portal.sessions import TOUCH_SECONDS, _hashed, table
from ksad.portal.visits import UNATTENDED
from tests.portal.conftest import FIRST, KEY, NAMES, Browsers
from tests.support.servers.processes import wait_until
from tests.support.servers.served import served

pytestmark = pytest.mark.xdist_group("portal")
MARK = re.compile(r'data-mark="([0-9a-f]{16})"')
STRANGER = "tkksd:35"
SCRIPTS_MAX = 32 * 1024
PAGE = f"/kerja-sama/{KEY}"


@pytest.fixture
def address(browsers: Browsers) -> Iterator[str]:
    """The portal on a socket, since a line is read while it is written."""
    with served(browsers.app) as port:
        yield f"http://127.0.0.1:{port}"


@contextmanager
def officer(address: str, office: str) -> Iterator[httpx.Client]:
    """A browser in which an office has signed in, until the block ends."""
    with httpx.Client(base_url=address, headers={"Origin": address}, timeout=20) as found:
        assert found.post("/masuk", data={"jabatan": NAMES[office], "kembali": "/meja-saya"}).status_code == 303
        yield found


def mark(browser: httpx.Client, page: str) -> dict[str, str]:
    """What a page's script asks with."""
    found = MARK.search(browser.get(page).text)
    assert found is not None
    return {"halaman": page, "jejak": found[1]}


def reported(browsers: Browsers, key: str) -> None:
    """A party reports a problem."""
    with browsers.client() as client:
        path = f"/cooperations/{cooperation_id(KEY)}/report-problem"
        client.post("registry", path, FIRST, key, {"problem": key, "description": "saluran tersumbat"})
        wait_settled(client)


def test_a_line_says_that_its_page_changed_and_no_more(browsers: Browsers, address: str) -> None:
    """A party's page is told of a problem that was reported; a stranger, who is not shown it, hears nothing; and the
    line of a session that is ended ends.
    """
    with officer(address, FIRST) as party, officer(address, STRANGER) as other:
        asked, strange = mark(party, PAGE), mark(other, PAGE)
        assert party.get("/perubahan/kini", params=asked).status_code == 204
        with party.stream("GET", "/perubahan", params=asked) as line:
            assert line.headers["content-type"].startswith("text/event-stream")
            assert line.headers["cache-control"] == "no-store"
            said = line.iter_lines()
            assert next(said) == ":"
            reported(browsers, "tersumbat")
            words = [one for one in (next(said) for _ in range(3)) if one]
            assert words == ["event: berubah", "data:"], "nothing but that it changed"
            assert other.get("/perubahan/kini", params=strange).status_code == 204
            assert party.get("/perubahan/kini", params=asked).status_code == 200
            assert party.post("/keluar").status_code == 303
            reported(browsers, "tersumbat-lagi")
            assert [one for one in said if one.startswith("event")] == ["event: usai"]
        assert party.get("/perubahan/kini", params=asked).status_code in {303, 401}


def test_a_line_outlives_a_service_that_is_away(
    browsers: Browsers, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While nobody can tell how a page would look nothing is said; when the service is back its changes are."""
    parts = browsers.app.parts
    with officer(address, FIRST) as party, closing(Port()) as closed:
        asked = mark(party, PAGE)
        with party.stream("GET", "/perubahan", params=asked) as line:
            said = line.iter_lines()
            next(said)
            wait_until(lambda: parts.pulse.beats)
            with monkeypatch.context() as away:
                away.setitem(parts.gateway._urls, "registry", f"http://127.0.0.1:{closed.number}")
                assert party.get(PAGE).status_code == 503
                beats = parts.pulse.beats
                reported(browsers, "putus")
                wait_until(lambda: parts.pulse.beats > beats)
                time.sleep(STEP_SECONDS + LOOK_SECONDS)
            reported(browsers, "putus-lagi")
            assert next(one for one in said if one.startswith("event")) == "event: berubah"


def test_a_page_that_asks_by_itself_keeps_no_session_alive(browsers: Browsers, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither its question nor the page that its script fetches is a use of the session; opening the page is one."""
    browser, sessions = browsers.officer(FIRST), browsers.app.parts.sessions
    asked = mark(browser, PAGE)
    [name] = browser.cookies.values()
    later = int(time.time()) + TOUCH_SECONDS + 1
    monkeypatch.setattr(sessions, "now", lambda: later)

    def seen() -> int:
        with sessions._database.read() as connection:
            mine = sa.select(table.c.seen).where(table.c.id == _hashed(name))
            return int(connection.execute(mine).scalar_one())

    began = seen()
    assert browser.get("/perubahan/kini", params=asked).status_code == 204
    assert browser.get(PAGE, headers={UNATTENDED: "true"}).status_code == 200
    assert seen() == began
    assert browser.get(PAGE).status_code == 200
    assert seen() == later


def test_a_line_ends_with_the_portal(browsers: Browsers, address: str) -> None:
    """When the portal is told to end, its lines end within a second."""
    with officer(address, FIRST) as party, party.stream("GET", "/perubahan", params=mark(party, "/meja-saya")) as line:
        said = line.iter_lines()
        next(said)
        browsers.app.health.draining = True
        try:
            began = time.monotonic()
            assert not [one for one in said if one.startswith("event")]
            assert time.monotonic() - began < 1.5
        finally:
            browsers.app.health.draining = False


def test_only_pages_that_follow_are_followed(browsers: Browsers) -> None:
    """Forms, downloads, other sites and addresses that are none are refused; such pages have no script."""
    browser = browsers.officer(FIRST)
    jejak = "0" * 16
    for page in (f"{PAGE}/catat/report-problem", "/register/unduh.csv", "//evil.example/", "/nowhere", "/perubahan"):
        assert browser.get("/perubahan/kini", params={"halaman": page, "jejak": jejak}).status_code == 422, page
    assert "<script" not in browser.get("/daftarkan").text
    assert browser.get("/perubahan/kini", params={"halaman": "/meja-saya", "jejak": "x"}).status_code == 422


def test_lines_are_few() -> None:
    """An office has so many lines and no more, and gets a place back when one ends."""
    lines = OpenLines()
    held = [lines.one(FIRST) for _ in range(LINES_OF_OFFICE_MAX)]
    for one in held:
        one.__enter__()
    with pytest.raises(Problem, match="berkala"), lines.one(FIRST):
        pass
    with lines.one(STRANGER):
        pass
    held[0].__exit__(None, None, None)
    with lines.one(FIRST):
        pass


def test_the_head_is_asked_for_once_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many lines look, the head is asked for every two seconds; a service that is away is no change."""
    heads = iter(["a", "a", "b"])
    asked: list[str] = []

    def look() -> str:
        asked.append("")
        return next(heads)

    now = [100.0]
    monkeypatch.setattr("ksad.portal.live.time.monotonic", lambda: now[0])
    pulse = Pulse(look)
    assert [pulse.look() for _ in range(3)] == [1, 1, 1]
    now[0] += 3
    assert pulse.look() == 1
    now[0] += 3
    assert (pulse.look(), len(asked)) == (2, 3)


def test_comparing_takes_a_quarter_of_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """One page is compared at a time, then none for three times as long, at most five seconds, also after a fault."""
    now = [100.0]
    monkeypatch.setattr("ksad.portal.live.time.monotonic", lambda: now[0])
    turn = ComparingTurn()

    def free() -> bool:
        return turn.free

    assert free()
    with turn.taken():
        now[0] += 1
        assert not free()
    now[0] += 2.5
    assert not free()
    now[0] += 0.5
    assert free()
    with suppress(ZeroDivisionError), turn.taken():
        now[0] += 15
        _ = 1 / 0
    assert not free()
    now[0] += 5
    assert free()


def test_scripts_are_small() -> None:
    """All scripts of the portal together, compressed, stay within their budget."""
    scripts = [one.content for name, one in files().items() if name.endswith(".js")]
    assert scripts
    assert sum(len(gzip.compress(one)) for one in scripts) <= SCRIPTS_MAX
