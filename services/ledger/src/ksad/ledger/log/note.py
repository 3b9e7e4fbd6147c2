"""Signed notes (C2SP signed-note v1.0.0) with Ed25519: a text, an empty line, and one line per signature."""

from __future__ import annotations

import re
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from ksad.ledger.log.canonical import from_base64, to_base64
from ksad.ledger.log.errors import NoteError

if TYPE_CHECKING:
    from collections.abc import Iterable

ED25519 = b"\x01"
KEY_SIZE = 32
KEY_ID_SIZE = 4
NOTE_MAX = 256 * 1024
SIGNATURES_MAX = 100
PREFIX = "— "
CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
_KEY_HASH = re.compile(r"[0-9a-f]{8}")


class Verifier(NamedTuple):
    """A public key and the name that it signs under."""

    name: str
    public: bytes

    @property
    def key_id(self) -> bytes:
        """Four bytes that tell the keys of a name apart; no proof of anything."""
        return _key_id(self.name, self.public)

    @property
    def vkey(self) -> str:
        """The key in one line: ``name+hash+base64``."""
        return f"{self.name}+{self.key_id.hex()}+{to_base64(ED25519 + self.public)}"

    @classmethod
    def parse(cls, vkey: str) -> Verifier:
        """The key in a line.

        :raises NoteError: it is no Ed25519 key in its only spelling.
        """
        name, public, claimed = parse_key(vkey, "public key")
        verifier = cls(name, public)
        if verifier.key_id != claimed:
            raise NoteError("the public key does not fit its hash")
        return verifier

    def accepts(self, message: bytes, signature: bytes) -> bool:
        """Whether this key signed the message."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except InvalidSignature:
            return False
        return True


class VerifiedNote(NamedTuple):
    """A text, and the pinned keys that were found to have signed it."""

    text: str
    signers: tuple[Verifier, ...]


def open_note(raw: bytes, pinned: Iterable[Verifier]) -> VerifiedNote:
    """The note, if at least one pinned key signed it. Signatures of other keys count for nothing.

    :raises NoteError: it is malformed, a signature of a pinned key is false, or there is none.
    """
    text, lines = _split(raw)
    keys = set(pinned)
    known = {(verifier.name, verifier.key_id): verifier for verifier in keys}
    if len(known) < len(keys):
        raise NoteError("two pinned keys have one name and one hash: one of them was made to look like the other")
    signers = dict[Verifier, None]()
    for line in lines:
        name, key_id, signature = _parse_signature(line)
        verifier = known.get((name, key_id))
        if verifier is None:
            continue
        if not verifier.accepts(text.encode(), signature):
            raise NoteError(f"false signature of {name}")
        signers[verifier] = None
    if not signers:
        raise NoteError("no pinned key has signed the note")
    return VerifiedNote(text, tuple(signers))


def _split(raw: bytes) -> tuple[str, list[str]]:
    if len(raw) > NOTE_MAX:
        raise NoteError(f"a note of {len(raw)} bytes is larger than {NOTE_MAX}")
    try:
        whole = raw.decode()
    except UnicodeDecodeError as error:
        raise NoteError("a note is UTF-8") from error
    if CONTROL.search(whole):
        raise NoteError("a note has no control characters")
    text, empty, signatures = whole.rpartition("\n\n")
    if not empty or not signatures.endswith("\n"):
        raise NoteError("a note is a text, an empty line and signature lines")
    lines = signatures[:-1].split("\n")
    if len(lines) > SIGNATURES_MAX:
        raise NoteError(f"a note has at most {SIGNATURES_MAX} signatures, not {len(lines)}")
    return text + "\n", lines


def _parse_signature(line: str) -> tuple[str, bytes, bytes]:
    name, _, encoded = line.removeprefix(PREFIX).partition(" ")
    blob = from_base64(encoded)
    if not line.startswith(PREFIX) or blob is None or len(blob) <= KEY_ID_SIZE:
        raise NoteError("malformed signature line")
    check_name(name)
    return name, blob[:KEY_ID_SIZE], blob[KEY_ID_SIZE:]


def parse_key(text: str, kind: str) -> tuple[str, bytes, bytes]:
    """Name, 32 bytes of key and the claimed key id of a key in one line.

    :param kind: what the line should be, for the message.
    :raises NoteError: the line is no such key.
    """
    name, _, rest = text.partition("+")
    claimed, _, encoded = rest.partition("+")
    blob = from_base64(encoded, 1 + KEY_SIZE)
    if not _KEY_HASH.fullmatch(claimed) or blob is None or blob[:1] != ED25519:
        raise NoteError(f"no {kind} for Ed25519")
    check_name(name)
    return name, blob[1:], bytes.fromhex(claimed)


def check_name(name: str) -> None:
    """Refuse a name that no key may bear.

    :raises NoteError: it is empty or has a space, plus or control character in it.
    """
    if not name or "+" in name or CONTROL.search(name) or any(letter.isspace() for letter in name):
        raise NoteError("the name of a key is not empty and has no spaces, plus or control characters")
    try:
        name.encode()
    except UnicodeEncodeError as error:
        raise NoteError("the name of a key is Unicode") from error


def _key_id(name: str, public: bytes) -> bytes:
    return sha256(name.encode() + b"\n" + ED25519 + public).digest()[:KEY_ID_SIZE]
