"""The wheels of the packages, built by their own build backend."""

import os
import shutil
import zipfile
from pathlib import Path

from hatchling.builders.wheel import WheelBuilder

from tests.support.text.source import ROOT, members

SEED = "ksad/__init__.py"
"""The file that would make one package own the namespace, and hide all others from whoever looks on another path."""


def build(member: Path, into: Path) -> Path:
    """Builds the wheel of a package's folder."""
    [made] = WheelBuilder(str(member)).build(directory=str(into), versions=["standard"])
    return Path(made)


def build_all(into: Path) -> dict[str, Path]:
    """The wheel of every package of the workspace, by the package's import name."""
    return {name: build(source.parent, into) for name, source in members().items()}


def with_owner(package: str, folder: Path) -> Path:
    """A copy of a package's folder, in its place beside ``VERSION``, that makes it the owner of the namespace."""
    member = members()[package].parent
    copy = folder / member.relative_to(ROOT)
    shutil.copytree(member, copy, ignore=shutil.ignore_patterns("__pycache__"), symlinks=False)
    shutil.copy(ROOT / "VERSION", folder)
    (copy / "src" / SEED).touch()
    return copy


def foreign_files(package: str, wheel: Path) -> list[str]:
    """The files of a wheel that lie neither in its own portion of the namespace nor in its metadata."""
    own = package.replace(".", "/") + "/"
    with zipfile.ZipFile(wheel) as opened:
        return [name for name in opened.namelist() if not name.startswith(own) and ".dist-info/" not in name]


def unpack(wheel: Path, into: Path) -> Path:
    """Lays the files of a wheel into a folder, as an installer would into one of its own; the folder."""
    with zipfile.ZipFile(wheel) as opened:
        opened.extractall(into)
    return into


def path_of(*folders: Path) -> str:
    """A ``PYTHONPATH`` of these folders."""
    return os.pathsep.join(map(str, folders))
