"""Run as a program, which has one thread and so may be copied: reads an archive, and tells which process did what.

Pytest always has other threads, so under it nothing is shared. What becomes of the copy is asked: it ``works``, is
``killed`` at once, ``fails`` because it may open no file, or is ``empty``, as if there were no feeds.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import tarfile
import tempfile
from array import array
from collections.abc import Callable, Iterable
from fcntl import ioctl
from multiprocessing import active_children
from pathlib import Path
from termios import FIONREAD
from typing import Any, NamedTuple

from ksad.audit.checks import verify
from ksad.audit.checks.beside import Copy
from ksad.audit.checks.membership import Feed
from ksad.audit.checks.reading import MANY, Reading
from ksad.ledger.log.keys import read_public
from tests.support.servers.processes import wait_until
from tests.support.text.source import ROOT


class Did(NamedTuple):
    """What happened: how often the process was copied, and what it has found; of the files, which it opened itself."""

    verdict: dict[str, Any]
    verify_copies: int
    hashes: list[str]
    opened: list[str]
    reading_copies: int
    roots: dict[str, dict[str, str]]
    roots_copies: int


def in_two(archive: Path, keys: Path, copy: str) -> Did:
    """What a process of its own does with an archive."""
    command = [sys.executable, "-m", __name__, str(archive), str(keys), copy]
    # Not measured where coverage is: a measured copy of a process may wait for ever for what its parent holds.
    plain = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
    done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, timeout=60, env=plain)
    return Did(**json.loads(done.stdout))


def many(feed: Iterable[int]) -> array[int]:
    """The entries of a feed so often that another process is worth its while."""
    entries = array("q", feed)
    return entries * (MANY // len(entries) + 1)


def long(feed: Feed) -> Feed:
    """Such a feed."""
    found = Feed()
    found.late.append((0, many(feed)))
    return found


def main(archive: Path, keys: Path, copy: str, folder: Path) -> None:
    """Read an archive in all three ways that may be shared: verify it, hash its leaves, compute roots of long feeds."""
    copies: list[int] = []
    opened: list[str] = []
    becomes: dict[str, Callable[[], object]] = {
        "works": lambda: None,
        "killed": lambda: os.kill(os.getpid(), signal.SIGKILL),
        "fails": lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0)),
        "empty": lambda: setattr(reading, "found", reading.found._replace(feeds={})),
    }
    os.register_at_fork(after_in_parent=lambda: copies.append(1), after_in_child=becomes[copy])
    sys.addaudithook(lambda event, args: opened.append(Path(args[0]).name) if _reads_events(event, args) else None)

    with tarfile.open(archive) as tar:
        tar.extractall(folder, filter="data")
    reading = Reading(folder / "ksad-archive" / "data" / "events")
    verdict = {check.name: check._asdict() for check in verify.verify(archive, verify.Asked(read_public(keys))).checks}
    verify_copies = len(copies)
    opened.clear()
    with reading:
        hashes = [] if "archive" in verdict else [digest.hex() for digest in reading.hashes()]
    own, reading_copies = sorted(opened), len(copies)
    feeds = {province: long(feed) for province, feed in reading.found.feeds.items()}
    reading.found = reading.found._replace(feeds=feeds)
    roots = reading.feed_roots({province: [len(feed) // 3, len(feed)] for province, feed in feeds.items()})
    told = {province: {str(size): root.hex() for size, root in found.items()} for province, found in roots.items()}
    did = Did(verdict, verify_copies, hashes, own, reading_copies - verify_copies, told, len(copies) - reading_copies)
    sys.stdout.write(json.dumps(did._asdict()))


def kill_answering(asked: Copy[Any, Any]) -> None:
    """Kill the copy after its answer has begun to arrive, and before it has ended."""
    waiting = array("i", [0])
    assert asked._pipes is not None
    _, answering = asked._pipes

    def begun() -> bool:
        ioctl(answering.fileno(), FIONREAD, waiting)
        return waiting[0] > 10_000

    wait_until(begun, what="an answer has begun")
    (copy,) = active_children()
    copy.kill()
    copy.join()


def _reads_events(event: str, args: tuple[object, ...]) -> bool:
    return event == "open" and isinstance(args[0], str) and args[0].endswith(".jsonl.zst")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], Path(scratch))
