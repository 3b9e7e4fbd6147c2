"""The operator's page is followed word for word on a real platform; nothing is lost at any step."""

import os
import re
import shlex
import subprocess
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from ksad.chassis.places import SERVICES
from ksad.contracts.dates import JAKARTA
from ksad.local.machine.folder import Folder
from tests.support.histories.load import Clerks, Sent
from tests.support.platforms.command import PROGRAM, ksad
from tests.support.platforms.evidence import assert_each_once, assert_shows, journal, settle
from tests.support.servers.processes import wait_until
from tests.support.text.source import ROOT

PAGE = (ROOT / "docs" / "operating.md").read_text()
BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
METRIC = re.compile(r"ksad_[a-z_]+")


class Terminal:
    """An operator's shell in an empty folder: exports last, most verbs are called here, the rest is bash's."""

    def __init__(self, patch: pytest.MonkeyPatch, home: Path) -> None:
        patch.chdir(home)
        patch.delenv("KSAD_DATA_DIR", raising=False)
        self._patch = patch

    @property
    def folder(self) -> Folder:
        """The data folder that the operator works on."""
        return Folder(Path(os.environ["KSAD_DATA_DIR"]).resolve())

    def type(self, line: str) -> None:
        """One line of the page, which must end well."""
        words = shlex.split(os.path.expandvars(line))
        if words[0] == "export":
            name, _, value = words[1].partition("=")
            self._patch.setenv(name, value)
        elif words[0] == "ksad" and words[1] != "up":
            answer = ksad(*words[1:])
            assert answer.code == 0, f"{line}: {answer.err}"
        else:
            path = {"PATH": f"{Path(PROGRAM).parent}:{os.environ['PATH']}"}
            done = subprocess.run(
                ["bash", "-euc", line], env=os.environ | path, capture_output=True, text=True, check=False
            )
            assert done.returncode == 0, f"{line}: {done.stderr}"


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Terminal]:
    """A shell; a platform that a broken page has left running is ended."""
    made = Terminal(monkeypatch, tmp_path)
    yield made
    for lock in tmp_path.glob("var/*/lock"):
        ksad("down", "--data-dir", lock.parent)


def metrics(endpoints: dict[str, Any]) -> set[str]:
    """The names of all series that the services tell."""
    told = [httpx.get(f"{endpoints[service]}/metrics", timeout=30, trust_env=False).text for service in SERVICES]
    return set(METRIC.findall(" ".join(told)))


@pytest.mark.timeout(400)
def test_the_page_works_as_it_stands(terminal: Terminal) -> None:
    """Every command of the page ends well, in its order, nothing is lost at any step, and what alerts name exists."""
    sent: list[Sent] = []
    today = datetime.now(JAKARTA).date()
    entries: list[bytes] = []
    lines = [line for block in BLOCK.findall(PAGE) for line in block.splitlines()]
    for line in lines:
        terminal.type(line)
        if line == "ksad up --detach":
            endpoints = terminal.folder.running()
            with Clerks(endpoints, (f"clerk{len(sent)}",), len(sent)) as clerks:
                wait_until(lambda seen=clerks: len(seen.sent) > 1, seconds=60, what="a clerk's work")  # type: ignore[misc] # bound now
            sent += clerks.sent
            settle(endpoints)
            assert_each_once(terminal.folder, endpoints["nats"])
            assert journal(terminal.folder)[: len(entries)] == entries
            entries = journal(terminal.folder)
            assert set(METRIC.findall(PAGE)) <= metrics(endpoints)
    said = {line.split()[1] for line in lines if line.startswith("ksad ")}
    assert {"up", "down", "status", "pass-day", "park", "rebuild", "backup", "restore"} <= said
    assert_shows(terminal.folder, sent, today)
