"""An idle platform: nobody writes, so nothing is written."""

import hashlib
import time
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from ksad.local.machine.folder import Folder
from ksad.local.machine.platform import Platform, running, wait_settled
from tests.support.servers.postgres import PostgresServer
from tests.support.servers.processes import wait_until

QUIET_SECONDS = 5.0
LOOKED_AT = 15.0


def written(folder: Folder) -> dict[str, tuple[int, str]]:
    """Size and content of each file of a platform, without the memory that processes of SQLite share."""
    found = {}
    for path in sorted(folder.root.rglob("*")):
        if path.is_file() and not path.name.endswith("-shm"):
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            found[str(path.relative_to(folder.root))] = (path.stat().st_size, digest)
    return found


def quiet(platform: Platform) -> None:
    """Wait until what a start sets going has come to its end."""
    with platform.client() as client:
        wait_settled(client)
    wait_until(lambda: _stands(platform.folder), seconds=60, what="a platform at rest")


def _stands(folder: Folder) -> bool:
    before = written(folder)
    time.sleep(QUIET_SECONDS)
    return written(folder) == before


@pytest.mark.fault(
    "bug-reports 18",
    kind="what has nothing to do writes nevertheless: a lease that is renewed, a transaction that changes nothing",
    looked="databases, write-ahead logs, stream, documents, keys and logs of the three services and the broker",
    found="each answer to a probe was a line of the log",
)
@pytest.mark.xdist_group("import")
@pytest.mark.parametrize("seconds", [LOOKED_AT, pytest.param(60.0, marks=pytest.mark.torture)])
def test_an_idle_platform_writes_nothing(history_platform: Platform, seconds: float) -> None:
    """Neither databases nor logs change, while readiness is asked for all the time."""
    quiet(history_platform)
    before, until = written(history_platform.folder), time.monotonic() + seconds
    while time.monotonic() < until:
        with history_platform.client() as client:
            client.get("reporting", "/readyz", "operator")
        time.sleep(1)
    after = written(history_platform.folder)
    assert {name for name in after if after[name] != before.get(name)} == set()


def _log_bytes(server: PostgresServer) -> int:
    """How much the server has written to its write-ahead log."""
    with psycopg.connect(server.url()) as connection:
        row = connection.execute("SELECT pg_current_wal_lsn() - '0/0'::pg_lsn").fetchone()
    assert row is not None
    return int(row[0])


@pytest.mark.torture
def test_an_idle_platform_writes_nothing_on_postgresql(
    tmp_path: Path, own_postgres: PostgresServer, on_postgres: Callable[[Callable[[], str]], None]
) -> None:
    """Its write-ahead log stands still but for what the server itself writes at a checkpoint."""
    on_postgres(own_postgres.create_database)
    with running(Folder(tmp_path / "data")) as platform:
        quiet(platform)
        before = _log_bytes(own_postgres)
        time.sleep(60)
        assert _log_bytes(own_postgres) - before < 2_000
