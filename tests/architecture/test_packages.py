"""A wheel says what it is: one version for all, its licence with the text, its README, and that it is typed."""

import json
import re
import zipfile
from email.message import Message
from email.parser import Parser
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ksad.audit.__main__ import app as auditor
from ksad.chassis.broker import Broker
from ksad.chassis.database import Database
from ksad.chassis.follower import Follower
from ksad.contracts import asyncapi
from ksad.local.__main__ import app as operator
from tests.pages import openapi
from tests.support.text.source import ROOT, members, settings

VERSION = (ROOT / "VERSION").read_text().strip()
EVERY = sorted(members())


def inside(wheel: Path, ending: str) -> str:
    """The text of the one file of a wheel whose name ends so."""
    with zipfile.ZipFile(wheel) as opened:
        [name] = [name for name in opened.namelist() if name.endswith(ending)]
        return opened.read(name).decode()


def about(wheel: Path) -> Message:
    """The metadata of a wheel."""
    return Parser().parsestr(inside(wheel, ".dist-info/METADATA"))


@pytest.mark.parametrize("package", EVERY)
def test_a_wheel_says_what_it_is(package: str, wheels: dict[str, Path]) -> None:
    """Each wheel has its name, the one version, the licence and its text, a README and the marker of typed packages."""
    wheel, folder = wheels[package], members()[package].parent
    said = about(wheel)
    assert (said["Name"], said["Version"]) == (package.replace(".", "-"), VERSION)
    assert said["License-Expression"] == "Apache-2.0"
    assert inside(wheel, ".dist-info/licenses/LICENSE") == (ROOT / "LICENSE").read_text()
    assert said.get_payload() == (folder / "README.md").read_text()
    assert inside(wheel, f"{package.replace('.', '/')}/py.typed") == ""


@pytest.mark.parametrize("package", EVERY)
def test_a_readme_says_where_to_start(package: str) -> None:
    """A package's README names its distribution, the rule by which a module belongs there, and a file that exists."""
    source = members()[package]
    text = (source.parent / "README.md").read_text()
    assert text.startswith(f"# {package.replace('.', '-')}\n")
    assert "**Admission rule**" in text
    start = re.search(r"^Start at `([\w./]+)`", text, re.MULTILINE)
    assert start is not None
    assert (source / start[1]).exists()


def test_the_version_stands_once() -> None:
    """No package has a version of its own; all read the file ``VERSION``, which the newest of the changes names."""
    for source in members().values():
        text = (source.parent / "pyproject.toml").read_text()
        assert '\ndynamic = ["version"]\n' in text
        assert "\nversion =" not in text
    assert settings()["project"]["dynamic"] == ["version"]
    newest = re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert newest is not None
    assert newest[1].rstrip(",") == VERSION


@pytest.mark.parametrize("new_database", ["sqlite"], indirect=True)
def test_everything_tells_the_version(database: Database) -> None:
    """Both commands, what parking records, and the documents of HTTP and of the broker tell the version."""
    assert CliRunner().invoke(operator, ["--version"]).stdout == f"ksad {VERSION}\n"
    assert CliRunner().invoke(auditor, ["--version"]).stdout == f"ksad-audit {VERSION}\n"
    broker = Broker("nats://127.0.0.1:1", "never connected")
    assert Follower("one", broker, database, lambda *_: None).parking.code_version == VERSION
    assert asyncapi.document()["info"]["version"] == VERSION
    for text in openapi.generate().values():
        assert json.loads(text)["info"]["version"] == VERSION
