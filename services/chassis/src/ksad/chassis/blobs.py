"""Where documents lie: in a folder, or in a bucket that all machines see. Names are paths, the same in both."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from ksad.chassis import durable
from ksad.chassis.bucket import Bucket, Named

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ksad.chassis.bucket_settings import BucketSettings


class Blobs(Protocol):
    """Blobs under names, of which each is written once."""

    where: str
    """What a person calls the place."""

    def keep(self, name: str, content: bytes) -> None:
        """Keeps a blob durably and whole, unless there is one of this name.

        :raises OSError: it was not kept.
        """

    def settle(self, name: str, received: Path) -> None:
        """Keeps what lies in a synced file, which may be gone afterwards."""

    def take_back(self, name: str) -> None:
        """Removes a blob that was kept by mistake, where that can be done."""

    def versions(self, name: str) -> Iterator[bytes]:
        """The contents under a name, the newest first: one at most, where there are no versions."""

    def size(self, name: str) -> int | None:
        """The bytes of a blob; ``None`` if there is none."""

    def named(self, prefix: str) -> list[Named]:
        """All blobs whose names begin so, by name."""


class BlobFolder:
    """Blobs as files below a folder."""

    def __init__(self, folder: Path) -> None:
        self.where = str(folder)
        self._folder = folder

    def keep(self, name: str, content: bytes) -> None:
        """Keeps a blob as a file."""
        path = self._folder / name
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            durable.replace(path, content, durable.PRIVATE)

    def settle(self, name: str, received: Path) -> None:
        """Gives a file its place."""
        path = self._folder / name
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            received.replace(path)
            durable.sync(path.parent)

    def take_back(self, name: str) -> None:
        """Removes a file."""
        (self._folder / name).unlink(missing_ok=True)

    def versions(self, name: str) -> Iterator[bytes]:
        """The content of the file, if there is one."""
        try:
            content = (self._folder / name).read_bytes()
        except FileNotFoundError:
            return
        yield content

    def size(self, name: str) -> int | None:
        """The bytes of the file."""
        try:
            return (self._folder / name).stat().st_size
        except FileNotFoundError:
            return None

    def named(self, prefix: str) -> list[Named]:
        """The files below, or beside, a path; those that are being written are none yet."""
        parent, _, begin = prefix.rpartition("/")
        found = [path for path in (self._folder / parent).glob(f"{begin}*") if path.name[0] != "."]
        files = [one for path in found for one in ([path] if path.is_file() else path.rglob("[!.]*")) if one.is_file()]
        return [Named(one.relative_to(self._folder).as_posix(), one.stat().st_mtime_ns) for one in sorted(files)]


def blobs_of(settings: BucketSettings, service: str, folder: Path) -> Blobs:
    """Where the documents of a service lie.

    :param folder: their folder, where there is no bucket.
    """
    access = settings.bucket()
    return BlobFolder(folder) if access is None else Bucket(access, service)
