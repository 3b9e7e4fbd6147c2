"""Errors of the log formats. Parsers and verifiers of this package raise these and no others for invalid input."""

from __future__ import annotations


class TransparencyError(ValueError):
    """Something that was read is invalid or is not proven; the message says why."""


class TreeError(TransparencyError):
    """Stored bytes are not a frontier, or a range of leaves does not lead from one tree head to the other."""


class ProofError(TransparencyError):
    """An inclusion or consistency proof is malformed, does not verify, or is asked for indexes that have none."""


class NoteError(TransparencyError):
    """A note, key or signature is malformed, a signature is wrong, or no pinned key signed the note."""


class CheckpointError(NoteError):
    """A signed text is not a checkpoint, or is the checkpoint of another log."""


class TileError(TransparencyError):
    """A tile, an entry bundle or its path is malformed or missing, or its content does not belong to the tree.

    ``index`` is the first leaf that is affected; ``None`` where that is unknown.
    """

    def __init__(self, message: str, index: int | None = None) -> None:
        super().__init__(message)
        self.index = index


class SignerError(TransparencyError):
    """The log's signer refuses to sign; the message says what to do."""


class SignerBusyError(SignerError):
    """Another process has locked the log's signer."""


class KeyElsewhereError(SignerError):
    """The log's key is on another machine, and has to be brought here."""


class SignerMovedError(SignerError):
    """A signer on another machine has claimed a head in the meantime; read the claims again."""


class MemoryAwayError(SignerError):
    """The claims of other machines cannot be read now, so nothing may be signed."""


class RolledBackError(SignerError):
    """The tree is smaller than the last one signed or does not extend it: refill it, or continue under a new origin."""
