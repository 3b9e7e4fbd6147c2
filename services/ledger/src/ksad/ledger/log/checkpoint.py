"""Checkpoints (C2SP tlog-checkpoint v1.0.0): signed notes that tell a log's size and root."""

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
    """A log's name, its size and its root; extension lines are kept, and mean nothing here."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    @property
    def head(self) -> TreeHead:
        """Size and root."""
        return TreeHead(self.size, self.root)

    def text(self) -> str:
        """The lines that are signed.

        :raises CheckpointError: they would not be read back as this checkpoint.
        """
        lines = (self.origin, str(self.size), to_base64(self.root), *self.extensions)
        text = "".join(f"{line}\n" for line in lines)
        if parse_checkpoint(text) != self:
            raise CheckpointError("a line of the checkpoint has a newline in it")
        return text


def parse_checkpoint(text: str) -> Checkpoint:
    """The checkpoint in a note's text.

    :raises CheckpointError: it is none, or an empty tree has another root than the empty one.
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


def open_checkpoint(raw: bytes, origin: str, pinned: str | Iterable[Verifier]) -> Checkpoint:
    """The checkpoint of one log, verified with pinned keys that bear the log's name.

    :param pinned: one public key in a line, or any number of keys; those of other names are not asked.
    :raises NoteError: it is malformed, of another log, or not signed by such a key.
    """
    verifiers = [Verifier.parse(pinned)] if isinstance(pinned, str) else pinned
    named = [verifier for verifier in verifiers if verifier.name == origin]
    if not named:
        raise CheckpointError(f"no pinned key bears the name {origin}")
    checkpoint = parse_checkpoint(open_note(raw, named).text)
    if checkpoint.origin != origin:
        raise CheckpointError(f"a checkpoint of {checkpoint.origin}, not of {origin}")
    return checkpoint
