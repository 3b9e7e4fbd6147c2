"""Documents on their way in: written as they come, counted and hashed, and none of them until they are whole."""

from __future__ import annotations

import hashlib
import os
import secrets
import time
from contextlib import contextmanager, suppress
from typing import IO, TYPE_CHECKING, NamedTuple

from ksad.chassis import durable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

INCOMING = "incoming"
ABANDONED_SECONDS = 3_600
"""An upload takes minutes at most; what is older was left by a process that was killed."""


class Label(NamedTuple):
    """How the office that uploads a document calls it: the file's name, and a title; ``None`` for neither."""

    name: str | None = None
    title: str | None = None


class Receipt:
    """A document that is being received: the file, and what is known of the bytes that have come."""

    def __init__(self, file: IO[bytes], path: Path) -> None:
        self.file = file
        self.path = path
        self.size = 0
        self._hash = hashlib.sha256()

    @property
    def sha256(self) -> str:
        """The hash of what has come."""
        return self._hash.hexdigest()

    def write(self, part: bytes) -> None:
        """Takes the next bytes.

        :raises OSError: they could not be written.
        """
        self.file.write(part)
        self._hash.update(part)
        self.size += len(part)

    def sync(self) -> None:
        """Waits until what has come is on the disk.

        :raises OSError: it could not be written.
        """
        self.file.flush()
        os.fsync(self.file.fileno())


@contextmanager
def receiving(folder: Path) -> Iterator[Receipt]:
    """A new file for a document that comes in; nothing of it stays unless it is settled."""
    incoming = folder / INCOMING
    incoming.mkdir(parents=True, exist_ok=True, mode=0o700)
    for left in incoming.iterdir():
        # Another upload may take it away at the same time.
        with suppress(FileNotFoundError):
            if time.time() - left.stat().st_mtime > ABANDONED_SECONDS:
                left.unlink()
    path = incoming / secrets.token_hex(16)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, durable.PRIVATE)
    try:
        with os.fdopen(descriptor, "w+b") as file:
            yield Receipt(file, path)
    finally:
        path.unlink(missing_ok=True)
