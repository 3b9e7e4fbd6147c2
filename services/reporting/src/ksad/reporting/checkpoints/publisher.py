"""Signs and publishes checkpoints: of the national log with its tiles, and of every feed, each with its own key.

In its first round it reads the whole journal and compares it with the last signed checkpoint. A journal that lacks
signed entries or differs from them, for example after an old backup was restored, is not signed until it has them
again; the health check reports why.
"""

from __future__ import annotations

import time
from threading import Lock
from typing import TYPE_CHECKING

from ksad.chassis import durable
from ksad.ledger.log.checkpoint import open_checkpoint
from ksad.ledger.log.errors import (
    KeyElsewhereError,
    MemoryAwayError,
    NoteError,
    RolledBackError,
    SignerBusyError,
    SignerError,
    SignerMovedError,
    TransparencyError,
)
from ksad.ledger.log.keys import read_public
from ksad.ledger.log.proof import consistency_proof
from ksad.ledger.log.reader import TileHashes
from ksad.ledger.log.tree import Frontier
from ksad.reporting.checkpoints.comparing import LogComparison
from ksad.reporting.checkpoints.keyring import Keyring
from ksad.reporting.checkpoints.leaves import LogLeaves
from ksad.reporting.checkpoints.memory import DatabaseMemory
from ksad.reporting.checkpoints.tile_folder import TileFolder
from ksad.reporting.journal import NATIONAL

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date
    from pathlib import Path

    from ksad.ledger.log.proof import HashReader
    from ksad.ledger.log.tree import TreeHead
    from ksad.reporting.checkpoints.memory import ClaimMemory
    from ksad.reporting.checkpoints.signer import LogSigner
    from ksad.reporting.journal import Journal

NEVER = -1
"""A size that no log has: a refusal noted at it is tried again in the next round."""


class Checkpoints:
    """Signs logs that grew. One object per process; `step` must be called from one thread, readers may use any."""

    def __init__(
        self,
        journal: Journal,
        keys: Keyring,
        log_dir: Path,
        *,
        seconds: float = 1.0,
        signed: Callable[[str, bytes], None] = lambda _log, _note: None,
        memories: Sequence[ClaimMemory] = (),
    ) -> None:
        """:param log_dir: the folder from which checkpoints and tiles are served.
        :param seconds: the least time between two rounds of signing.
        :param signed: called with the log's name and the signed note of each new checkpoint.
        :param memories: claims shared with the signers of other machines, besides those in the database.
        """
        self.refused: str | None = "not held against what was signed last yet"
        """Why nothing is signed; ``None`` if it is. The initial value keeps the service unready until its journal was
        checked.
        """
        self.lasts = False
        """Whether something is refused that waiting does not correct: a key, or a record of what was signed."""
        self.standby = False
        """Whether another process of this machine signs, and this one would take over."""
        self.waiting: str | None = None
        """Why the newest entries are not signed yet, if the cause is temporary."""
        self.tiles = TileFolder(log_dir)
        self.keys = keys
        self._hashes = TileHashes(self.tiles.read)
        self._leaves = LogLeaves(journal)
        self._comparison = LogComparison(self._leaves, self.tiles)
        self._seconds = seconds
        self._tell = signed
        self._memories = (DatabaseMemory(journal.database), *memories)
        self._signers: dict[str, LogSigner] = {}
        self._trees: dict[str, Frontier] = {}
        self._refusals: dict[str, tuple[int, str]] = {}
        self._lasting: set[str] = set()
        self._unpublished: set[str] = set()
        self._last_days: dict[str, date | None] = {}
        self._next = 0.0
        self._lock = Lock()

    def step(self) -> int:
        """Signs logs that grew, at most once per interval; returns the number of checkpoints signed."""
        if time.monotonic() < self._next:
            return 0
        self._next = time.monotonic() + self._seconds
        return self.publish()

    def publish(self) -> int:
        """Signs logs that grew, now; returns the number of checkpoints signed. ``refused`` tells of the others.

        :raises OSError: a file could not be written; the next call writes it.
        """
        count = 0
        standby = False
        self.waiting = None
        for log, size in sorted(self.sizes().items()):
            # A refused log of the same size would be read in full again, only to be refused again.
            if self._refusals.get(log, (-1, ""))[0] == size:
                continue
            self._refusals.pop(log, None)
            self._lasting.discard(log)
            try:
                count += self._sign(log, size)
            except SignerBusyError:
                standby = True
            except SignerMovedError:
                self._forget(log)
            except MemoryAwayError as error:
                self.waiting = str(error)
                if log not in self._signers:
                    self._refusals[log] = (NEVER, self.waiting)
                break
            except OSError:
                if log in self._signers and self._signers[log].closed:
                    self._forget(log)
                raise
            except TransparencyError as error:
                self._forget(log)
                if isinstance(error, NoteError | SignerError) and not isinstance(error, RolledBackError):
                    self._lasting.add(log)
                self._refusals[log] = (NEVER if isinstance(error, KeyElsewhereError) else size, str(error))
        ordered = sorted(self._refusals.items(), key=lambda one: (one[0] != NATIONAL, one[0]))
        self.refused = next((reason for _, (_, reason) in ordered), None)
        self.lasts = bool(self._lasting)
        self.standby = standby
        return count

    def sizes(self) -> dict[str, int]:
        """The number of leaves of each log, signed or not."""
        return self._leaves.sizes()

    def _sign(self, log: str, size: int) -> int:
        if log not in self._signers:
            self._open(log, size)
        signer, tree = self._signers[log], self._trees[log]
        if tree.size >= size:
            if log in self._unpublished:
                self._publish(log, signer.note)
            return 0
        size = self._extending(log, tree, size, signer.look())
        self._expect_key(log, size, first=tree.size == 0)
        if log == NATIONAL:
            after = self._comparison.extend_tiles(tree.size, size)
            proof = consistency_proof(tree.size, size, self._hashes.at(size)) if tree.size else []
            try:
                signer.sign(after.head(), proof)
            except (SignerMovedError, MemoryAwayError):
                self._forget(log)  # The tiles are ahead of what is signed.
                raise
        else:
            after = signer.extend(tree, self._leaves.hashes(log, tree.size, size))
        with self._lock:
            self._trees[log] = after
        self._unpublished.add(log)
        self._publish(log, signer.note)
        self._tell(log, signer.note)
        return 1

    def _expect_key(self, log: str, size: int, *, first: bool) -> None:
        """Has the key of a log listed before it signs for the first time, and refused after its last day."""
        if first or self._last_days.get(log) is not None:
            self.keys.expect(log, self._leaves.day(log, size))

    def _extending(self, log: str, tree: Frontier, size: int, claimed: Sequence[TreeHead]) -> int:
        """The size that may be signed after ``tree``, having compared the log here with the heads others have claimed.

        :raises SignerMovedError: the log has to be opened again to compare them.
        :raises RolledBackError: another machine has claimed the head of a different tree.
        """
        if not claimed:
            return size
        if claimed[-1].size > size:
            size = self.sizes()[log]
        if claimed[0].size <= tree.size or claimed[-1].size > size:
            raise SignerMovedError(f"{log}: another machine has claimed {claimed[-1].size} entries")
        for head in claimed:
            tree = tree.extended(self._leaves.hashes(log, tree.size, head.size))
            self._comparison.hold(log, tree, head)
        return size

    def _publish(self, log: str, note: bytes) -> None:
        path = self.checkpoint_file(log)
        path.parent.mkdir(parents=True, exist_ok=True)
        durable.replace(path, note, durable.PUBLIC)
        self._unpublished.discard(log)

    def checkpoint_file(self, log: str) -> Path:
        """The file of a log's newest signed checkpoint."""
        return self.tiles.folder / ("checkpoint" if log == NATIONAL else f"{log}/checkpoint")

    def _open(self, log: str, size: int) -> None:
        """Compares a log with its last signed checkpoint and with all claims, and opens its signer."""
        signer = self.keys.signer(log, self._memories)
        try:
            claimed = sorted([signer.last.head, *signer.look()])
            tree = self._comparison.verified(log, claimed[-1], size)
            for head in claimed[:-1]:
                self._comparison.hold(log, Frontier.empty().extended(self._leaves.hashes(log, 0, head.size)), head)
            self._last_days[log] = self.keys.last_day(log)
            if tree.size > signer.last.size:
                self._expect_key(log, tree.size, first=signer.last.size == 0)
            signer.settle(tree.head())
        except BaseException:
            signer.close()
            raise
        with self._lock:
            self._signers[log], self._trees[log] = signer, tree
        # The signer records a checkpoint before it is published; after a crash in between, the folder still has the
        # older one.
        if tree.size:
            self._publish(log, signer.note)

    def hashes(self, size: int) -> HashReader:
        """A reader of the hashes of the national tree of ``size`` leaves, for proofs.

        Its reads raise TileError for missing tiles.
        """
        return self._hashes.at(size)

    def note(self, log: str) -> bytes | None:
        """The newest signed checkpoint of a log; ``None`` if nothing was signed yet."""
        with self._lock:
            signer = self._signers.get(log)
        if signer is None:
            return self._others(log)
        return signer.note if signer.last.size else None

    def signed_size(self, log: str = NATIONAL) -> int:
        """The number of leaves under the newest signed checkpoint."""
        with self._lock:
            signer = self._signers.get(log)
        if signer is not None:
            return signer.last.size
        note = self._others(log)
        return 0 if note is None else open_checkpoint(note, self.keys.origin(log), read_public(self.keys.public)).size

    def _others(self, log: str) -> bytes | None:
        """The checkpoint that another process published, while this one stands by."""
        published = self.checkpoint_file(log)
        return published.read_bytes() if self.standby and published.exists() else None

    def _forget(self, log: str) -> None:
        with self._lock:
            signer = self._signers.pop(log, None)
            self._trees.pop(log, None)
        if signer is not None:
            signer.close()

    def close(self) -> None:
        """Closes all signers, so that another process can sign."""
        for log in list(self._signers):
            self._forget(log)
