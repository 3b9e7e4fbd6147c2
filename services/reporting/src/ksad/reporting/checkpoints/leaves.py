"""Reads the leaves of the national log and of the feeds from reporting's database."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from ksad.ledger.log.errors import SignerError
from ksad.ledger.log.tree import leaf_hash
from ksad.reporting.checkpoints.days import day_of
from ksad.reporting.journal import NATIONAL, frontiers

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from ksad.reporting.journal import Journal

PAGE = 5_000
FEED_HASHES = sa.text(
    "SELECT journal.leaf_hash FROM feed_entries JOIN journal ON journal.entry = feed_entries.entry "
    "WHERE province = :province AND position >= :start AND position < :end ORDER BY position"
)


class LogLeaves:
    """The leaves of each log, by its name in the table ``frontiers``."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._database = journal.database

    def sizes(self) -> dict[str, int]:
        """The number of leaves of each log, signed or not."""
        with self._database.read() as connection:
            rows = connection.execute(sa.select(frontiers.c.log, frontiers.c.size))
            sizes = {str(row.log): int(row.size) for row in rows}
        return {NATIONAL: 0, **sizes}

    def day(self, log: str, size: int) -> date:
        """The day, in Jakarta, on which the last of the first ``size`` facts of a log was recorded."""
        with self._database.read() as connection:
            return day_of(connection, log, size)

    def national(self, start: int, end: int) -> Iterator[bytes]:
        """The exact bytes of the national log's leaves [start, end).

        :raises SignerError: the journal has a gap.
        """
        with self._database.read() as connection:
            while start < end:
                entries = self._journal.entries(connection, start, min(PAGE, end - start))
                if not entries or entries[0].number != start or entries[-1].number != start + len(entries) - 1:
                    raise SignerError(f"the journal has a gap at or after entry {start}; see `ksad audit reconcile`")
                yield from (entry.raw for entry in entries)
                start += len(entries)

    def hashes(self, log: str, start: int, end: int) -> Iterator[bytes]:
        """The leaf hashes [start, end) of a log; those of the national log are computed from its leaves."""
        if log == NATIONAL:
            return map(leaf_hash, self.national(start, end))
        return self._feed_hashes(log.removeprefix("feed/"), start, end)

    def _feed_hashes(self, province: str, start: int, end: int) -> Iterator[bytes]:
        pages = (range(at, min(at + PAGE, end)) for at in range(start, end, PAGE))
        with self._database.read() as connection:
            for page in pages:
                asked = {"province": province, "start": page.start, "end": page.stop}
                yield from map(bytes, connection.execute(FEED_HASHES, asked).scalars())
