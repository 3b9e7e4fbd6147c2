"""``requirements.lock`` as text: which versions it pins, and the part of it that a release hands over."""

import re
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from tests.support.text.distributions import normal
from tests.support.text.source import ROOT

LOCK = ROOT / "requirements.lock"
PINNED = re.compile(r"^([A-Za-z0-9._-]+)==([^ ;\\]+).*?(?=^\S|\Z)", re.MULTILINE | re.DOTALL)
HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


class Locked(NamedTuple):
    """One library of a lock: its version, the hash of each file that may be installed as it, and its lines."""

    version: str
    hashes: tuple[str, ...]
    text: str


def locked(text: str) -> dict[str, Locked]:
    """The libraries of a lock by name."""
    found = PINNED.finditer(text)
    return {normal(one[1]): Locked(one[2], tuple(HASH.findall(one[0])), one[0]) for one in found}


def part(lock: dict[str, Locked], names: AbstractSet[str]) -> str:
    """A lock of these libraries alone, without the remarks of who needs them.

    :raises KeyError: one of them is not in the lock.
    """
    lines = "".join(lock[name].text for name in sorted(names)).splitlines()
    kept = [line for line in lines if not line.lstrip().startswith("#")]
    return "\n".join(kept) + "\n"
