"""`ksad up`: what dies is restarted, one signal ends all, one folder has one owner, and nobody is left behind."""

import json
import os
import random
import shutil
import signal
import stat
import subprocess
import sys
import textwrap
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from ksad.local.machine.offices import offices
from tests.support.platforms.command import SHAPES, keeps, ksad, shape, start
from tests.support.platforms.started import READY_SECONDS, close, noted_children, started_platform
from tests.support.servers.nats import nats_program
from tests.support.servers.processes import kill_tree, wait_until

PARTS = {"nats-server", "registry", "supervision", "reporting", "portal"}


def _lives(process: psutil.Process) -> bool:
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE


def _left(data: Path) -> list[str]:
    """The processes that still work on a folder: its name is in what they were started with, or they have a file open.

    Every service has one open: the lock by which it is known.
    """
    found = []
    for process in psutil.process_iter():
        try:
            told = [*process.cmdline(), *(one.path for one in process.open_files())]
        except psutil.Error:
            continue
        if process.pid != os.getpid() and any(str(data) in one for one in told):
            found.append(f"{process.pid} {process.name()}")
    return found


def _all_gone(data: Path) -> None:
    wait_until(lambda: not _left(data), seconds=30, what=f"the end of {_left(data)}")
    assert not (data / "endpoints.json").exists()


def test_what_dies_is_restarted_and_one_ctrl_c_ends_all(tmp_path: Path) -> None:
    """Each killed child comes back; a second `up` is refused; Ctrl-C to the whole group ends everything, exit 0."""
    data, program = tmp_path / "data", tmp_path / "bin" / "my-nats-server"
    program.parent.mkdir()
    shutil.copy(nats_program(), program)
    with started_platform(data, KSAD_NATS_SERVER=str(program)) as process:
        before = noted_children(data)
        assert before.keys() == PARTS
        assert psutil.Process(before["nats-server"]["pid"]).exe() == str(program)
        endpoints = json.loads((data / "endpoints.json").read_text())
        assert set(endpoints["tokens"]) == set(offices())
        assert stat.S_IMODE((data / "endpoints.json").stat().st_mode) == 0o600
        for child in before.values():
            os.kill(child["pid"], signal.SIGKILL)
        wait_until(
            lambda: all(
                one["restarts"] and one["pid"] != before[name]["pid"] for name, one in noted_children(data).items()
            ),
            seconds=30,
            what="new processes",
        )
        wait_until(lambda: ksad("status", "--data-dir", data).code == 0, seconds=READY_SECONDS, what="a good status")
        refused = ksad("up", "--data-dir", data)
        assert (refused.code, str(process.pid) in refused.err) == (4, True)
        os.killpg(process.pid, signal.SIGINT)
        assert process.wait(30) == 0
        _all_gone(data)


def test_a_signal_that_another_thread_gets_ends_it_too() -> None:
    """The system may give a signal to any thread, and does when the main one has just been stopped and continued."""
    program = """
        import signal, threading
        from ksad.local.machine.operations import wait_for_the_end
        from ksad.local.machine.signals import end_on_signals
        end_on_signals()
        threading.Timer(0.2, lambda: signal.pthread_kill(threading.get_ident(), signal.SIGTERM)).start()
        wait_for_the_end()
        """
    subprocess.run([sys.executable, "-c", textwrap.dedent(program)], check=True, timeout=20)


@pytest.mark.fault(
    "operator F4",
    kind="who runs is told by something that may change while he runs",
    looked="the processes of `ksad up`, the owner of a folder, the signers of a log",
    found="a record of zero bytes stopped every start",
)
def test_detached_killed_taken_over_and_ended(tmp_path: Path) -> None:
    """`up --detach` returns when ready; what a killed one leaves is seen by status and ended by the next, which knows
    it by its locks and not by a record; `down` ends all.
    """
    data = tmp_path / "data"
    first = start("up", "--detach", "--json", "--data-dir", data)
    told, said = first.communicate(timeout=READY_SECONDS)
    assert (first.returncode, keeps(SHAPES["up"], shape(json.loads(told)))) == (0, True), said
    orphans = [psutil.Process(one["pid"]) for one in noted_children(data).values()]
    os.kill(int((data / "lock").read_text()), signal.SIGKILL)
    wait_until(lambda: "killed" in ksad("status", "--data-dir", data).err, what="a status that says so")
    assert ksad("down", "--data-dir", data).code == 4
    (data / "processes.json").write_bytes(b"")
    with started_platform(data) as process:
        assert not any(_lives(orphan) for orphan in orphans)
        supervision = noted_children(data)["supervision"]["pid"]
        process.send_signal(signal.SIGSTOP)  # Nobody restarts anything for a while.
        os.kill(supervision, signal.SIGKILL)
        down = wait_until(lambda: _down(data), seconds=READY_SECONDS, what="a status that names the service")
        assert (down.code, "supervision: down" in down.err, "DOWN" in down.out) == (1, True, True)
        process.send_signal(signal.SIGCONT)
        ended = ksad("down", "--json", "--data-dir", data)
        assert ended.code == 0, ended.err
        assert ended.json == {"ended": process.pid}
        assert process.wait(READY_SECONDS) == 0
    _all_gone(data)


def _down(data: Path) -> Any:
    answer = ksad("status", "--data-dir", data)
    return answer if "down" in answer.err else None


@pytest.mark.parametrize(
    "number",
    [
        signal.SIGINT,
        pytest.param(signal.SIGTERM, marks=pytest.mark.torture),
        pytest.param(signal.SIGHUP, marks=pytest.mark.torture),
    ],
)
def test_a_signal_while_starting_leaves_nobody(tmp_path: Path, rng: random.Random, number: signal.Signals) -> None:
    """Whenever the parent alone is told to end, also before it is ready, it ends its children and itself, exit 0."""
    data = tmp_path / "data"
    process = start("up", "--data-dir", data)
    try:
        wait_until(lambda: (data / "lock").exists() and (data / "lock").read_text(), seconds=30, what="a start")
        time.sleep(rng.uniform(0, 1.5))
        process.send_signal(number)
        assert process.wait(30) == 0
        _all_gone(data)
    finally:
        kill_tree(process)
        close(process)


def test_a_service_that_cannot_start_says_why(tmp_path: Path) -> None:
    """A refused setting, or a broker that is not there, ends `up` soon with the reason and where to read more."""
    data = tmp_path / "data"
    process = start("up", "--data-dir", data, environment={"KSAD_DATABASE_POOL_SIZE": "1"})
    _, said = process.communicate(timeout=60)
    assert process.returncode == 4
    assert b"did not start" in said
    assert b"logs/" in said
    _all_gone(data)
    process = start("up", "--data-dir", data, environment={"KSAD_NATS_SERVER": "/nowhere"})
    _, said = process.communicate(timeout=60)
    assert (process.returncode, b"KSAD_NATS_SERVER=/nowhere" in said) == (4, True)
