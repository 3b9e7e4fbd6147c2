"""What a verdict refers to: the tool's version, the time, the archive's hash and the fingerprints of the keys."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from importlib import metadata
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from ksad.ledger.log.keys import Validity
    from ksad.ledger.log.note import Verifier

NATIONAL = "/national"
UNDATED = "without a day"


class Fingerprint(NamedTuple):
    """A public key: ``NAME+ID``, the SHA-256 (hex) of its 32 bytes, and its validity as in the file of keys."""

    key: str
    sha256: str
    holds: str


class About(NamedTuple):
    """The tool, the time of the check (RFC 3339, by this machine's clock), the archive, and the keys.

    ``size`` is in bytes; ``sha256`` is that of the archive file, in hexadecimal.
    """

    tool: str
    at: str
    archive: str
    size: int
    sha256: str
    keys: list[Fingerprint]

    def lines(self) -> list[str]:
        """The same as lines of text. Keys of national logs are listed, keys of feeds only counted."""
        national = [one for one in self.keys if NATIONAL in one.key]
        others = len(self.keys) - len(national)
        return [
            f"{self.tool}, {self.at}",
            f"archive {self.archive}: {self.size} bytes, SHA-256 {self.sha256}",
            *(f"key {one.key}: SHA-256 {one.sha256}, {one.holds}" for one in national),
            *([f"and the keys of {others} feeds"] if others else []),
        ]


def about(file: Path, keys: Mapping[Verifier, Validity]) -> About:
    """Describes an archive file and the keys used; reads the whole file to hash it."""
    with file.open("rb") as opened:
        digest = hashlib.file_digest(opened, "sha256").hexdigest()
    at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    printed = [
        Fingerprint(
            f"{one.name}+{one.key_id.hex()}", hashlib.sha256(one.public).hexdigest(), str(held).strip() or UNDATED
        )
        for one, held in keys.items()
    ]
    return About(f"ksad-audit {metadata.version('ksad-audit')}", at, file.name, file.stat().st_size, digest, printed)
