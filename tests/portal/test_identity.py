"""Signing in with a real identity provider: the code flow, offices, renewal, log-out, and a provider that is away."""

import time
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import httpx
import jwt
import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient

from ksad.portal import sessions
from ksad.portal.identity import logins
from ksad.portal.identity.credentials import Vault
from ksad.portal.identity.exchange import OfficerTokens
from tests.support.browser.tabs import NARROW, WIDE, RealBrowsers, browser, examined, picture
from tests.support.platforms.identified import CITY, TEAM, IdentifiedPortal, identified_portal
from tests.support.servers.provider import signing_in
from tests.support.servers.served import served
from tests.support.text.source import ROOT

PICTURES = ROOT / "var" / "pictures" / "identity"
pytestmark = pytest.mark.xdist_group("identity")


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[IdentifiedPortal]:
    """One for all tests of this file."""
    with identified_portal(tmp_path_factory.mktemp("identity")) as made:
        yield made


def test_an_officer_signs_in_and_the_services_trust_the_provider(portal: IdentifiedPortal) -> None:
    """The page that was asked for is shown after signing in; the services answer to the provider's token."""
    browser = portal.browser()
    asked = browser.get("/register?q=air")
    assert asked.headers["location"] == "/masuk?kembali=/register%3Fq%3Dair"
    assert "Masuk lewat kementerian" in browser.get(asked.headers["location"]).text
    address = portal.asked(browser, "/register?q=air")
    query = parse_qs(urlsplit(address).query)
    assert query["code_challenge_method"] == ["S256"]
    assert query["redirect_uri"] == [f"{portal.address}/masuk/selesai"]
    with signing_in(address, "petugas-1") as signed:
        answer = browser.get(signed.back)
    assert (answer.status_code, answer.headers["location"]) == (303, "/register?q=air")
    page = browser.get("/register?q=air")
    assert page.status_code == 200
    assert "TKKSD Provinsi Jawa Tengah" in page.text
    assert "sebagai penyusun" in page.text
    assert "Ganti jabatan" not in page.text, "there is no other office"


def test_no_answer_is_taken_twice_or_from_elsewhere(portal: IdentifiedPortal) -> None:
    """An answer is for the browser that began, once, and only as the provider gave it."""
    browser = portal.browser()
    with signing_in(portal.asked(browser), "petugas-1") as signed:
        state = parse_qs(urlsplit(signed.back).query)["state"][0]
        for address, other in (
            (signed.back, portal.browser()),
            (signed.back.replace(state, "x" + state[1:]), browser),
            ("/masuk/selesai?code=x", browser),
            ("/masuk/selesai?error=access_denied", browser),
        ):
            refused = other.get(address)
            assert (refused.status_code, "Mulai lagi" in refused.text) == (403, True), address
        assert browser.get(signed.back).status_code == 303
        assert browser.get(signed.back).status_code == 403


@pytest.mark.parametrize("changed", ["iss", "code"])
def test_an_answer_that_was_changed_begins_nothing(portal: IdentifiedPortal, changed: str) -> None:
    """Another issuer's name, or another code, begins no session."""
    browser = portal.browser()
    with signing_in(portal.asked(browser), "petugas-1") as signed:
        url = httpx.URL(signed.back)
        answer = browser.get(str(url.copy_set_param(changed, "https://sso.elsewhere.example")))
    assert answer.status_code == 403
    assert browser.get("/register").status_code == 303


def test_a_sign_in_of_another_nonce_begins_nothing(portal: IdentifiedPortal) -> None:
    """An identity token that was issued for another sign-in is refused, though its code was good."""
    browser = portal.browser()
    with signing_in(portal.asked(browser), "petugas-1") as signed:
        with portal.app.parts.identity.logins._database.write() as connection:
            connection.execute(sa.update(logins.table).values(nonce="another"))
        assert browser.get(signed.back).status_code == 403
    assert browser.get("/register").status_code == 303


def test_an_account_without_office_is_told_so(portal: IdentifiedPortal) -> None:
    """Who is known to the provider and holds no office begins no session."""
    browser = portal.browser()
    with signing_in(portal.asked(browser), "tanpa-jabatan") as signed:
        answer = browser.get(signed.back)
    assert answer.status_code == 403
    assert "belum memegang jabatan" in answer.text


def test_one_of_several_offices_is_chosen_and_shown(portal: IdentifiedPortal) -> None:
    """None is guessed; the chosen one is on every page, and going on under another gives the session a new name."""
    browser = portal.sign_in("petugas-2", back="/register")
    first = browser.cookies["ksad"]
    choosing = browser.get("/register", follow_redirects=True)
    assert "Pilih jabatan" in choosing.text
    assert browser.post("/ganti-jabatan", data={"jabatan": "governor:33"}).status_code == 403
    chosen = browser.post("/ganti-jabatan", data={"jabatan": TEAM, "kembali": "/register"})
    assert chosen.headers["location"] == "/register"
    assert "sebagai penanda tangan" in browser.get("/register").text
    second = browser.cookies["ksad"]
    assert browser.post("/ganti-jabatan").headers["location"] == "/ganti-jabatan"
    assert browser.post("/ganti-jabatan", data={"jabatan": CITY}).status_code == 303
    page = browser.get("/register").text
    assert "Kota Surakarta" in page
    assert "sebagai pembaca" in page
    assert len({first, second, browser.cookies["ksad"]}) == 3
    for old in (first, second):
        replayed = portal.browser()
        replayed.cookies.set("ksad", old)
        assert replayed.get("/register").status_code == 303


def test_a_form_of_one_office_is_not_sent_under_another(portal: IdentifiedPortal) -> None:
    """A form that was opened before the office was changed is refused."""
    browser = portal.sign_in("petugas-2")
    browser.post("/ganti-jabatan", data={"jabatan": TEAM})
    page = browser.get("/daftarkan")
    key = page.text.partition('name="kunci_formulir" value="')[2].partition('"')[0]
    browser.post("/ganti-jabatan", data={"jabatan": CITY})
    answer = browser.post("/daftarkan", data={"kunci_formulir": key, "title": "Air"})
    assert answer.status_code == 403


def test_a_reader_records_nothing(portal: IdentifiedPortal) -> None:
    """Under an office that an officer only reads for, the services refuse what is sent."""
    browser = portal.sign_in("petugas-2")
    browser.post("/ganti-jabatan", data={"jabatan": CITY})
    page = browser.get("/daftarkan")
    key = page.text.partition('name="kunci_formulir" value="')[2].partition('"')[0]
    sent = {"title": "Air baku", "object": "air", "affair": "lingkungan_hidup"}
    parties = {"parties.0": "Kota Surakarta", "parties.1": "Kabupaten Karanganyar"}
    answer = browser.post("/daftarkan", data={"kunci_formulir": key, **sent, **parties})
    assert answer.status_code == 403
    assert "Anda masuk sebagai pembaca" in answer.text


def test_a_token_is_renewed_before_it_expires(portal: IdentifiedPortal) -> None:
    """Officers go on while the session lives: the access token, which lives for seconds, is replaced in time."""
    browser = portal.sign_in("petugas-1")
    parts = portal.app.parts
    before = _tokens(portal, browser)
    deadline = time.monotonic() + 60
    while _tokens(portal, browser) == before and time.monotonic() < deadline:
        assert browser.get("/register").status_code == 200
    after = _tokens(portal, browser)
    assert after != before
    assert parts.identity.vault.opened(after).access != parts.identity.vault.opened(before).access
    assert browser.get("/register").status_code == 200


def test_what_is_stored_of_tokens_opens_nothing(portal: IdentifiedPortal) -> None:
    """Tokens are encrypted in the portal's database."""
    browser = portal.sign_in("petugas-1")
    opened = portal.app.parts.identity.vault.opened(_tokens(portal, browser))
    assert opened.access.count(".") == 2
    assert opened.access.encode() not in _tokens(portal, browser)


def test_tokens_of_another_key_end_the_session(portal: IdentifiedPortal) -> None:
    """When the key was changed, officers sign in again; no browser is sent to and fro."""
    browser = portal.sign_in("petugas-1")
    _replace_tokens(portal, browser, Vault(b"another").sealed(OfficerTokens("", None, None)))
    asked = browser.get("/register")
    assert (asked.status_code, asked.headers["location"]) == (303, "/masuk?kembali=/register")
    assert "Masuk lewat kementerian" in browser.get(asked.headers["location"]).text


def test_a_token_that_the_services_refuse_is_said(portal: IdentifiedPortal) -> None:
    """While the session lives, a page says what the services refused; no browser is sent to and fro."""
    browser = portal.sign_in("petugas-1")
    strange = jwt.encode({"exp": 4_000_000_000}, "k" * 32, "HS256", {"kid": "another"})
    sealed = portal.app.parts.identity.vault.sealed(OfficerTokens(strange, None, None))
    _replace_tokens(portal, browser, sealed)
    refused = browser.get("/register")
    assert (refused.status_code, "Token tidak dapat dipercaya" in refused.text) == (401, True)


def test_log_out_ends_the_session_here_and_at_the_provider(portal: IdentifiedPortal) -> None:
    """The browser is sent on to the provider's own log-out, which sends it back to this portal only."""
    browser = portal.sign_in("petugas-1")
    name = browser.cookies["ksad"]
    answer = browser.post("/keluar")
    target = urlsplit(answer.headers["location"])
    assert f"{target.scheme}://{target.netloc}" == portal.provider.issuer
    query = parse_qs(target.query)
    assert query["post_logout_redirect_uri"] == [f"{portal.address}/masuk"]
    assert httpx.get(answer.headers["location"], trust_env=False).status_code == 200
    replayed = portal.browser()
    replayed.cookies.set("ksad", name)
    assert replayed.get("/register").status_code == 303


def test_browsers_may_be_sent_to_the_provider_only(portal: IdentifiedPortal) -> None:
    """Forms lead to this portal and to its provider, and nowhere else."""
    policy = portal.browser().get("/masuk").headers["content-security-policy"]
    assert f"form-action 'self' {portal.provider.issuer};" in policy


def test_a_provider_that_is_away_is_said_and_ends_nothing(portal: IdentifiedPortal) -> None:
    """Who has a valid token works on; who signs in is told so and when to come again; afterwards all is as before."""
    working = portal.sign_in("petugas-1")
    portal.provider.stop()
    try:
        assert working.get("/register").status_code == 200
        answer = portal.browser().post("/masuk", data={"kembali": "/register"})
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "30")
        assert "Penyedia identitas kementerian belum menjawab" in answer.text
    finally:
        portal.provider.start()
    assert portal.sign_in("petugas-1").get("/register").status_code == 200


@pytest.mark.parametrize("scripts", [True, False])
def test_signing_in_is_for_everybody(portal: IdentifiedPortal, *, scripts: bool) -> None:
    """In a real browser, with scripts and without: in at the provider, an office chosen, out again; nothing refused."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    with served(portal.app, port=portal.port), browser() as opened:
        real = RealBrowsers(opened, portal.address)
        tab = real.context(scripts=scripts, width=NARROW if scripts else WIDE).new_page()
        found: dict[str, list[str]] = {}

        def look(name: str) -> None:
            picture(tab, PICTURES, f"{name}-{'phone' if scripts else 'wide'}")
            if scripts:
                found[name] = examined(tab)

        tab.goto("/register?q=air")
        look("entrance")
        tab.get_by_role("button", name="Masuk lewat kementerian").click()
        tab.locator("[name=login]").fill("petugas-2")
        tab.locator("[name=password]").fill("x")
        tab.locator("[type=submit]").click()
        tab.locator("[type=submit]").click()
        look("choosing")
        tab.get_by_role("button", name="Pilih TKKSD Provinsi Jawa Tengah").click()
        assert tab.url == f"{portal.address}/register?q=air"
        assert "penanda tangan" in tab.inner_text("header")
        look("acting")
        tab.get_by_role("button", name="Keluar").click()
        assert tab.url.startswith(portal.provider.issuer)
        tab.goto(f"{portal.address}/register")
        assert "/masuk" in tab.url
    assert {name: faults for name, faults in found.items() if faults} == {}
    # The provider's own page asks another server for its letters; what our policy refused is said in these words.
    assert [one for one in real.faults if "Content Security Policy" in one] == []


def _tokens(portal: IdentifiedPortal, browser: TestClient) -> bytes:
    session = portal.app.parts.sessions.find(browser.cookies["ksad"])
    assert isinstance(session, sessions.OfficerSession)
    return session.tokens


def _replace_tokens(portal: IdentifiedPortal, browser: TestClient, sealed: bytes) -> None:
    session = portal.app.parts.sessions.find(browser.cookies["ksad"])
    assert isinstance(session, sessions.OfficerSession)
    portal.app.parts.sessions.keep(session, sealed, session.offices)
