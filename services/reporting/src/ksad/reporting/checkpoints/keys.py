"""Where the signer's keys are kept: one file per private key, and the file with the public keys of all logs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ksad.chassis import durable
from ksad.ledger.log.errors import NoteError
from ksad.ledger.log.keys import FILE_MAX
from ksad.reporting.checkpoints.signing import SigningKey

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from ksad.ledger.log.note import Verifier


def create_key(path: Path, name: str) -> SigningKey:
    """Make a private key and keep it in a file that only its owner may read.

    :raises NoteError: the file is there already (it was not touched), or the name cannot be one.
    """
    key = SigningKey.generate(name)
    try:
        durable.write_new(path, f"{key.secret}\n".encode(), durable.PRIVATE)
    except FileExistsError as error:
        raise NoteError(f"{path}: there is a key already; it was not replaced") from error
    return key


def load_key(path: Path) -> SigningKey:
    """The private key in a file.

    :raises NoteError: there is none, or others than its owner may read it.
    """
    try:
        open_to_others = path.stat().st_mode & 0o077
        with path.open("rb") as file:
            content = file.read(FILE_MAX).decode()
    except (OSError, UnicodeDecodeError) as error:
        raise NoteError(f"{path}: no private key can be read here") from error
    if open_to_others:
        raise NoteError(f"{path}: others than the owner may read this private key; chmod 600 it")
    return SigningKey.parse(content.removesuffix("\n"))


def write_public(path: Path, verifiers: Iterable[Verifier]) -> None:
    """Write the public keys, one per line, in the order given and each once."""
    lines = dict.fromkeys(f"{verifier.vkey}\n" for verifier in verifiers)
    durable.replace(path, "".join(lines).encode(), durable.PUBLIC)
