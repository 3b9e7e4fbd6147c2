"""`make dev`: the platform runs, and runs anew when code has changed."""

import subprocess
from pathlib import Path

from tests.support.platforms.started import READY_SECONDS, noted_children
from tests.support.servers.processes import kill_tree, wait_until
from tests.support.text.source import ROOT


def pids(data: Path) -> dict[str, int]:
    """The processes of a platform that is ready; none while it is not."""
    return (
        {name: one["pid"] for name, one in noted_children(data).items()} if (data / "endpoints.json").exists() else {}
    )


def test_changed_code_starts_the_platform_again(tmp_path: Path) -> None:
    """A Python file that is saved ends the platform and starts it again on the same folder, in processes of its own."""
    data, code = tmp_path / "data", tmp_path / "code"
    code.mkdir()
    command = ["make", "--silent", "dev", f"DEV={data}", f"WATCHED={code}"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            wait_until(lambda: bool(pids(data)), seconds=READY_SECONDS, what="the platform")
            before = pids(data)
            (code / "changed.py").write_text("x = 1\n")
            wait_until(lambda: pids(data) not in ({}, before), seconds=2 * READY_SECONDS, what="the platform again")
            assert not set(before.values()) & set(pids(data).values())
        finally:
            kill_tree(process)
