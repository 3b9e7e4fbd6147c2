"""What a signed head says of itself, before any key has been asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ksad.ledger.log.checkpoint import parse_checkpoint

if TYPE_CHECKING:
    from ksad.ledger.log.checkpoint import Checkpoint


def claimed(note: bytes) -> Checkpoint:
    """What a note says, before any key has been asked.

    :raises NoteError: it is no checkpoint.
    """
    text, _, _ = note.decode(errors="replace").rpartition("\n\n")
    return parse_checkpoint(text + "\n")
