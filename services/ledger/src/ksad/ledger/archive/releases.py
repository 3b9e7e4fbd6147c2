"""The explanatory files that each release puts into archives, known by their SHA-256.

``releases.json`` ships with the package. The entry of a published release does not change; ``make schemas`` writes
the entry of the release in preparation.
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
    """The files of a release: SHA-256 of the guide before values are filled in, and of each schema by name."""

    name: str
    guide: str
    schemas: dict[str, str]

    def missing(self, explained: Explained) -> list[str]:
        """The names of files that an archive lacks, has altered, or has in addition to those of this release."""
        ours = {"VERIFY.md": self.guide, **{f"schemas/{name}": one for name, one in self.schemas.items()}}
        theirs = {"VERIFY.md": explained.guide, **{f"schemas/{name}": one for name, one in explained.schemas.items()}}
        return sorted(name for name in {*ours, *theirs} if ours.get(name) != theirs.get(name))


class Explained(NamedTuple):
    """The explanatory files of one archive, in the form of a `Release`."""

    guide: str
    schemas: dict[str, str]


@cache
def releases() -> list[Release]:
    """All known releases, the newest last."""
    stored = json.loads(resources.files(__package__).joinpath(FILE).read_text(encoding="utf-8"))
    return [Release(name, one["guide"], one["schemas"]) for name, one in stored.items()]


def explained(data: Traversable, manifest: Manifest, schemas: Mapping[str, Traversable]) -> Explained:
    """The hashes of the explanatory files of an archive; a missing guide counts as empty.

    :param schemas: its schema files by name.
    """
    guide = data / "VERIFY.md"
    text = guide.read_bytes() if guide.is_file() else b""
    return Explained(digest(unmade(text, manifest)), {name: digest(one.read_bytes()) for name, one in schemas.items()})


def digest(content: bytes) -> str:
    """The SHA-256 of a file in hexadecimal, as in ``releases.json``."""
    return sha256(content).hexdigest()
