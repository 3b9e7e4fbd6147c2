"""The one signer of a log. What it signed last stands in a file outside the database, and it never goes back on it.

The file is the last signed checkpoint itself, so anybody can read it. It is written, and on the disk, before the note
is handed out: a crash in between loses a note that nobody saw. It belongs on another disk than the database, and is
not restored from the database's backups: a signer that forgets could sign two histories.
"""

from __future__ import annotations

import fcntl
import os
from typing import TYPE_CHECKING, Self

from ksad.chassis import durable
from ksad.ledger.log.checkpoint import Checkpoint, open_checkpoint
from ksad.ledger.log.errors import NoteError, ProofError, RolledBackError, SignerBusyError, SignerError
from ksad.ledger.log.note import NOTE_MAX
from ksad.ledger.log.proof import verify_consistency
from ksad.ledger.log.tree import Frontier, TreeHead
from ksad.reporting.checkpoints.signing import sign_checkpoint

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from ksad.reporting.checkpoints.signing import SigningKey

WAY_OUT = (
    "Refill the log with its exact leaves up to the last signed head (from the stream, an archive or a follower), "
    "or continue under a new origin with a new key, whose first leaf (log_continued) names the old head."
)


def found(path: Path, key: SigningKey) -> None:
    """Begin a log, once in its life: the signer's file comes to hold the checkpoint of the empty tree.

    :raises SignerError: the log was begun already.
    """
    note = sign_checkpoint(Checkpoint(key.name, *Frontier.empty().head()), key)
    try:
        durable.write_new(path, note, durable.PUBLIC)
    except FileExistsError as error:
        raise SignerError(f"{path}: this log was begun already; its signer goes on from what it signed last") from error


class LogSigner:
    """Signs the heads of one log, each an extension of the one before. Its origin is the name of its key.

    Holds a lock beside its file for as long as it is open. Not for use by several threads at once.
    """

    def __init__(self, path: Path, key: SigningKey) -> None:
        """Open the signer of a log that was begun with `found`.

        :raises SignerBusyError: another process has it open.
        :raises SignerError: its file is missing or is not its own.
        """
        self._path = path
        self._key = key
        self._lock: int | None = _locked(path.with_name(f"{path.name}.lock"))
        try:
            self._note = self._stored()
            self._last = self._opened(self._note)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the lock."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    @property
    def last(self) -> Checkpoint:
        """The last signed checkpoint."""
        return self._last

    @property
    def note(self) -> bytes:
        """The last signed checkpoint as it was handed out."""
        return self._note

    def sign(self, head: TreeHead, proof: Sequence[bytes] = ()) -> bytes:
        """The signed note for a head, given the consistency proof from the last signed one (none from size 0).

        :raises RolledBackError: the head is smaller than the last one, or no extension of it.
        :raises SignerError: the signer is closed, or its file was changed by somebody else.
        """
        self._check_size(head.size)
        if self._last.size == 0:
            if proof:
                raise SignerError("nothing was signed yet but the empty tree: no proof leads from there")
        else:
            try:
                verify_consistency(self._last.size, head.size, self._last.root, head.root, proof)
            except ProofError as error:
                raise self._rolled_back(f"does not extend it ({error})", head.size) from error
        return self._commit(head)

    def extend(self, before: Frontier, leaf_hashes: Iterable[bytes]) -> Frontier:
        """Sign the last signed tree, of which ``before`` is the frontier, with these leaves appended.

        Returns the new frontier, from which the caller goes on; the note is in `note`.

        :raises RolledBackError: ``before`` is not the tree that was signed last.
        :raises SignerError: the signer is closed, or its file was changed by somebody else.
        """
        self._check_size(before.size)
        if before.head() != self._last.head:
            raise self._rolled_back("does not begin at it", before.size)
        after = before.extended(leaf_hashes)
        self._commit(after.head())
        return after

    def _commit(self, head: TreeHead) -> bytes:
        if self._lock is None:
            raise SignerError("the signer is closed; open it again")
        if self._stored() != self._note:
            raise SignerError(f"{self._path}: was changed while this signer held it; stop both and find out who did")
        if head != self._last.head:
            checkpoint = Checkpoint(self._key.name, *head)
            note = sign_checkpoint(checkpoint, self._key)
            durable.replace(self._path, note, durable.PUBLIC)
            self._note, self._last = note, checkpoint
        return self._note

    def _check_size(self, size: int) -> None:
        if size < self._last.size:
            raise self._rolled_back("is smaller", size)

    def _rolled_back(self, why: str, size: int) -> RolledBackError:
        return RolledBackError(
            f"{self._key.name}: size {self._last.size} was signed, and the tree of {size} leaves {why}. {WAY_OUT}"
        )

    def _stored(self) -> bytes:
        try:
            with self._path.open("rb") as file:
                return file.read(NOTE_MAX + 1)
        except OSError as error:
            raise SignerError(
                f"{self._path}: what was signed last cannot be read. Bring this file back, or the last checkpoint that "
                f"any follower or archive holds; without it nothing may be signed under this origin. {WAY_OUT}"
            ) from error

    def _opened(self, note: bytes) -> Checkpoint:
        try:
            return open_checkpoint(note, self._key.name, [self._key.verifier])
        except NoteError as error:
            raise SignerError(f"{self._path}: is no checkpoint that this key signed ({error}). {WAY_OUT}") from error


def _locked(path: Path) -> int:
    """An open lock file, locked for this process; closing it lets go."""
    lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, durable.PRIVATE)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(lock)
        raise SignerBusyError(f"{path}: another process signs for this log; a log has one signer") from error
    return lock
