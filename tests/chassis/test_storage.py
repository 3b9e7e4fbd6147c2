"""Whether a service can keep what it is given: what turns readiness red, and what turns it green again."""

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest
import sqlalchemy as sa

from ksad.chassis import storage
from ksad.chassis.database import Database
from ksad.chassis.problems import problem_of
from ksad.chassis.storage import Storage
from ksad.chassis.store import EventStore
from tests.support.servers.locks import locked
from tests.support.servers.processes import eventually
from tests.support.servers.schemas import migrated

PAGES = 40


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Looks follow each other fast, and none is saved because somebody has just written."""
    monkeypatch.setattr(storage, "LOOK_SECONDS", 0.05)
    monkeypatch.setattr(storage, "QUIET_SECONDS", 0.0)


@asynccontextmanager
async def looking(url: str, folder: Path) -> AsyncIterator[tuple[EventStore, Storage]]:
    """A store that is watched, and that waits half a second for others."""
    with closing(Database(url, wait_seconds=0.5)) as database:
        store = EventStore(migrated(database, "registry"))
        watched = Storage(store, [folder])
        stop = asyncio.Event()
        task = asyncio.create_task(watched.run(stop))
        try:
            yield store, watched
        finally:
            stop.set()
            await task


async def becomes(watched: Storage, ok: bool) -> str:
    """Wait until the check says so; its detail."""

    async def said() -> bool:
        return watched.check().ok is ok

    await eventually(said, what=f"storage ok is {ok}: {watched.check()}")
    return watched.check().detail


@pytest.mark.anyio
@pytest.mark.fault("bug-reports 14")
async def test_a_store_that_takes_nothing_is_not_ready(database_url: str, tmp_path: Path) -> None:
    """While another process keeps all writers out readiness is red, and soon after that it is green."""
    async with looking(database_url, tmp_path) as (_, watched):
        await becomes(watched, ok=True)
        with locked(database_url):
            assert "nothing can be written" in await becomes(watched, ok=False)
        await becomes(watched, ok=True)


@pytest.mark.anyio
@pytest.mark.fault(
    "operator F6",
    kind="readiness says that a process runs, not that it can do what it is for",
    looked="storage of the three services (write, room, structure of the file), and what each hears of the broker",
    found="a damaged file was answered with 500; a store on a disk that is mounted read-only looked ready",
)
async def test_a_damaged_file_is_found_at_the_start(tmp_path: Path) -> None:
    """Pages that were overwritten are found before the first command comes, and the check says what to do."""
    file = tmp_path / "store.sqlite"
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE much (v TEXT)")
        connection.executemany("INSERT INTO much VALUES (?)", [("x" * 2000,)] * PAGES)
        connection.commit()
    size = connection_page_size(file)
    with file.open("r+b") as opened:
        opened.seek(5 * size)
        opened.write(b"\xff" * (3 * size))
    async with looking(f"sqlite:///{file}", tmp_path) as (store, watched):
        detail = await becomes(watched, ok=False)
        while "inspected" in detail:
            detail = watched.check().detail
            await asyncio.sleep(0.01)
        assert str(file) in detail
        assert "backup" in detail
        with pytest.raises(sa.exc.OperationalError) as away, store.database.read() as connection:
            connection.exec_driver_sql("SELECT count(*), max(v) FROM much").all()
        assert problem_of(away.value).status == 503


def connection_page_size(file: Path) -> int:
    """The size of the pages of an SQLite file."""
    return int.from_bytes(file.read_bytes()[16:18], "big")


@pytest.mark.anyio
async def test_an_inspection_does_not_keep_a_service_from_ending(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A large file is inspected beside the work, which readiness says, and the end does not wait for it."""
    begun, ended = asyncio.Event(), False
    loop = asyncio.get_running_loop()

    def inspect(_: Database, wanted: threading.Event) -> None:
        nonlocal ended
        loop.call_soon_threadsafe(begun.set)
        ended = wanted.wait(30)

    monkeypatch.setattr(Database, "inspect", inspect)
    monkeypatch.setattr(storage, "INSPECTION_SECONDS", 0.2)
    async with looking(f"sqlite:///{tmp_path / 'store.sqlite'}", tmp_path) as (_, watched):
        await begun.wait()
        assert "inspected" in watched.check().detail
        await becomes(watched, ok=True)
        assert watched.check().care
    assert ended


@pytest.mark.anyio
@pytest.mark.fault("operator F6")
async def test_a_write_that_failed_is_tried_again(database_url: str, tmp_path: Path) -> None:
    """After a write that the database refused readiness is red until one has reached the disk."""
    async with looking(database_url, tmp_path) as (store, watched):
        await becomes(watched, ok=True)
        store.database.refused = "OperationalError: database or disk is full"
        await becomes(watched, ok=True)
        assert store.database.refused is None


@pytest.mark.anyio
async def test_room_is_told_before_it_is_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With little room left the check asks for care, with none it is red; the room is that of the fullest disk."""
    async with looking(f"sqlite:///{tmp_path / 'store.sqlite'}", tmp_path / "not" / "yet") as (_, watched):
        await becomes(watched, ok=True)
        room = watched.room()
        assert room > 0
        monkeypatch.setattr(storage, "ROOM_BYTES_CARE", 2 * room)
        assert watched.check().care
        monkeypatch.setattr(storage, "ROOM_BYTES_MIN", 2 * room)
        assert "full" in watched.check().detail


@pytest.mark.anyio
async def test_looking_writes_nothing(tmp_path: Path) -> None:
    """An idle store is looked at many times, and not a byte of its files changes."""
    async with looking(f"sqlite:///{tmp_path / 'store.sqlite'}", tmp_path) as (_, watched):
        await becomes(watched, ok=True)

        def found() -> dict[str, bytes]:
            return {one.name: one.read_bytes() for one in tmp_path.iterdir() if not one.name.endswith("-shm")}

        before = found()
        await asyncio.sleep(0.5)
        assert found() == before
