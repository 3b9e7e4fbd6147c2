"""The layers of the import rules, for tests that hold something else than imports against them."""

import re
from collections.abc import Iterator
from itertools import chain

from tests.support.text.source import settings


def layered() -> Iterator[dict[str, int]]:
    """Per layered rule and container, the depth of each module that it names: 0 is the top."""
    for rule in settings()["tool"]["importlinter"]["contracts"]:
        if rule["type"] != "layers":
            continue
        lines = [[name.strip(" ()") for name in re.split("[|:]", line)] for line in rule["layers"]]
        for container in rule.get("containers", [""]):
            full = f"{container}.".lstrip(".")
            yield {full + name: depth for depth, names in enumerate(lines) for name in names}


LAYERED = list(layered())


def room(module: str) -> str:
    """The package and the part of it that a module stands in: ``registry.domain``."""
    return ".".join(module.split(".")[1:3])


def above(module: str, other: str) -> bool:
    """Whether a module stands in a layer above the other's, by any rule that names both."""
    return any(high < low for depths in LAYERED for high in _depth(depths, module) for low in _depth(depths, other))


def _depth(depths: dict[str, int], module: str) -> list[int]:
    parts = module.split(".")
    prefixes = (".".join(parts[:end]) for end in range(2, len(parts) + 1))
    return list(chain.from_iterable([depths[one]] for one in prefixes if one in depths))
