"""How long the tests of a run took, beside the budget of their folders.

Every run prints it; only ``make budget`` fails on it, with the budget scaled by a fixed loop that is timed in the same
run: a slower machine, or a busy one, has more time.
"""

import hashlib
import json
import sys
import time
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from tests.support.text.source import ROOT

BUDGET = ROOT / "tests" / "budget.toml"
RECORD = ROOT / "var" / "durations.json"
SHOWN = 20
TOLERANCE = 1.5
LOOPS = 50_000


class Run(NamedTuple):
    """Seconds by folder of tests, seconds by test, and what the fixed loop took."""

    folders: dict[str, float]
    tests: dict[str, float]
    loop: float


class Budget(NamedTuple):
    """Seconds by folder of tests that a run may take where the fixed loop takes ``loop`` seconds."""

    folders: dict[str, float]
    loop: float


def fixed_loop() -> float:
    """The seconds of a loop that does the same work on every machine: hashing and small objects."""
    began = time.perf_counter()
    digest = b""
    for number in range(LOOPS):
        digest = hashlib.sha256(digest + json.dumps({"n": number}).encode()).digest()
    return time.perf_counter() - began


def folder_of(test: str) -> str:
    """The folder directly below tests that a test is in."""
    return "/".join(test.split("/")[:2])


def summed(durations: Iterable[tuple[str, float]], loop: float) -> Run:
    """A run out of the durations of setups, calls and teardowns, each with its test."""
    tests: dict[str, float] = {}
    folders: dict[str, float] = {}
    for test, seconds in durations:
        tests[test] = tests.get(test, 0) + seconds
        folders[folder_of(test)] = folders.get(folder_of(test), 0) + seconds
    return Run(folders, tests, loop)


def read_budget(text: str) -> Budget:
    """The budget in a file."""
    found = tomllib.loads(text)
    return Budget(found["folders"], found["loop"])


def lines(run: Run, budget: Budget) -> Iterator[str]:
    """The slowest tests, and the sum of each folder beside its budget on this machine."""
    slowest = sorted(run.tests.items(), key=lambda one: -one[1])[:SHOWN]
    yield from (f"{seconds:8.1f} s  {test}" for test, seconds in slowest)
    scale = run.loop / budget.loop
    yield f"the fixed loop took {run.loop:.2f} s, {scale:.2f} times what the budget was written for"
    for folder, seconds in sorted(run.folders.items()):
        allowed = budget.folders.get(folder)
        yield f"{seconds:8.1f} s  {folder}: " + (
            "no budget" if allowed is None else f"budget {allowed * scale:.1f} s on this machine"
        )


def excess(run: Run, budget: Budget) -> list[str]:
    """The folders that took more than one and a half times their budget, or have none."""
    scale = run.loop / budget.loop
    found = [f"{folder} has no budget in {BUDGET.name}" for folder in run.folders if folder not in budget.folders]
    for folder, allowed in budget.folders.items():
        most = allowed * scale * TOLERANCE
        seconds = run.folders.get(folder, 0.0)
        if seconds > most:
            found.append(f"{folder} took {seconds:.0f} s of {most:.0f} s that it may take on this machine")
    return found


def record(run: Run, file: Path = RECORD) -> None:
    """Keep a run for ``make budget``."""
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps(run._asdict()))


def main() -> None:
    """Hold the last run against the budget."""
    found = excess(Run(**json.loads(RECORD.read_text())), read_budget(BUDGET.read_text()))
    sys.stdout.write("\n".join(found or ["every folder kept its budget"]) + "\n")
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
