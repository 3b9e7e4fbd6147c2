"""Writes small files atomically and durably: after a crash a file is complete or absent."""

from __future__ import annotations

import os
import secrets
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PRIVATE = 0o600
PUBLIC = 0o644


def write_new(path: Path, content: bytes, mode: int) -> None:
    """Writes a new file.

    :raises FileExistsError: the file exists; it is unchanged.
    """
    with _pending(path, content, mode) as pending:
        # Unlike a rename, a link fails if the file exists.
        path.hardlink_to(pending)
        pending.unlink()


def replace(path: Path, content: bytes, mode: int) -> None:
    """Writes a file, replacing an existing one."""
    with _pending(path, content, mode) as pending:
        pending.replace(path)


def sync(path: Path) -> None:
    """Waits until a file, or the names in a folder, are on the disk.

    Without the latter a file's name may be lost in a crash, although its content is there.
    """
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _pending(path: Path, content: bytes, mode: int) -> Iterator[Path]:
    """A temporary, synced file with the content beside ``path``; at the end it is removed and the folder is synced."""
    pending = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(pending, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with os.fdopen(descriptor, "wb") as file:
            os.fchmod(descriptor, mode)  # independent of the process's umask
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        yield pending
        sync(path.parent)
    finally:
        pending.unlink(missing_ok=True)
