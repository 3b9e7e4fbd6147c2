"""Where keys are kept: one file per private key, and one file with the public keys of all logs for everybody to pin."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reporting.transparency import durable
from reporting.transparency.errors import NoteError
from reporting.transparency.note import SigningKey, Verifier

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

FILE_MAX = 1024 * 1024


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
