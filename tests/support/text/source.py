"""Where the platform's source is, for the tests that read it instead of running it."""

import os
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[3]
SKIPPED = {".git", ".venv", "var", "node_modules", "__pycache__", ".hypothesis"}
CODE_FOLDERS = ("contracts", "services", "deploy", "tests")


def settings() -> dict[str, Any]:
    """The root pyproject.toml."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text())


def members() -> dict[str, Path]:
    """Every package of the workspace by import name, with the src folder that holds it."""
    folders = [folder for pattern in settings()["tool"]["uv"]["workspace"]["members"] for folder in ROOT.glob(pattern)]
    found = {file.parent.name: folder / "src" for folder in folders for file in folder.glob("src/ksad/*/__init__.py")}
    return {f"ksad.{name}": source for name, source in found.items()}


def python_files() -> list[Path]:
    """Every Python file of the platform and its tests."""
    return sorted(file for folder in CODE_FOLDERS for file in (ROOT / folder).rglob("*.py") if not skipped(file))


def text_files() -> list[Path]:
    """Every file under the root that is written by hand or generated, and is text."""
    found = []
    for folder, folders, files in os.walk(ROOT):
        # Most files lie in folders of the machine, into which nobody looks.
        folders[:] = [name for name in folders if not _of_the_machine(name)]
        found += [Path(folder, name) for name in files if not _of_the_machine(name)]
    return sorted(file for file in found if file.is_file() and _is_text(file))


def skipped(file: Path) -> bool:
    """Whether a file belongs to the machine rather than to the project."""
    return any(map(_of_the_machine, file.relative_to(ROOT).parts))


def _of_the_machine(name: str) -> bool:
    return name in SKIPPED or name.endswith(("_cache", ".egg-info"))


def _is_text(file: Path) -> bool:
    with file.open("rb") as start:
        return b"\0" not in start.read(4096)
