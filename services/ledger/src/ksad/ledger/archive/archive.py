"""The archive: one tar file around a BagIt bag (RFC 8493), readable without this platform.

::

    data/manifest.json               format, platform, origin, size, root; the feeds with their sizes
    data/log/checkpoint              the signed head (C2SP tlog-checkpoint)
    data/log/tile/…                  the tree in C2SP tlog-tiles: with the checkpoint, the evidence
    data/events/000004096.jsonl.zst  the leaves from that index on, one per line, exact bytes, in order
    data/positions/000004096.txt.zst ``service:id`` of each leaf in its service's store, to restore it; not evidence
    data/feeds/NN/checkpoint         the signed head of each province's feed
    data/documents/SERVICE/ab/cdef…  documents and report contents by their sha256
    data/schemas/…                   JSON Schemas of the events
    data/VERIFY.md                   how to check with openssl and other people's tools
"""

from __future__ import annotations

import json
import os
import re
import tarfile
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import bagit
import zstandard

from ksad.contracts.positions import Position

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from importlib.resources.abc import Traversable
    from pathlib import Path

ROOT = "ksad-archive"
FORMAT = "ksad-archive/1"
PER_FILE = 4_096
"""Lines per file: few enough that worker processes share the files of a large log evenly."""
FIRST = re.compile(r"[0-9]{9}", re.ASCII)
# 128 KiB: the decompressed block fits into the processor's second-level cache.
BLOCK = 1 << 17
# As ENTRY_MAX of the tiles, in which a leaf's length is a 16-bit integer.
LINE_MAX = 65_535
EVENTS = ".jsonl.zst"
POSITIONS = ".txt.zst"
MANIFEST_MAX = 1 << 20
LEVEL = 3


class ArchiveError(Exception):
    """A file is not a complete archive of this format; the message says what is wrong."""


class Manifest(NamedTuple):
    """What an archive states about itself; an auditor checks all of it against the signed checkpoints.

    ``size`` is the number of leaves, ``root`` the root hash, ``feeds`` the size of each feed by province code.
    """

    platform: str
    origin: str
    size: int
    root: str
    feeds: dict[str, int]


class LineFile(NamedTuple):
    """A file of compressed lines. ``first`` is the index of its first line, from 0."""

    first: int
    path: Traversable


class Lines:
    """Writes lines to Zstandard files, ``per_file`` lines to each. Memory use does not grow with their number."""

    def __init__(self, folder: Path, suffix: str, per_file: int = PER_FILE) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.count = 0
        self._folder = folder
        self._suffix = suffix
        self._per_file = per_file
        self._compressor = zstandard.ZstdCompressor(level=LEVEL)
        self._stream: Any = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._stream is not None:
            self._stream.close()

    def write(self, lines: Sequence[bytes]) -> None:
        """Appends lines, which come without newline."""
        start = 0
        while start < len(lines):
            if self.count % self._per_file == 0:
                self._next()
            page = lines[start : start + self._per_file - self.count % self._per_file]
            self._stream.write(b"\n".join(page) + b"\n")
            start, self.count = start + len(page), self.count + len(page)

    def _next(self) -> None:
        if self._stream is not None:
            self._stream.close()
        path = self._folder / f"{self.count:09d}{self._suffix}"
        self._stream = self._compressor.stream_writer(path.open("wb"), closefd=True)


def read_events(folder: Traversable) -> Iterator[bytes]:
    """The leaves of an archive, in order.

    :raises ArchiveError: a file is missing or damaged, or a line is longer than 65,535 bytes.
    """
    for lines in read_lines(line_files(folder, EVENTS)):
        yield from lines


def read_positions(folder: Traversable) -> Iterator[Position]:
    """The position of each leaf in the store of its service, in the order of the leaves.

    :raises ArchiveError: a file is missing or damaged, or a line is not a position.
    """
    for lines in read_lines(line_files(folder, POSITIONS)):
        for line in lines:
            try:
                yield Position.parse(line.decode())
            except ValueError as error:
                message = f"positions: {error}"
                raise ArchiveError(message) from error


def line_files(folder: Traversable, suffix: str) -> list[LineFile]:
    """The files in a folder whose names end with ``suffix``, in the order of their names.

    :raises ArchiveError: a file's name is not the nine-digit index of its first line.
    """
    files = list[LineFile]()
    for path in _below(folder):
        if path.name.endswith(suffix):
            number = path.name.removesuffix(suffix)
            if not FIRST.fullmatch(number):
                message = f"{folder.name}: {path.name} does not say which line is its first"
                raise ArchiveError(message)
            files.append(LineFile(int(number), path))
    return files


def read_lines(files: Sequence[LineFile]) -> Iterator[list[bytes]]:
    """The lines of consecutive files, in batches.

    :raises ArchiveError: a file is missing or damaged, or a line is longer than 65,535 bytes.
    """
    count = 0
    for file in files:
        expect(file, count)
        for block in read_blocks(file):
            lines = block.split(b"\n")[:-1]
            count += len(lines)
            yield lines


def expect(file: LineFile, first: int) -> None:
    """Checks that a file begins with the line of this index.

    :raises ArchiveError: it does not, so a file before it is missing or short.
    """
    if file.first != first:
        message = f"{file.path.name}: lines from {file.first} on, but the files before it have {first} lines"
        raise ArchiveError(message)


def read_blocks(file: LineFile) -> Iterator[bytes]:
    """The lines of a file in blocks of complete lines, of about 128 KiB each.

    :raises ArchiveError: the file is damaged, ends within a line, or has a line longer than 65,535 bytes.
    """
    path = file.path
    rest = b""
    try:
        with path.open("rb") as stored, zstandard.ZstdDecompressor().stream_reader(stored) as reader:
            while read := reader.read(BLOCK):
                end = read.rfind(b"\n") + 1
                if end:
                    yield rest + read[:end]
                    rest = b""
                rest += read[end:]
                if len(rest) > LINE_MAX:
                    message = f"{path.name}: a line longer than {LINE_MAX} bytes"
                    raise ArchiveError(message)
    except zstandard.ZstdError as error:
        message = f"{path.name}: {error}"
        raise ArchiveError(message) from error
    if rest:
        message = f"{path.name}: ends in the middle of a line"
        raise ArchiveError(message)


def manifest_text(manifest: Manifest) -> str:
    """The text of ``manifest.json``; equal manifests give equal bytes."""
    return json.dumps({"format": FORMAT, **manifest._asdict()}, indent=2, sort_keys=True) + "\n"


def write_manifest(data: Path, manifest: Manifest) -> None:
    """Writes ``manifest.json``."""
    (data / "manifest.json").write_text(manifest_text(manifest))


def read_manifest(data: Traversable) -> Manifest:
    """Reads ``manifest.json``.

    :raises ArchiveError: it is missing or malformed, of another format, or has values of wrong types.
    """
    try:
        with (data / "manifest.json").open("rb") as file:
            stored = json.loads(file.read(MANIFEST_MAX))
        if stored.pop("format") != FORMAT:
            message = f"not {FORMAT}"
            raise ArchiveError(message)
        manifest = Manifest(**stored)
        values = (manifest.platform, manifest.origin, manifest.root, *manifest.feeds)
        numbers = (manifest.size, *manifest.feeds.values())
        sound = all(isinstance(text, str) for text in values)
        # Not isinstance: True would pass as an integer.
        sound = sound and all(type(number) is int and number >= 0 for number in numbers)
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        message = f"manifest.json: {error}"
        raise ArchiveError(message) from error
    if not sound:
        message = "manifest.json: values of other types than the format says"
        raise ArchiveError(message)
    return manifest


def seal_bag(folder: Path, out: Path, info: dict[str, str]) -> None:
    """Turns a folder into a BagIt bag and writes it as one tar file, atomically."""
    bagit.make_bag(str(folder), info, checksums=["sha256"])
    write_tar(folder, out)


def write_tar(folder: Path, out: Path) -> None:
    """Writes a bag as one tar file, atomically: under another name first, then synced and renamed."""
    pending = out.with_name(out.name + ".pending")
    try:
        with tarfile.open(pending, "w") as tar:
            for path in sorted(folder.rglob("*")):  # Equal folders give equal files.
                if path.is_file():
                    with path.open("rb") as file:
                        tar.addfile(anonymous(f"{ROOT}/{path.relative_to(folder)}", path.stat().st_size), file)
        _sync(pending)
        pending.replace(out)
        _sync(out.parent)
    finally:
        pending.unlink(missing_ok=True)


def _sync(path: Path) -> None:
    """Waits until a file, or the names in a folder, are on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def anonymous(name: str, size: int) -> tarfile.TarInfo:
    """The tar header of a file: no owner, group or time, so that an export is reproducible and names no machine."""
    member = tarfile.TarInfo(name)
    member.size, member.mode = size, 0o644
    return member


def documents(data: Traversable) -> Iterator[tuple[str, bytes]]:
    """The documents of an archive: the SHA-256 (hex) in the path of each, which is not checked here, and its bytes."""
    for _, path, name in document_files(data):
        yield name, path.read_bytes()


def document(data: Traversable, sha256: str) -> bytes:
    """The document stored under a SHA-256 (hex), of whichever service; empty bytes if there is none.

    The hash is not checked here.
    """
    for service in _below(data / "documents"):
        path = service / sha256[:2] / sha256[2:]
        if path.is_file():
            return path.read_bytes()
    return b""


def document_files(data: Traversable) -> Iterator[tuple[str, Traversable, str]]:
    """The files of the documents: the service, the file, and the SHA-256 (hex) in its path."""
    for service in _below(data / "documents"):
        for folder in _below(service):
            for path in _below(folder):
                if path.is_file():
                    yield service.name, path, folder.name + path.name


def _below(folder: Traversable) -> list[Traversable]:
    return sorted(folder.iterdir(), key=lambda one: one.name) if folder.is_dir() else []
