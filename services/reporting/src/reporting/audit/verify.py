"""Verifies an archive with public keys from outside it: every check has a name, a verdict and a first bad index."""

from __future__ import annotations

import hashlib
import re
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from reporting.audit.archive import ArchiveError, Manifest, documents, read_events, read_manifest
from reporting.audit.bag import problems
from reporting.audit.export import claimed
from reporting.audit.feedfile import first_difference
from reporting.audit.inside import opened
from reporting.audit.reading import Reading
from reporting.transparency.checkpoint import Checkpoint, open_checkpoint
from reporting.transparency.errors import NoteError, TileError, TransparencyError
from reporting.transparency.folder import Tiles
from reporting.transparency.proof import frontier_at
from reporting.transparency.reader import TileHashes, rebuild
from reporting.transparency.tree import Frontier, Head, leaf_hash

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from importlib.resources.abc import Traversable
    from pathlib import Path

    from reporting.audit.inside import Inside
    from reporting.audit.reading import Found
    from reporting.transparency.note import Verifier

NATIONAL = re.compile(r"(ksad/[a-z0-9-]{1,32})/national((?:/[1-9][0-9]{0,5})?)")
PROVINCE = re.compile(r"[1-9][0-9]")
LEAF_CHECKS = {
    "envelopes": "every leaf is the canonical bytes of a valid envelope",
    "versions": "every stream's versions are 1, 2, 3, …",
    "causes": "every cause comes before its effects",
    "times": "recorded times never go back, nor before their cause, by more than five minutes",
}


class Check(NamedTuple):
    """One check: what it is about, whether it holds, what was found, and the first leaf that is wrong if one can tell.

    ``first_bad`` counts in the national log, or in the feed that the name tells.
    """

    name: str
    ok: bool
    detail: str
    first_bad: int | None = None


class Verdict(NamedTuple):
    """All checks of an archive."""

    checks: list[Check]

    @property
    def ok(self) -> bool:
        """Whether all hold."""
        return all(check.ok for check in self.checks)


class Asked(NamedTuple):
    """What the auditor brings: pinned public keys, checkpoints kept from earlier, and feeds as provinces have them."""

    keys: Sequence[Verifier]
    since: Sequence[bytes] = ()
    feeds: Mapping[str, Path] = {}


def verify(file: Path, asked: Asked) -> Verdict:
    """Check an archive; malformed input gives checks that fail, never an exception."""
    try:
        with opened(file) as bag:
            return Verdict(_Audit(bag, asked).run())
    except ArchiveError as error:
        return Verdict([Check("archive", ok=False, detail=str(error))])


class _Audit:
    def __init__(self, bag: Inside, asked: Asked) -> None:
        self._bag = bag
        self._data = bag / "data"
        self._asked = asked
        self._tiles = Tiles(self._data / "log")
        self._hashes = TileHashes(self._tiles.read)
        self._whole = False
        self._checks: list[Check] = []

    def run(self) -> list[Check]:
        """All checks in order; what cannot be reached because an earlier one failed is left out."""
        wrong = list(islice(problems(self._bag), 5))
        self._say("bag", not wrong, "; ".join(wrong) or "every file has the checksum in the bag's manifest")
        manifest = read_manifest(self._data)
        head = self._signed("checkpoint", self._data / "log" / "checkpoint", manifest.origin)
        if head is None:
            return self._checks
        fits = (manifest.size, manifest.root) == (head.size, head.root.hex())
        self._say("manifest", fits, f"{manifest.origin}, {manifest.size} leaves, {'as' if fits else 'NOT as'} signed")
        reading = Reading(self._data / "events")
        self._tree(head.head, reading)
        self._form(reading.found)
        self._since(head)
        self._prefixes(head, reading.found)
        self._documents(reading.found)
        self._feeds(manifest, reading)
        return self._checks

    def _say(self, name: str, ok: bool, detail: str, index: int | None = None) -> None:  # noqa: FBT001 - the verdict
        self._checks.append(Check(name, bool(ok), detail, index))

    def _signed(self, name: str, path: Traversable, origin: str) -> Checkpoint | None:
        """The checkpoint in a file if a pinned key signed it."""
        if name == "checkpoint" and not NATIONAL.fullmatch(origin):
            self._say(name, ok=False, detail=f"{origin} is no national log")
            return None
        try:
            checkpoint = open_checkpoint(_read(path), origin, self._asked.keys)
        except NoteError as error:
            self._say(name, ok=False, detail=f"{error}; keys in the archive are never asked")
            return None
        self._say(name, ok=True, detail=f"{origin} at {checkpoint.size} is signed by the key that was given")
        return checkpoint

    def _tree(self, head: Head, reading: Reading) -> None:
        hashes = reading.hashes()
        try:
            rebuild(head, self._tiles.read, hashes, reading.roots)
        except TileError as error:
            for _ in hashes:
                pass
            index = self._first_bad(head, error, reading.leaves)
            self._say("tree", ok=False, detail=str(error), index=index)
            return
        self._whole = True
        self._say("tree", ok=True, detail=f"{head.size} leaves and all tiles lead to the signed root")

    def _first_bad(self, head: Head, error: TileError, count: int) -> int | None:
        """The first wrong leaf: told by the tiles if those are the signed tree's, else only roots can narrow it."""
        try:
            trusted = frontier_at(head.size, self._hashes.at(head.size)).root() == head.root
        except TransparencyError:
            trusted = False
        return error.index if trusted or count != head.size else None

    def _form(self, found: Found) -> None:
        late = f"; {found.late} facts were recorded on a later day than they happened, which is lawful"
        for name, rule in LEAF_CHECKS.items():
            fault = found.faults.get(name)
            told = fault.detail if fault else rule + late * (name == "times")
            self._say(name, fault is None, told, fault.at if fault else None)

    def _roots(self, head: Checkpoint, sizes: Iterable[int]) -> dict[int, bytes]:
        """The roots of prefixes of the archive's own leaves."""
        wanted = sorted({size for size in sizes if 0 <= size <= head.size})
        if self._whole:
            return {size: frontier_at(size, self._hashes.at(head.size)).root() for size in wanted}
        found: dict[int, bytes] = {}
        tree, reading = Frontier.empty(), read_events(self._data / "events")
        for size in wanted:
            tree = tree.extended(map(leaf_hash, islice(reading, size - tree.size)))
            if tree.size == size:
                found[size] = tree.root()
        return found

    def _since(self, head: Checkpoint) -> None:
        """The auditor's earlier heads, each of which must be a prefix of this log."""
        kept = []
        for note in self._asked.since:
            try:
                kept.append(open_checkpoint(note, claimed(note).origin, self._asked.keys))
            except NoteError as error:
                self._say("since", ok=False, detail=str(error))
        roots = self._roots(head, [one.size for one in kept])
        good = 0
        for one in sorted(kept, key=lambda each: each.size):
            name = f"since {one.size}"
            if one.size > head.size:
                detail = f"the log had {one.size} leaves then and has {head.size} now: it was cut or rolled back"
                self._say(name, ok=False, detail=detail, index=head.size)
            elif roots.get(one.size) != one.root:
                detail = f"these are not the {one.size} leaves that were signed then; the first wrong one is in "
                self._say(name, ok=False, detail=f"{detail}[{good}, {one.size})", index=good)
            else:
                good = one.size
                self._say(name, ok=True, detail=f"the first {one.size} leaves are those that were signed then")

    def _prefixes(self, head: Checkpoint, found: Found) -> None:
        """Reports name the root of the prefix they were compiled from."""
        named = [anchor for anchor in found.anchors if anchor.province is None]
        roots = self._roots(head, [anchor.size for anchor in named])
        wrong = [one for one in named if one.size > one.at or roots.get(one.size, b"").hex() != one.root]
        detail = f"{len(named)} reports name the roots of their prefixes, all of them of this log"
        if wrong:
            detail = f"the report at {wrong[0].at} names another root for the first {wrong[0].size} of {head.size}"
        self._say("reports", not wrong, detail, wrong[0].at if wrong else None)

    def _documents(self, found: Found) -> None:
        here = set()
        changed = []
        for sha256, content in documents(self._data):
            here.add(sha256)
            if hashlib.sha256(content).hexdigest() != sha256:
                changed.append(sha256)
        missing = {sha256: index for sha256, index in found.cited.items() if sha256 not in here}
        first = min((found.cited[one] for one in (*changed, *missing) if one in found.cited), default=None)
        detail = f"{len(here)} documents have their hash, all {len(found.cited)} that leaves cite are here"
        if changed or missing:
            detail = f"changed: {', '.join(changed[:3]) or 'none'}; missing: {', '.join(sorted(missing)[:3]) or 'none'}"
        self._say("documents", not changed and not missing, detail, first)

    def _feeds(self, manifest: Manifest, reading: Reading) -> None:
        suffix = NATIONAL.fullmatch(manifest.origin)
        anchors = [one for one in reading.found.anchors if one.province is not None]
        provinces = {*manifest.feeds, *self._asked.feeds, *(one.province or "" for one in anchors)}
        provinces |= reading.found.feeds.keys()
        heads: dict[str, dict[int, tuple[str, str]]] = {}
        for province in sorted(one for one in provinces if PROVINCE.fullmatch(one)):
            sizes = heads[province] = {
                one.size: (one.root, f"the anchor at {one.at}") for one in anchors if one.province == province
            }
            path = self._data / "feeds" / province / "checkpoint"
            if path.is_file() and suffix:
                origin = f"{suffix[1]}/feed/{province}{suffix[2]}"
                head = self._signed(f"feed {province} checkpoint", path, origin)
                if head is not None:
                    sizes[head.size] = (head.root.hex(), "its signed head")
            elif province in reading.found.feeds:
                self._say(f"feed {province} checkpoint", ok=False, detail="the archive has no signed head of this feed")
        roots = reading.feed_roots(heads)
        for province, sizes in heads.items():
            self._feed(province, sizes, roots[province])
            file = self._asked.feeds.get(province)
            if file is not None:
                found = first_difference(file, reading.feed(province))
                self._say(f"feed {province} received", found.at is None, found.detail, found.at)

    def _feed(self, province: str, sizes: Mapping[int, tuple[str, str]], roots: Mapping[int, bytes]) -> None:
        """What the national leaves say a feed had to contain, against what was signed and anchored."""
        wrong = sorted(size for size, (root, _) in sizes.items() if roots.get(size, b"").hex() != root)
        good = max((size for size in sizes if size not in wrong and (not wrong or size < wrong[0])), default=0)
        detail = f"{max(sizes, default=0)} entries are exactly what the national log says it had to contain"
        if wrong:
            source = sizes[wrong[0]][1]
            detail = f"{source} has other entries than the national log says; the first is in [{good}, {wrong[0]})"
        self._say(f"feed {province}", not wrong, detail, good if wrong else None)


def _read(path: Traversable) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(1 << 20)
    except OSError as error:
        raise ArchiveError(f"{path}: {error.strerror}") from error
