"""What a verdict is about: the tool, the day, the archive by its hash, and the keys by their fingerprints."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from importlib import metadata
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from ksad.ledger.log.note import Verifier

NATIONAL = "/national"


class Fingerprint(NamedTuple):
    """A public key: its name with the ID that signatures bear, and the SHA-256 of its 32 bytes."""

    key: str
    sha256: str


class About(NamedTuple):
    """What was asked, of what, and when by the clock of this machine; sizes are in bytes."""

    tool: str
    at: str
    archive: str
    size: int
    sha256: str
    keys: list[Fingerprint]

    def lines(self) -> list[str]:
        """The same for people; of the keys, those of national logs one by one."""
        national = [one for one in self.keys if NATIONAL in one.key]
        others = len(self.keys) - len(national)
        return [
            f"{self.tool}, {self.at}",
            f"archive {self.archive}: {self.size} bytes, SHA-256 {self.sha256}",
            *(f"key {one.key}: SHA-256 {one.sha256}" for one in national),
            *([f"and the keys of {others} feeds"] if others else []),
        ]


def about(file: Path, keys: Sequence[Verifier]) -> About:
    """What a verdict on this file with these keys is about."""
    with file.open("rb") as opened:
        digest = hashlib.file_digest(opened, "sha256").hexdigest()
    at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    printed = [Fingerprint(f"{one.name}+{one.key_id.hex()}", hashlib.sha256(one.public).hexdigest()) for one in keys]
    return About(f"ksad-audit {metadata.version('ksad-audit')}", at, file.name, file.stat().st_size, digest, printed)
