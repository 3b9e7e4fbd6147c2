"""What each province's feed had to contain, recomputed from the national leaves alone by the feeds' own rule."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING, Any

from reporting.feeds.concern import Case, audience_of, cooperation_of, new_codes
from reporting.transparency.tree import HASH_SIZE, Frontier

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


class Membership:
    """The selection of :mod:`reporting.feeds.appender`, in memory: takes leaves in order, gives each feed."""

    def __init__(self) -> None:
        self.feeds: dict[str, array[int]] = {}
        self._hashes = bytearray()
        self._codes: dict[str, str] = {}
        self._cases: dict[str, Case] = {}
        self._members: dict[str, list[tuple[int, str]]] = {}
        self._received: dict[tuple[str, str], set[int]] = {}

    def take(self, event: dict[str, Any], leaf_hash: bytes) -> None:
        """Select for the next leaf."""
        index = len(self._hashes) // HASH_SIZE
        self._hashes += leaf_hash
        moved = new_codes(event)
        if moved:
            self._move({**self._codes, **moved})
        identity, audience = cooperation_of(event), audience_of(event)
        if identity is None or audience is None:
            return
        before = self._cases.get(identity, Case())
        after = self._cases[identity] = before.folded(event)
        self._members.setdefault(identity, []).append((index, audience))
        if after != before:
            self._catch_up(identity, after)
            return
        for province in sorted(after.provinces(self._codes)):
            if after.entitled(province, audience):
                self._deliver(identity, province, index)

    def _move(self, codes: dict[str, str]) -> None:
        before, self._codes = self._codes, codes
        for identity, case in sorted(self._cases.items()):
            if case.provinces(before) != case.provinces(codes):
                self._catch_up(identity, case)

    def _catch_up(self, identity: str, case: Case) -> None:
        for province in sorted(case.provinces(self._codes)):
            had = self._received.get((identity, province), set())
            for index, audience in self._members.get(identity, []):
                if index not in had and case.entitled(province, audience):
                    self._deliver(identity, province, index)

    def _deliver(self, identity: str, province: str, index: int) -> None:
        self._received.setdefault((identity, province), set()).add(index)
        self.feeds.setdefault(province, array("q")).append(index)

    def hashes(self, province: str) -> Iterator[bytes]:
        """The leaf hashes of a province's feed in order."""
        for index in self.feeds.get(province, ()):
            yield bytes(self._hashes[index * HASH_SIZE : (index + 1) * HASH_SIZE])

    def roots(self, province: str, sizes: Iterable[int]) -> dict[int, bytes]:
        """The roots of a province's feed at some sizes; a size beyond what it had to contain has none."""
        found: dict[int, bytes] = {}
        hashes = list(self.hashes(province))
        tree = Frontier.empty()
        for size in sorted(set(sizes)):
            if size <= len(hashes):
                tree = tree.extended(hashes[tree.size : size])
                found[size] = tree.root()
        return found
