"""What an earlier release wrote, unpacked for a test that the present one starts on it: see tests/releases."""

import json
import lzma
import os
import subprocess
import tarfile
from pathlib import Path
from typing import Any

from ksad.chassis.places import SERVICES
from ksad.ledger.archive.archive import read_events
from ksad.ledger.archive.inside import opened
from ksad.local.machine.folder import Folder
from tests.support.servers.postgres import program
from tests.support.text.source import ROOT

RELEASED = ROOT / "tests" / "releases" / "319cae9"


def expected(database: str) -> dict[str, Any]:
    """What the old release said of its platform: ``sqlite`` or ``postgres``."""
    found: dict[str, Any] = json.loads((RELEASED / "expected.json").read_text())[database]
    return found


def unpacked(name: str, into: Path) -> Folder:
    """The data folder in one of the packages."""
    with tarfile.open(RELEASED / f"{name}.tar.xz") as package:
        package.extractall(into, filter="tar")
    folder = Folder(into / "data")
    os.utime(folder.clock)  # The simulated clock runs on from the moment at which its file was written.
    return folder


def archive(into: Path) -> Path:
    """The archive that the old release exported."""
    file = into / "archive.tar"
    file.write_bytes(lzma.decompress((RELEASED / "archive.tar.xz").read_bytes()))
    return file


def adopted_texts(into: Path) -> dict[str, str]:
    """The reference texts that the old release adopted, by name."""
    with opened(archive(into)) as bag:
        events = map(json.loads, read_events(bag / "data" / "events"))
        adopting = (one["data"] for one in events if one["type"] == "ksad.reference.reference_adopted.v1")
        return {data["name"]: data["content"] for data in adopting}


def received(into: Path) -> Path:
    """A folder with what outsiders kept: half-followed feeds and a national head."""
    with tarfile.open(RELEASED / "received.tar.xz") as package:
        package.extractall(into, filter="data")
    return into / "received"


def loaded(urls: dict[str, str]) -> None:
    """Load the dumps of the three databases into empty ones."""
    for service in SERVICES:
        load(service, urls[service])


def load(service: str, url: str) -> None:
    """Load the dump of a service's database into an empty one."""
    statements = lzma.decompress((RELEASED / f"postgres-{service}.sql.xz").read_bytes())
    command = [program("psql"), "--quiet", "--set", "ON_ERROR_STOP=1", "--dbname", url]
    subprocess.run(command, input=statements, stdout=subprocess.DEVNULL, check=True)
