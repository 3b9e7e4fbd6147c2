"""Child processes of a test: bounded waiting, and an end that leaves nobody behind."""

import asyncio
import signal
import socket
import subprocess
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import TypeVar

import psutil

T = TypeVar("T")
SHORTEST, LONGEST = 0.01, 0.1
"""Seconds between two looks at what is waited for."""


class WaitedTooLong(AssertionError):
    """What a test waited for did not come true in time."""


def port_open(port: int) -> bool:
    """Whether somebody accepts connections on this loopback port."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _pauses(every: float | None) -> Iterator[float]:
    """The pauses between two looks: `every` seconds, or a tenth of what was waited already and of a second at most.

    What takes long is not kept from it by being looked at.
    """
    began = time.monotonic()
    while True:
        yield min(LONGEST, max(SHORTEST, (time.monotonic() - began) / 10)) if every is None else every


def wait_until(
    condition: Callable[[], T], *, seconds: float = 30, every: float | None = None, what: str = "condition"
) -> T:
    """The first truthy answer of the condition, which is asked until `seconds` have passed, `every` so many if given.

    Raises WaitedTooLong, naming `what` and the last answer.
    """
    deadline, pauses = time.monotonic() + seconds, _pauses(every)
    while not (answer := condition()):
        if time.monotonic() > deadline:
            raise WaitedTooLong(f"{what}: not within {seconds} s, last answer {answer!r}")
        time.sleep(next(pauses))
    return answer


async def eventually(
    condition: Callable[[], Awaitable[T]], *, seconds: float = 30, every: float | None = None, what: str = "condition"
) -> T:
    """As wait_until, for a condition that is awaited."""
    deadline, pauses = time.monotonic() + seconds, _pauses(every)
    while not (answer := await condition()):
        if time.monotonic() > deadline:
            raise WaitedTooLong(f"{what}: not within {seconds} s, last answer {answer!r}")
        await asyncio.sleep(next(pauses))
    return answer


def end(process: subprocess.Popen[bytes], *, how: signal.Signals = signal.SIGTERM, seconds: float = 10) -> None:
    """Ends a process and waits for it; what does not end in time is killed. An ended process is left as it is."""
    if process.poll() is None:
        process.send_signal(how)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(seconds)


def kill_tree(process: subprocess.Popen[bytes], *, seconds: float = 10) -> None:
    """Kills a process and everything it started with SIGKILL, and waits until all of them are gone."""
    try:
        family = [*psutil.Process(process.pid).children(recursive=True), psutil.Process(process.pid)]
    except psutil.NoSuchProcess:
        family = []
    for member in reversed(family):
        try:
            member.kill()
        except psutil.NoSuchProcess:
            continue
    process.wait(seconds)
    psutil.wait_procs(family, timeout=seconds)
