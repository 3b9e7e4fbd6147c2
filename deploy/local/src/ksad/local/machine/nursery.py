"""A process that has imported what the programs of all services need, from which these are forked.

A program that is forked starts in a fifth of the time that importing takes, and shares the memory of what was
imported. It runs ``ksad.<service>`` as ``python -m`` does, with its own arguments, environment, files and session. It
does not end with its parent, and the nursery, which has no threads and no state, ends when nobody can ask it anymore.
"""

from __future__ import annotations

import gc
import json
import os
import runpy
import select
import signal
import socket
import sys
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

COMMON = (
    *(f"ksad.contracts.{name}" for name in ("corrections", "reporting", "supervision", "texts", "umbrella")),
    *(f"ksad.chassis.{name}" for name in ("affordances", "follower", "relay", "replicas", "service", "storage")),
    *(f"ksad.chassis.{name}" for name in ("transfer", "verbs", "waiting", "watching")),
    *(
        f"ksad.ledger.{name}"
        for name in ("archive.archive", "feeds.concern", "figures.compiling", "printing.pdf", "printing.xlsx")
    ),
    "ksad.audit.checks.verify",
)
"""What services have in common, and what any of them has of the ledger. Of their own modules the nursery has none."""
LATER = ("anyio._backends._asyncio", "httpx", "nkeys", "pydantic.v1", "uvicorn.lifespan.on", "uvicorn.loops.uvloop")
"""What libraries import only when they are used."""
MESSAGE_BYTES_MAX = 200_000
FILES_MAX = 6
"""What goes into one request: its text, and the files that the program gets."""
STDIO = 3


class ForkOrder(NamedTuple):
    """A program to be started. Beside it come stdin, stdout, stderr, what it keeps open, and where its end is told."""

    module: str
    words: list[str]
    environment: dict[str, str]
    folder: str

    def packed(self) -> bytes:
        """As it is sent."""
        return json.dumps(self).encode()


def serve(asked: socket.socket) -> ForkOrder | None:
    """Forks a process for each order until nobody can ask anymore: then None. In the process itself: its order."""
    living: dict[int, tuple[int, int]] = {}
    looking = select.poll()
    looking.register(asked, select.POLLIN)
    while True:
        ready = {descriptor for descriptor, _ in looking.poll()}
        for pidfd in ready & living.keys():
            looking.unregister(pidfd)
            _tell_end(pidfd, *living.pop(pidfd))
        if asked.fileno() not in ready:
            continue
        message, files, _, _ = socket.recv_fds(asked, MESSAGE_BYTES_MAX, FILES_MAX)
        if not message:
            return None
        *given, told = files
        number = os.fork()
        if not number:
            asked.close()
            for pidfd, (_, other) in living.items():
                os.close(pidfd)
                os.close(other)
            os.close(told)
            return _begin(ForkOrder(*json.loads(message)), given)
        for one in given:
            os.close(one)
        pidfd = os.pidfd_open(number)
        living[pidfd] = (number, told)
        looking.register(pidfd, select.POLLIN)
        socket.send_fds(asked, [str(number).encode()], [pidfd])


def _tell_end(pidfd: int, number: int, told: int) -> None:
    """Takes a process's exit code, and passes it on to whoever waits for it, if he still does."""
    _, status = os.waitpid(number, 0)
    with suppress(BrokenPipeError):
        os.write(told, str(os.waitstatus_to_exitcode(status)).encode())
    os.close(told)
    os.close(pidfd)


def _begin(order: ForkOrder, files: Sequence[int]) -> ForkOrder:
    """Makes this process what a new one would be: files, session, signals, environment and folder."""
    for number, file in enumerate(files[:STDIO]):
        os.dup2(file, number)
        os.close(file)
    os.setsid()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.environ.clear()
    os.environ.update(order.environment)
    os.chdir(order.folder)
    if not sys.flags.safe_path:
        sys.path[0] = order.folder  # As `python -m` has it.
    sys.argv = [order.module, *order.words]
    with suppress(OSError):  # The name that lists of processes show.
        Path("/proc/self/comm").write_text(order.module.replace(".", "-"), encoding="ascii")
    return order


def main(descriptor: int) -> None:
    """Runs the nursery; and after a fork the program that was asked for."""
    gc.disable()  # What is imported stays.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for module in (*COMMON, *LATER):
        import_module(module)
    import_module("ksad.chassis.certificates").authorities()
    gc.freeze()
    order = serve(socket.socket(fileno=descriptor))
    if order is not None:
        gc.enable()
        runpy.run_module(order.module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main(int(sys.argv[1]))
