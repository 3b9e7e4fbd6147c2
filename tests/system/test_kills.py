"""Processes are killed at random moments under load; afterwards every accepted command is everywhere exactly once."""

import random
import signal
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

from ksad.local.machine.folder import Folder
from ksad.local.machine.operations import rebuild
from ksad.local.machine.platform import Platform, running
from tests.support.histories.load import Clerks, Sent
from tests.support.platforms.evidence import assert_each_once, assert_shows, settle
from tests.support.servers.postgres import PostgresServer

START = date(2026, 1, 5)
APART_SECONDS = (0.1, 1.5)
"""The shortest and the longest time between two kills."""

Kill = Callable[[], None]


def killed_by(platform: Platform) -> list[Kill]:
    """What kills each process of a platform, which is then started again by the platform itself."""

    def kill(number: int) -> None:
        process = platform.processes.children[number].process
        assert process is not None
        process.send_signal(signal.SIGKILL)

    return [lambda number=number: kill(number) for number in range(len(platform.processes.children))]  # type: ignore[misc] # bound now


def play(platform: Platform, chosen: Callable[[], list[Kill]], rounds: int, rng: random.Random) -> list[Sent]:
    """Two clerks write while in each round what is chosen is killed; what was accepted."""
    with Clerks(platform.endpoints, ("w0", "w1"), rng.random()) as clerks:
        for _ in range(rounds):
            for kill in chosen():
                time.sleep(rng.uniform(*APART_SECONDS))
                kill()
    settle(platform.endpoints)
    return clerks.sent


def check(platform: Platform, sent: list[Sent]) -> None:
    """Each accepted event is everywhere once, every projection shows what was sent, and a rebuild changes nothing."""
    assert_each_once(platform.folder, platform.endpoints["nats"])
    assert_shows(platform.folder, sent, START)
    assert rebuild(platform.folder, None, switch=False)["identical"]


def test_kill_9_under_load(tmp_path: Path, rounds: int, rng: random.Random) -> None:
    """Each service and the broker are killed while clerks write; nothing accepted is lost, nothing is twice."""
    with running(Folder(tmp_path / "data"), starts_on=START) as platform:
        kills = killed_by(platform)
        check(platform, play(platform, lambda: rng.sample(kills, k=len(kills)), rounds, rng))


def test_kill_9_of_postgresql_under_load(
    tmp_path: Path,
    own_postgres: PostgresServer,
    on_postgres: Callable[[Callable[[], str]], None],
    rounds: int,
    rng: random.Random,
) -> None:
    """The same on PostgreSQL: its server is killed in each round, and two others at random."""

    def kill_database() -> None:
        own_postgres.kill()
        own_postgres.start()

    on_postgres(own_postgres.create_database)
    with running(Folder(tmp_path / "data"), starts_on=START) as platform:
        kills = killed_by(platform)

        def some() -> list[Kill]:
            return rng.sample([kill_database, *rng.sample(kills, k=2)], k=3)

        check(platform, play(platform, some, rounds, rng))
