"""Signed notes (C2SP signed-note v1.0.0) with Ed25519 keys: a text, an empty line, and one line per signature."""

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

# The algorithm byte of Ed25519 in C2SP signed-note.
ED25519 = b"\x01"
# That of a witness's cosignature with Ed25519 (C2SP tlog-cosignature v1).
COSIGNATURE = b"\x04"
KEY_SIZE = 32
KEY_ID_SIZE = 4
# Limits of this reader against oversized input; the specification leaves them to implementations.
NOTE_MAX = 256 * 1024
SIGNATURES_MAX = 100
# An em dash (U+2014) and a space, by the specification.
PREFIX = "— "
CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
_KEY_HASH = re.compile(r"[0-9a-f]{8}")
RESAVED = "has no byte order mark, and its lines end with LF, not as on Windows: save the file as it was given"


class Verifier(NamedTuple):
    """A public key (32 bytes) and the key name that appears in its signature lines."""

    name: str
    public: bytes

    @property
    def key_id(self) -> bytes:
        """The first four bytes of SHA-256(name, newline, algorithm, key). It selects a key and proves nothing."""
        return _key_id(self.name, self.public)

    @property
    def vkey(self) -> str:
        """The key as one line: ``NAME+ID+BASE64``, with the key id in hexadecimal."""
        return f"{self.name}+{self.key_id.hex()}+{to_base64(ED25519 + self.public)}"

    @classmethod
    def parse(cls, vkey: str) -> Verifier:
        """Parses a line ``NAME+ID+BASE64``.

        :raises NoteError: the line is not an Ed25519 key in canonical form, or its id does not fit name and key.
        """
        name, public, claimed = parse_key(vkey, "public key")
        verifier = cls(name, public)
        if verifier.key_id != claimed:
            raise NoteError("the public key does not fit its hash")
        return verifier

    def accepts(self, message: bytes, signature: bytes) -> bool:
        """Whether a signature of this key over the message is valid."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except InvalidSignature:
            return False
        return True


class VerifiedNote(NamedTuple):
    """The text of a note, and the pinned keys whose signatures on it were verified."""

    text: str
    signers: tuple[Verifier, ...]


def open_note(raw: bytes, pinned: Iterable[Verifier]) -> VerifiedNote:
    """Verifies a signed note. Signatures by keys that are not pinned are ignored.

    :raises NoteError: the note is malformed, a signature by a pinned key is wrong, no pinned key signed it, or two
        pinned keys share name and id.
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


def is_resaved(text: str) -> bool:
    """Whether a text has what editors of Windows put into it: a byte order mark, or line ends with CR."""
    return text.startswith("\ufeff") or "\r" in text


def _split(raw: bytes) -> tuple[str, list[str]]:
    if len(raw) > NOTE_MAX:
        raise NoteError(f"a note of {len(raw)} bytes is larger than {NOTE_MAX}")
    try:
        whole = raw.decode()
    except UnicodeDecodeError as error:
        raise NoteError("a note is UTF-8") from error
    if is_resaved(whole):
        raise NoteError(f"a note {RESAVED}")
    if CONTROL.search(whole):
        raise NoteError("a note has no control characters")
    # The last empty line: the text may have others.
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


def is_cosigner(vkey: str) -> bool:
    """Whether a line is the key of a witness in canonical form, whose cosignatures nobody here verifies.

    :raises NoteError: the name is none of a key.
    """
    name, _, rest = vkey.partition("+")
    claimed, _, encoded = rest.partition("+")
    blob = from_base64(encoded, 1 + KEY_SIZE)
    if blob is None or blob[:1] != COSIGNATURE:
        return False
    check_name(name)
    return claimed == _key_id(name, blob[1:], COSIGNATURE).hex()


def parse_key(text: str, kind: str) -> tuple[str, bytes, bytes]:
    """Parses a key line; returns the name, the 32 bytes of the key, and the key id that the line states.

    :param kind: what is parsed, for the message.
    :raises NoteError: the line is not such a key. The key id is not checked.
    """
    name, _, rest = text.partition("+")
    claimed, _, encoded = rest.partition("+")
    blob = from_base64(encoded, 1 + KEY_SIZE)
    if not _KEY_HASH.fullmatch(claimed) or blob is None or blob[:1] != ED25519:
        raise NoteError(f"no {kind} for Ed25519")
    check_name(name)
    return name, blob[1:], bytes.fromhex(claimed)


def check_name(name: str) -> None:
    """Checks a key name.

    :raises NoteError: it is empty, has a space, plus sign or control character, or cannot be encoded in UTF-8.
    """
    if not name or "+" in name or CONTROL.search(name) or any(letter.isspace() for letter in name):
        raise NoteError("the name of a key is not empty and has no spaces, plus or control characters")
    try:
        name.encode()
    except UnicodeEncodeError as error:
        raise NoteError("the name of a key is Unicode") from error


def _key_id(name: str, public: bytes, algorithm: bytes = ED25519) -> bytes:
    return sha256(name.encode() + b"\n" + algorithm + public).digest()[:KEY_ID_SIZE]
