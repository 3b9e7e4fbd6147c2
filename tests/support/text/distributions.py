"""What an installation of a distribution brings with it, read from the metadata of what is installed."""

import re
from importlib import metadata

from packaging.markers import default_environment
from packaging.requirements import Requirement


def normal(name: str) -> str:
    """A distribution's name as the packaging rules compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def declared(distribution: str, extras: frozenset[str] = frozenset()) -> set[tuple[str, frozenset[str]]]:
    """The distributions, with their extras, that this one needs to be installed with."""
    environment = {key: str(value) for key, value in default_environment().items()}
    found = set()
    for text in metadata.requires(distribution) or []:
        requirement = Requirement(text)
        marker = requirement.marker
        if marker is None or any(marker.evaluate({**environment, "extra": extra}) for extra in extras | {""}):
            found.add((normal(requirement.name), frozenset(requirement.extras)))
    return found


def closure(*requirements: str) -> set[str]:
    """Everything that an installation of these brings with it, themselves included; each may name extras: ``a[b]``."""
    asked = map(Requirement, requirements)
    todo, seen = [(normal(one.name), frozenset(one.extras)) for one in asked], set()
    while todo:
        item = todo.pop()
        if item not in seen:
            seen.add(item)
            todo.extend(declared(*item))
    return {name for name, _ in seen}
