"""Signed heads of a running platform: out within seconds, and never over a smaller or different tree."""

import asyncio
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import httpx
import pytest
from nats.aio.msg import Msg

from ksad.chassis.client import Client
from ksad.chassis.places import DataFolder
from ksad.ledger.log.checkpoint import Checkpoint, open_checkpoint
from ksad.ledger.log.keys import read_public
from ksad.local.machine.broker import broker_command, write_broker_config
from ksad.local.machine.folder import Folder
from ksad.local.machine.forking import python
from ksad.local.machine.platform import environment_of, running, wait_settled
from ksad.local.machine.ports import Port
from ksad.local.machine.provision import make_credentials
from ksad.local.machine.reach import Reach
from ksad.reporting.keeping.export import export
from tests.support.forgers.audited import checked, failed
from tests.support.platforms.started import mostly_on
from tests.support.platforms.subscribed import Ministry
from tests.support.servers.processes import end, eventually, port_open, wait_until
from tests.support.servers.stores import copied

HEAD = {"title": "Kerja sama", "object": "sampah", "affair": "lingkungan_hidup", "parties": ["33.72", "33.11"]}
WINDOW_SECONDS = 5.0


def served(client: Client) -> bytes:
    """What stands under the address of the head; nothing for the first second after a start."""
    answer = httpx.get(f"{client.endpoints['reporting']}/checkpoint", trust_env=False)
    return b"" if answer.status_code == httpx.codes.NOT_FOUND else answer.raise_for_status().content


def head(folder: Folder, client: Client) -> Checkpoint:
    """The head that anybody gets without a token, opened with the public keys."""
    note = wait_until(lambda: served(client), what="a signed head")
    return open_checkpoint(note, "ksad/local/national", read_public(folder.keys / "public.vkeys"))


def covered(folder: Folder, client: Client, keys: list[str]) -> list[float]:
    """How many seconds each fact waited for a signed head over it."""
    waits = []
    for key in keys:
        client.post("registry", "/cooperations", "region:33.72", key, {"key": key, **HEAD})
        accepted = time.monotonic()
        wait_settled(client)
        size = client.get("reporting", "/status", "operator")["journal"]["size"]
        wait_until(lambda size=size: head(folder, client).size >= size, what=f"a head over {size} entries")  # type: ignore[misc] # bound now
        waits.append(time.monotonic() - accepted)
    return waits


@contextmanager
def reporting_alone(folder: Folder) -> Iterator[str]:
    """Reporting with a broker and nobody else: the address of the one."""
    folder.make()
    ports = [Port(), Port()]
    broker_port, port = (one.number for one in ports)
    make_credentials(folder, f"nats://127.0.0.1:{broker_port}")
    command = broker_command(write_broker_config(folder, Reach().listening(broker_port)))
    processes = [subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)]
    settings = environment_of(folder, "local", "reporting", port, f"nats://127.0.0.1:{broker_port}")
    try:
        wait_until(lambda: port_open(broker_port), what="the broker")
        environment = {**os.environ, **settings}
        processes.append(
            subprocess.Popen(python("ksad.reporting", "serve"), env=environment, stdout=subprocess.DEVNULL)
        )
        wait_until(lambda: port_open(port), seconds=60, what="reporting")
        yield f"http://127.0.0.1:{port}"
    finally:
        for process in reversed(processes):
            end(process)
        for one in ports:
            one.close()


def refusal(address: str) -> str:
    """What the check of the heads says; the service was never ready before."""
    answer = httpx.get(f"{address}/readyz", trust_env=False, timeout=30)
    assert answer.status_code == httpx.codes.SERVICE_UNAVAILABLE
    said = str(answer.json()["checks"]["checkpoints"])
    return said if "were signed" in said else ""


@pytest.mark.timeout(400)
@pytest.mark.anyio
@pytest.mark.xdist_group("feeds")
async def test_a_province_hears_a_head_over_what_was_accepted(ministry: Ministry) -> None:
    """National heads are told over NATS, too: each opens with the public key, and one is over the accepted fact."""
    heard: list[Checkpoint] = []
    keys = read_public(ministry.folder.keys / "public.vkeys")

    async def hear(message: Msg) -> None:
        heard.append(open_checkpoint(message.data, "ksad/umpan/national", keys))

    async with ministry.connected("33") as client:
        await client.subscribe("ksad.checkpoint.national", cb=hear)
        await client.flush()
        await asyncio.to_thread(ministry.register, "33", "36")
        size = int(ministry.get("/checkpoint").text.split("\n")[1])

        async def covered() -> bool:
            return bool(heard) and heard[-1].size >= size

        await eventually(covered, what=f"a head over {size} entries")


@mostly_on("sqlite")
def test_an_old_backup_is_noticed_and_refilled(folder: Folder, tmp_path: Path) -> None:
    """A fact is under a head within seconds; a journal of yesterday is refused, and goes on once it is refilled."""
    with running(folder, starts_on=date(2026, 1, 5)) as platform, platform.client() as client:
        waits = covered(folder, client, ["alfa", "beta", "gama"])
        old = head(folder, client)
        assert sorted(waits)[1] < WINDOW_SECONDS, waits
        put_back = copied(folder, "reporting", tmp_path / "old")
        covered(folder, client, ["delta"])
        signed = head(folder, client)
    note = (folder.root / "log" / "checkpoint").read_bytes()

    put_back()
    folder.nats.rename(tmp_path / "stream")
    with reporting_alone(folder) as address:
        said = wait_until(lambda: refusal(address), what="the refusal", every=0.2)
        asked = httpx.get(f"{address}/checkpoint", trust_env=False, timeout=30)
    assert f"{old.size} entries here, {signed.size} were signed, from entry {old.size} on they are not here" in said
    assert "older backup was restored" in said
    assert asked.status_code == httpx.codes.SERVICE_UNAVAILABLE
    assert "were signed" in asked.json()["detail"]
    assert (folder.root / "log" / "checkpoint").read_bytes() == note

    shutil.rmtree(folder.nats)
    (tmp_path / "stream").rename(folder.nats)
    with running(folder) as platform, platform.client() as client:
        wait_until(lambda: head(folder, client) == signed, what="the last signed head, refilled")
        covered(folder, client, ["epsilon"])
        assert head(folder, client).size > signed.size
    export(DataFolder(folder.root), tmp_path / "archive.tar")
    assert failed(checked(tmp_path / "archive.tar", folder.keys / "public.vkeys", since=[note])) == {}
