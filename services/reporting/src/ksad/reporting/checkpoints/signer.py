"""The signer of a log. It records its last checkpoint in a file, and signs only heads that extend it.

The file is the signed checkpoint itself, readable by anyone. It is written and synced before the note is handed out:
a crash in between loses a note that nobody has seen. Keep it on another disk than the database, and do not restore it
from the database's backups: a signer with an old record could sign two different histories.

Signers of other machines do not see that file. Before a head is signed, it is claimed in every memory that they share
(module ``memory``).
"""

from __future__ import annotations

import fcntl
import os
from typing import TYPE_CHECKING, Self

from ksad.chassis import durable
from ksad.ledger.log.checkpoint import Checkpoint, open_checkpoint
from ksad.ledger.log.errors import (
    KeyElsewhereError,
    NoteError,
    ProofError,
    RolledBackError,
    SignerBusyError,
    SignerError,
    SignerMovedError,
)
from ksad.ledger.log.note import NOTE_MAX
from ksad.ledger.log.proof import verify_consistency
from ksad.ledger.log.tree import Frontier, TreeHead
from ksad.reporting.checkpoints.memory import HeadClaim
from ksad.reporting.checkpoints.signing import sign_checkpoint

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from ksad.reporting.checkpoints.memory import ClaimMemory
    from ksad.reporting.checkpoints.signing import SigningKey

WAY_OUT = (
    "Refill the log with its exact leaves up to the last signed head (from the stream, an archive or a follower), "
    "or continue under a new origin with a new key, whose first leaf (log_continued) names the old head."
)


def found(path: Path, key: SigningKey) -> None:
    """Begins a log by signing the empty tree as its first record. This happens once per log.

    :raises SignerError: the log has a record already.
    """
    note = sign_checkpoint(Checkpoint(key.name, *Frontier.empty().head()), key)
    try:
        durable.write_new(path, note, durable.PUBLIC)
    except FileExistsError as error:
        raise SignerError(f"{path}: this log was begun already; its signer goes on from what it signed last") from error


class LogSigner:
    """Signs the heads of one log; each must extend the previous one. The key's name is the log's origin.

    An open signer holds a lock file, so there is one signer per log. It must not be used by several threads at once.
    """

    def __init__(self, path: Path, key: SigningKey, memories: Sequence[ClaimMemory] = ()) -> None:
        """Opens the signer of a log begun with `found`. Call `look` and `settle` before the first `sign`.

        :param memories: the claims shared with the signers of other machines, in the same order on each.
        :raises SignerBusyError: another process has it open.
        :raises SignerError: its record is missing, or was not signed by this key.
        """
        self._path = path
        self._key = key
        self._memories = memories
        self._known: list[HeadClaim | None] = [None] * len(memories)
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
        """Releases the lock."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    @property
    def closed(self) -> bool:
        """Whether it signs no more; open it again."""
        return self._lock is None

    @property
    def last(self) -> Checkpoint:
        """The last signed checkpoint."""
        return self._last

    @property
    def note(self) -> bytes:
        """The last signed checkpoint as a signed note."""
        return self._note

    def look(self) -> list[TreeHead]:
        """Reads all memories; returns the claimed heads that differ from the last signed one, smallest first.

        Others have claimed them, or this signer before it failed, or a memory was restored. What is signed next must
        extend each of them.

        :raises MemoryAwayError: a memory does not answer.
        :raises KeyElsewhereError: the log is signed with another key.
        """
        self._known = [self._claimed(memory) for memory in self._memories]
        heads = {claim.head for claim in self._known if claim is not None}
        return sorted(heads - {self._last.head})

    def settle(self, head: TreeHead) -> None:
        """Brings record and memories to the largest head that `look` has found.

        :param head: that head; the caller has verified that it extends all others.
        :raises SignerMovedError: another machine has claimed a head since; begin with `look` again.
        :raises MemoryAwayError: a memory does not answer.
        """
        self._commit(head)

    def sign(self, head: TreeHead, proof: Sequence[bytes] = ()) -> bytes:
        """Signs a head.

        :param proof: the consistency proof from the last signed head; empty if that has size 0.
        :raises RolledBackError: the head is smaller than the last one, or does not extend it.
        :raises SignerError: the signer is closed, or its record was changed by another program.
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
        """Signs the last signed tree with further leaves appended.

        Returns the new frontier, for the next call; the signed note is in `note`.

        :param before: the frontier of the last signed tree.
        :raises RolledBackError: ``before`` is not the frontier of the last signed tree.
        :raises SignerError: the signer is closed, or its record was changed by another program.
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
        self._claim(head)
        if head != self._last.head:
            checkpoint = Checkpoint(self._key.name, *head)
            note = sign_checkpoint(checkpoint, self._key)
            try:
                durable.replace(self._path, note, durable.PUBLIC)
            except OSError:
                if self._stored() == note:
                    # It stands there, but nobody knows whether it would after a power cut: look again before going on.
                    self.close()
                raise
            self._note, self._last = note, checkpoint
        return self._note

    def _claim(self, head: TreeHead) -> None:
        """Claims a head in each memory that does not have it yet, one after the other.

        :raises SignerMovedError: another machine was faster.
        :raises MemoryAwayError: a memory does not answer.
        """
        claim = HeadClaim(self._key.name, self._key.verifier.vkey, head)
        if any(known is not None and known.head.size > head.size for known in self._known):
            raise SignerMovedError(f"{self._key.name}: another machine has claimed more than {head.size} entries")
        for number, memory in enumerate(self._memories):
            known = self._known[number]
            if known != claim:
                memory.advance(known, claim)
                self._known[number] = claim

    def _claimed(self, memory: ClaimMemory) -> HeadClaim | None:
        claim = memory.read(self._key.name)
        if claim is not None and claim.vkey != self._key.verifier.vkey:
            raise KeyElsewhereError(
                f"{self._key.name}: {memory.name} says that this log is signed with the key {claim.vkey}, and the key "
                f"here is {self._key.verifier.vkey}: bring the former here in its place (docs/operating.md)"
            )
        return claim

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
    """Opens and locks a lock file; closing the descriptor releases the lock.

    :raises SignerBusyError: another process has locked it.
    """
    lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, durable.PRIVATE)
    try:
        # The system releases the lock when the process ends, however it ends.
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(lock)
        raise SignerBusyError(f"{path}: another process signs for this log; a log has one signer") from error
    return lock
