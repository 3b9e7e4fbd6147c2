"""Environments for one purpose: some of the packages, what they declare, and nothing else. No network is asked."""

import os
import shutil
import subprocess
import sysconfig
import venv
from collections.abc import Mapping
from importlib import metadata
from importlib.util import cache_from_source
from pathlib import Path
from typing import NamedTuple

from packaging.requirements import Requirement

from tests.support.text.distributions import closure
from tests.support.text.source import ROOT

UV = ROOT / ".venv" / "uv" / "bin" / "uv"
OURS = "ksad-"


class Environment(NamedTuple):
    """A virtual environment without pip: its folder, its interpreter, and where its distributions lie."""

    folder: Path
    python: Path
    site: Path

    def program(self, name: str) -> Path:
        """A console script of the environment."""
        return self.python.parent / name

    def distributions(self) -> set[str]:
        """The names of all distributions that are installed in it."""
        return {one.name.lower().replace("_", "-") for one in metadata.distributions(path=[str(self.site)])}

    def version(self, name: str) -> str:
        """The version of a distribution that is installed in it."""
        [found] = metadata.distributions(name=name, path=[str(self.site)])
        return found.version

    def run(self, *command: object, cwd: Path, **variables: str) -> subprocess.CompletedProcess[str]:
        """Runs a command that sees this environment, and no variables but these."""
        return subprocess.run(
            list(map(str, command)), cwd=cwd, env=variables, capture_output=True, text=True, check=False, timeout=100
        )


def install(folder: Path, wheels: Mapping[str, Path], *requirements: str) -> Environment:
    """Makes an environment of these requirements: packages of ours from wheels, libraries from where they lie here.

    What is needed is read from the metadata, with extras, so that an undeclared library is not there to be imported.
    """
    needed = closure(*requirements)
    environment = empty(folder)
    for name in sorted(needed):
        if not name.startswith(OURS):
            _lay(name, environment.site)
    ours = [wheels[f"ksad.{name.removeprefix(OURS)}"] for name in needed if name.startswith(OURS)]
    command = [UV, "pip", "install", "--quiet", "--offline", "--no-deps", "--python", environment.python, *ours]
    subprocess.run(list(map(str, command)), check=True, timeout=100)
    assert environment.distributions() == needed
    assert {Requirement(one).name for one in requirements} <= needed
    return environment


def megabytes(environment: Environment) -> int:
    """What was installed takes, in whole megabytes, rounded up; byte code, which is made later, is not counted."""
    files = [file for file in environment.site.rglob("*") if file.parent.name != "__pycache__"]
    size = sum(file.lstat().st_size for file in files)
    return -(-size // 2**20)


def empty(folder: Path) -> Environment:
    """Makes an environment in which nothing is installed."""
    venv.EnvBuilder(symlinks=True).create(folder)
    site = sysconfig.get_path("purelib", "venv", {"base": str(folder), "installed_base": str(folder)})
    return Environment(folder, folder / "bin" / "python", Path(site))


def _lay(name: str, site: Path) -> None:
    """Installs a library that is installed here: its files are linked, with the byte code there is, without scripts."""
    for file in metadata.files(name) or []:
        if ".." not in file.parts and "__pycache__" not in file.parts:
            here = Path(str(file.locate()))
            _link(here, site / file)
            compiled = Path(cache_from_source(str(here)))
            if here.suffix == ".py" and compiled.exists():
                _link(compiled, Path(cache_from_source(str(site / file))))


def _link(file: Path, place: Path) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(file, place)
    except OSError:  # On another disk.
        shutil.copy(file, place)
