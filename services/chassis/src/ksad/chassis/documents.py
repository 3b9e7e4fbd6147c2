"""Content-addressed documents beside a store: a file named by the SHA-256 of what is in it."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

from ksad.chassis import durable
from ksad.contracts.catalogue import DocumentRef

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SIZE_MAX = 50 * 1024 * 1024
DIGEST = re.compile(r"[0-9a-f]{64}")


class NoDocumentError(LookupError):
    """No document of this hash is here, or its bytes no longer have this hash."""


class Documents:
    """The documents of one service."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def _path(self, sha256: str) -> Path:
        if not DIGEST.fullmatch(sha256):
            raise NoDocumentError(sha256)
        return self._folder / sha256[:2] / sha256[2:]

    def put(self, content: bytes, media_type: str) -> DocumentRef:
        """Keep a document, durably and whole; the same bytes twice are one file.

        :raises ValueError: it is larger than 50 MiB.
        """
        if len(content) > SIZE_MAX:
            message = f"a document of {len(content)} bytes is larger than {SIZE_MAX}"
            raise ValueError(message)
        sha256 = hashlib.sha256(content).hexdigest()
        path = self._path(sha256)
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            durable.replace(path, content, durable.PRIVATE)
        return DocumentRef(sha256=sha256, size=len(content), media_type=media_type)

    def get(self, sha256: str) -> bytes:
        """A document's bytes.

        :raises NoDocumentError: it is not here, or was changed.
        """
        try:
            content = self._path(sha256).read_bytes()
        except FileNotFoundError as error:
            raise NoDocumentError(sha256) from error
        if hashlib.sha256(content).hexdigest() != sha256:
            message = f"{sha256}: the file was changed"
            raise NoDocumentError(message)
        return content

    def has(self, sha256: str) -> bool:
        """Whether a document is here."""
        return self._path(sha256).exists()

    def every(self) -> Iterator[str]:
        """The hashes of all documents, in order."""
        for folder in sorted(self._folder.glob("[0-9a-f][0-9a-f]")):
            for path in sorted(folder.iterdir()):
                if DIGEST.fullmatch(folder.name + path.name):
                    yield folder.name + path.name
