"""Reads a checkpoint without verifying its signature."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ksad.ledger.log.checkpoint import parse_checkpoint

if TYPE_CHECKING:
    from ksad.ledger.log.checkpoint import Checkpoint


def claimed(note: bytes) -> Checkpoint:
    """The content of a signed checkpoint, with no signature verified.

    :raises NoteError: the note does not contain a checkpoint.
    """
    # The text of a signed note ends before its last empty line.
    text, _, _ = note.decode(errors="replace").rpartition("\n\n")
    return parse_checkpoint(text + "\n")
