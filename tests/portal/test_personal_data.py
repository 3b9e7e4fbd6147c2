"""What the portal keeps of people is told on one page, table by table, and is gone when its time is over."""

import re

import pytest
import sqlalchemy as sa

from ksad.chassis.database import Database
from ksad.portal import drafts, sessions
from ksad.portal.drafts import Drafts
from ksad.portal.identity import logins
from ksad.portal.identity.exchange import BegunLogin
from ksad.portal.identity.logins import Logins
from ksad.portal.sessions import Sessions
from tests.portal.test_sessions import Hand
from tests.support.servers.schemas import ON_SQLITE
from tests.support.text.source import ROOT

PAGE = ROOT / "docs" / "personal-data.md"
ROW = re.compile(r"^\| `(\w+)` \|", re.MULTILINE)
NOT_OF_PEOPLE = {"schema_migrations"}
"""What a database knows of itself."""


@pytest.fixture
def tables() -> str:
    """The portal's tables."""
    return "portal"


@ON_SQLITE
def test_every_table_is_in_the_register(database: Database) -> None:
    """A table that the portal has is told on the page, and the page tells of no other."""
    with database.read() as connection:
        there = set(sa.inspect(connection).get_table_names())
    assert set(ROW.findall(PAGE.read_text())) == there - NOT_OF_PEOPLE


def test_what_is_over_is_deleted(database: Database) -> None:
    """Sessions, begun sign-ins and drafts whose time is over leave the database with the next of their kind."""
    hand = Hand()
    Sessions(database, hand).begin("auditor")
    Logins(database, hand).begin(BegunLogin("first", "n", "v", ""), "/")
    Drafts(database, hand).save("auditor", "/a", "A", {})
    hand.time += max(sessions.WHOLE_SECONDS, logins.KEPT_SECONDS, drafts.KEPT_SECONDS) + 1
    Sessions(database, hand).begin("operator")
    Logins(database, hand).begin(BegunLogin("second", "n", "v", ""), "/")
    Drafts(database, hand).save("operator", "/b", "B", {})
    with database.read() as connection:
        for table in (sessions.table, logins.table, drafts.table):
            assert connection.execute(sa.select(sa.func.count()).select_from(table)).scalar() == 1, table.name


def test_a_begun_sign_in_is_taken_once_and_in_time(database: Database) -> None:
    """By the browser that began it, before ten minutes are over, and only the first time."""
    hand = Hand()
    kept = Logins(database, hand)
    login = BegunLogin("state", "nonce", "verifier", "")
    browser = kept.begin(login, "/register")
    assert kept.take("state", "another browser") is None
    assert kept.take("another state", browser) is None
    assert kept.take("state", browser) == (login, "/register")
    assert kept.take("state", browser) is None
    late = kept.begin(login._replace(state="late"), "/register")
    hand.time += logins.KEPT_SECONDS
    assert kept.take("late", late) is None
