"""Publishes signed heads: of the national log, with its tiles, and of every feed that grew, each under its own key.

At its first round it reads the whole journal again and holds it against what was signed last. A journal that was
restored from an older backup, or changed, is refused until it has again what was signed: the health check says so.
"""

from __future__ import annotations

import shutil
import time
from threading import Lock
from typing import TYPE_CHECKING

import sqlalchemy as sa

from ksad.chassis import durable
from ksad.ledger.log.checkpoint import open_checkpoint
from ksad.ledger.log.errors import RolledBackError, SignerBusyError, SignerError, TileError, TransparencyError
from ksad.ledger.log.fault import first_wrong
from ksad.ledger.log.keys import read_public
from ksad.ledger.log.proof import consistency_proof
from ksad.ledger.log.reader import TileHashes, rebuild
from ksad.ledger.log.tiles import WIDTH, new_tiles
from ksad.ledger.log.tree import Frontier, leaf_hash
from ksad.reporting.checkpoints.keyring import Keyring
from ksad.reporting.checkpoints.tile_folder import TileFolder
from ksad.reporting.journal import NATIONAL, frontiers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from ksad.ledger.log.proof import HashReader
    from ksad.ledger.log.tree import TreeHead
    from ksad.reporting.checkpoints.signer import LogSigner
    from ksad.reporting.journal import Journal

PAGE = 5_000
FEED_HASHES = sa.text(
    "SELECT journal.leaf_hash FROM feed_entries JOIN journal ON journal.entry = feed_entries.entry "
    "WHERE province = :province AND position >= :start AND position < :end ORDER BY position"
)


class Checkpoints:
    """Signs what grew. One object per process: :meth:`step` is called from one thread, reading from any."""

    def __init__(
        self,
        journal: Journal,
        keys: Keyring,
        log_dir: Path,
        *,
        seconds: float = 1.0,
        signed: Callable[[str, bytes], None] = lambda _log, _note: None,
    ) -> None:
        """:param log_dir: where checkpoints and tiles are served from.

        :param signed: told every new signed head: the log's name and the note.
        """
        self.refused: str | None = "not held against what was signed last yet"
        """Why nothing is signed, if so: a service is not ready before its journal was looked at."""
        self.standby = False
        """Whether another process of this service signs, and this one waits for its end."""
        self.tiles = TileFolder(log_dir)
        self.keys = keys
        self._hashes = TileHashes(self.tiles.read)
        self._journal = journal
        self._database = journal.database
        self._seconds = seconds
        self._tell = signed
        self._signers: dict[str, LogSigner] = {}
        self._trees: dict[str, Frontier] = {}
        self._refusals: dict[str, tuple[int, str]] = {}
        self._next = 0.0
        self._lock = Lock()

    def step(self) -> int:
        """Sign what grew, at most once per interval; the number of heads signed."""
        if time.monotonic() < self._next:
            return 0
        self._next = time.monotonic() + self._seconds
        return self.publish()

    def publish(self) -> int:
        """Sign what grew, now; the number of heads signed. What may not be signed is told in ``refused``."""
        count = 0
        standby = False
        for log, size in sorted(self.sizes().items()):
            if self._refusals.get(log, (-1, ""))[0] == size:
                continue
            self._refusals.pop(log, None)
            try:
                count += self._sign(log, size)
            except SignerBusyError:
                standby = True
            except TransparencyError as error:
                self._forget(log)
                self._refusals[log] = (size, str(error))
        ordered = sorted(self._refusals.items(), key=lambda one: (one[0] != NATIONAL, one[0]))
        self.refused = next((reason for _, (_, reason) in ordered), None)
        self.standby = standby
        return count

    def sizes(self) -> dict[str, int]:
        """How many leaves each log has here, signed or not."""
        with self._database.read() as connection:
            rows = connection.execute(sa.select(frontiers.c.log, frontiers.c.size))
            sizes = {str(row.log): int(row.size) for row in rows}
        return {NATIONAL: 0, **sizes}

    def _sign(self, log: str, size: int) -> int:
        if log not in self._signers:
            self._open(log, size)
        signer, tree = self._signers[log], self._trees[log]
        if tree.size >= size:
            return 0
        if log == NATIONAL:
            after = self._extend_tiles(tree.size, size)
            proof = consistency_proof(tree.size, size, self._hashes.at(size)) if tree.size else []
            signer.sign(after.head(), proof)
        else:
            after = signer.extend(tree, self._feed_hashes(log, tree.size, size))
        with self._lock:
            self._trees[log] = after
        self._publish(log, signer.note)
        self._tell(log, signer.note)
        return 1

    def _extend_tiles(self, start: int, end: int) -> Frontier:
        after = self.tiles.append(start, self._leaves(start, end), bundles=False)
        for tile in new_tiles(start, end):
            if tile.width == WIDTH:
                shutil.rmtree(self.tiles.folder / f"{tile.path}.p", ignore_errors=True)
        return after

    def _publish(self, log: str, note: bytes) -> None:
        path = self.checkpoint_file(log)
        path.parent.mkdir(parents=True, exist_ok=True)
        durable.replace(path, note, durable.PUBLIC)

    def checkpoint_file(self, log: str) -> Path:
        """Where a log's newest signed head is served from."""
        return self.tiles.folder / ("checkpoint" if log == NATIONAL else f"{log}/checkpoint")

    def _open(self, log: str, size: int) -> None:
        """Hold the log against what was signed last, and go on from there."""
        signer = self.keys.signer(log)
        try:
            tree = self._verified(log, signer, size)
        except BaseException:
            signer.close()
            raise
        with self._lock:
            self._signers[log], self._trees[log] = signer, tree
        if tree.size:
            self._publish(log, signer.note)

    def _verified(self, log: str, signer: LogSigner, size: int) -> Frontier:
        """The tree that was signed last, computed anew from what is here.

        :raises RolledBackError: what is here is less, or something else.
        """
        last = signer.last
        if size < last.size:
            where = self._missing(last.head, size) if log == NATIONAL else range(size, size + 1)
            what = "not here: an older backup was restored" if where == range(size, size + 1) else "others, or not here"
            raise RolledBackError(
                f"{log}: {size} entries here, {last.size} were signed, {_from(where)} they are {what}. Refill from the "
                "stream, a newer backup or an archive (docs/auditing.md); nothing is signed until then"
            )
        if log != NATIONAL:
            tree = Frontier.empty().extended(self._feed_hashes(log, 0, last.size))
            if tree.root() != last.root:
                raise self._changed(log, last.size, None)
            return tree
        try:
            return rebuild(last.head, self.tiles.read, map(leaf_hash, self._leaves(0, last.size)))
        except TileError as error:
            wrong = self._first_wrong(last.head, error, last.size)
            if wrong is not None:
                raise self._changed(log, last.size, wrong) from error
        shutil.rmtree(self.tiles.folder / "tile", ignore_errors=True)
        return self._extend_tiles(0, last.size)

    def _missing(self, signed: TreeHead, size: int) -> range:
        """Where the first entry that is not the signed one stands, in a journal that has fewer."""
        try:
            rebuild(signed, self.tiles.read, map(leaf_hash, self._leaves(0, size)))
        except TileError as error:
            return self._first_wrong(signed, error, size) or range(size)
        return range(size, size + 1)

    def _first_wrong(self, signed: TreeHead, error: TileError, size: int) -> range | None:
        return first_wrong(signed, self.tiles.read, error, size, lambda: map(leaf_hash, self._leaves(0, size)))

    def _changed(self, log: str, size: int, where: range | None) -> RolledBackError:
        first = "" if where is None else f", {_from(where)}"
        return RolledBackError(
            f"{log}: the first {size} entries are not those that were signed{first}. Compare with `ksad audit "
            "reconcile` and an archive, and restore (docs/auditing.md); nothing is signed until then"
        )

    def _leaves(self, start: int, end: int) -> Iterator[bytes]:
        """The national log's leaves in their exact bytes."""
        with self._database.read() as connection:
            while start < end:
                entries = self._journal.entries(connection, start, min(PAGE, end - start))
                if not entries or entries[0].number != start or entries[-1].number != start + len(entries) - 1:
                    raise SignerError(f"the journal has a gap at or after entry {start}; see `ksad audit reconcile`")
                yield from (entry.raw for entry in entries)
                start += len(entries)

    def _feed_hashes(self, log: str, start: int, end: int) -> Iterator[bytes]:
        province = log.removeprefix("feed/")
        pages = (range(at, min(at + PAGE, end)) for at in range(start, end, PAGE))
        with self._database.read() as connection:
            for page in pages:
                asked = {"province": province, "start": page.start, "end": page.stop}
                yield from map(bytes, connection.execute(FEED_HASHES, asked).scalars())

    def hashes(self, size: int) -> HashReader:
        """The hashes of the national tree of ``size`` leaves, to build proofs from."""
        return self._hashes.at(size)

    def note(self, log: str) -> bytes | None:
        """The newest signed head of a log, or None where nothing was signed yet."""
        with self._lock:
            signer = self._signers.get(log)
        if signer is None:
            return self._others(log)
        return signer.note if signer.last.size else None

    def signed_size(self, log: str = NATIONAL) -> int:
        """How many leaves the newest signed head covers."""
        with self._lock:
            signer = self._signers.get(log)
        if signer is not None:
            return signer.last.size
        note = self._others(log)
        return 0 if note is None else open_checkpoint(note, self.keys.origin(log), read_public(self.keys.public)).size

    def _others(self, log: str) -> bytes | None:
        """What the process that signs has published, while this one stands by."""
        published = self.checkpoint_file(log)
        return published.read_bytes() if self.standby and published.exists() else None

    def _forget(self, log: str) -> None:
        with self._lock:
            signer = self._signers.pop(log, None)
            self._trees.pop(log, None)
        if signer is not None:
            signer.close()

    def close(self) -> None:
        """Let another process sign."""
        for log in list(self._signers):
            self._forget(log)


def _from(where: range) -> str:
    """From which entry on, as far as it is known."""
    return f"from entry {where[0]} on" if len(where) == 1 else f"from one of the entries {where[0]} to {where[-1]} on"
