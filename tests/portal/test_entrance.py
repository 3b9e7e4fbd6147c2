"""Signing in and out: cookies, forms of other sites, addresses that lead elsewhere, offices that nobody may choose."""

from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from pydantic import ValidationError

from ksad.portal.app import build
from ksad.portal.guarding import inside
from ksad.portal.settings import PortalSettings
from ksad.portal.visits import SESSION, cookie_name
from tests.portal.conftest import FIRST, HERE, NAMES, Browsers
from tests.support.servers.schemas import at

pytestmark = pytest.mark.xdist_group("portal")


def test_a_session_lives_on_the_server(browsers: Browsers) -> None:
    """The cookie holds a random name that scripts cannot read, and is worth nothing after log-out."""
    browser = browsers.nobody()
    answer = browser.post("/masuk", data={"jabatan": NAMES[FIRST], "kembali": "/register"})
    cookie = answer.headers["set-cookie"]
    assert {"HttpOnly", "Path=/", "SameSite=lax"} <= set(cookie.split("; "))
    assert "33.72" not in cookie
    name = browser.cookies["ksad"]
    assert browser.get("/register").status_code == 200
    assert browser.post("/keluar").headers["location"] == "/masuk"
    replayed = browsers.nobody()
    replayed.cookies.set("ksad", name)
    assert replayed.get("/register").status_code == 303


def test_an_office_that_does_not_exist_is_refused_in_the_form(browsers: Browsers) -> None:
    """What was typed stays, and the field says what is wrong."""
    answer = browsers.nobody().post("/masuk", data={"jabatan": "Kota Antah", "kembali": "/register"})
    assert answer.status_code == 422
    assert "Kota Antah" in answer.text
    assert 'aria-invalid="true"' in answer.text


@pytest.mark.parametrize(
    "headers",
    [{"Origin": "http://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}],
)
def test_forms_of_other_sites_are_refused(headers: dict[str, str], browsers: Browsers) -> None:
    """No other site can sign an officer in or out, or change a language."""
    browser = browsers.officer(FIRST)
    for path in ("/masuk", "/keluar", "/ganti-jabatan", "/bahasa"):
        assert browser.post(path, headers=headers).status_code == 403, path
    assert browser.get("/register").status_code == 200


@pytest.mark.parametrize("host", ["http://portal.example", "http://10.0.0.7", "http://localhost.evil.example"])
def test_offices_are_chosen_under_this_machines_name_only(host: str, browsers: Browsers) -> None:
    """A name that somebody else points to this machine does not open the page of development."""
    browser = TestClient(browsers.app, host, follow_redirects=False)
    assert "Kota Surakarta" not in browser.get("/masuk").text.partition("<aside")[0]
    assert browser.post("/masuk", data={"jabatan": NAMES[FIRST]}).status_code == 403


@pytest.mark.parametrize(
    "path",
    ["//evil.example", "https://evil.example", "javascript:alert(1)", "/\\evil.example", "evil", "/a\nb", "", "//["],
)
def test_no_address_leads_elsewhere(path: str) -> None:
    """Whatever a link says, an officer stays in the portal."""
    assert inside(path) == "/meja-saya"
    assert inside("/kerja-sama/sampah?riwayat=semua") == "/kerja-sama/sampah?riwayat=semua"


def test_with_an_identity_provider_no_office_can_be_chosen(tmp_path: Path) -> None:
    """Outside development the entrance offers nothing to choose, and takes no choice."""
    given = {
        "database_url": f"sqlite:///{tmp_path / 'portal.sqlite'}",
        "registry_url": "http://127.0.0.1:1",
        "supervision_url": "http://127.0.0.1:1",
        "reporting_url": "http://127.0.0.1:1/",
        "issuer": "https://issuer.example",
        "jwks_url": "https://issuer.example/keys",
    }
    settings = PortalSettings.model_validate(given)
    at(settings.database_url, "portal")
    with TestClient(build(settings), HERE, follow_redirects=False) as browser:
        assert "belum tersedia" in browser.get("/masuk").text
        assert browser.post("/masuk", data={"jabatan": NAMES[FIRST]}).status_code == 403
        assert browser.get("/readyz").json()["checks"]["services"].startswith("care: silent: registry")
    with pytest.raises(ValidationError, match="local issuer serves loopback only"):
        PortalSettings.model_validate(given | {"issuer": "local", "host": "0.0.0.0"})  # noqa: S104 - what is refused
    with pytest.raises(ValidationError, match="KSAD_REGISTRY_URL"):
        PortalSettings.model_validate(given | {"registry_url": "localhost:80"})


def test_under_https_the_cookie_is_bound_to_its_host() -> None:
    """Browsers accept a cookie of this name only over HTTPS, for this host and all of its paths."""
    assert cookie_name(SESSION, tls=True) == "__Host-ksad"
    assert cookie_name(SESSION, tls=False) == "ksad"
