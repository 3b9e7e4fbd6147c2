"""Small files that are whole or absent after a crash, and that are on the disk when the call returns."""

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
    """Write a file that is not there yet.

    :raises FileExistsError: it is there; it was not touched.
    """
    with _pending(path, content, mode) as pending:
        path.hardlink_to(pending)
        pending.unlink()


def replace(path: Path, content: bytes, mode: int) -> None:
    """Write a file in place of the one that may be there."""
    with _pending(path, content, mode) as pending:
        pending.replace(path)


@contextmanager
def _pending(path: Path, content: bytes, mode: int) -> Iterator[Path]:
    """A file beside ``path`` with the content, on the disk; afterwards it is gone and the folder is on the disk."""
    pending = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(pending, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with os.fdopen(descriptor, "wb") as file:
            os.fchmod(descriptor, mode)  # Whatever the umask of the process is.
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        yield pending
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    finally:
        pending.unlink(missing_ok=True)
