"""Starts programs of services: forked from a nursery where this process has one, by the system otherwise."""

from __future__ import annotations

import atexit
import errno
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import structlog

from ksad.local.machine.nursery import MESSAGE_BYTES_MAX, ForkOrder

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

UNKNOWN = 255
"""The exit code of a process whose end nobody has told, because its nursery had been killed."""
PYTHON = [sys.executable, "-m"]
NURSERY = "ksad.local.machine.nursery"
ANSWER_SECONDS = 20.0
"""How long a nursery may take to answer, the first time with all that it imports."""
log = structlog.get_logger(__name__)


class ProgramProcess(Protocol):
    """A running program, as `subprocess.Popen` describes it."""

    pid: int
    returncode: int | None

    def poll(self) -> int | None:
        """Its exit code, or None while it runs."""

    def wait(self, timeout: float | None = None) -> int:
        """Waits for its end; its exit code. Raises `subprocess.TimeoutExpired`."""

    def send_signal(self, sig: int) -> None:
        """Sends a signal, unless it has ended."""

    def terminate(self) -> None:
        """Sends SIGTERM."""

    def kill(self) -> None:
        """Sends SIGKILL."""


class ForkedProcess:
    """A program that a nursery has forked; as it is no child of this process, the kernel tells of its end by a file."""

    def __init__(self, pid: int, pidfd: int, told: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._pidfd = pidfd
        self._told = told
        self._lock = threading.Lock()

    def poll(self) -> int | None:
        """Its exit code, or None while it runs."""
        return self._looked(0)

    def wait(self, timeout: float | None = None) -> int:
        """Waits for its end; its exit code. Raises `subprocess.TimeoutExpired`."""
        code = self._looked(timeout)
        if code is None:
            raise subprocess.TimeoutExpired([str(self.pid)], timeout or 0)
        return code

    def send_signal(self, sig: int) -> None:
        """Sends a signal to this process, and never to one that got its number later."""
        if self.poll() is None:
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._pidfd, sig)

    def terminate(self) -> None:
        """Sends SIGTERM."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """Sends SIGKILL."""
        self.send_signal(signal.SIGKILL)

    def __del__(self) -> None:
        """Closes its files."""
        os.close(self._pidfd)
        os.close(self._told)

    def _looked(self, seconds: float | None) -> int | None:
        looking = select.poll()
        looking.register(self._pidfd, select.POLLIN)
        if self.returncode is None and not looking.poll(None if seconds is None else seconds * 1000):
            return None
        with self._lock:
            if self.returncode is None:
                code = os.read(self._told, 10)
                self.returncode = int(code) if code else UNKNOWN
        return self.returncode


class Nursery:
    """The nursery of this process.

    :param answer_seconds: how long it is waited for.
    """

    def __init__(self, answer_seconds: float = ANSWER_SECONDS) -> None:
        self._socket, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._socket.settimeout(answer_seconds)
        self._lock = threading.Lock()
        with other:
            self._process = subprocess.Popen(
                [*PYTHON, NURSERY, str(other.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                # Whoever reads what this process says is not to wait for another one.
                stderr=subprocess.DEVNULL,
                pass_fds=[other.fileno()],
                start_new_session=True,
            )
        atexit.register(self.close)

    def fork(self, order: ForkOrder, files: Sequence[int]) -> ForkedProcess:
        """A new process with these files.

        :raises OSError: the nursery does not answer in time, or could not take so much.
        """
        message = order.packed()
        if len(message) > MESSAGE_BYTES_MAX:
            raise OSError(errno.EMSGSIZE, os.strerror(errno.EMSGSIZE))
        told, write = os.pipe()
        try:
            with self._lock:
                socket.send_fds(self._socket, [message], [*files, write])
                answer, given, _, _ = socket.recv_fds(self._socket, 20, 1)
            if not given:
                raise BrokenPipeError("the nursery has ended")
        except OSError:
            os.close(told)
            raise
        finally:
            os.close(write)
        return ForkedProcess(int(answer), given[0], told)

    def close(self) -> None:
        """Ends the nursery, whose processes live on, even while it still imports."""
        atexit.unregister(self.close)
        self._socket.close()
        self._process.kill()
        self._process.wait()


class _Own:
    """The nursery that this process has opened; it serves all its platforms."""

    nursery: Nursery | None = None
    lock = threading.Lock()

    @classmethod
    def lose(cls, nursery: Nursery) -> None:
        """Gives a nursery up that does not answer; of several threads that notice it, one closes it."""
        with cls.lock:
            if cls.nursery is nursery:
                cls.nursery = None
                nursery.close()


def open_nursery() -> None:
    """Has this process fork programs from now on, where the system can tell of the end of another one's child."""
    if _Own.nursery is None and hasattr(os, "pidfd_open"):
        _Own.nursery = Nursery()


def start_program(
    argv: Sequence[str],
    environment: Mapping[str, str],
    files: tuple[int, int, int],
    kept: Sequence[int] = (),
) -> ProgramProcess:
    """Starts a program in a session of its own, so that Ctrl-C in the terminal does not reach it.

    :param argv: as :func:`python` makes it, for what the nursery can start.
    :param environment: what it has beside the environment of this process.
    :param files: what it has as stdin, stdout and stderr.
    :param kept: open files that it keeps for as long as it lives.
    :raises OSError: it cannot be started.
    """
    every = {**os.environ, **environment}
    nursery = _Own.nursery
    if nursery is not None and list(argv[:2]) == PYTHON:
        try:
            return nursery.fork(ForkOrder(argv[2], list(argv[3:]), every, str(Path.cwd())), [*files, *kept])
        except OSError as error:
            log.warning("nursery_lost", error=str(error))
            _Own.lose(nursery)
    stdin, stdout, stderr = files
    return subprocess.Popen(
        argv, env=every, stdin=stdin, stdout=stdout, stderr=stderr, pass_fds=kept, start_new_session=True
    )


def python(module: str, *words: str) -> list[str]:
    """The command line that runs a module of this installation."""
    return [*PYTHON, module, *words]
