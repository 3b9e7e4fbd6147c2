"""Proofs as text: ``.tlog-proof`` files (C2SP tlog-proof, a draft), and lists of hashes in Base64, one per line."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ksad.ledger.log.canonical import decimal, from_base64, to_base64
from ksad.ledger.log.checkpoint import Checkpoint, open_checkpoint
from ksad.ledger.log.errors import ProofError
from ksad.ledger.log.note import NOTE_MAX, Verifier
from ksad.ledger.log.proof import verify_inclusion
from ksad.ledger.log.tree import HASH_SIZE, leaf_hash

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

HEADER = "c2sp.org/tlog-proof@v1"
# A tree of at most 2^63 leaves needs no more hashes for an inclusion or consistency proof.
HASHES_MAX = 64
EXTRA_MAX = 64 * 1024
# Base64 needs less than twice the bytes; a hash is a line of 44 characters.
FILE_MAX = NOTE_MAX + 2 * EXTRA_MAX + HASHES_MAX * 45


class ProofFile(NamedTuple):
    """An inclusion proof together with the signed checkpoint that it refers to.

    ``checkpoint`` holds the bytes of the signed note. ``extra`` is application data, which the proof does not cover.
    """

    leaf_index: int
    hashes: tuple[bytes, ...]
    checkpoint: bytes
    extra: bytes = b""

    def to_bytes(self) -> bytes:
        """The bytes of the ``.tlog-proof`` file."""
        extra = f"extra {to_base64(self.extra)}\n" if self.extra else ""
        return f"{HEADER}\n{extra}index {self.leaf_index}\n{format_hashes(self.hashes)}\n".encode() + self.checkpoint

    def verify(self, leaf: bytes, origin: str, pinned: str | Iterable[Verifier]) -> Checkpoint:
        """Verifies that the bytes of an entry stand at this index in the log ``origin``, and returns the checkpoint.

        :param leaf: the exact bytes of the entry.
        :param pinned: one public key (``NAME+ID+BASE64``) or any number of keys.
        :raises NoteError: the checkpoint is malformed, of another log, or not signed by a pinned key.
        :raises ProofError: the proof does not verify.
        """
        checkpoint = open_checkpoint(self.checkpoint, origin, pinned)
        verify_inclusion(leaf_hash(leaf), self.leaf_index, checkpoint.size, self.hashes, checkpoint.root)
        return checkpoint


def parse_proof_file(raw: bytes) -> ProofFile:
    """Parses a ``.tlog-proof`` file. The checkpoint in it is neither parsed nor verified.

    :raises ProofError: the file is malformed, not in canonical form, or too large.
    """
    head, empty, checkpoint = raw.partition(b"\n\n") if len(raw) <= FILE_MAX else (b"", b"", b"")
    try:
        lines = head.decode("ascii").split("\n")
    except UnicodeDecodeError as error:
        raise ProofError("no proof file") from error
    if not empty or lines.pop(0) != HEADER:
        raise ProofError("no proof file")
    extra = b""
    if lines and lines[0].startswith("extra "):
        extra = from_base64(lines.pop(0).removeprefix("extra ")) or b""
        if not 0 < len(extra) <= EXTRA_MAX:
            raise ProofError("malformed extra data in a proof file")
    index = decimal(lines.pop(0).removeprefix("index ")) if lines and lines[0].startswith("index ") else None
    if index is None:
        raise ProofError("a proof file names the index of its leaf")
    hashes = parse_hashes("".join(f"{line}\n" for line in lines))
    return ProofFile(index, hashes, checkpoint, extra)


def format_hashes(hashes: Sequence[bytes]) -> str:
    """The hashes of a proof as lines of Base64."""
    return "".join(f"{to_base64(digest)}\n" for digest in hashes)


def parse_hashes(text: str) -> tuple[bytes, ...]:
    """Parses lines of Base64 as the hashes of a proof; an empty text is an empty proof.

    :raises ProofError: a line is not 32 bytes in canonical Base64, or there are more than 64.
    """
    lines = text.split("\n", HASHES_MAX + 1)
    if lines.pop() != "" or len(lines) > HASHES_MAX:
        raise ProofError("a proof is lines of hashes, and no tree needs more than 64")
    hashes = [digest for line in lines if (digest := from_base64(line, HASH_SIZE)) is not None]
    if len(hashes) != len(lines):
        raise ProofError("a hash in a proof is 32 bytes in Base64")
    return tuple(hashes)
