"""Programs that a nursery forks: as if they were started by the system, but sooner."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryFile

import psutil
import pytest

from ksad.local.machine import forking
from ksad.local.machine.forking import UNKNOWN, ForkedProcess, Nursery
from ksad.local.machine.nursery import MESSAGE_BYTES_MAX, ForkOrder
from tests.support.servers.processes import wait_until

SEEN = """
import gc, json, os, signal, sys
if __name__ == "__main__":
    handled = [signal.getsignal(one) is signal.SIG_DFL for one in (signal.SIGTERM, signal.SIGCHLD, signal.SIGHUP)]
    handled.append(signal.getsignal(signal.SIGINT) is signal.default_int_handler)
    seen = [sys.argv[1:], dict(os.environ), os.getcwd(), sys.stdin.read(), os.getsid(0) == os.getpid(), handled]
    seen += [os.listdir("/proc/self/fd"), os.umask(0), sys.path[0], gc.isenabled()]
    json.dump(seen, sys.stdout)
    print("complaint", file=sys.stderr)
    sys.exit(7)
"""
"""A program that tells what it has been given."""


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    """A nursery for these tests."""
    made = Nursery()
    yield made
    made.close()


def waiting(nursery: Nursery) -> tuple[ForkedProcess, int]:
    """A program that waits until what it reads is closed, and where to close it."""
    read, write = os.pipe()
    with Path(os.devnull).open("wb") as nothing:
        order = ForkOrder("json.tool", [], dict(os.environ), str(Path.cwd()))
        process = nursery.fork(order, [read, nothing.fileno(), nothing.fileno()])
    os.close(read)
    return process, write


def test_a_forked_program_has_what_a_started_one_has(nursery: Nursery, tmp_path: Path) -> None:
    """Words, environment, folder, files, session and signals are those of a process that the system has started.

    No file of the nursery or of another program is open in it, and garbage is collected.
    """
    other, write = waiting(nursery)
    (tmp_path / "seen.py").write_text(SEEN)
    (tmp_path / "input").write_text("input")
    environment = {"ONLY": "this", "LC_ALL": "C.UTF-8"}
    words = ["a b", "--c"]
    with TemporaryFile() as out, TemporaryFile() as said, (tmp_path / "input").open("rb") as given:
        process = nursery.fork(
            ForkOrder("seen", words, environment, str(tmp_path)), [given.fileno(), out.fileno(), said.fileno()]
        )
        code = process.wait(30)
        for file in (out, said):
            file.seek(0)
        forked = (code, json.load(out), said.read())
    with (tmp_path / "input").open("rb") as given:
        done = subprocess.run(
            [sys.executable, "-m", "seen", *words],
            env=environment,
            cwd=tmp_path,
            stdin=given,
            capture_output=True,
            start_new_session=True,
            check=False,
        )
    assert forked == (done.returncode, json.loads(done.stdout), done.stderr)
    assert (code, process.poll(), process.returncode) == (7, 7, 7)
    os.close(write)
    assert other.wait(10) == 1, "json.tool has read nothing"


def test_a_nursery_has_one_thread(nursery: Nursery) -> None:
    """A fork copies the thread that forks only, and whatever lock another one holds would stay locked."""
    process, write = waiting(nursery)
    parent = psutil.Process(process.pid).parent()
    assert parent is not None
    assert parent.num_threads() == 1
    os.close(write)
    process.wait(10)


def test_what_no_message_holds_is_not_sent(nursery: Nursery) -> None:
    """A program whose words and environment are larger than an order may be is refused before anything is forked."""
    order = ForkOrder("json.tool", ["x" * MESSAGE_BYTES_MAX], {}, str(Path.cwd()))
    with Path(os.devnull).open("rb+") as nothing, pytest.raises(OSError, match="too long"):
        nursery.fork(order, [nothing.fileno()] * 3)
    process, write = waiting(nursery)
    os.close(write)
    assert process.wait(10) == 1


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_the_signal_that_ended_a_program_is_told(nursery: Nursery, number: signal.Signals) -> None:
    """A program runs until it is told to end, and its exit code is the signal's; a later signal reaches nobody."""
    process, write = waiting(nursery)
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(0.2)
    assert process.poll() is None
    process.send_signal(number)
    assert process.wait(10) == -number
    process.kill()
    os.close(write)


def test_programs_outlive_their_nursery() -> None:
    """What a killed nursery has forked goes on, and can be ended; how it ended is not known."""
    nursery = Nursery()
    process, write = waiting(nursery)
    parent = psutil.Process(process.pid).parent()
    assert parent is not None
    parent.kill()
    parent.wait(10)
    assert process.poll() is None
    with pytest.raises(OSError, match=r"nursery|Broken pipe|reset"):
        waiting(nursery)
    process.terminate()
    assert process.wait(10) == UNKNOWN
    os.close(write)
    nursery.close()


def test_a_nursery_that_was_stopped_holds_no_start_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """All that wait for it are started by the system instead, each once, and it is ended."""
    stopped = Nursery(answer_seconds=0.5)
    [child] = [one for one in psutil.Process().children() if str(forking.NURSERY) in one.cmdline()][-1:]
    child.suspend()
    monkeypatch.setattr("ksad.local.machine.forking._Own.nursery", stopped)

    def started(_: int) -> int:
        with Path(os.devnull).open("rb+") as nothing:
            process = forking.start_program(forking.python("json.tool"), {}, (nothing.fileno(),) * 3)
        return process.wait(60)

    with ThreadPoolExecutor(3) as pool:
        assert [*pool.map(started, range(3))] == [1] * 3, "json.tool has read nothing"
    assert not child.is_running() or child.status() == psutil.STATUS_ZOMBIE


def test_a_nursery_ends_with_whoever_opened_it() -> None:
    """When its parent is killed a nursery ends by itself."""
    program = (
        "from ksad.local.machine.forking import Nursery\n"
        "import sys, psutil\n"
        "nursery = Nursery()\n"
        "print(psutil.Process().children()[0].pid, flush=True)\n"
        "sys.stdin.read()"
    )
    command = [sys.executable, "-c", program]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        number = int(parent.stdout.readline())
        assert psutil.pid_exists(number)
        parent.kill()
    wait_until(lambda: not psutil.pid_exists(number), what="the end of the nursery")
