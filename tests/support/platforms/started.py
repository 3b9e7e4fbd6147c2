"""`ksad up` as a process of its own, with what it writes about itself."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.support.platforms.command import start
from tests.support.servers.processes import kill_tree, wait_until

READY_SECONDS = 60
KINDS = ("sqlite", "postgresql")


def mostly_on(chosen: str) -> pytest.MarkDecorator:
    """A platform on this kind of database in `make test`, and on the other in `make torture` only.

    For a journey through a whole platform whose steps have tests of their own on both databases.
    """
    kinds = [kind if kind == chosen else pytest.param(kind, marks=pytest.mark.torture) for kind in KINDS]
    return pytest.mark.parametrize("folder", kinds, indirect=True)


@contextmanager
def started_platform(data: Path, *words: str, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """`ksad up` as a process, ready; killed with all it started at the end, unless it ended."""
    before = _endpoints(data)
    process = start("up", "--data-dir", data, *words, environment=environment)
    try:
        wait_until(
            lambda: process.poll() is not None or _endpoints(data) not in {None, before},
            seconds=READY_SECONDS,
            what="ksad up",
        )
        assert process.poll() is None, process.stderr and process.stderr.read()
        yield process
    finally:
        kill_tree(process)
        close(process)


def _endpoints(data: Path) -> str | None:
    try:
        return (data / "endpoints.json").read_text()
    except FileNotFoundError:
        return None


def close(process: subprocess.Popen[bytes]) -> None:
    """Close the pipes of a process that has ended."""
    for stream in (process.stdout, process.stderr):
        if stream is not None:
            stream.close()


def noted_children(data: Path) -> dict[str, dict[str, Any]]:
    """The children that a platform has noted down, by name."""
    return {one["name"]: one for one in json.loads((data / "processes.json").read_text())["children"]}
