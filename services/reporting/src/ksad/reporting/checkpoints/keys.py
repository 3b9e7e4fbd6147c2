"""Files of keys: one per private key, and one with the public keys of all logs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ksad.chassis import durable
from ksad.ledger.log.errors import NoteError
from ksad.ledger.log.keys import FILE_MAX, public_text
from ksad.reporting.checkpoints.signing import SigningKey

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from ksad.ledger.log.keys import Validity
    from ksad.ledger.log.note import Verifier


def create_key(path: Path, name: str) -> SigningKey:
    """Creates a private key in a file that only its owner may read.

    :raises NoteError: the file exists (it is left unchanged), or the name is not a valid key name.
    """
    key = SigningKey.generate(name)
    try:
        durable.write_new(path, f"{key.secret}\n".encode(), durable.PRIVATE)
    except FileExistsError as error:
        raise NoteError(f"{path}: there is a key already; it was not replaced") from error
    return key


def load_key(path: Path) -> SigningKey:
    """Reads a private key from a file.

    :raises NoteError: the file cannot be read, is not such a key, or is accessible to other users.
    """
    try:
        open_to_others = path.stat().st_mode & 0o077
        with path.open("rb") as file:
            content = file.read(FILE_MAX).decode()
    except (OSError, UnicodeDecodeError) as error:
        raise NoteError(f"{path}: no private key can be read here") from error
    if open_to_others:
        raise NoteError(f"{path}: others than the owner may read this private key; chmod 600 it")
    try:
        return SigningKey.parse(content.removesuffix("\n"))
    except NoteError as error:
        raise NoteError(f"{path}: {error}; bring it back from a backup (docs/operating.md, A key is lost)") from error


def write_public(path: Path, keys: Mapping[Verifier, Validity]) -> None:
    """Writes public keys with their validity to a file, one per line, in the order given."""
    durable.replace(path, public_text(keys).encode(), durable.PUBLIC)
