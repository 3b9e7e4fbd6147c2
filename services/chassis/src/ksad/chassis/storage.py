"""Checks that a service can store data: its database accepts transactions and is sound, and disks have room."""

from __future__ import annotations

import asyncio
import os
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa
import structlog

from ksad.chassis.broker import pause
from ksad.chassis.health import HealthCheck, Remedy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ksad.chassis.store import EventStore

LOOK_SECONDS = 2.0
QUIET_SECONDS = 5.0
"""How long a committed transaction counts as proof that the next one will be committed, too."""
INSPECTION_SECONDS = 10.0
"""How long the start waits for the inspection of the database; a larger one continues in the background."""
# Below the first the service is not ready; below the second an operator should look.
ROOM_BYTES_MIN = 1024 * 1024
ROOM_BYTES_CARE = 256 * 1024 * 1024
log = structlog.get_logger(__name__)


class Storage:
    """Checks every two seconds, without changing anything unless the last write failed."""

    def __init__(self, store: EventStore, folders: Sequence[Path]) -> None:
        """:param folders: folders in which files are stored; that of an SQLite database is added."""
        self._store = store
        file = store.database.file
        self._folders = [*folders, *([file.parent] if file is not None else [])]
        self._began = time.monotonic()
        self._inspected = False
        self._fault: str | None = None

    async def run(self, stop: asyncio.Event) -> None:
        """Inspects the database once, and checks it until ``stop`` is set."""
        ended = threading.Event()
        inspecting = asyncio.create_task(asyncio.to_thread(self._inspect, ended))
        try:
            while not stop.is_set():
                await asyncio.to_thread(self._look)
                await pause(stop, LOOK_SECONDS)
        finally:
            ended.set()
            await inspecting

    def check(self) -> HealthCheck:
        """The last result, for ``/readyz``."""
        database = self._store.database
        damage, refused = database.damage, database.refused
        if damage is not None:
            detail = f"{database.file} is damaged ({damage[:100]}): put back the newest backup"
            return HealthCheck(ok=False, detail=detail, remedy=Remedy.OPERATOR)
        room = self.room()
        where = f"{room // (1024 * 1024)} MiB free"
        if room < ROOM_BYTES_MIN:
            return HealthCheck(
                ok=False, detail=f"the disk is full: {where} at {self._fullest()}", remedy=Remedy.OPERATOR
            )
        if refused is not None or self._fault is not None:
            return HealthCheck(ok=False, detail=f"nothing can be written: {refused or self._fault}")
        if not self._inspected and time.monotonic() - self._began < INSPECTION_SECONDS:
            return HealthCheck(ok=False, detail="the database is being inspected")
        inspected = "" if self._inspected else ", the database is still being inspected"
        return HealthCheck(ok=True, detail=f"{where}{inspected}", care=room < ROOM_BYTES_CARE or not self._inspected)

    def room(self) -> int:
        """The free bytes of the fullest disk in use."""
        return _free(self._fullest())

    def size(self) -> int:
        """The bytes of the disk that :meth:`room` is about."""
        found = _disk(self._fullest())
        return found.f_blocks * found.f_frsize

    def _fullest(self) -> Path:
        return min(self._folders, key=_free)

    def _inspect(self, ended: threading.Event) -> None:
        try:
            self._store.database.inspect(ended)
        except sa.exc.SQLAlchemyError as error:
            log.warning("database_not_inspected", error=str(error)[:300])
        self._inspected = True

    def _look(self) -> None:
        """Takes the writers' lock, unless a transaction was committed recently."""
        database = self._store.database
        if database.refused is None and time.monotonic() - database.written < QUIET_SECONDS:
            self._fault = None
            return
        try:
            self._store.rehearse()
        except Exception as error:  # noqa: BLE001 - whatever keeps this from being written keeps a fact, too
            fault = f"{type(error).__name__}: {getattr(error, 'orig', None) or error}"[:200]
            if self._fault is None:
                log.warning("storage_refuses", error=fault)
            self._fault = fault
        else:
            self._fault = None


def file_system(folder: Path) -> str:
    """The kind of file system that a folder lies on, as the kernel calls it."""
    path, found, deepest = os.path.realpath(folder), "an unknown file system", -1
    for line in Path("/proc/self/mounts").read_text().splitlines():
        _, point, kind, *_ = line.split(" ")
        place = point.encode().decode("unicode_escape")
        inside = path == place or path.startswith(f"{place.rstrip('/')}/")
        # Of several on one point the last is what is seen.
        if inside and len(place) >= deepest:
            found, deepest = kind, len(place)
    return found


def _free(folder: Path) -> int:
    """The free bytes for a folder that may not exist yet; 0 on a read-only file system."""
    found = _disk(folder)
    return 0 if found.f_flag & os.ST_RDONLY else found.f_bavail * found.f_frsize


def _disk(folder: Path) -> os.statvfs_result:
    """The file system of a folder that may not exist yet."""
    while not folder.exists():
        folder = folder.parent
    return os.statvfs(folder)
