"""Checks that a BagIt bag (RFC 8493) has exactly the files that its manifests list, with the checksums listed."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ksad.ledger.archive.inside import Inside

# The asterisk marks binary mode in the output of sha256sum.
LINE = re.compile(r"([0-9a-f]{64})[ \t]+\*?(\S+)", re.ASCII)
PAYLOAD, TAGS = "manifest-sha256.txt", "tagmanifest-sha256.txt"
MANIFEST_MAX = 1 << 30
BLOCK = 1 << 17


def problems(bag: Inside) -> Iterator[str]:
    """One message per missing, altered or unlisted file; none if the bag is complete and valid."""
    here = set(bag.every())
    missing = {"bagit.txt", PAYLOAD} - here
    yield from (f"{name} is missing" for name in sorted(missing))
    named: set[str] = set()
    for manifest in sorted({PAYLOAD, TAGS} & here):
        with (bag / manifest).open("rb") as file:
            lines = file.read(MANIFEST_MAX).decode(errors="replace").splitlines()
        for line in lines:
            found = LINE.fullmatch(line)
            if found is None:
                yield f"{manifest}: {line[:80]!r} is no checksum and path"
                continue
            named.add(found[2])
            if found[2] not in here:
                yield f"{found[2]} is missing"
            elif _digest(bag, found[2]) != found[1]:
                yield f"{found[2]} has another checksum"
    for name in sorted(here - named):
        if name.startswith("data/"):
            yield f"{name} is not in {PAYLOAD}"


def _digest(bag: Inside, name: str) -> str:
    digest = hashlib.sha256()
    with (bag / name).open("rb") as file:
        while block := file.read(BLOCK):
            digest.update(block)
    return digest.hexdigest()
