"""``ksad`` is a namespace: each package holds a portion of it, and none of them owns it.

A file ``ksad/__init__.py`` in one place would hide the portions in all others: those of packages that are installed for
editing, or side by side in folders of their own.
"""

import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from tests.support.releases.environment import install
from tests.support.releases.wheels import SEED, build, foreign_files, path_of, unpack, with_owner
from tests.support.text.distributions import closure
from tests.support.text.source import members

EVERY = sorted(members())
IMPORTING = "; ".join(["import sys", *(f"import {name}" for name in EVERY)])


def import_from(folders: list[Path], what: str) -> str:
    """Imports from these folders, and libraries from where they lie here; what went wrong, or nothing."""
    libraries = {Path(sysconfig.get_path("purelib")), Path(sysconfig.get_path("platlib"))}
    ended = subprocess.run(
        [sys.executable, "-S", "-B", "-c", what],
        env={"PYTHONPATH": path_of(*folders, *libraries)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return ended.stderr if ended.returncode else ""


@pytest.fixture(scope="module")
def portions(wheels: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Every wheel in a folder of its own."""
    root = tmp_path_factory.mktemp("portions")
    return {name: unpack(wheel, root / name) for name, wheel in wheels.items()}


def test_no_package_owns_the_namespace(wheels: dict[str, Path]) -> None:
    """No source folder holds the file of an ordinary package, and each wheel holds its own portion and nothing else."""
    assert [source for source in members().values() if (source / SEED).exists()] == []
    assert {name: foreign_files(name, wheel) for name, wheel in wheels.items()} == {name: [] for name in EVERY}


def test_all_wheels_are_installed_together(wheels: dict[str, Path], tmp_path: Path) -> None:
    """All packages import from one environment that holds all their wheels."""
    environment = install(tmp_path / "environment", wheels, *(name.replace(".", "-") for name in EVERY))
    ended = environment.run(environment.python, "-I", "-B", "-c", IMPORTING, cwd=tmp_path)
    assert (ended.returncode, ended.stderr) == (0, "")


def test_the_portions_are_found_side_by_side(portions: dict[str, Path]) -> None:
    """All packages import from folders of their own, in whatever order these are looked through."""
    folders = list(portions.values())
    assert import_from(folders, IMPORTING) == ""
    assert import_from(folders[::-1], IMPORTING) == ""


@pytest.mark.parametrize("package", EVERY)
def test_each_wheel_is_installed_alone(package: str, portions: dict[str, Path]) -> None:
    """A package imports beside what it declares, and no other package of ours is there then."""
    needed = {f"ksad.{name.removeprefix('ksad-')}" for name in closure(package.replace(".", "-"))} & set(EVERY)
    folders = [portions[name] for name in sorted(needed)]
    assert import_from(folders, f"import {package}") == ""
    for stranger in sorted(set(EVERY) - needed):
        assert f"No module named '{stranger}'" in import_from(folders, f"import {stranger}")


@pytest.mark.parametrize("package", ["ksad.contracts", "ksad.local"])
def test_an_owner_is_found(package: str, portions: dict[str, Path], tmp_path: Path) -> None:
    """A seeded ``ksad/__init__.py`` is found in the wheel, and where it is first on the path it hides all others."""
    wheel = build(with_owner(package, tmp_path), tmp_path)
    assert foreign_files(package, wheel) == [SEED]
    owner = unpack(wheel, tmp_path / "owner")
    others = [folder for name, folder in portions.items() if name != package]
    assert import_from([owner, *others], f"import {package}") == ""
    for hidden in sorted(set(EVERY) - {package}):
        assert f"No module named '{hidden}'" in import_from([owner, *others], f"import {hidden}")
