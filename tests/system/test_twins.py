"""Two processes of each service at once on the same databases: they share the work, and one goes on alone."""

import random
import time
from collections import Counter
from contextlib import ExitStack
from datetime import date
from typing import Any

import orjson
import pytest
import sqlalchemy as sa

from ksad.chassis.database import Database
from ksad.chassis.follower.follower import STANDBY_SECONDS
from ksad.chassis.leadership import ASK_SECONDS, LEASE_SECONDS
from ksad.chassis.places import SERVICES
from ksad.local.machine.folder import Folder
from ksad.local.machine.operations import rebuild
from ksad.local.machine.reference import open_platform
from tests.support.histories.load import Clerks
from tests.support.platforms.command import ksad
from tests.support.platforms.evidence import assert_each_once, assert_shows, journal, settle
from tests.support.platforms.several import Several, Twin
from tests.support.platforms.started import mostly_on
from tests.support.servers.processes import wait_until

START = date(2026, 1, 5)
YESTERDAY = date(2026, 1, 4)
TAKE_OVER_SECONDS = 5
FOLLOWERS = ("supervision", "reporting")


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


def every_process(*twins: Twin) -> tuple[int, dict[str, Any]]:
    """How `ksad cluster status` ends that asks these processes, and what it says."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KSAD_NODE_URLS", ",".join(twin.url for twin in twins))
        answer = ksad("cluster", "status", "--json")
    return answer.code, answer.json


def killed_and_succeeded(several: Several, pairs: list[list[Twin]]) -> tuple[dict[str, Twin], list[float]]:
    """Of each pair kill the one that is active; the others, once they are, and how many seconds each took for that."""
    ordered = [sorted(pair, key=lambda twin: role(several, twin)) for pair in pairs]
    assert [[role(several, twin) for twin in pair] for pair in ordered] == [["active", "standby"]] * len(pairs)
    owners = {pair[0].service: lease(several.folder, pair[0].service)[0] for pair in ordered}
    heirs, waits = {}, []
    for first, _ in ordered:
        first.kill()
    killed = time.time()
    for first, second in ordered:
        heirs[first.service] = second
        wait_until(
            lambda service=first.service: lease(several.folder, service)[0] != owners[service],  # type: ignore[misc] # bound now
            every=0.1,
            what=f"the other {first.service}",
        )
        waits.append(time.time() - killed)
    for second in heirs.values():
        wait_until(
            lambda twin=second: role(several, twin) == "active",  # type: ignore[misc] # bound now
            every=0.1,
            what=f"the other {second.service}'s word for it",
        )
    return heirs, waits


@mostly_on("postgresql")
@pytest.mark.timeout(300)
@pytest.mark.parametrize("doubled", [FOLLOWERS, pytest.param(SERVICES, marks=pytest.mark.torture)], ids=len)
def test_two_of_each_do_the_work_of_one(folder: Folder, rng: random.Random, doubled: tuple[str, ...]) -> None:
    """Two supervisions and two reportings (and two registries) at once, one of each is killed: all is there once."""
    with Several(folder, START) as several:
        lives = several.add(*SERVICES)
        with several.client(*lives.values()) as client:
            open_platform(client)
        twos = several.add(*doubled)
        here, there = several.endpoints(*lives.values()), several.endpoints(*(lives | twos).values())
        sides = {"here": here, "there": there} if "registry" in doubled else {"here": here}
        with ExitStack() as stack:
            clerks = [stack.enter_context(Clerks(side, (name,), rng.random())) for name, side in sides.items()]
            wait_until(lambda: all(len(one.sent) > 1 for one in clerks), seconds=60, what="clerks at work")
            with several.client(*lives.values()) as client:
                client.post("registry", "/days", "operator", "day", {"day": YESTERDAY.isoformat()})
            heirs, took = killed_and_succeeded(several, [[lives[service], twos[service]] for service in FOLLOWERS])
            if "registry" in doubled:
                lives["registry"].kill()
                heirs["registry"] = twos["registry"]
            lives |= heirs
            here["registry"] = lives["registry"].url
            count = len(clerks[0].sent)
            wait_until(lambda: len(clerks[0].sent) > count + 1, seconds=60, what="a clerk who goes on")
        settle(several.endpoints(*lives.values()))
        code, told = every_process(*lives.values())
        led = {(one["service"], one["role"]): one["leaders"] for one in told["roles"]}
        assert (code, told["findings"], led) == (0, [], {(one, "follower"): [lives[one].url] for one in FOLLOWERS})
        assert ASK_SECONDS + LEASE_SECONDS + 2 * STANDBY_SECONDS < TAKE_OVER_SECONDS
        assert min(took) < TAKE_OVER_SECONDS, took
        assert_each_once(folder, several.nats_url)
        assert_shows(folder, [one for each in clerks for one in each.sent], START)
        anchored = [event for event in map(orjson.loads, journal(folder)) if event["subject"] == "anchor/feeds"]
        assert Counter(event["data"]["day"] for event in anchored) == {YESTERDAY.isoformat(): 1}
        assert rebuild(folder, None, switch=False)["identical"]
