"""The subscriber's side: follows a feed over HTTP into a file or SQLite, and verifies the tree as it goes.

It keeps the position and the Merkle frontier together with what it stored, so that a cut anywhere, or a kill, neither
loses nor doubles anything. Against each signed checkpoint it compares the root: what was omitted, doubled, reordered or
altered shows at once, with the index from which on the feed is not what was signed.
"""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from typing import TYPE_CHECKING, NamedTuple, Self

import httpx

from reporting.transparency.tree import Frontier, leaf_hash

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

PAGE = 5_000
SCHEMA = """
CREATE TABLE IF NOT EXISTS feed (position INTEGER PRIMARY KEY, raw BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS state (id INTEGER PRIMARY KEY CHECK (id = 1), size INTEGER NOT NULL, frontier BLOB NOT NULL,
    checked INTEGER NOT NULL);
"""


class FeedBrokenError(Exception):
    """The feed is not what was signed; the message names the index and what to do."""


class Head(NamedTuple):
    """A signed head whose signature has been verified: size and root."""

    size: int
    root: bytes


class Store:
    """What a follower keeps, in one SQLite file: events, position and frontier commit together."""

    def __init__(self, file: Path) -> None:
        self._connection = sqlite3.connect(file, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=FULL")
        self._connection.executescript(SCHEMA)
        empty = Frontier.empty().to_bytes()
        self._connection.execute("INSERT OR IGNORE INTO state VALUES (1, 0, ?, 0)", (empty,))

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def frontier(self) -> Frontier:
        """The tree over what is stored."""
        row = self._connection.execute("SELECT frontier FROM state").fetchone()
        return Frontier.from_bytes(row[0])

    def checked(self) -> int:
        """The size up to which a checkpoint has confirmed the feed."""
        size: int = self._connection.execute("SELECT checked FROM state").fetchone()[0]
        return size

    def append(self, leaves: Sequence[bytes], *, verify: bool = True) -> Frontier:
        """Store the next leaves; the tree with them."""
        frontier = self.frontier()
        size = frontier.size
        after = frontier.extended(map(leaf_hash, leaves)) if verify else frontier._replace(size=size + len(leaves))
        with closing(self._connection.cursor()) as cursor:
            cursor.execute("BEGIN IMMEDIATE")
            cursor.executemany("INSERT INTO feed VALUES (?, ?)", enumerate(leaves, size))
            cursor.execute("UPDATE state SET size = ?, frontier = ?", (after.size, after.to_bytes() if verify else b""))
            cursor.execute("COMMIT")
        return after

    def prefix(self, size: int) -> Frontier:
        """The tree over the first ``size`` leaves."""
        rows = self._connection.execute("SELECT raw FROM feed WHERE position < ? ORDER BY position", (size,))
        return Frontier.empty().extended(leaf_hash(row[0]) for row in rows)

    def confirm(self, head: Head) -> None:
        """Compare with a signed head that is not larger than what is stored.

        :raises FeedBrokenError: the roots differ.
        """
        frontier = self.frontier()
        root = frontier.root() if frontier.size == head.size else self.prefix(head.size).root()
        if root != head.root:
            first = self.checked()
            message = (
                f"the feed does not have the signed root at size {head.size}: an entry in [{first}, {head.size}) was "
                "omitted, doubled, reordered or altered; keep this file and show it to the auditor"
            )
            raise FeedBrokenError(message)
        self._connection.execute("UPDATE state SET checked = max(checked, ?)", (head.size,))


class HttpFeed:
    """A province's feed over HTTP."""

    def __init__(self, url: str, province: str, token: str, checkpoint: Callable[[bytes], Head]) -> None:
        """:param checkpoint: opens a signed note with the pinned key and gives the head; raises on anything else."""
        self._path = f"{url}/feeds/{province}"
        self._http = httpx.Client(timeout=60, trust_env=False, headers={"Authorization": f"Bearer {token}"})
        self._open = checkpoint

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def read(self, after: int, wait: float) -> list[bytes]:
        """The next leaves from index ``after`` on."""
        answer = self._http.get(self._path, params={"after": after, "limit": PAGE, "wait": wait})
        answer.raise_for_status()
        return answer.content.split(b"\n")[:-1]

    def head(self) -> Head:
        """The newest signed head, verified."""
        answer = self._http.get(f"{self._path}/checkpoint")
        answer.raise_for_status()
        return self._open(answer.content)


def follow(feed: HttpFeed, store: Store, *, once: bool = False, pause: float = 1.0, wait: float = 20.0) -> int:
    """Take what is new, verify, and go on for ever (or until all is taken); how many entries were stored.

    :raises FeedBrokenError: the feed is not what was signed.
    """
    count = 0
    while True:
        size = store.frontier().size
        try:
            leaves = feed.read(size, 0 if once else wait)
            if leaves:
                store.append(leaves)
                count += len(leaves)
            head = feed.head()
        except httpx.HTTPError:
            if once:
                raise
            time.sleep(pause)
            continue
        stored = store.frontier().size
        if store.checked() < head.size <= stored:
            store.confirm(head)
        elif head.size < store.checked():
            message = f"the signed head went back from {store.checked()} to {head.size}: the log was rolled back"
            raise FeedBrokenError(message)
        if once and not leaves and head.size <= stored:
            return count
