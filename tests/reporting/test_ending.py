"""A service that is asked to end says so first, lets nobody wait, and is gone within seconds."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from ksad.chassis.auth import LocalIssuer
from ksad.local.machine.ports import Port
from tests.reporting.test_app import tell
from tests.support.servers.processes import end, wait_until
from tests.support.servers.schemas import at

POLLS = 12


@pytest.fixture
def service(tmp_path: Path, nats_url: str) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """Reporting as a process of its own, with its address."""
    port = Port()
    environment = {
        "KSAD_DATABASE_URL": at(f"sqlite:///{tmp_path / 'reporting.sqlite'}", "reporting"),
        "KSAD_NATS_URL": nats_url,
        "KSAD_DOCUMENTS_DIR": str(tmp_path / "documents"),
        "KSAD_ISSUER_KEYS_DIR": str(tmp_path / "issuer"),
        "KSAD_KEYS_DIR": str(tmp_path / "keys"),
        "KSAD_PORT": str(port.number),
    }
    url = f"http://127.0.0.1:{port.number}"
    with (tmp_path / "reporting.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "ksad.reporting", "serve"], env=os.environ | environment, stderr=log
        )
    try:
        wait_until(lambda: ready(url), seconds=60, what="reporting")
        yield process, url
    finally:
        end(process)
        port.close()


def ready(url: str) -> httpx.Response | None:
    """The answer of ``/readyz``, if there is one and it is green."""
    try:
        answer = httpx.get(f"{url}/readyz", timeout=5)
    except httpx.TransportError:
        return None
    return answer if answer.is_success else None


@pytest.mark.fault(
    "bug-reports 10",
    kind="what hangs on the end of a process is cut off instead of told",
    looked="long polls, readings that wait for a position, workers, relays and followers of the three services",
    found="a position that was waited for held the end back as a poll did; a request that was cut off got a bare 500",
)
@pytest.mark.fault(
    "province F3",
    kind="what hangs on the end of a process is cut off instead of told",
    looked="as bug-reports 10",
    found="nothing more",
)
def test_an_end_is_said_first(service: tuple[subprocess.Popen[bytes], str], tmp_path: Path, nats_url: str) -> None:
    """Polls are answered with what there is within a second, readiness says that the service ends, then it is gone."""
    process, url = service
    asyncio.run(tell(nats_url))
    headers = {"Authorization": f"Bearer {LocalIssuer(tmp_path / 'issuer').issue('feed:33')}"}
    auditor = {"Authorization": f"Bearer {LocalIssuer(tmp_path / 'issuer').issue('auditor')}"}

    def size() -> int:
        return int(httpx.get(f"{url}/feeds/33", headers=headers, timeout=30).headers["Ksad-Feed-Size"])

    wait_until(size, what="an entry of the feed")
    after = size()

    def poll(number: int) -> tuple[int, str, float]:
        query = {"after": after, "wait": 30} if number % 3 else {}
        waiting = headers if number % 3 else auditor | {"Ksad-After": "registry:99999"}
        path = "/feeds/33" if number % 3 else "/cooperations"
        answer = httpx.get(url + path, params=query, headers=waiting, timeout=60)
        return answer.status_code, answer.headers["content-type"], time.monotonic()

    with ThreadPoolExecutor(POLLS) as pool:
        polls = [pool.submit(poll, number) for number in range(POLLS)]
        time.sleep(1.5)
        process.send_signal(signal.SIGTERM)
        asked = time.monotonic()
        said = []
        while (look := look_at(url)) is not None:
            said.append(look)
        answers = [one.result() for one in polls]
        process.wait(10)
        seconds = time.monotonic() - asked
    assert any(one.status_code == 503 and "draining" in one.json()["checks"] for one in said)
    assert max(when for *_, when in answers) - asked < 1.5
    assert {(status, media) for status, media, _ in answers} == {
        (200, "application/x-ndjson"),
        (503, "application/problem+json"),
    }
    assert seconds < 5
    assert b"Traceback" not in (tmp_path / "reporting.log").read_bytes()


def look_at(url: str) -> httpx.Response | None:
    """What ``/readyz`` says, or None as soon as nobody takes connections any more."""
    try:
        return httpx.get(f"{url}/readyz", timeout=5)
    except httpx.TransportError:
        return None
