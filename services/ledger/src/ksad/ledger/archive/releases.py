"""What the releases put into archives beside evidence: the texts that explain one are known by their hashes.

``releases.json`` ships with the tool. A release that is out never changes in it; `make schemas` writes the one that is
being made.
"""

from __future__ import annotations

import json
from functools import cache
from hashlib import sha256
from importlib import resources
from typing import TYPE_CHECKING, NamedTuple

from ksad.ledger.archive.guide import unmade

if TYPE_CHECKING:
    from collections.abc import Mapping
    from importlib.resources.abc import Traversable

    from ksad.ledger.archive.archive import Manifest

FILE = "releases.json"


class Release(NamedTuple):
    """The SHA-256 of the guide before an archive's own values are put in, and of each schema by name."""

    name: str
    guide: str
    schemas: dict[str, str]

    def missing(self, explained: Explained) -> list[str]:
        """What differs in an archive, is missing, or is not this release's."""
        ours = {"VERIFY.md": self.guide, **{f"schemas/{name}": one for name, one in self.schemas.items()}}
        theirs = {"VERIFY.md": explained.guide, **{f"schemas/{name}": one for name, one in explained.schemas.items()}}
        return sorted(name for name in {*ours, *theirs} if ours.get(name) != theirs.get(name))


class Explained(NamedTuple):
    """The same of one archive."""

    guide: str
    schemas: dict[str, str]


@cache
def releases() -> list[Release]:
    """All releases that this one knows, the newest last."""
    stored = json.loads(resources.files(__package__).joinpath(FILE).read_text(encoding="utf-8"))
    return [Release(name, one["guide"], one["schemas"]) for name, one in stored.items()]


def explained(data: Traversable, manifest: Manifest, schemas: Mapping[str, Traversable]) -> Explained:
    """What explains an archive.

    :param schemas: its schemas by name.
    """
    guide = data / "VERIFY.md"
    text = guide.read_bytes() if guide.is_file() else b""
    return Explained(digest(unmade(text, manifest)), {name: digest(one.read_bytes()) for name, one in schemas.items()})


def digest(content: bytes) -> str:
    """The SHA-256 of a file, as the list has it."""
    return sha256(content).hexdigest()
