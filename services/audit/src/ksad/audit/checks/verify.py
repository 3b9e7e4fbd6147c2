"""Verifies an archive with public keys from outside it."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from ksad.audit.checks.contents import contents, explanation
from ksad.audit.checks.continued import continued
from ksad.audit.checks.documents import documents
from ksad.audit.checks.feedfile import compare, newer
from ksad.audit.checks.feeds import Fed, between
from ksad.audit.checks.form import Fault
from ksad.audit.checks.reading import Reading
from ksad.audit.checks.validity import SignedHead, validity
from ksad.audit.checks.verdict import Check, Claim, Verdict, fault
from ksad.ledger.archive.archive import ArchiveError, Manifest, read_events, read_manifest
from ksad.ledger.archive.bag import problems
from ksad.ledger.archive.inside import opened
from ksad.ledger.log.checkpoint import Checkpoint, SignedCheckpoint, open_signed
from ksad.ledger.log.claimed import claimed
from ksad.ledger.log.errors import NoteError, TileError
from ksad.ledger.log.fault import first_wrong, prefix_roots
from ksad.ledger.log.folder import Tiles
from ksad.ledger.log.proof import frontier_at
from ksad.ledger.log.reader import TileHashes, rebuild
from ksad.ledger.log.tree import TreeHead, leaf_hash

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import date
    from importlib.resources.abc import Traversable
    from pathlib import Path

    from ksad.audit.checks.reading import Found
    from ksad.ledger.archive.inside import Inside
    from ksad.ledger.log.keys import Validity
    from ksad.ledger.log.note import Verifier

NATIONAL = re.compile(r"(ksad/[a-z0-9-]{1,32})/national((?:/[1-9][0-9]{0,5})?)")
PROVINCE = re.compile(r"[1-9][0-9]")
BEFORE = "earlier releases took them"
LEAF_CHECKS = {
    "envelopes": "every leaf is the canonical bytes of a valid envelope",
    "facts": "every fact is of a known type, decided by the service of that type, with the data of its schema",
    "versions": "every stream's versions are 1, 2, 3, …",
    "causes": "every cause comes before its effects",
    "times": "recorded times never go back, nor before their cause, by more than five minutes",
}


class Asked(NamedTuple):
    """The auditor's input: pinned public keys with their validity, earlier checkpoints (signed notes), feed files by
    province code, and the day of the audit in Jakarta. Without a day, the end of a key's validity is not judged.
    """

    keys: Mapping[Verifier, Validity]
    since: Sequence[bytes] = ()
    feeds: Mapping[str, Path] = {}
    today: date | None = None


def verify(file: Path, asked: Asked) -> Verdict:
    """Verifies an archive. Malformed input gives failed checks, never an exception."""
    try:
        with opened(file) as bag:
            return verify_bag(bag, asked)
    except ArchiveError as error:
        return Verdict([Check("archive", ok=False, detail=str(error))])


def verify_bag(bag: Inside, asked: Asked) -> Verdict:
    """Verifies an archive that is open already. Malformed input gives failed checks, never an exception."""
    checks: list[Check] = []
    try:
        _Audit(bag, asked, checks).run()
    except ArchiveError as error:
        checks.append(Check("archive", ok=False, detail=str(error)))
    return Verdict(checks)


class _Audit:
    def __init__(self, bag: Inside, asked: Asked, checks: list[Check]) -> None:
        self._bag = bag
        self._data = bag / "data"
        self._asked = asked
        self._tiles = Tiles(self._data / "log")
        self._hashes = TileHashes(self._tiles.read)
        self._whole = False
        self._checks = checks
        self._heads: list[SignedHead] = []

    def run(self) -> None:
        """Runs all checks in order; checks that depend on a failed one are left out."""
        with Reading(self._data / "events") as reading:
            self._run(reading)

    def _run(self, reading: Reading) -> None:
        wrong = list(islice(problems(self._bag), 5))
        self._say("bag", not wrong, "; ".join(wrong) or "every file has the checksum in the bag's manifest")
        manifest = read_manifest(self._data)
        signed = self._signed("checkpoint", self._data / "log" / "checkpoint", manifest.origin)
        if signed is None:
            return
        head = signed.checkpoint
        fits = (manifest.size, manifest.root) == (head.size, head.root.hex())
        fits = fits and manifest.origin.startswith(f"ksad/{manifest.platform}/")
        self._say("manifest", fits, f"{manifest.origin}, {manifest.size} leaves, {'as' if fits else 'NOT as'} signed")
        self._tree(head.head, reading)
        self._form(reading.found, manifest.platform)
        known = fits and reading.leaves == head.size and "envelopes" not in reading.found.faults
        self._checks.append(contents(self._bag, manifest, reading.found.services if known else None))
        self._checks.append(explanation(self._bag, manifest))
        self._since(signed)
        self._continued(head, reading.found)
        self._prefixes(head, reading.found)
        self._checks.extend(documents(self._data, reading.found.cited))
        self._feeds(manifest, head, reading)
        self._checks.append(validity(self._heads, self._asked.keys, reading.found.newest, self._asked.today))

    def _say(self, name: str, ok: bool, detail: str, index: int | None = None) -> None:  # noqa: FBT001 - the verdict
        self._checks.append(Check(name, bool(ok), detail, index))

    def _signed(self, name: str, path: Traversable, origin: str) -> SignedCheckpoint | None:
        """The checkpoint in a file, if a pinned key signed it; records a check either way."""
        if name == "checkpoint" and not NATIONAL.fullmatch(origin):
            self._say(name, ok=False, detail=f"{origin} is no national log")
            return None
        try:
            signed = open_signed(_read(path), origin, self._asked.keys)
        except NoteError as error:
            self._say(name, ok=False, detail=f"{error}; keys in the archive are never asked")
            return None
        size = signed.checkpoint.size
        self._say(name, ok=True, detail=f"{origin} at {size} is signed by the key that was given")
        return signed

    def _tree(self, head: TreeHead, reading: Reading) -> None:
        hashes = reading.hashes()
        try:
            rebuild(head, self._tiles.read, hashes, reading.roots)
        except TileError as error:
            # The findings are complete only when all leaves were read.
            for _ in hashes:
                pass
            where = first_wrong(head, self._tiles.read, error, reading.leaves, self._leaf_hashes)
            told = "; all leaves are those that were signed" if where is None else ""
            self._checks.append(fault("tree", f"{error}{told}", where))
            return
        self._whole = True
        self._say("tree", ok=True, detail=f"{head.size} leaves and all tiles lead to the signed root")

    def _leaf_hashes(self) -> Iterator[bytes]:
        return map(leaf_hash, read_events(self._data / "events"))

    def _form(self, found: Found, platform: str) -> None:
        foreign = min(((at, name) for name, at in found.platforms.items() if name != platform), default=None)
        if foreign is not None and ("facts" not in found.faults or foreign[0] < found.faults["facts"].at):
            found.faults["facts"] = Fault(foreign[0], f"it is of the platform {foreign[1]}, not of {platform}")
        late = f"; {found.late} facts were recorded on a later day than they happened, which is lawful"
        for name, rule in LEAF_CHECKS.items():
            broken = found.faults.get(name)
            told = broken.detail if broken else rule + late * (name == "times")
            self._say(name, broken is None, told, broken.at if broken else None)
        if found.unsourced:
            first, count = found.unsourced[0], len(found.unsourced)
            told = f"{count} legacy facts, the first of them {first}, name no file that they were read from; {BEFORE}"
            self._checks.append(Check("unsourced", ok=True, detail=told, noted=True))

    def _roots(self, head: Checkpoint, sizes: Iterable[int]) -> dict[int, str]:
        """The roots (hex) of prefixes of the archive's own leaves, by size; from tiles if these were verified."""
        wanted = sorted({size for size in sizes if 0 <= size <= head.size})
        if self._whole:
            return {size: frontier_at(size, self._hashes.at(head.size)).root().hex() for size in wanted}
        return {size: root.hex() for size, root in prefix_roots(self._leaf_hashes(), wanted).items()}

    def _since(self, signed: SignedCheckpoint) -> None:
        """Checks that each earlier checkpoint is a prefix of this log."""
        head, kept = signed.checkpoint, list[Claim]()
        for note in self._asked.since:
            try:
                earlier, signers = open_signed(note, claimed(note).origin, self._asked.keys)
            except NoteError as error:
                self._say("since", ok=False, detail=str(error))
                continue
            if NATIONAL.fullmatch(earlier.origin):
                kept.append(Claim(earlier.size, earlier.root.hex(), f"since {earlier.size}"))
                self._heads.append(SignedHead(kept[-1].source, min(earlier.size, head.size), signers, vouched=True))
            else:
                self._say(
                    "since", ok=False, detail=f"this is a checkpoint of {earlier.origin}, which is no national log"
                )
        vouched = any((one.size, one.root) == (head.size, head.root.hex()) for one in kept)
        self._heads.append(SignedHead("checkpoint", head.size, signed.signers, vouched))
        roots = self._roots(head, [one.size for one in kept])
        for one in sorted(kept, key=lambda each: each.size):
            if roots.get(one.size) == one.root:
                self._say(one.source, ok=True, detail=f"the first {one.size} leaves are those that were signed then")
                continue
            detail = f"these are not the {one.size} leaves that were signed then"
            if one.size > head.size:
                detail = f"the log had {one.size} leaves then and has {head.size} now: it was cut or rolled back"
            self._checks.append(fault(one.source, detail, between(one, kept, roots, head.size)))

    def _continued(self, head: Checkpoint, found: Found) -> None:
        """Checks each change of origin against the leaves before it and the old key."""
        named = NATIONAL.fullmatch(head.origin)
        roots = self._roots(head, [one.size for one in found.continued])
        first = f"{named[1]}/national" if named else ""
        done = continued(found.continued, first, head.origin, roots, self._asked.keys)
        self._checks.append(done.check)
        self._heads += done.heads

    def _prefixes(self, head: Checkpoint, found: Found) -> None:
        """Checks the root that each report states for the prefix that it was compiled from."""
        named = found.prefixes
        roots = self._roots(head, [one.size for one in named])
        wrong = [one for one in named if one.size > one.at or roots.get(one.size) != one.root]
        detail = f"{len(named)} reports name the roots of their prefixes, all of them of this log"
        if wrong:
            detail = f"the report at {wrong[0].at} names another root for the first {wrong[0].size} of {head.size}"
        self._say("reports", not wrong, detail, wrong[0].at if wrong else None)

    def _feeds(self, manifest: Manifest, head: Checkpoint, reading: Reading) -> None:
        named = NATIONAL.fullmatch(manifest.origin)
        prefix, suffix = (named[1], named[2]) if named else ("", "")
        fed = Fed(reading.found, head.size, prefix)
        self._checks.append(fed.anchors())
        anchors = fed.claims()
        provinces = {*manifest.feeds, *self._asked.feeds, *anchors, *reading.found.feeds}
        heads: dict[str, list[Claim]] = {}
        signed: dict[str, Claim] = {}
        for province in sorted(one for one in provinces if PROVINCE.fullmatch(one)):
            heads[province] = [
                Claim(one.size, one.root, f"the anchor at {one.at}") for one in anchors.get(province, ())
            ]
            path = self._data / "feeds" / province / "checkpoint"
            stated = manifest.feeds.get(province)
            name = f"feed {province} checkpoint"
            if path.is_file():
                opened = self._signed(name, path, f"{prefix}/feed/{province}{suffix}")
                if opened is not None:
                    found = opened.checkpoint
                    if found.size != stated:
                        told = f"{found.size} entries, and not {stated}"
                        self._say(f"feed {province} manifest", ok=False, detail=told)
                    signed[province] = Claim(found.size, found.root.hex(), "its signed head")
                    heads[province].append(signed[province])
                    under = islice(reading.found.feeds.get(province, ()), found.size)
                    self._heads.append(SignedHead(name, max(under, default=-1) + 1, opened.signers, vouched=True))
            elif province in reading.found.feeds:
                self._say(name, ok=False, detail="the archive has no signed head of this feed")
        roots = reading.feed_roots({province: [one.size for one in claims] for province, claims in heads.items()})
        for province, claims in heads.items():
            hexed = {size: root.hex() for size, root in roots[province].items()}
            self._checks.append(fed.feed(province, claims, signed.get(province), hexed))
            file = self._asked.feeds.get(province)
            if file is not None:
                self._received(province, file, f"{prefix}/feed/{province}{suffix}", reading)

    def _received(self, province: str, file: Path, origin: str, reading: Reading) -> None:
        """Compares a province's file with what the province had to receive."""
        owed = len(reading.found.feeds.get(province, ()))
        found = compare(file, reading.feed(province), owed)
        name = f"feed {province} received"
        keys = [one for one, held in self._asked.keys.items() if held.goes_on(self._asked.today)]
        if found.at == owed and (later := newer(file, origin, keys, owed)):
            self._checks.append(Check(name, ok=True, detail=later, noted=True))
        else:
            self._say(name, found.at is None, found.detail, found.at)


def _read(path: Traversable) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(1 << 20)
    except OSError as error:
        raise ArchiveError(f"{path}: {error.strerror}") from error
