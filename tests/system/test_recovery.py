"""An old backup of a service's store on a running platform: nothing is lost, doubled or decided anew."""

import os
import random
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest

from ksad.chassis.client import Client, ProblemError
from ksad.chassis.places import SERVICES
from ksad.local.machine.folder import Folder
from tests.support.histories.load import PARTIES, Clerks, Sent
from tests.support.platforms.command import ksad
from tests.support.platforms.evidence import assert_each_once, assert_shows, settle, stored
from tests.support.platforms.started import mostly_on, noted_children, started_platform
from tests.support.servers.processes import wait_until
from tests.support.servers.stores import copied

START = date(2026, 1, 5)
SECONDS = 60


def write(endpoints: dict[str, Any], name: str, rng: random.Random) -> list[Sent]:
    """A clerk writes about two cooperations, and everybody has seen it."""
    with Clerks(endpoints, (name,), rng.random()) as clerks:
        wait_until(lambda: len(clerks.sent) > 1, seconds=SECONDS, what="a clerk's work")
    settle(endpoints)
    return clerks.sent


@contextmanager
def stopped(pid: int) -> Iterator[None]:
    """A process does nothing for the length of a block."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def put_back(process: subprocess.Popen[bytes], data: Path, service: str, store: Callable[[], None]) -> None:
    """While nobody restarts it, a service is killed and its store replaced by an old copy."""
    with stopped(process.pid):
        killed = noted_children(data)[service]["pid"]
        os.kill(killed, signal.SIGKILL)
        store()
    wait_until(lambda: noted_children(data)[service]["pid"] != killed, seconds=SECONDS, what=f"a new {service}")


def unready(endpoints: dict[str, Any], service: str) -> str:
    """What a service that is not ready says of its store, once it answers."""

    def told() -> str | None:
        try:
            answer = httpx.get(f"{endpoints[service]}/readyz", timeout=10, trust_env=False)
        except httpx.TransportError:
            return None
        return str(answer.json()["checks"]["store"]) if answer.status_code == 503 else None

    return wait_until(told, seconds=SECONDS, what=f"a {service} that says so") or ""


def refused(endpoints: dict[str, Any], one: Sent) -> bool:
    """Whether the registry refuses to write because it does not know yet what the log has."""
    path, body, _ = one.registration()
    with Client(endpoints, attempts=1) as client:
        try:
            client.post("registry", path, one.clerk, one.key, body)
        except ProblemError as error:
            return (error.status, error.rule) == (503, "store-behind-log")
    return False


def accept(endpoints: dict[str, Any], one: Sent) -> Sent:
    """A command that is sent until it is accepted."""
    path, body, fact = one.registration()
    with Client(endpoints, attempts=100) as client:
        one.accepted(fact, client.post("registry", path, one.clerk, one.key, body)["events"])
    return one


@mostly_on("sqlite")
@pytest.mark.timeout(300)
@pytest.mark.parametrize("count", [1, pytest.param(len(SERVICES), marks=pytest.mark.torture)])
def test_an_old_backup_refuses_writes_until_it_is_whole(
    folder: Folder, tmp_path: Path, rng: random.Random, count: int
) -> None:
    """A store that is put back to a backup takes no command before it has all that the log has of it."""
    with started_platform(folder.root, "--simulated", START.isoformat()) as process:
        endpoints = folder.running()
        sent = write(endpoints, "before", rng)
        chosen = rng.sample(SERVICES, k=count)
        copies = {service: copied(folder, service, tmp_path / service) for service in chosen}
        sent += write(endpoints, "after", rng)
        broker = noted_children(folder.root)["nats-server"]["pid"]
        for service in chosen:
            before = stored(folder, service)
            with stopped(broker):
                put_back(process, folder.root, service, copies[service])
                assert unready(endpoints, service).startswith("FAILED")
                assert len(stored(folder, service)) < len(before) or service == "reporting"
                one = Sent(f"while-{service}", PARTIES[0])
                assert refused(endpoints, one) or service != "registry"
            sent.append(accept(endpoints, one))
            settle(endpoints)
            assert stored(folder, service)[: len(before)] == before
        assert_each_once(folder, endpoints["nats"])
        assert_shows(folder, sent, START)
        # What was signed before is signed again within a second after it is back.
        wait_until(lambda: ksad("status", "--data-dir", folder.root).code == 0, seconds=SECONDS, what="all is well")
