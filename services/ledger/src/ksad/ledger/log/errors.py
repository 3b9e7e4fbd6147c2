"""What can be wrong with evidence. Every parser and verifier here raises one of these and nothing else."""

from __future__ import annotations


class TransparencyError(ValueError):
    """What was read proves nothing; the message says why."""


class TreeError(TransparencyError):
    """Stored bytes are no frontier, or a range of leaves does not lead from one head to the other."""


class ProofError(TransparencyError):
    """An inclusion or consistency proof does not hold, is malformed, or cannot exist."""


class NoteError(TransparencyError):
    """A note, key or signature is malformed, or no pinned key has signed the note."""


class CheckpointError(NoteError):
    """A signed text is no checkpoint, or not one of the log that was asked for."""


class TileError(TransparencyError):
    """A tile, an entry bundle or its path is malformed or missing, or is not the tree's.

    ``index`` is the first leaf that the fault touches, where it can be told.
    """

    def __init__(self, message: str, index: int | None = None) -> None:
        super().__init__(message)
        self.index = index


class SignerError(TransparencyError):
    """The log's signer refuses; the message says what to do."""


class SignerBusyError(SignerError):
    """Another process holds the log's signer."""


class RolledBackError(SignerError):
    """The tree is smaller than, or no extension of, the last one signed: refill it, or go on under a new origin."""
