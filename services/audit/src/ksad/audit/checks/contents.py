"""Checks that an archive has exactly the files of an export, each in the form in which an export writes it."""

from __future__ import annotations

import re
from datetime import date
from itertools import islice
from typing import TYPE_CHECKING

import zstandard

from ksad.audit.checks.facts import TELLING
from ksad.audit.checks.verdict import Check
from ksad.contracts.catalogue import Service
from ksad.contracts.positions import PATTERN
from ksad.contracts.wording import listed
from ksad.ledger.archive.archive import EVENTS, POSITIONS, ArchiveError, line_files, manifest_text, read_blocks
from ksad.ledger.archive.releases import explained, releases
from ksad.ledger.log.tiles import new_tiles

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ksad.ledger.archive.archive import Manifest
    from ksad.ledger.archive.inside import Inside

# The most findings in one message: an archive made up by somebody could have any number.
SHOWN = 5
# The tag files that ``bagit`` writes (RFC 8493, 2.2).
TAGS = {"bagit.txt", "bag-info.txt", "manifest-sha256.txt", "tagmanifest-sha256.txt"}
DATA = re.compile(
    r"data/(?:(?P<stated>manifest\.json|log/checkpoint|VERIFY\.md)"
    r"|log/(?P<tile>tile/.+)"
    rf"|(?P<lines>events/[0-9]{{9}}{re.escape(EVENTS)}|positions/[0-9]{{9}}{re.escape(POSITIONS)})"
    r"|feeds/(?P<feed>[1-9][0-9])/checkpoint"
    rf"|documents/(?:{'|'.join(Service)})/(?P<document>[0-9a-f]{{2}}/[0-9a-f]{{62}})"
    r"|schemas/(?P<schema>.+))",
    re.ASCII,
)
BAGIT = b"BagIt-Version: 0.97\nTag-File-Character-Encoding: UTF-8\n"
INFO = re.compile(r"([A-Za-z-]+): (.+)")
POSITION_LINES = re.compile(rf"(?:{PATTERN}\n)*+".encode())
# RFC 8878, section 3.1.1: the magic number of a frame; section 3.1.1.2: the type of a block of one repeated byte.
MAGIC = b"\x28\xb5\x2f\xfd"
RLE = 1


def contents(bag: Inside, manifest: Manifest, services: bytes | None) -> Check:
    """Checks that the archive has all files that an export writes, and no other.

    :param services: the service of each leaf, as the letter at `TELLING` of its name; ``None`` if it is not known.
        Tiles and positions are then not checked for completeness.
    """
    # One more than is shown, to say that there are more; a hostile archive could have millions.
    wrong = list(islice(_problems(bag, manifest, services), SHOWN + 1))
    held = "each file is one that an export writes, with nothing before, between or behind what it has to hold"
    return Check("contents", not wrong, listed(wrong, SHOWN, "and more", "; ") or held)


def explanation(bag: Inside, manifest: Manifest) -> Check:
    """Checks that the guide and the schemas of an archive are those of one release."""
    data = bag / "data"
    schemas = {name: data / "schemas" / name for name in (data / "schemas").every()}
    found = explained(data, manifest, schemas)
    nearest = min(reversed(releases()), key=lambda one: len(one.missing(found)))
    others = nearest.missing(found)
    if not others:
        told = f"VERIFY.md and {len(schemas)} schemas are those of release {nearest.name}"
        return Check("explanation", ok=True, detail=told)
    known = ", ".join(one.name for one in releases())
    unlike = listed(others, SHOWN, "and {} more")
    told = f"follow none of them: {unlike} are of no release that this one knows ({known})"
    return Check("explanation", ok=False, detail=told)


def _problems(bag: Inside, manifest: Manifest, services: bytes | None) -> Iterator[str]:
    tiles = set() if services is None else {tile.path for tile in new_tiles(0, manifest.size)}
    seen: set[str] = set()
    for name in bag.every():
        found = DATA.fullmatch(name)
        if found is None and name not in TAGS:
            yield f"{name} is no file of an archive"
        elif found and found["tile"]:
            seen.add(found["tile"])
            if services is not None and found["tile"] not in tiles:
                yield f"{name} is no tile of {manifest.size} leaves"
        elif found and found["feed"] and found["feed"] not in manifest.feeds:
            yield f"{name} is of a feed that the manifest does not name"
        elif found and found["lines"] and not _is_one_frame(bag, name):
            yield f"{name} holds more than one compressed run of lines"
    yield from (f"data/log/{one} is missing" for one in sorted(tiles - seen)[:1])
    yield from (
        f"data/feeds/{province} is missing, and the manifest names it"
        for province in sorted(manifest.feeds)
        if not (bag / "data" / "feeds" / province / "checkpoint").is_file()
    )
    if (bag / "data" / "manifest.json").read_bytes() != manifest_text(manifest).encode():
        yield "data/manifest.json is not written as an export writes it"
    if not (bag / "bagit.txt").is_file() or (bag / "bagit.txt").read_bytes() != BAGIT:
        yield "bagit.txt is not that of an export"
    yield from _info(bag, manifest)
    if services is not None:
        yield from _positions(bag, services)


def _info(bag: Inside, manifest: Manifest) -> Iterator[str]:
    """Checks ``bag-info.txt``. It is no evidence, but must not contradict the evidence."""
    sizes = [bag.size(name) for name in bag.every() if name.startswith("data/")]
    known = {
        "Source-Organization": f"KSAD {manifest.platform}",
        "External-Identifier": f"{manifest.origin} {manifest.size} {manifest.root}",
        "Payload-Oxum": f"{sum(sizes)}.{len(sizes)}",
    }
    text = (bag / "bag-info.txt").read_text() if (bag / "bag-info.txt").is_file() else ""
    for line in text.splitlines():
        found = INFO.fullmatch(line)
        label, value = (found[1], found[2]) if found else (line[:40], "")
        right = known.get(label, value)
        if label == "Bagging-Date":
            right = value if _is_day(value) else ""
        elif label == "Bag-Software-Agent":
            right = value if value.startswith("bagit.py ") else ""
        elif label not in known:
            right = ""
        if value != right or not value:
            yield f"bag-info.txt: {line[:80]!r} is not what an export says"


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _positions(bag: Inside, services: bytes) -> Iterator[str]:
    """Checks that there is one position per leaf, of the leaf's service. Positions are no evidence."""
    count = 0
    try:
        for file in line_files(bag / "data" / "positions", POSITIONS):
            for block in read_blocks(file):
                if not POSITION_LINES.fullmatch(block):
                    yield f"positions/{file.path.name}: a line is no position"
                    return
                lines = block.split(b"\n")[:-1]
                found = bytes([line[TELLING] for line in lines])
                if found != services[count : count + len(lines)]:
                    yield f"positions/{file.path.name}: a leaf from {count} on is of another service, or is not there"
                    return
                count += len(lines)
    except ArchiveError as error:
        yield f"positions: {error}"
        return
    if count != len(services):
        yield f"positions: {count} lines for {len(services)} leaves"


def _is_one_frame(bag: Inside, name: str) -> bool:
    """Whether a file is a single Zstandard frame (RFC 8878) and nothing else.

    Decompressors skip some frames and stop after the first, so other data there would never be read or verified.
    """
    size = bag.size(name)
    with (bag / name).open("rb") as file:
        head = file.read(18)
        try:
            if head[:4] != MAGIC:
                return False
            at = zstandard.frame_header_size(head)
            checksum = 4 * zstandard.get_frame_parameters(head).has_checksum
        except zstandard.ZstdError:
            return False
        last = False
        while not last:
            file.seek(at)
            block = int.from_bytes(file.read(3), "little")
            last = bool(block & 1)
            # A block header has three bytes: the lowest bit marks the last block, two bits are the type, the others the
            # size.
            at += 3 + (1 if block >> 1 & 3 == RLE else block >> 3)
            if at > size:
                return False
    return at + checksum == size
