"""Sessions end: at log-out, when nobody uses them, and after a day's work; and what is stored opens nothing."""

import re
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import jwt
import pytest
import sqlalchemy as sa

from ksad.chassis.auth import Authenticator, Caller, LocalIssuer
from ksad.chassis.database import Database
from ksad.chassis.problems import Problem
from ksad.chassis.settings import LOCAL_ISSUER
from ksad.contracts.positions import Position
from ksad.portal.form_keys import form_key, number_of
from ksad.portal.identity.credentials import LOCKS, DevelopmentCredentials, ProviderCredentials, Vault
from ksad.portal.identity.exchange import OfficerTokens
from ksad.portal.identity.provider import Provider
from ksad.portal.sessions import (
    IDLE_SECONDS,
    LAPSED_SECONDS,
    POSITION_SECONDS,
    WHOLE_SECONDS,
    OfficerSession,
    Sessions,
    table,
)
from ksad.portal.settings import PortalSettings
from tests.portal.conftest import FIRST, SECOND, Browsers
from tests.portal.test_recording import opened


@pytest.fixture
def tables() -> str:
    """The portal's tables."""
    return "portal"


class Hand:
    """A clock that a test turns."""

    def __init__(self) -> None:
        self.time = 1_000_000.0

    def __call__(self) -> float:
        """Where it stands."""
        return self.time


def test_living_sessions_are_listed(database: Database) -> None:
    """Those of one office or of all, last seen first; neither those that are over nor those without an office."""
    hand = Hand()
    sessions = Sessions(database, hand)
    old = sessions.begin("region:33.72")
    hand.time += IDLE_SECONDS - 1
    sessions.begin("")
    names = [sessions.begin(one) for one in ("region:33.72", "tkksd:33")]
    every = sessions.listed()
    assert {one.office for one in every} == {"region:33.72", "tkksd:33"}
    assert [one.started for one in sessions.listed("region:33.72")] == [
        int(hand.time),
        int(hand.time) - IDLE_SECONDS + 1,
    ]
    hand.time += 1
    assert sessions.find(old) is None
    [mine] = sessions.listed("region:33.72")
    assert not sessions.close_listed(mine.id, "tkksd:33")
    assert sessions.find(names[0]) is not None
    assert sessions.close_listed(mine.id, "region:33.72")
    assert sessions.find(names[0]) is None
    assert sessions.find(names[1]) is not None


@pytest.mark.xdist_group("portal")
def test_an_office_sees_its_sessions_and_ends_them(browsers: Browsers) -> None:
    """Its own beside this one, none of others; the operator sees and ends all. A form of another session ends none."""
    here, there, other, _ = (browsers.officer(one) for one in (FIRST, FIRST, SECOND, SECOND))
    page = here.get("/sesi").text
    assert page.count("sesi ini") == 1
    assert "Kota Surakarta" in page
    identity = re.findall(r'name="sesi" value="([0-9a-f]{64})"', page)[0]
    key = opened(here, "/sesi")
    theirs = opened(other, "/sesi")
    assert other.post("/sesi", data=theirs | {"sesi": identity}).status_code == 404
    assert other.post("/sesi", data=key | {"sesi": identity}).status_code == 403
    everybody = browsers.officer("operator")
    found = re.findall(r'name="sesi" value="([0-9a-f]{64})"', everybody.get("/sesi").text)
    assert identity in found
    for one in re.findall(r'name="sesi" value="([0-9a-f]{64})"', here.get("/sesi").text):
        assert here.post("/sesi", data=key | {"sesi": one}).headers["location"] == "/sesi"
    assert there.get("/meja-saya").status_code == 303
    assert here.get("/meja-saya").status_code == 200
    assert other.get("/meja-saya").status_code == 200


def test_a_session_ends_when_nobody_uses_it(database: Database) -> None:
    """Each request makes it live half an hour more, until it is ten hours old."""
    hand = Hand()
    sessions = Sessions(database, hand)
    name = sessions.begin("region:33.72")
    for _ in range(WHOLE_SECONDS // (IDLE_SECONDS - 1)):
        hand.time += IDLE_SECONDS - 1
        assert sessions.find(name) is not None
    hand.time += IDLE_SECONDS - 1
    assert sessions.find(name) is None, "it is older than a day's work"
    other = sessions.begin("region:33.72")
    hand.time += IDLE_SECONDS + 1
    assert sessions.find(other) is None
    hand.time += LAPSED_SECONDS
    sessions.begin("auditor")
    with database.read() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(table)).scalar() == 1


def test_what_is_stored_opens_nothing(database: Database) -> None:
    """The database knows a hash of the cookie's name; a name that it shows is none."""
    sessions = Sessions(database)
    name = sessions.begin("auditor")
    found = sessions.find(name)
    assert found is not None
    assert name not in found.id
    assert sessions.find(found.id) is None
    sessions.end(name)
    assert sessions.find(name) is None


def test_what_was_recorded_is_waited_for_a_minute(database: Database) -> None:
    """Pages ask for what this officer has just recorded, of each service the newest."""
    hand = Hand()
    sessions = Sessions(database, hand)
    name = sessions.begin("auditor")
    for position in (Position("registry", 3), Position("supervision", 7), Position("registry", 5)):
        found = sessions.find(name)
        assert found is not None
        sessions.note(found, position)
    found = sessions.find(name)
    assert found is not None
    assert found.after(hand.time) == "registry:5, supervision:7"
    assert found.after(hand.time + POSITION_SECONDS + 1) is None


def test_a_key_is_of_one_form_of_one_session(database: Database) -> None:
    """The key of a form opens no other form, and no form of another session."""
    sessions = Sessions(database)
    one, other = (sessions.find(sessions.begin(office)) for office in ("auditor", "operator"))
    assert one is not None
    assert other is not None
    key = form_key(one, "/kerja-sama/daftar")
    assert number_of(one, "/kerja-sama/daftar", key) == key.partition(".")[0]
    assert form_key(one, "/kerja-sama/daftar") != key
    for session, path, said in (
        (other, "/kerja-sama/daftar", key),
        (one, "/tugas", key),
        (one, "/kerja-sama/daftar", ""),
    ):
        with pytest.raises(Problem, match="bukan dari sesi Anda"):
            number_of(session, path, said)


@pytest.mark.anyio
async def test_each_session_is_a_caller_of_its_own(tmp_path: Path) -> None:
    """Two officers of one office have a token each, of the same pseudonym: the services limit each by itself. A token
    is made once for some minutes.
    """
    issuer = LocalIssuer(tmp_path)
    tokens, known = DevelopmentCredentials(issuer), Authenticator(LOCAL_ISSUER, "ksad", issuer)
    sessions = [OfficerSession(name * 64, "tkksd:33", b"", {}, b"", {}) for name in "ab"]
    first, second = map(tokens.of, sessions)
    callers = [await known.identify(f"Bearer {one.token}") for one in (first, second)]
    asked = [one.acting(None) for one in callers]
    assert asked == [Caller("tkksd:33", "dev-tkksd-33", session=one * 64) for one in "ab"]
    assert tokens.of(sessions[0]) == first


def test_a_session_that_ended_by_itself_is_known_for_half_a_day(database: Database) -> None:
    """For what was typed in it, without its tokens; after a log-out, and of a running session, nothing is told so."""
    hand = Hand()
    sessions = Sessions(database, hand)
    name, left = sessions.begin("region:33.72", tokens=b"secret"), sessions.begin("auditor")
    sessions.end(left)
    assert (sessions.lapsed(name), sessions.lapsed(left)) == (None, None)
    hand.time += IDLE_SECONDS + 1
    sessions.begin("operator")
    found = sessions.lapsed(name)
    assert found is not None
    assert (found.office, found.tokens) == ("region:33.72", b"")
    assert sessions.find(name) is None
    hand.time += LAPSED_SECONDS
    assert sessions.lapsed(name) is None


def test_no_session_waits_for_another_while_the_provider_is_silent(database: Database, tmp_path: Path) -> None:
    """Two officers whose tokens have expired: the provider is asked for both, though it has answered neither."""
    key = tmp_path / "key"
    key.write_text("k" * 32)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(8)
        issuer = f"http://127.0.0.1:{silent.getsockname()[1]}"
        given = dict.fromkeys(("registry_url", "supervision_url", "reporting_url"), "http://127.0.0.1:1")
        given |= {"database_url": "sqlite:///unused", "issuer": issuer, "jwks_url": f"{issuer}/keys"}
        given |= {"portal_url": "http://127.0.0.1:1", "oidc_client_id": "portal", "session_key_file": str(key)}
        sessions, vault = Sessions(database), Vault(b"k")
        expired = jwt.encode({"exp": time.time() - 60}, "k" * 32, "HS256")
        sealed = vault.sealed(OfficerTokens(expired, "renewing", None))
        begun = [sessions.find(sessions.begin("auditor", tokens=sealed)) for _ in range(12)]
        # Sessions that share a lock by chance would wait for one another.
        chosen = list({hash(one.id) % LOCKS: one for one in begun if one is not None}.values())[:2]
        with Provider(PortalSettings.model_validate(given)) as provider, ThreadPoolExecutor(2) as pool:
            credentials = ProviderCredentials(provider, sessions, vault)
            asked = [pool.submit(credentials.of, one) for one in chosen]
            for connection in [silent.accept()[0] for _ in chosen]:
                connection.close()
            for one in asked:
                with pytest.raises(Problem, match="belum menjawab"):
                    one.result()
