"""Every page in a real browser, in both languages, from the narrowest width on, light and dark; with pictures."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ksad.chassis.access import endpoints
from tests.portal.conftest import NAMES, Browsers
from tests.portal.test_pages import OPEN, a_task, an_entry, filled
from tests.support.browser.tabs import RealBrowsers, browser, examined, picture
from tests.support.servers.served import served
from tests.support.text.source import ROOT

pytestmark = [pytest.mark.xdist_group("portal"), pytest.mark.browse, pytest.mark.timeout(900)]
PICTURES = ROOT / "var" / "pictures"
FILES = ("sha256", "bentuk", "/isi", "/bukti", "/cetak", "/versi/", "/salinan/")
"""Parts of the addresses that are downloads."""


@pytest.fixture(scope="module")
def real(browsers: Browsers) -> Iterator[RealBrowsers]:
    """Real browsers before the portal."""
    with served(browsers.app) as port, browser() as opened:
        yield RealBrowsers(opened, f"http://127.0.0.1:{port}")


@pytest.mark.parametrize("office", ["tkksd:33", "region:33.72"])
@pytest.mark.parametrize("width", [320, 390, 1280])
@pytest.mark.parametrize(("language", "scheme"), [("id", "light"), ("en", "dark")])
def test_every_page_is_for_everybody(
    office: str, width: int, language: str, scheme: str, real: RealBrowsers, browsers: Browsers
) -> None:
    """Nothing breaks WCAG 2.2 AA for axe, no page is wider than its window, and the browser refuses nothing."""
    tab = real.sign_in(NAMES[office], width=width, color_scheme=scheme)
    tab.context.add_cookies([{"name": "bahasa", "value": language, "url": real.address}])
    folder = PICTURES / f"{office.replace(':', '-')}-{width}-{language}-{scheme}"
    folder.mkdir(parents=True, exist_ok=True)
    task, entry = a_task(browsers), an_entry(browsers)
    real.faults.clear()
    found: dict[str, list[str]] = {}
    for one in endpoints(browsers.app):
        if one.method != "GET" or one.path in OPEN or any(part in one.path for part in FILES):
            continue
        address = filled(one.path, task, entry)
        answer = tab.goto(address)
        assert answer is not None
        if answer.ok and "html" in answer.headers["content-type"]:
            assert tab.locator("html").get_attribute("lang") == language
            found[address] = examined(tab)
            picture(tab, folder, Path(address).as_posix().strip("/").replace("/", "_") or "first")
    assert {address: faults for address, faults in found.items() if faults} == {}
    assert [one for one in real.faults if "status of 4" not in one] == []
    assert len(found) > 4
