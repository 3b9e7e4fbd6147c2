"""Tabs of a real browser: officers sign in as people do, and every page that they see is examined once."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, FilePayload, Page, sync_playwright

from tests.support.browser.parts import chromium, module

ARGUMENTS = ["--no-sandbox", "--headless=shell", "--use-gl=angle", "--use-angle=swiftshader"]
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
MILLISECONDS = 60_000
NARROW, WIDE = 390, 1280
EXAMINED = """async rules => {
  const { violations } = await axe.run(document, { runOnly: rules, resultTypes: ["violations"] });
  return violations.map(one => `${one.id}: ${one.nodes.map(node => node.html).join(" | ")}`);
}"""


@contextmanager
def browser() -> Iterator[Browser]:
    """The browser, until the block ends. Only one of a process can run, and no event loop beside it."""
    program, environment = chromium()
    with sync_playwright() as driver:
        yield driver.chromium.launch(executable_path=program, env={**environment}, args=ARGUMENTS)


class RealBrowsers:
    """Officers before a portal, each in a browser of its own, and what was wrong on the pages that they were shown."""

    def __init__(self, browser: Browser, address: str) -> None:
        self._browser = browser
        self.address = address
        self.faults: list[str] = []
        """What the browser complained of on any page: a refused script or style, a file that is not there."""

    def context(self, *, scripts: bool = True, width: int = NARROW, **options: object) -> BrowserContext:
        """A browser of its own: cookies of nobody else, a window of this width, with or without JavaScript."""
        opened = self._browser.new_context(
            java_script_enabled=scripts,
            viewport={"width": width, "height": 900},
            base_url=self.address,
            locale="id-ID",
            **options,  # type: ignore[arg-type] # as Playwright has them
        )
        opened.set_default_timeout(MILLISECONDS)
        opened.on("console", lambda said: self.faults.append(said.text) if said.type == "error" else None)
        return opened

    def sign_in(self, office: str, *, scripts: bool = True, width: int = NARROW, **options: object) -> Page:
        """A tab in which an office has signed in, by the name that people call it."""
        tab = self.context(scripts=scripts, width=width, **options).new_page()
        tab.goto("/masuk")
        tab.get_by_label("Jabatan").fill(office)
        tab.get_by_role("button", name="Masuk").click()
        assert tab.url == f"{self.address}/meja-saya", tab.inner_text("main")
        return tab


def examined(tab: Page) -> list[str]:
    """What axe finds against WCAG 2.2 AA on a page, and that it is wider than its window."""
    tab.evaluate((module("axe-core") / "axe.min.js").read_text())
    found: list[str] = tab.evaluate(EXAMINED, RULES)
    wide = tab.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return found + ([f"wider than the window by {wide} px"] if wide > 0 else [])


def paper(name: str) -> FilePayload:
    """A document to upload."""
    return {"name": name, "mimeType": "application/pdf", "buffer": b"%PDF-1.7 " + json.dumps(name).encode()}


def picture(tab: Page, folder: Path, name: str) -> None:
    """Takes a picture of a whole page."""
    tab.screenshot(path=folder / f"{name}.png", full_page=True)
