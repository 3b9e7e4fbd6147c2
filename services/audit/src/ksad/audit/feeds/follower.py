"""Follows a feed: stores its entries and verifies them against every signed checkpoint.

Position and Merkle frontier are stored together with the entries, so that an interruption at any point neither loses
nor repeats an entry. An entry that was omitted, repeated, reordered, altered or withheld is detected at the next signed
checkpoint, with its index. A log that was rolled back and contradictory checkpoints are detected as well.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple, Protocol, Self

import httpx

from ksad.ledger.log.errors import TransparencyError
from ksad.ledger.log.tree import HASH_SIZE, Frontier, leaf_hash

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ksad.audit.feeds.kept import Kept

# Entries and hashes per request; they bound the memory of both sides.
PAGE = 5_000
HASHES_PAGE = 100_000
PAUSE_SECONDS = 1.0
WAIT_SECONDS = 20.0
PATIENCE_SECONDS = 15.0
"""How long a signed checkpoint may cover entries that cannot be read yet."""
# Answers that trying again does not change.
DENIED = {401, 403}
MISSING = 404


class FeedBrokenError(Exception):
    """The feed differs from what was signed; the message says where, and what to do."""


class UnreachableError(Exception):
    """The source does not answer at present; trying again may succeed."""


class DeniedError(Exception):
    """The token or the credentials do not give access to this feed."""


class VerifiedHead(NamedTuple):
    """A checkpoint whose signature was verified: size, root, and the signed note."""

    size: int
    root: bytes
    note: bytes


class FeedSource(Protocol):
    """The source of a feed."""

    def read(self, after: int, wait: float) -> list[bytes]:
        """The next leaves from index ``after`` on; waits up to ``wait`` seconds if there are none.

        :raises UnreachableError: the source does not answer at present.
        """
        ...

    def stored(self) -> None:
        """Called when everything that was read has been stored."""
        ...

    def head(self) -> VerifiedHead | None:
        """The newest signed checkpoint, verified; ``None`` if nothing was signed yet.

        :raises UnreachableError: the source does not answer at present.
        :raises FeedBrokenError: it is not a checkpoint of this feed signed with the pinned key.
        """
        ...

    def hashes(self, start: int, end: int) -> list[bytes]:
        """The leaf hashes that the service states for [start, end); possibly fewer.

        :raises UnreachableError: the source does not answer at present.
        """
        ...


class HttpFeed:
    """A province's feed over HTTP."""

    def __init__(
        self, url: str, province: str, token: str | Callable[[], str], open_note: Callable[[bytes], VerifiedHead]
    ) -> None:
        """:param token: the token, or a function that returns the present one and may raise UnreachableError.
        :param open_note: verifies a signed note with the pinned key; raises FeedBrokenError for any other.
        """
        self._path = f"{url}/feeds/{province}"
        # Longer than WAIT_SECONDS. Without proxies of the environment, which would see the token.
        self._http = httpx.Client(timeout=60, trust_env=False)
        self._token = token
        self._open = open_note

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def read(self, after: int, wait: float) -> list[bytes]:
        """The next leaves from index ``after`` on."""
        answer = self._get("", after=after, limit=PAGE, wait=wait)
        return [] if answer is None else answer.split(b"\n")[:-1]

    def stored(self) -> None:
        """Does nothing: over HTTP the position is part of each request."""

    def head(self) -> VerifiedHead | None:
        """The newest signed checkpoint, verified."""
        note = self._get("/checkpoint")
        return None if note is None else self._open(note)

    def hashes(self, start: int, end: int) -> list[bytes]:
        """The leaf hashes that the service states for [start, end)."""
        found: list[bytes] = []
        while start < end:
            answer = self._get("/hashes", after=start, limit=min(HASHES_PAGE, end - start)) or b""
            if not answer or len(answer) % HASH_SIZE:
                break
            page = [answer[at : at + HASH_SIZE] for at in range(0, len(answer), HASH_SIZE)]
            found += page
            start += len(page)
        return found[: len(found) + end - start] if start > end else found

    def _get(self, path: str, **query: float) -> bytes | None:
        try:
            token = self._token if isinstance(self._token, str) else self._token()
            headers = {"Authorization": f"Bearer {token}"}
            answer = self._http.get(f"{self._path}{path}", params=query, headers=headers)
        except httpx.HTTPError as error:
            raise UnreachableError(f"{self._path}{path}: {error!r}") from error
        if answer.status_code in DENIED:
            raise DeniedError(f"{self._path}{path} answers {answer.status_code}: the token does not open this feed")
        if answer.status_code == MISSING:
            return None
        if answer.is_error:
            raise UnreachableError(f"{self._path}{path} answers {answer.status_code}")
        return answer.content


def follow(feed: FeedSource, kept: Kept, *, once: bool = False) -> int:
    """Stores new entries and verifies them, until interrupted; returns the number of entries stored.

    :param once: return when all entries are stored.
    :raises FeedBrokenError: the feed is not what was signed. Entries that no checkpoint confirmed were set aside.
    :raises DeniedError: the token or the credentials do not give access to this feed.
    :raises UnreachableError: nothing answers, and ``once`` is set.
    """
    count, due = 0, 0.0
    while True:
        try:
            leaves = feed.read(kept.tip().size, 0 if once else WAIT_SECONDS)
            if leaves:
                kept.append(leaves)
                count += len(leaves)
            feed.stored()
            head = feed.head()
        except UnreachableError:
            if once:
                raise
            time.sleep(PAUSE_SECONDS)
            continue
        if head is None:
            if once and not leaves:
                return count
            continue
        # A checkpoint may arrive before the entries that it covers. Only when none has come for a while is it compared.
        behind = head.size > kept.tip().size
        due = time.monotonic() + PATIENCE_SECONDS if leaves or not behind else due
        if not behind or time.monotonic() > due:
            check(feed, kept, head)
        elif not leaves:
            time.sleep(PAUSE_SECONDS / 4)
        if once and not leaves and not behind:
            return count


def check(feed: FeedSource, kept: Kept, head: VerifiedHead) -> None:
    """Verifies the stored entries against a signed checkpoint, and stores the checkpoint.

    :raises FeedBrokenError: they contradict each other. The entries that no checkpoint confirmed were set aside.
    """
    confirmed = kept.confirmed()
    if head.size == confirmed.tree.size and head.root == confirmed.tree.root():
        return
    tip = kept.tip()
    if confirmed.tree.size < head.size <= tip.size:
        between = kept.leaves(confirmed.tree.size, head.size)
        tree = tip if tip.size == head.size else confirmed.tree.extended(map(leaf_hash, between))
        if tree.root() == head.root:
            kept.confirm(tree, head.note)
            return
    reason = _reason(feed, kept, head)
    kept.dispute(head.note)
    raise FeedBrokenError(
        f"{reason}. Nothing from index {confirmed.tree.size} on is kept as confirmed: show this file,"
        " with the signed heads and what was set aside in it, to the auditor"
    )


def _reason(feed: FeedSource, kept: Kept, head: VerifiedHead) -> str:
    confirmed = kept.confirmed().tree
    if head.size < confirmed.size:
        return f"the signed head went back from {confirmed.size} to {head.size}: the log was rolled back"
    if head.size == confirmed.size:
        return f"two signed heads of size {head.size} have different roots: the log was forked"
    where = f"index [{confirmed.size}, {head.size})"
    try:
        signed = feed.hashes(confirmed.size, head.size)
        if confirmed.extended(signed).head() == (head.size, head.root):
            own = list(map(leaf_hash, kept.leaves(confirmed.size, head.size)))
            return difference(own, signed, confirmed.size)
        signed = feed.hashes(0, head.size)
        if Frontier.empty().extended(signed).head() == (head.size, head.root):
            own = list(map(leaf_hash, kept.leaves(0, head.size)))
            found = difference(own, signed, 0)
            return f"the signed head of size {head.size} is no extension of that of size {confirmed.size}: {found}"
    except (UnreachableError, TransparencyError):
        pass
    return f"an entry of {where} was omitted, doubled, reordered or altered: it does not lead to the signed root"


def difference(own: Sequence[bytes], signed: Sequence[bytes], first: int) -> str:
    """Describes the first entry that differs from what was signed, with its index.

    :param own: the leaf hashes received; ``signed`` are those signed. Both begin at index ``first``.
    """
    pairs = enumerate(zip(own, signed, strict=False))
    at = next((number for number, (mine, theirs) in pairs if mine != theirs), min(len(own), len(signed)))
    index = first + at
    if at == len(own):
        return f"the entries from index {index} on are signed, but they are withheld"
    came, rest = own[at], own[at:]
    if came in signed[:at]:
        return f"index {index} was doubled: an entry came a second time"
    if signed[at] in rest:
        return f"index {index} was reordered: its entry came later"
    if came in signed[at:]:
        return f"index {index} was omitted: its entry never came"
    return f"index {index} was altered: its bytes are not those that were signed"
