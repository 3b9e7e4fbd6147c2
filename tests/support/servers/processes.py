"""Child processes of a test: bounded waiting, and an end that leaves nobody behind."""

import asyncio
import signal
import socket
import subprocess
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

import psutil

T = TypeVar("T")


class WaitedTooLong(AssertionError):
    """What a test waited for did not come true in time."""


def port_open(port: int) -> bool:
    """Whether somebody accepts connections on this loopback port."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def wait_until(condition: Callable[[], T], *, seconds: float = 30, every: float = 0.02, what: str = "condition") -> T:
    """The first truthy answer of the condition, which is asked until `seconds` have passed.

    Raises WaitedTooLong, naming `what` and the last answer.
    """
    deadline = time.monotonic() + seconds
    while not (answer := condition()):
        if time.monotonic() > deadline:
            raise WaitedTooLong(f"{what}: not within {seconds} s, last answer {answer!r}")
        time.sleep(every)
    return answer


async def eventually(
    condition: Callable[[], Awaitable[T]], *, seconds: float = 30, every: float = 0.02, what: str = "condition"
) -> T:
    """As wait_until, for a condition that is awaited."""
    deadline = time.monotonic() + seconds
    while not (answer := await condition()):
        if time.monotonic() > deadline:
            raise WaitedTooLong(f"{what}: not within {seconds} s, last answer {answer!r}")
        await asyncio.sleep(every)
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
