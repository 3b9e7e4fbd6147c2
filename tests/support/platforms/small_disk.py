"""Run as a program, which mounts small disks for itself alone: a platform whose disk is filled and freed again.

``unshare`` gives the program user, group and mounts of its own, so that it needs no rights and leaves nothing mounted.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import orjson
import psutil

from ksad.local.machine.folder import Folder
from ksad.local.machine.operations import rebuild
from ksad.local.machine.platform import Platform, running
from tests.support.histories.load import Clerks
from tests.support.platforms.evidence import assert_each_once, journal, settle
from tests.support.servers.processes import wait_until
from tests.support.text.source import ROOT

START = date(2026, 1, 5)
ALONE = ["unshare", "--user", "--map-root-user", "--mount"]
DATA_BYTES = 96 * 1024 * 1024
LOGS_BYTES = 512 * 1024
STREAM_BYTES = 32 * 1024 * 1024
FULL_SECONDS = 8.0
SILENT_SECONDS = 15.0
"""A message that the broker says nothing of is given ten."""
RECOVERY_SECONDS = 30.0
BLOCK = b"\0" * 65_536


class Told(NamedTuple):
    """What was seen of a full disk and after it.

    ``answers`` are status, media type and rule of commands while it was full; ``red`` what readiness said then;
    ``care`` what it said before; ``free`` the metric; ``seconds`` until all was well again; ``left`` files that should
    be gone; ``dead`` children that nobody has buried; ``restarts`` how often each process was started again.
    """

    answers: list[tuple[int, str, str]]
    care: str
    red: dict[str, dict[str, str]]
    free: float
    seconds: float
    left: list[str]
    dead: list[str]
    accepted: int
    restarts: dict[str, int]


def can_mount() -> bool:
    """Whether a program of this user may mount disks for itself."""
    with suppress(OSError):
        return subprocess.run([*ALONE, "true"], check=False, capture_output=True).returncode == 0
    return False


def filled_and_freed(data: Path, which: str) -> Told:
    """What a platform in an empty folder goes through when a disk is full.

    :param which: ``all``: everything is on the small disk; ``logs elsewhere``: all but the logs; ``logs`` or ``nats``:
        these alone.
    """
    command = [*ALONE, sys.executable, "-m", __name__, str(data), which]
    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, timeout=240)
    assert done.returncode == 0, done.stderr.decode()[-6000:]
    return Told(**json.loads(done.stdout.splitlines()[-1]))


def _mount(folder: Path, size: int) -> None:
    folder.mkdir(parents=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size},mode=700", "none", str(folder)], check=True)


@contextmanager
def _full(folder: Path) -> Iterator[None]:
    """Within the block not a byte is free there."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(BLOCK)
    deadline = time.monotonic() + 1
    with filler.open("ab", buffering=0) as file:
        while time.monotonic() < deadline:  # What others free in the same moment, too.
            with suppress(OSError):
                file.write(b"\0" * 4096)
            time.sleep(0.02)
    try:
        yield
    finally:
        filler.unlink()


def _readiness(platform: Platform) -> dict[str, Any]:
    found = {}
    with httpx.Client(timeout=5, trust_env=False) as http:
        for service in ("registry", "supervision", "reporting"):
            try:
                found[service] = http.get(f"{platform.endpoints[service]}/readyz").json()
            except (httpx.HTTPError, ValueError) as error:
                found[service] = {"ready": False, "checks": {"answer": f"FAILED: {error!r}"}}
    return found


def _failing(platform: Platform) -> dict[str, dict[str, str]]:
    return {
        service: {name: text for name, text in said["checks"].items() if text.startswith("FAILED")}
        for service, said in _readiness(platform).items()
        if not said["ready"]
    }


def _command(platform: Platform, number: int) -> tuple[int, str, str]:
    token = platform.endpoints["tokens"]["region:33.72"]
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": f"probe-{number}"}
    try:
        url = f"{platform.endpoints['registry']}/cooperations"
        answer = httpx.post(url, json=_registration(number), headers=headers, timeout=15, trust_env=False)
    except httpx.HTTPError as error:
        return 0, type(error).__name__, ""
    kind = answer.headers.get("content-type", "")
    return answer.status_code, kind, answer.json().get("rule", "") if kind.endswith("json") else ""


def _registration(number: int) -> dict[str, Any]:
    return {
        "key": f"penuh-{number}",
        "title": "Sampah",
        "object": "sampah",
        "affair": "lingkungan_hidup",
        "parties": ["33.72", "33.13"],
    }


def _free(platform: Platform) -> float:
    text = httpx.get(f"{platform.endpoints['registry']}/metrics", timeout=10, trust_env=False).text
    (line,) = [line for line in text.splitlines() if line.startswith("ksad_storage_free_bytes{")]
    return float(line.rpartition(" ")[2])


def _kill(platform: Platform, name: str) -> None:
    (child,) = [child for child in platform.processes.children if child.name == name]
    assert child.process is not None
    with suppress(ProcessLookupError):
        os.kill(child.process.pid, signal.SIGKILL)


def _play(data: Path, which: str) -> Told:
    folder = Folder(data)
    full = {"logs": folder.logs, "nats": folder.nats}.get(which, data)
    if which in {"logs", "nats"}:
        _mount(full, LOGS_BYTES if which == "logs" else STREAM_BYTES)
    else:
        _mount(data, DATA_BYTES)
        if which == "logs elsewhere":
            elsewhere = data.with_name("logs")
            elsewhere.mkdir()
            folder.logs.symlink_to(elsewhere)
    with running(folder, starts_on=START) as platform:
        care = _readiness(platform)["registry"]["checks"]["storage"]
        with Clerks(platform.endpoints, () if which == "nats" else ("w0", "w1"), 0) as clerks:
            time.sleep(2)
            with _full(full):
                free, until = _free(platform), time.monotonic() + (SILENT_SECONDS if which == "nats" else FULL_SECONDS)
                if which != "nats":
                    _kill(platform, "supervision")
                answers: list[tuple[int, str, str]] = []
                red: dict[str, dict[str, str]] = {}
                while time.monotonic() < until:
                    if which != "logs":
                        answers.append(_command(platform, len(answers)))
                    red |= _failing(platform)
                    time.sleep(0.3)
            freed = time.monotonic()
            _kill(platform, "registry")
            wait_until(lambda: not _failing(platform), seconds=90, every=0.2, what="a platform that is well")
            seconds = time.monotonic() - freed
            time.sleep(1)
        settle(platform.endpoints)
        dead = [one.name() for one in psutil.Process().children(recursive=True) if one.status() == psutil.STATUS_ZOMBIE]
        assert_each_once(folder, platform.endpoints["nats"])
        known = {orjson.loads(raw)["id"] for raw in journal(folder)}
        assert {event for one in clerks.sent for event in one.events} <= known
        assert rebuild(folder, None, switch=False)["identical"]
        left = [str(one) for one in data.rglob(".*") if one.is_file()] + [str(one) for one in data.rglob("*.pending")]
        accepted = sum(len(one.events) for one in clerks.sent)
        restarts = {child.name: child.restarts for child in platform.processes.children}
    return Told(answers, care, red, free, seconds, left, dead, accepted, restarts)


if __name__ == "__main__":
    told = _play(Path(sys.argv[1]), sys.argv[2])
    shutil.rmtree(sys.argv[1], ignore_errors=True)
    sys.stdout.write("\n" + json.dumps(told._asdict()) + "\n")
