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
"""Lines of one file: so few that processes share the files of a large log evenly, whichever is faster."""
FIRST = re.compile(r"[0-9]{9}", re.ASCII)
BLOCK = 1 << 17
LINE_MAX = 65_535
EVENTS = ".jsonl.zst"
POSITIONS = ".txt.zst"
MANIFEST_MAX = 1 << 20
LEVEL = 3


class ArchiveError(Exception):
    """The file is no whole archive of this format; the message says what is wrong."""


class Manifest(NamedTuple):
    """What the archive says of itself; nothing in it is trusted before it is checked."""

    platform: str
    origin: str
    size: int
    root: str
    feeds: dict[str, int]


class LineFile(NamedTuple):
    """A file of compressed lines, and the number of its first line."""

    first: int
    path: Traversable


class Lines:
    """Writes compressed lines, so many to a file; whatever their number, memory stays flat."""

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
        """Append lines."""
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
    """The leaves of an archive in order, one at a time.

    :raises ArchiveError: a file is missing, broken, or holds a line longer than an event can be.
    """
    for lines in read_lines(line_files(folder, EVENTS)):
        yield from lines


def read_positions(folder: Traversable) -> Iterator[Position]:
    """Each leaf's position in the store of its service.

    :raises ArchiveError: a file is missing or broken, or a line is no position.
    """
    for lines in read_lines(line_files(folder, POSITIONS)):
        for line in lines:
            try:
                yield Position.parse(line.decode())
            except ValueError as error:
                message = f"positions: {error}"
                raise ArchiveError(message) from error


def line_files(folder: Traversable, suffix: str) -> list[LineFile]:
    """The files of lines in a folder, in order.

    :raises ArchiveError: the name of one does not say which line is its first.
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
    """The lines of files that follow on each other, some hundred at a time.

    :raises ArchiveError: a file is missing, broken, or holds a line longer than an event can be.
    """
    count = 0
    for file in files:
        expect(file, count)
        for block in read_blocks(file):
            lines = block.split(b"\n")[:-1]
            count += len(lines)
            yield lines


def expect(file: LineFile, first: int) -> None:
    """Refuse a file that does not follow on the lines before it.

    :raises ArchiveError: its first line has not this number.
    """
    if file.first != first:
        message = f"{file.path.name}: lines from {file.first} on, but the files before it have {first} lines"
        raise ArchiveError(message)


def read_blocks(file: LineFile) -> Iterator[bytes]:
    """The lines of a file in blocks of whole lines, so small that they stay in the processor's cache.

    :raises ArchiveError: the file is broken, or holds a line longer than an event can be.
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
    """The manifest as it is written: equal ones have equal bytes."""
    return json.dumps({"format": FORMAT, **manifest._asdict()}, indent=2, sort_keys=True) + "\n"


def write_manifest(data: Path, manifest: Manifest) -> None:
    """Write the manifest."""
    (data / "manifest.json").write_text(manifest_text(manifest))


def read_manifest(data: Traversable) -> Manifest:
    """Read the manifest.

    :raises ArchiveError: it is missing, of another format, or its values have other types.
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
        sound = sound and all(type(number) is int and number >= 0 for number in numbers)
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        message = f"manifest.json: {error}"
        raise ArchiveError(message) from error
    if not sound:
        message = "manifest.json: values of other types than the format says"
        raise ArchiveError(message)
    return manifest


def seal_bag(folder: Path, out: Path, info: dict[str, str]) -> None:
    """Make a bag of a folder and one tar file of the bag; the file appears whole or not at all."""
    bagit.make_bag(str(folder), info, checksums=["sha256"])
    write_tar(folder, out)


def write_tar(folder: Path, out: Path) -> None:
    """Make one tar file of a bag; it appears whole or not at all."""
    pending = out.with_name(out.name + ".pending")
    with tarfile.open(pending, "w") as tar:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                with path.open("rb") as file:
                    tar.addfile(anonymous(f"{ROOT}/{path.relative_to(folder)}", path.stat().st_size), file)
    with pending.open("rb") as file:
        os.fsync(file.fileno())
    pending.replace(out)


def anonymous(name: str, size: int) -> tarfile.TarInfo:
    """The header of a file in an archive: no owner, no group, no time of the machine that exported."""
    member = tarfile.TarInfo(name)
    member.size, member.mode = size, 0o644
    return member


def documents(data: Traversable) -> Iterator[tuple[str, bytes]]:
    """The documents: the sha256 that each one's path claims, and its bytes."""
    for _, path, name in document_files(data):
        yield name, path.read_bytes()


def document(data: Traversable, sha256: str) -> bytes:
    """The bytes of the document whose path claims a sha256, whichever service it is of; nothing where there is none."""
    for service in _below(data / "documents"):
        path = service / sha256[:2] / sha256[2:]
        if path.is_file():
            return path.read_bytes()
    return b""


def document_files(data: Traversable) -> Iterator[tuple[str, Traversable, str]]:
    """The documents' files: the service, the file, and the sha256 that its path claims."""
    for service in _below(data / "documents"):
        for folder in _below(service):
            for path in _below(folder):
                if path.is_file():
                    yield service.name, path, folder.name + path.name


def _below(folder: Traversable) -> list[Traversable]:
    return sorted(folder.iterdir(), key=lambda one: one.name) if folder.is_dir() else []
