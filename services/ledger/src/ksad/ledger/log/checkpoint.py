"""Checkpoints (C2SP tlog-checkpoint v1.0.0): signed notes that state a log's size and root hash."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ksad.ledger.log.canonical import decimal, from_base64, to_base64
from ksad.ledger.log.errors import CheckpointError
from ksad.ledger.log.note import NOTE_MAX, Verifier, open_note
from ksad.ledger.log.tree import EMPTY_ROOT, HASH_SIZE, TreeHead

if TYPE_CHECKING:
    from collections.abc import Iterable

CONTENT_TYPE = "text/plain; charset=utf-8"
LINES_MIN = 3


class Checkpoint(NamedTuple):
    """The content of a checkpoint: the log's name (``origin``), its size in leaves and its root hash (32 bytes).

    ``extensions`` are further lines; they are preserved and not interpreted.
    """

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    @property
    def head(self) -> TreeHead:
        """Size and root."""
        return TreeHead(self.size, self.root)

    def text(self) -> str:
        """The text that is signed.

        :raises CheckpointError: parsing the text would not give this checkpoint again: a line is empty or has a
            newline, or size and root do not fit.
        """
        lines = (self.origin, str(self.size), to_base64(self.root), *self.extensions)
        text = "".join(f"{line}\n" for line in lines)
        if parse_checkpoint(text) != self:
            raise CheckpointError("a line of the checkpoint has a newline in it")
        return text


def parse_checkpoint(text: str) -> Checkpoint:
    """Parses the text of a note as a checkpoint.

    :raises CheckpointError: the text is not a checkpoint, or has size 0 and a root other than SHA-256 of nothing.
    """
    if len(text) > NOTE_MAX:
        raise CheckpointError(f"a checkpoint of {len(text)} characters is larger than any note")
    lines = text.split("\n")
    if lines.pop() != "" or "" in lines or len(lines) < LINES_MIN:
        raise CheckpointError("a checkpoint has at least three lines, none of them empty")
    size, root = decimal(lines[1]), from_base64(lines[2], HASH_SIZE)
    if size is None:
        raise CheckpointError("the size of a checkpoint is a number without leading zeros")
    if root is None:
        raise CheckpointError("the root of a checkpoint is 32 bytes in Base64")
    if size == 0 and root != EMPTY_ROOT:
        raise CheckpointError("the root of the empty tree is SHA-256 of nothing")
    return Checkpoint(lines[0], size, root, tuple(lines[3:]))


class SignedCheckpoint(NamedTuple):
    """A checkpoint, and those of the pinned keys that have signed it."""

    checkpoint: Checkpoint
    signers: tuple[Verifier, ...]


def open_checkpoint(raw: bytes, origin: str, pinned: str | Iterable[Verifier]) -> Checkpoint:
    """Parses a signed checkpoint of the log ``origin`` and verifies its signature.

    :param pinned: one public key (``NAME+ID+BASE64``) or any number of keys. Only keys named ``origin`` count.
    :raises NoteError: the checkpoint is malformed, is of another log, or is not signed by such a key.
    """
    return open_signed(raw, origin, [Verifier.parse(pinned)] if isinstance(pinned, str) else pinned).checkpoint


def open_signed(raw: bytes, origin: str, pinned: Iterable[Verifier]) -> SignedCheckpoint:
    """The same, with the keys that have signed it: whether a key held on the day of the head is not asked here.

    :raises NoteError: it is malformed, of another log, or not signed by such a key.
    """
    named = [verifier for verifier in pinned if verifier.name == origin]
    if not named:
        raise CheckpointError(f"no pinned key bears the name {origin}")
    note = open_note(raw, named)
    checkpoint = parse_checkpoint(note.text)
    if checkpoint.origin != origin:
        raise CheckpointError(f"a checkpoint of {checkpoint.origin}, not of {origin}")
    return SignedCheckpoint(checkpoint, note.signers)
