"""The file with the public keys of all logs, for everybody to pin."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ksad.ledger.log.errors import NoteError
from ksad.ledger.log.note import Verifier

if TYPE_CHECKING:
    from pathlib import Path

FILE_MAX = 1024 * 1024


def read_public(path: Path) -> tuple[Verifier, ...]:
    """The public keys in a file; empty lines are skipped.

    :raises NoteError: the file cannot be read, holds no key, or holds a line that is none.
    """
    try:
        with path.open("rb") as file:
            content = file.read(FILE_MAX + 1)
        text = content.decode()
    except (OSError, UnicodeDecodeError) as error:
        raise NoteError(f"{path}: no public keys can be read here") from error
    if len(content) > FILE_MAX:
        raise NoteError(f"{path}: larger than {FILE_MAX} bytes")
    try:
        found = tuple(Verifier.parse(line) for line in text.split("\n") if line)
    except NoteError as error:
        raise NoteError(f"{path}: {error}; a line is NAME+ID+BASE64, as in keys/public.vkeys") from error
    if not found:
        raise NoteError(f"{path}: holds no public key")
    return found
