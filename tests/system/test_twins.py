"""Two processes of each service at once on the same databases: they share the work, and one goes on alone."""

import random
import time
from collections import Counter
from datetime import date

import orjson
import pytest
import sqlalchemy as sa

from chassis.database import Database
from chassis.follower.follower import STANDBY_SECONDS
from chassis.follower.progress import LEASE_SECONDS
from ksad.folder import SERVICES, Folder
from ksad.operations import rebuild
from ksad.reference import adopt_reference
from tests.support.evidence import assert_each_once, assert_shows, journal, settle
from tests.support.load import Clerks
from tests.support.processes import wait_until
from tests.support.several import Several, Twin

START = date(2026, 1, 5)
YESTERDAY = date(2026, 1, 4)
TAKE_OVER_SECONDS = 5


def lease(folder: Folder, service: str) -> tuple[str, float]:
    """Who follows the log for a service, and until when without renewing."""
    database = Database(folder.database_url(service))
    try:
        with database.read() as connection:
            found = connection.execute(sa.text("SELECT lease_owner, lease_until FROM follower_positions")).one()
            return found.lease_owner, found.lease_until
    finally:
        database.close()


def role(several: Several, twin: Twin) -> str:
    """Whether a process follows the log or stands by."""
    with several.client(twin) as client:
        return str(client.get(twin.service, "/status", "operator")["role"])


def killed_and_succeeded(several: Several, twins: list[Twin]) -> tuple[Twin, float]:
    """Kill the one that is active; the other one, once it is, and how many seconds that took."""
    service = twins[0].service
    first, second = sorted(twins, key=lambda twin: role(several, twin))
    assert (role(several, first), role(several, second)) == ("active", "standby")
    owner = lease(several.folder, service)[0]
    killed = time.time()
    first.kill()
    until = lease(several.folder, service)[1]
    assert until <= killed + LEASE_SECONDS
    wait_until(lambda: lease(several.folder, service)[0] != owner, seconds=30, what=f"the other {service}")
    taken = time.time()
    assert taken >= until, "nobody takes a lease that is held"
    wait_until(lambda: role(several, second) == "active", seconds=30, what=f"the other {service}'s word for it")
    return second, taken - killed


@pytest.mark.torture
@pytest.mark.timeout(300)
def test_two_of_each_do_the_work_of_one(folder: Folder, rng: random.Random) -> None:
    """Two registries, supervisions and reportings write at once, one of each is killed: nothing is lost or doubled."""
    with Several(folder, START) as several:
        ones = several.add(*SERVICES)
        with several.client(*ones.values()) as client:
            adopt_reference(client)
        twos = several.add(*SERVICES)
        here, there = several.endpoints(*ones.values()), several.endpoints(*twos.values())
        with Clerks(here, ("here",), rng.random()) as left, Clerks(there, ("there",), rng.random()) as right:
            wait_until(lambda: len(left.sent) > 1 < len(right.sent), seconds=60, what="clerks at work")
            with several.client(*twos.values()) as client:
                client.post("registry", "/days", "operator", "day", {"day": YESTERDAY.isoformat()})
            lives = {"registry": twos["registry"]}
            took = []
            for service in ("supervision", "reporting"):
                lives[service], seconds = killed_and_succeeded(several, [ones[service], twos[service]])
                took.append(seconds)
            ones["registry"].kill()
            here["registry"] = twos["registry"].url
            count = len(left.sent)
            wait_until(lambda: len(left.sent) > count + 1, seconds=60, what="a clerk who goes on elsewhere")
        endpoints = several.endpoints(*lives.values())
        settle(endpoints)
        assert LEASE_SECONDS + STANDBY_SECONDS < TAKE_OVER_SECONDS
        assert min(took) < TAKE_OVER_SECONDS, took
        assert_each_once(folder, several.nats_url)
        assert_shows(folder, left.sent + right.sent, START)
        anchored = [event for event in map(orjson.loads, journal(folder)) if event["subject"] == "anchor/feeds"]
        assert Counter(event["data"]["day"] for event in anchored) == {YESTERDAY.isoformat(): 1}
        assert rebuild(folder, None, switch=False)["identical"]
