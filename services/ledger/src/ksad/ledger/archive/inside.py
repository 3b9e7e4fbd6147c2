"""Reads files inside a tar archive without unpacking it, so no member can write outside a folder."""

from __future__ import annotations

import io
import os
import re
import tarfile
from contextlib import ExitStack, contextmanager
from importlib.resources.abc import Traversable
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from ksad.ledger.archive.archive import ROOT, ArchiveError, anonymous

if TYPE_CHECKING:
    from collections.abc import Iterator
    from os import PathLike
    from pathlib import Path

NAME = re.compile(r"(?!/)[A-Za-z0-9._/-]{1,200}", re.ASCII)
# Limits against archives made to exhaust memory; exports stay far below them.
MEMBER_MAX = 2**31
MEMBERS_MAX = 2_000_000


class _Extent(NamedTuple):
    offset: int
    size: int


class _Contents:
    """The offset and size of each file in an open archive, and the names in each folder."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self.files: dict[str, _Extent] = {}
        self.folders: dict[str, set[str]] = {"": set()}

    def add(self, name: str, extent: _Extent) -> None:
        """Adds a file, and the folders that contain it."""
        self.files[name] = extent
        while name:
            folder, _, own = name.rpartition("/")
            known = self.folders.setdefault(folder, set())
            # Then the folders above are known as well.
            if own in known:
                return
            known.add(own)
            name = folder


class _Reader(io.RawIOBase):
    """One file as a stream. It keeps its own offset, so that forked processes can read the same open archive."""

    def __init__(self, descriptor: int, extent: _Extent) -> None:
        self._descriptor = descriptor
        self._extent = extent
        self._at = 0

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is."""
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Sets the offset; returns it."""
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._extent.size}[whence]
        self._at = max(0, start + offset)
        return self._at

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401 - any writable buffer
        """Reads into the buffer; returns the number of bytes, 0 at the end."""
        wanted = memoryview(buffer)[: max(0, self._extent.size - self._at)]
        count = os.preadv(self._descriptor, [wanted], self._extent.offset + self._at) if wanted else 0
        self._at += count
        return count


class Inside(Traversable):
    """A file or folder inside an open archive."""

    def __init__(self, contents: _Contents, path: str) -> None:
        self._contents = contents
        self._path = path

    @property
    def name(self) -> str:
        """The last component of the path."""
        return self._path.rpartition("/")[2]

    def joinpath(self, *descendants: str | PathLike[str]) -> Self:
        """The file or folder at this path below this one; it need not exist."""
        return type(self)(self._contents, "/".join((self._path, *map(str, descendants))))

    def __truediv__(self, child: str | PathLike[str]) -> Self:
        """The file or folder at this path below this one; it need not exist."""
        return type(self)(self._contents, f"{self._path}/{child}")

    def is_file(self) -> bool:
        """Whether it is a file."""
        return self._path in self._contents.files

    def is_dir(self) -> bool:
        """Whether it is a folder with files in it."""
        return self._path in self._contents.folders

    def iterdir(self) -> Iterator[Self]:
        """The files and folders in this folder, sorted by name."""
        return map(self.joinpath, sorted(self._contents.folders.get(self._path, ())))

    def every(self) -> Iterator[str]:
        """The paths of all files below this folder, relative to it, in the order of the archive."""
        start = f"{self._path}/"
        return (name.removeprefix(start) for name in self._contents.files if name.startswith(start))

    def size(self, name: str) -> int:
        """The size of a file below this folder, in bytes.

        :raises KeyError: there is no such file.
        """
        return self._contents.files[f"{self._path}/{name}"].size

    def open(self, mode: str = "r", *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - as Traversable has it
        """The file as a stream.

        :raises FileNotFoundError: there is none.
        """
        extent = self._contents.files.get(self._path)
        if extent is None:
            raise FileNotFoundError(2, "is not in the archive", self._path)
        stream = io.BufferedReader(_Reader(self._contents.descriptor, extent))
        return stream if mode == "rb" else io.TextIOWrapper(stream, *args, **kwargs)

    def read_bytes(self) -> bytes:
        """The file's bytes.

        :raises FileNotFoundError: there is none.
        """
        extent = self._contents.files.get(self._path)
        if extent is None:
            raise FileNotFoundError(2, "is not in the archive", self._path)
        return os.pread(self._contents.descriptor, extent.size, extent.offset)

    def read_text(self, encoding: str | None = None) -> str:
        """The file's text."""
        return self.read_bytes().decode(encoding or "utf-8")

    def __str__(self) -> str:
        """The path inside the archive."""
        return self._path


@contextmanager
def opened(file: Path) -> Iterator[Inside]:
    """Opens an archive and yields the bag in it.

    Every byte of the file must be content of a member or be exactly as an export writes it. Links, devices, folders,
    unusual or repeated names, and data in headers, between members or after the last one are refused.

    :raises ArchiveError: the file is not a tar file, has no bag, or has something that an export never writes.
    """
    with ExitStack() as stack:
        try:
            opening = stack.enter_context(file.open("rb"))
            contents = _Contents(opening.fileno())
            with tarfile.open(fileobj=opening, mode="r:") as tar:
                for member in tar:
                    _note(contents, member)
                _expect_end(contents, tar.offset)
        except (tarfile.TarError, OSError, EOFError) as error:
            raise ArchiveError(f"{file.name}: no whole tar file: {error}; copy or export it again") from error
        if f"{ROOT}/data" not in contents.folders:
            raise ArchiveError(f"{file.name}: no bag named {ROOT} in it")
        yield Inside(contents, ROOT)


def _note(contents: _Contents, member: tarfile.TarInfo) -> None:
    if not member.isreg() or member.issparse() or member.size > MEMBER_MAX or len(contents.files) > MEMBERS_MAX:
        raise ArchiveError(f"{member.name[:80]!r}: too many members, too large, or no file")
    if not NAME.fullmatch(member.name) or {"", ".", ".."} & set(member.name.split("/")):
        raise ArchiveError(f"{member.name[:80]!r}: no name of an archive's file")
    if member.name in contents.files:
        raise ArchiveError(f"{member.name}: twice in the archive")
    end = member.offset_data + member.size
    header = os.pread(contents.descriptor, member.offset_data - member.offset, member.offset)
    padding = os.pread(contents.descriptor, -end % tarfile.BLOCKSIZE, end)
    if header != anonymous(member.name, member.size).tobuf(tarfile.PAX_FORMAT) or any(padding):
        raise ArchiveError(f"{member.name}: its header or its end is not as an export writes it; was it packed again?")
    contents.add(member.name, _Extent(member.offset_data, member.size))


def _expect_end(contents: _Contents, end: int) -> None:
    """Checks that after the last member there are only the zeros that end a tar file.

    :raises ArchiveError: there is anything else.
    """
    # A tar file ends with two blocks of zeros and is then padded to a full record.
    zeros = tarfile.RECORDSIZE - end % tarfile.RECORDSIZE
    zeros += tarfile.RECORDSIZE * (zeros < 2 * tarfile.BLOCKSIZE)
    if os.pread(contents.descriptor, zeros + 1, end) != bytes(zeros):
        raise ArchiveError(f"what stands behind its last file, from byte {end} on, is not the end of an archive")
