"""Benchmarks of pages: the time of a page over that of the services' answers that it is made from, and its bytes."""

from __future__ import annotations

import gzip
import statistics
import time
from typing import TYPE_CHECKING, Any

from fastapi.testclient import TestClient

from ksad.bench.measure import Result, at_most
from ksad.local.machine.platform import wait_settled
from ksad.local.machine.portal import portal_environment
from ksad.portal.app import build
from ksad.portal.gateway import Gateway
from ksad.portal.pages.entrance import development_offices
from ksad.portal.settings import PortalSettings

if TYPE_CHECKING:
    import httpx

    from ksad.local.machine.platform import Platform

HERE = "http://localhost"
COOPERATIONS = 300
OFFICE, CLERK = "tkksd:33", "region:33.72"
HEAD = {"object": "sampah", "affair": "lingkungan_hidup", "parties": ["33.72", "33.13"]}
PAGES = {
    "desk": "/meja-saya",
    "register": "/register",
    "a cooperation": "/kerja-sama/halaman-0",
    "tasks": "/tugas",
    "dashboard": "/dasbor",
}
TIMES = 15
BOUND = 2.0


class TimedGateway(Gateway):
    """The portal's gateway, which adds up how long the services take to answer."""

    seconds = 0.0

    def _sent(self, service: str, method: str, path: str, **options: Any) -> httpx.Response:  # noqa: ANN401 - httpx's own
        started = time.perf_counter()
        try:
            return super()._sent(service, method, path, **options)
        finally:
            self.seconds += time.perf_counter() - started


def pages(platform: Platform) -> list[Result]:
    """The milliseconds of each page of a team with thousands of open tasks, over the sum of the calls that it makes.

    The portal runs in this process, so that its own time is what is left; the services in theirs.

    :param platform: one that has a portal, whose database is used.
    """
    with platform.client() as client:
        for number in range(COOPERATIONS):
            body = {"key": f"halaman-{number}", "title": f"Halaman {number}", **HEAD}
            client.post("registry", "/cooperations", CLERK, f"halaman-{number}", body)
        wait_settled(client)
    urls = {name: platform.endpoints[name] for name in ("registry", "supervision", "reporting")}
    given = portal_environment(platform.folder, urls, 0, None)
    settings = PortalSettings.model_validate({name.removeprefix("KSAD_").lower(): one for name, one in given.items()})
    app = build(settings)
    name = next(name for name, office in development_offices().items() if office == OFFICE)
    with TestClient(app), TimedGateway(settings) as gateway:
        app.parts = app.parts._replace(gateway=gateway)
        browser = TestClient(app, HERE, headers={"Origin": HERE})
        browser.post("/masuk", data={"jabatan": name, "kembali": "/meja-saya"}).raise_for_status()
        return [_measured(browser, gateway, title, path) for title, path in PAGES.items()]


def _measured(browser: TestClient, gateway: TimedGateway, title: str, path: str) -> Result:
    content = browser.get(path).raise_for_status().content
    whole, called = [], []
    for _ in range(TIMES):
        gateway.seconds, started = 0.0, time.perf_counter()
        browser.get(path).raise_for_status()
        whole.append(1000 * (time.perf_counter() - started))
        called.append(1000 * gateway.seconds)
    note = f"{len(content):,} bytes, {len(gzip.compress(content)):,} compressed"
    baseline, ours = "the sum of the calls that it makes", statistics.median(whole)
    return at_most(f"page: {title}", "ms", ours, baseline, statistics.median(called), BOUND, note)
