"""One database behind the same few calls: what a PostgreSQL that is there and says nothing costs."""

import socket
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from ksad.chassis.database import Database
from ksad.chassis.problems import problem_of

LONGEST_SECONDS = 60


def seconds_until_away(url: str) -> float:
    """How long a database that does not answer is waited for; a clerk is then told that it is away."""
    database, begun = Database(url), time.monotonic()
    with pytest.raises(sa.exc.OperationalError) as away, database.read():
        pass
    database.close()
    assert (problem_of(away.value).status, problem_of(away.value).rule) == (503, "database-reachable")
    return time.monotonic() - begun


def test_a_mute_postgresql_is_not_waited_for() -> None:
    """A server that takes connections and never answers is away after seconds, sooner if its address says so."""
    with socket.create_server(("127.0.0.1", 0)) as mute, ThreadPoolExecutor(2) as pool:
        address = f"postgresql://ksad@127.0.0.1:{mute.getsockname()[1]}/ksad"
        usual, sooner = pool.map(seconds_until_away, (address, f"{address}?connect_timeout=2"))
    assert sooner < usual < LONGEST_SECONDS
