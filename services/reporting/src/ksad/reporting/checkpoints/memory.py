"""Claims: the memory that the signers of one log share across machines.

A signer claims a head before it signs it, in the database and in the broker. A claim is a compare-and-swap on the claim
before it. So of two signers with different trees at most one gets a given size, as long as both use the same database
or the same broker.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol, Self

import sqlalchemy as sa

from ksad.ledger.log.checkpoint import Checkpoint, parse_checkpoint
from ksad.ledger.log.errors import CheckpointError, SignerError, SignerMovedError
from ksad.ledger.log.tree import TreeHead

if TYPE_CHECKING:
    from ksad.chassis.database import Database

metadata = sa.MetaData()
claimed_heads = sa.Table(
    "claimed_heads",
    metadata,
    sa.Column("origin", sa.Text, primary_key=True),
    sa.Column("vkey", sa.Text, nullable=False),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("root", sa.LargeBinary, nullable=False),
)


class HeadClaim(NamedTuple):
    """A claimed head: the log's origin, the public key that signs for it, size and root."""

    origin: str
    vkey: str
    head: TreeHead

    def to_bytes(self) -> bytes:
        """The key in a line, then the lines of the checkpoint."""
        return f"{self.vkey}\n{Checkpoint(self.origin, *self.head).text()}".encode()

    @classmethod
    def from_bytes(cls, raw: bytes) -> Self:
        """The claim in its bytes.

        :raises SignerError: they are none.
        """
        try:
            vkey, _, text = raw.decode().partition("\n")
            checkpoint = parse_checkpoint(text)
        except (UnicodeDecodeError, CheckpointError) as error:
            raise SignerError(f"what signers share holds something that is no claim ({error})") from error
        return cls(checkpoint.origin, vkey, checkpoint.head)


class ClaimMemory(Protocol):
    """Keeps the newest claim of each log, for all machines that use it."""

    name: str
    """Its name in messages."""

    def read(self, origin: str) -> HeadClaim | None:
        """The newest claim of a log, or None.

        :raises MemoryAwayError: it does not answer.
        """
        ...

    def advance(self, seen: HeadClaim | None, claim: HeadClaim) -> None:
        """Replaces the claim read last, durably.

        :param seen: that claim, or None.
        :raises SignerMovedError: another claim has replaced it; nothing was changed.
        :raises MemoryAwayError: it does not answer; the claim may have been stored.
        """
        ...


class DatabaseMemory:
    """The claims in reporting's database, one row per log."""

    name = "the database"

    def __init__(self, database: Database) -> None:
        self._database = database

    def read(self, origin: str) -> HeadClaim | None:
        """The newest claim of a log, or None."""
        with self._database.read() as connection:
            query = sa.select(claimed_heads).where(claimed_heads.c.origin == origin)
            row = connection.execute(query).one_or_none()
        return None if row is None else HeadClaim(row.origin, row.vkey, TreeHead(row.size, bytes(row.root)))

    def advance(self, seen: HeadClaim | None, claim: HeadClaim) -> None:
        """Replaces the claim read last."""
        values = {"vkey": claim.vkey, "size": claim.head.size, "root": claim.head.root}
        try:
            with self._database.write() as connection:
                if seen is None:
                    connection.execute(sa.insert(claimed_heads).values(origin=claim.origin, **values))
                    return
                row = claimed_heads.c
                same = (row.vkey == seen.vkey, row.size == seen.head.size, row.root == seen.head.root)
                moved = sa.update(claimed_heads).where(row.origin == claim.origin, *same).values(**values)
                if connection.execute(moved).rowcount == 1:
                    return
        except sa.exc.IntegrityError:
            pass
        raise SignerMovedError(f"{claim.origin}: another machine has claimed a head in the database")
