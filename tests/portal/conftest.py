"""A running platform with one cooperation that waits for a confirmation, and the portal in this process before it."""

from collections.abc import Iterator
from datetime import date
from typing import Any, NamedTuple

import pytest
from fastapi.testclient import TestClient

from ksad.chassis.client import Client
from ksad.contracts.identifiers import cooperation_id
from ksad.local.machine.folder import Folder
from ksad.local.machine.platform import Platform, pass_days, running, wait_settled
from ksad.local.machine.portal import portal_environment
from ksad.portal.app import build
from ksad.portal.pages.entrance import development_offices
from ksad.portal.settings import PortalSettings
from tests.support.servers.schemas import at

KEY, TITLE = "sampah", "Pengolahan sampah"
FIRST, SECOND = "region:33.72", "region:33.11"
HERE = "http://localhost"
OPENED, CLOSED = date(2026, 6, 29), date(2026, 7, 1)
"""The days from which on the platform runs, in between which a semester ends: its reports are owed."""
NAMES = {office: name for name, office in development_offices().items()}


class Browsers(NamedTuple):
    """The platform, and browsers of officers before its portal. A browser sends what a real one does: its origin."""

    platform: Platform
    app: Any

    def nobody(self) -> TestClient:
        """A browser in which nobody has signed in."""
        return TestClient(self.app, HERE, headers={"Origin": HERE}, follow_redirects=False)

    def officer(self, office: str) -> TestClient:
        """A browser in which an office has signed in."""
        browser = self.nobody()
        answer = browser.post("/masuk", data={"jabatan": NAMES[office], "kembali": "/meja-saya"})
        assert (answer.status_code, answer.headers["location"]) == (303, "/meja-saya")
        return browser

    def client(self) -> Client:
        """What programs call the services with."""
        return self.platform.client()


@pytest.fixture(scope="session")
def browsers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browsers]:
    """For all tests of the group `portal`, which are on one worker."""
    folder = Folder(tmp_path_factory.mktemp("portal") / "data")
    with running(folder, starts_on=OPENED) as platform:
        with platform.client() as client:
            play(client)
            pass_days(folder, client, CLOSED)
            wait_settled(client)
        app = portal_app(platform)
        with TestClient(app):
            yield Browsers(platform, app)


def portal_app(platform: Platform) -> Any:
    """The portal before a platform, in this process."""
    urls = {name: platform.endpoints[name] for name in ("registry", "supervision", "reporting")}
    given = portal_environment(platform.folder, urls, 0, None)
    settings = PortalSettings.model_validate(
        {name.removeprefix("KSAD_").lower(): value for name, value in given.items()}
    )
    at(settings.database_url, "portal")
    return build(settings)


def play(client: Client) -> None:
    """Two cooperations, each with an accord that the second party has to confirm: one that it does confirm in a test,
    and one that waits all the time; and one in each of two other provinces, whose teams owe reports of their own.
    """
    head = {"title": "Angkutan kota", "object": "angkutan", "affair": "perhubungan"}
    for key, parties in (("angkutan", ["34.71", "34.02"]), ("angkutan-bandung", ["32.73", "32.04"])):
        office = f"region:{parties[0]}"
        client.post("registry", "/cooperations", office, f"{key}-1", {"key": key, "parties": parties, **head})
    _propose(client, KEY, TITLE)
    _propose(client, "jalan", "Jalan penghubung")
    wait_settled(client)


def _propose(client: Client, key: str, title: str) -> None:
    """A cooperation is registered by its first party, and an accord proposed."""
    head = {"title": title, "object": title.lower(), "affair": "lingkungan_hidup"}
    client.post("registry", "/cooperations", FIRST, f"{key}-1", {"key": key, "parties": ["33.72", "33.11"], **head})
    path = f"/cooperations/{cooperation_id(key)}"
    for number, stage in enumerate(("negotiation", "signing")):
        client.post("registry", f"{path}/enter-stage", FIRST, f"{key}-2{number}", {"stage": stage})
    proof = {"document": client.upload("registry", b"%PDF-1.7 naskah", "application/pdf", FIRST)}
    numbers = {"33.72": "11/KB/2026", "33.11": "12/KB/2026"}
    client.post("registry", f"{path}/sign-accord", FIRST, f"{key}-3", {"numbers": numbers, **proof})
