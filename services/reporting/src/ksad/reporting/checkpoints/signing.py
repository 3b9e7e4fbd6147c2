"""Signs notes and checkpoints (C2SP signed-note v1.0.0, tlog-checkpoint) with Ed25519 private keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ksad.ledger.log.canonical import to_base64
from ksad.ledger.log.errors import CheckpointError, NoteError
from ksad.ledger.log.note import CONTROL, ED25519, NOTE_MAX, PREFIX, SIGNATURES_MAX, Verifier, check_name, parse_key

if TYPE_CHECKING:
    from ksad.ledger.log.checkpoint import Checkpoint

_SECRET = "PRIVATE+KEY+"  # noqa: S105 - the fixed beginning of a key's text form, no secret


class SigningKey:
    """An Ed25519 private key and the key name that appears in its signature lines."""

    def __init__(self, name: str, private: Ed25519PrivateKey) -> None:
        check_name(name)
        self.name = name
        self._private = private
        self.verifier = Verifier(name, private.public_key().public_bytes_raw())

    @classmethod
    def generate(cls, name: str) -> SigningKey:
        """Generates a key.

        :raises NoteError: the name is empty or has a space, plus sign or control character.
        """
        return cls(name, Ed25519PrivateKey.generate())

    @classmethod
    def parse(cls, secret: str) -> SigningKey:
        """Parses a key in the form of `secret`.

        :raises NoteError: the text is not such a key; the message does not contain it.
        """
        if not secret.startswith(_SECRET):
            raise NoteError("no private key")
        name, seed, claimed = parse_key(secret.removeprefix(_SECRET), "private key")
        key = cls(name, Ed25519PrivateKey.from_private_bytes(seed))
        if key.verifier.key_id != claimed:
            raise NoteError("the private key does not fit its hash")
        return key

    @property
    def secret(self) -> str:
        """The private key as one line, ``PRIVATE+KEY+NAME+ID+BASE64``, the form of other signed-note tools."""
        seed = to_base64(ED25519 + self._private.private_bytes_raw())
        return f"{_SECRET}{self.name}+{self.verifier.key_id.hex()}+{seed}"

    def line(self, text: bytes) -> str:
        """The signature line for a text, with its newline."""
        return f"{PREFIX}{self.name} {to_base64(self.verifier.key_id + self._private.sign(text))}\n"


def sign_note(text: str, *keys: SigningKey) -> bytes:
    """Signs a text with every given key.

    :raises NoteError: the text does not end in a newline, has control characters or is too large, or there are no or
        too many keys.
    """
    if not text.endswith("\n") or CONTROL.search(text):
        raise NoteError("the text of a note ends in a newline and has no control characters")
    if not 0 < len(keys) <= SIGNATURES_MAX:
        raise NoteError(f"a note has 1 to {SIGNATURES_MAX} signatures, not {len(keys)}")
    try:
        raw = text.encode()
    except UnicodeEncodeError as error:
        raise NoteError("the text of a note is Unicode") from error
    note = raw + b"\n" + "".join(key.line(raw) for key in keys).encode()
    if len(note) > NOTE_MAX:
        raise NoteError(f"a note of {len(note)} bytes is larger than {NOTE_MAX}")
    return note


def sign_checkpoint(checkpoint: Checkpoint, *keys: SigningKey) -> bytes:
    """Signs a checkpoint with the log's keys (two while a key is being replaced).

    :raises CheckpointError: the checkpoint is malformed, or a key's name is not its origin.
    """
    if any(key.name != checkpoint.origin for key in keys):
        raise CheckpointError(f"the keys that sign for {checkpoint.origin} bear that name")
    return sign_note(checkpoint.text(), *keys)
