"""Examines what a service stands on: versions, schema, clock, disks, certificates, keys, replication and backups.

It changes nothing. What it finds says what is wrong, where, and what mends it.
"""

from __future__ import annotations

import asyncio
import platform
import shutil
import stat
import time
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, NamedTuple

import httpx
import sqlalchemy as sa

from ksad.chassis.broker import Broker, UnavailableError
from ksad.chassis.bucket import Bucket, BucketAwayError
from ksad.chassis.certificates import CERTIFICATES, days_left
from ksad.chassis.loopback import is_loopback
from ksad.chassis.migrations import SchemaError, Step, check
from ksad.chassis.settings import Settings
from ksad.chassis.storage import ROOM_BYTES_CARE, file_system

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from ksad.chassis.database import Database

CERTIFICATE_DAYS_MIN = 21
CLOCK_SECONDS_MAX = 1.0
ROOM_SHARE_MIN = 0.1
CONNECT_SECONDS = 5.0
ANSWER_SECONDS = 5.0
FOLDERS = ("documents_dir", "keys_dir", "log_dir")
KEYS = ("nats_nkey_seed_file", "feeds_nkey_seed_file", "nats_client_key_file", "tls_key_file")
SHARED = {"nfs", "nfs4", "cifs", "smb3", "ceph", "fuse.ceph", "fuse.glusterfs", "gfs2", "ocfs2", "lustre", "gpfs"}
"""File systems that several machines mount at the same time."""
DURABLE = {"fsync": {"on"}, "full_page_writes": {"on"}, "synchronous_commit": {"on", "remote_write", "remote_apply"}}
"""Settings of PostgreSQL without which a commit may be lost."""


class Examined(NamedTuple):
    """What was examined, where, and what was seen there; ``mend`` says what to do, and is empty where all is well."""

    part: str
    where: str
    seen: str
    mend: str = ""


def examine(service: str, steps: Sequence[Step], settings: Settings, database: Database) -> list[Examined]:
    """Examines everything; what cannot be reached is a finding, too."""
    found = [
        Examined("version", platform.node(), f"ksad {version('ksad-chassis')}, Python {platform.python_version()}")
    ]
    found += _database(service, steps, settings, database)
    found += _files(settings)
    found.append(_documents(settings, service))
    return found + asyncio.run(_broker(service, settings))


def _database(service: str, steps: Sequence[Step], settings: Settings, database: Database) -> Iterator[Examined]:
    where = database.where
    try:
        yield _schema(service, steps, database)
        if database.dialect == "postgresql":
            with database.read() as connection:
                yield from _postgresql(connection, where, several=settings.nats_replicas > 1)
    except (sa.exc.DBAPIError, sa.exc.TimeoutError, OSError) as error:
        reason = " ".join(str(getattr(error, "orig", error)).split())[:200]
        yield Examined("database", where, reason, "see that the server runs, and that KSAD_DATABASE_URL leads to it")


def _schema(service: str, steps: Sequence[Step], database: Database) -> Examined:
    try:
        return Examined("schema", database.where, f"schema {check(database, service, steps)}")
    except SchemaError as error:
        return Examined("schema", database.where, str(error), f"python -m ksad.{service} migrate")


def _postgresql(connection: sa.Connection, where: str, *, several: bool) -> Iterator[Examined]:
    def one(query: str) -> list[Any]:
        return list(connection.execute(sa.text(query)).one())

    began = time.time()
    (told,) = one("SELECT CAST(extract(epoch FROM clock_timestamp()) AS float)")
    offset = told - (began + time.time()) / 2
    mend = "" if abs(offset) <= CLOCK_SECONDS_MAX else "let chrony or systemd-timesyncd set the clocks of both machines"
    yield Examined("clock", where, f"{offset:+.3f} s from this machine", mend)
    for name, good in DURABLE.items():
        (value,) = one(f"SHOW {name}")
        if value not in good:
            yield Examined("database", where, f"{name} is {value}", f"ALTER SYSTEM SET {name} = on, then reload")
    ssl, server = one("SELECT ssl, host(inet_server_addr()) FROM pg_stat_ssl WHERE pid = pg_backend_pid()")
    if ssl or server is None or is_loopback(str(server)):
        yield Examined("line", where, "encrypted" if ssl else "does not leave this machine")
    else:
        mend = "add ?sslmode=verify-full&sslrootcert=… to KSAD_DATABASE_URL"
        yield Examined("line", where, f"plain to {server}", mend)
    if several:
        yield from _replication(connection, where)


def _replication(connection: sa.Connection, where: str) -> Iterator[Examined]:
    rows = connection.execute(sa.text("SELECT sync_state FROM pg_stat_replication")).scalars().all()
    in_step = sum(one in {"sync", "quorum"} for one in rows)
    seen = f"{len(rows)} standbys, {in_step} of them synchronous"
    if None in rows:
        mend = "GRANT pg_monitor TO the role of the service"
        yield Examined("replication", where, "may not be seen by this role", mend)
    elif not in_step:
        mend = "a commit is on one machine only: start a standby, and see synchronous_mode of Patroni"
        yield Examined("replication", where, seen, mend)
    else:
        yield Examined("replication", where, seen)
    query = "SELECT current_setting('archive_mode'), last_archived_time, failed_count > 0 AND "
    query += "(last_archived_time IS NULL OR last_failed_time > last_archived_time) FROM pg_stat_archiver"
    mode, last, failing = connection.execute(sa.text(query)).one()
    if mode == "off":
        yield Examined("backups", where, "WAL is not archived", "set archive_mode and archive_command (pgBackRest)")
    elif failing:
        mend = "see the log of PostgreSQL and the room of the repository"
        yield Examined("backups", where, f"archiving fails, the last success was at {last}", mend)
    else:
        yield Examined("backups", where, f"WAL archived, last at {last}")


def _documents(settings: Settings, service: str) -> Examined:
    """Whether documents are kept where all machines see them."""
    access = settings.bucket()
    if access is None:
        kind, where = file_system(settings.documents_dir), f"KSAD_DOCUMENTS_DIR={settings.documents_dir}"
        alone = settings.nats_replicas > 1 and kind not in SHARED
        mend = "other machines do not see it: set KSAD_DOCUMENTS_BUCKET, or put the folder on storage that all mount"
        return Examined("documents", where, f"a folder on {kind}", mend if alone else "")
    try:
        fault = Bucket(access, service).fault()
    except BucketAwayError as error:
        return Examined("documents", access.where, str(error), "see that the bucket's server runs, and who may ask it")
    if fault is None:
        return Examined("documents", access.where, "a bucket that locks what it is given")
    seen, _, mend = fault.partition(": ")
    return Examined("documents", access.where, seen, mend)


def _files(settings: Settings) -> Iterator[Examined]:
    examined: tuple[tuple[tuple[str, ...], Callable[[str, Path], Examined]], ...] = (
        (FOLDERS, _folder),
        (CERTIFICATES, _certificate),
        (KEYS, _key),
    )
    for names, look in examined:
        for name in names:
            path: Path | None = getattr(settings, name, None)
            if path is not None:
                yield look(f"KSAD_{name.upper()}={path}", path)


def _folder(where: str, path: Path) -> Examined:
    try:
        usage = shutil.disk_usage(path)
    except OSError as error:
        return Examined("disk", where, str(error), "make the folder, owned by the user of the service")
    seen = f"{usage.free // 2**20:,} MiB free, {usage.free / usage.total:.0%}"
    narrow = usage.free < ROOM_BYTES_CARE or usage.free < ROOM_SHARE_MIN * usage.total
    return Examined("disk", where, seen, "make room, or enlarge the disk: what is stored only grows" if narrow else "")


def _certificate(where: str, path: Path) -> Examined:
    try:
        days = days_left(path)
    except (OSError, ValueError) as error:
        return Examined("certificate", where, str(error), "put the certificate there as PEM")
    mend = "" if days >= CERTIFICATE_DAYS_MIN else "renew it; a new file holds from the next start or connection on"
    return Examined("certificate", where, f"ends in {days:.0f} days", mend)


def _key(where: str, path: Path) -> Examined:
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        path.read_bytes()
    except OSError as error:
        return Examined("key", where, str(error), "put the key there, readable by the user of the service only")
    mend = f"chmod 600 {path}: others may read it" if mode & 0o077 else ""
    return Examined("key", where, f"mode {mode:o}", mend)


async def _broker(service: str, settings: Settings) -> list[Examined]:
    where = settings.nats_url
    found = []
    async with Broker.from_settings(settings, f"{service}-doctor") as broker:
        try:
            await broker.wait_connected(CONNECT_SECONDS)
            state = await broker.open_log()
            release = ".".join(map(str, broker.server_version))
            found.append(Examined("broker", where, f"nats-server {release}, {state.last:,} messages"))
        except UnavailableError as error:
            found.append(Examined("broker", where, str(error), "see the log of nats-server, and docs/production.md"))
    tls = settings.nats_tls().context()
    async with httpx.AsyncClient(trust_env=False, timeout=ANSWER_SECONDS, verify=tls or True) as http:
        for address in settings.nats_monitors():
            try:
                answer = await http.get(f"{address}/healthz")
                seen, well = answer.text[:200], answer.is_success
            except httpx.HTTPError as error:
                seen, well = f"does not answer ({type(error).__name__})", False
            found.append(Examined("broker", address, seen, "" if well else "start this nats-server, or see its log"))
    return found
