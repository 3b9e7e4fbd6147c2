"""Content-addressed storage of documents: each is a blob named by its SHA-256.

Size and media type are those recorded at the upload. A command that states others is refused, because its statement
would remain in the log.
"""

from __future__ import annotations

import hashlib
import re
from contextlib import contextmanager
from itertools import islice
from types import MappingProxyType
from typing import TYPE_CHECKING, Self

import orjson

from ksad.chassis.blobs import BlobFolder, Blobs, blobs_of
from ksad.chassis.cited import EMPTY, TYPE_MAX, CitedDocuments, KeptDocument, is_media_type
from ksad.chassis.file_kinds import check_bytes
from ksad.chassis.receiving import Label, Receipt, receiving
from ksad.contracts.catalogue import DocumentRef
from ksad.contracts.rules import RefusalKind, RuleBrokenError
from ksad.contracts.sight import team_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from ksad.chassis.settings import Settings

NONE: Mapping[str, Path | None] = MappingProxyType({})
SIZE_MAX = 50 * 1024 * 1024
DIGEST = re.compile(r"[0-9a-f]{64}")
OCTETS = "application/octet-stream"
TYPES = "types"
UPLOADERS = "uploaders"
LABELS = "labels"
SHARES = "shares"
"""By office, one empty file for each document that it has uploaded, named by hash and size."""
MEBIBYTE = 1024 * 1024


class NoDocumentError(LookupError):
    """There is no document with this hash, or its file was altered."""


class UnkeptError(OSError):
    """A document could not be stored, usually because the disk is full. No part of it remains."""


def reference_to(content: bytes, media_type: str) -> DocumentRef:
    """How facts name a document with these bytes, whether it is stored or not."""
    return DocumentRef(sha256=hashlib.sha256(content).hexdigest(), size=len(content), media_type=media_type)


class Documents:
    """The documents of one service.

    :param folder: where they lie, and those that are on their way in.
    :param quota: how many bytes one office may upload in all; ``None`` for any number.
    :param blobs: where they lie instead; then the folder has only those on their way.
    :param others: documents of other services, of which an office may cite its own here.
    """

    def __init__(
        self,
        folder: Path,
        quota: int | None = None,
        blobs: Blobs | None = None,
        others: Sequence[Documents] = (),
    ) -> None:
        self._others = others
        self._folder = folder
        self._quota = quota
        self._blobs = BlobFolder(folder) if blobs is None else blobs

    @classmethod
    def from_settings(cls, settings: Settings, service: str, others: Mapping[str, Path | None] = NONE) -> Self:
        """The documents of a service, with as much room for each office as its settings say.

        :param others: other services, whose own documents an office may cite here, with their folders; those without a
            folder count only where all documents are in one bucket.
        """
        folder, quota = settings.documents_dir, settings.documents_quota_mib
        known = {name: path or folder for name, path in others.items() if path is not None or settings.documents_bucket}
        beside = [Documents(path, blobs=blobs_of(settings, name, path)) for name, path in known.items()]
        room = None if quota is None else quota * MEBIBYTE
        return cls(folder, room, blobs_of(settings, service, folder), beside)

    def put(self, content: bytes, media_type: str, by: str | None = None) -> DocumentRef:
        """Stores a document durably and atomically; equal contents are one file.

        :param by: the office that uploads it; None: the platform made it.
        :raises ValueError: it is larger than 50 MiB, or the media type is malformed.
        :raises UnkeptError: it could not be written.
        """
        if len(content) > SIZE_MAX:
            message = f"a document of {len(content)} bytes is larger than {SIZE_MAX}"
            raise ValueError(message)
        if not is_media_type(media_type):
            message = f"{media_type[:TYPE_MAX]!r} is no media type"
            raise ValueError(message)
        reference = reference_to(content, media_type)
        sha256 = reference.sha256
        try:
            self._blobs.keep(name_of(sha256), content)
            self._blobs.keep(_said_name(TYPES, sha256, media_type), media_type.encode())
            if by is not None:
                self._blobs.keep(_said_name(UPLOADERS, sha256, by), by.encode())
        except OSError as error:
            raise UnkeptError(*error.args) from error
        return reference

    @contextmanager
    def receiving(self) -> Iterator[Receipt]:
        """A document that comes in part by part; :meth:`take` keeps it, otherwise nothing of it stays.

        :raises UnkeptError: what has come could not be written.
        """
        try:
            with receiving(self._folder) as receipt:
                yield receipt
        except OSError as error:
            raise UnkeptError(*error.args) from error

    def take(self, receipt: Receipt, media_type: str, by: str, label: Label) -> DocumentRef:
        """Keeps a received document durably; equal contents are one file.

        :param by: the office that uploads it.
        :raises RuleBrokenError: it is empty, is not of the kind that its media type says, or there is no room for it.
        :raises UnkeptError: it could not be written.
        """
        if not receipt.size:
            raise RuleBrokenError("document-filled", EMPTY)
        check_bytes(receipt.file, media_type)
        sha256 = receipt.sha256
        shares, share = f"{SHARES}/{_hashed(by)}/", f"{sha256}-{receipt.size}"
        try:
            self._check_quota(shares, share, receipt.size)
            receipt.sync()
            self._blobs.settle(name_of(sha256), receipt.path)
            self._blobs.keep(_said_name(TYPES, sha256, media_type), media_type.encode())
            self._blobs.keep(_said_name(UPLOADERS, sha256, by), by.encode())
            if any(label):
                self._blobs.keep(_said_name(LABELS, sha256, by), orjson.dumps(label._asdict()))
            self._blobs.keep(shares + share, b"")
        except OSError as error:
            raise UnkeptError(*error.args) from error
        return DocumentRef(sha256=sha256, size=receipt.size, media_type=media_type)

    def _check_quota(self, shares: str, share: str, size: int) -> None:
        if self._quota is None or self._blobs.size(shares + share) is not None:
            return
        used = sum(int(known.name.rpartition("-")[2]) for known in self._blobs.named(shares))
        if used + size > self._quota:
            detail = (
                f"Kantor Anda telah mengunggah {used // MEBIBYTE} MB dari {self._quota // MEBIBYTE} MB."
                " Mintalah ruang tambahan kepada pengelola."
            )
            raise RuleBrokenError("document-quota", detail, kind=RefusalKind.CONFLICT)

    def label(self, sha256: str) -> Label:
        """How a document is called by the office that has uploaded it first."""
        said = self._blobs.named(f"{LABELS}/{sha256}/")
        if not said:
            return Label()
        first = min(said, key=lambda one: (one.kept_ns, one.name))
        return Label(**orjson.loads(next(self._blobs.versions(first.name))))

    def _said(self, what: str, sha256: str) -> set[str]:
        named = self._blobs.named(f"{what}/{sha256}/")
        return {content.decode() for one in named for content in islice(self._blobs.versions(one.name), 1)}

    def get(self, sha256: str) -> bytes:
        """The bytes of a document. Where it was hidden or covered by others and is still kept, it is found.

        :raises NoDocumentError: there is none, or its file was altered.
        :raises BucketAwayError: the bucket does not answer.
        """
        content = self.as_kept(sha256)
        if hashlib.sha256(content).hexdigest() != sha256:
            message = f"{sha256}: the file was changed"
            raise NoDocumentError(message)
        return content

    def as_kept(self, sha256: str) -> bytes:
        """The bytes that were kept as a document; those of an altered file, if no others are left.

        :raises NoDocumentError: there is none.
        """
        newest = None
        for content in self._blobs.versions(name_of(sha256)):
            if hashlib.sha256(content).hexdigest() == sha256:
                return content
            newest = content if newest is None else newest
        if newest is None:
            raise NoDocumentError(sha256)
        return newest

    def has(self, sha256: str) -> bool:
        """Whether a document is stored.

        :raises NoDocumentError: the text is not a SHA-256.
        """
        return self._blobs.size(name_of(sha256)) is not None

    def types(self, sha256: str) -> set[str]:
        """The media types with which a document was uploaded; empty if it came from a restored archive."""
        return self._said(TYPES, sha256)

    def uploaders(self, sha256: str) -> set[str]:
        """The offices that have uploaded a document; empty if the platform made it, or it came from an archive."""
        return self._said(UPLOADERS, sha256)

    def look_up(self, refs: Iterable[DocumentRef], office: str, *, trial: bool = False) -> CitedDocuments:
        """What is stored of documents that an office wants to cite.

        Asked before a command's transaction, in which others wait: a bucket may take seconds to answer. One that the
        office's side has uploaded to another service only, comes here.

        :param trial: nothing is to be recorded, so nothing comes here.
        :raises BucketAwayError: the bucket does not answer.
        :raises UnkeptError: a document of another service could not be written.
        """
        return CitedDocuments({sha256: self._found(sha256, office, trial) for sha256 in {ref.sha256 for ref in refs}})

    def _found(self, sha256: str, office: str, trial: bool) -> KeptDocument:  # noqa: FBT001 - passed on
        found = self.kept(sha256, office)
        for other in () if found.own else self._others:
            there = other.kept(sha256, office)
            if there.own and there.size is not None:
                if trial:
                    return there
                try:
                    self._take_over(other, sha256)
                except NoDocumentError:  # Its bytes are others by now: it counts as one that nobody has uploaded.
                    continue
                return self.kept(sha256, office)
        return found

    def kept(self, sha256: str, office: str) -> KeptDocument:
        """What is stored of a document here."""
        own = team_of(office) in map(team_of, self.uploaders(sha256))
        return KeptDocument(self._blobs.size(name_of(sha256)), self.types(sha256), own)

    def uploads(self, sha256: str) -> Iterator[tuple[str, bytes]]:
        """What is stored of a document's uploads beside it, by name: types, offices and labels, the first first."""
        for what in (TYPES, UPLOADERS, LABELS):
            for one in sorted(self._blobs.named(f"{what}/{sha256}/"), key=lambda one: (one.kept_ns, one.name)):
                for content in islice(self._blobs.versions(one.name), 1):
                    yield one.name, content

    def _take_over(self, other: Documents, sha256: str) -> None:
        """Keeps a document of another service, with its types, its uploaders and what it is called.

        It is the same upload, so nobody's room is used again.

        :raises NoDocumentError: it is not there as it was uploaded.
        :raises UnkeptError: it could not be written.
        """
        content = other.get(sha256)
        try:
            self._blobs.keep(name_of(sha256), content)
            for name, said in other.uploads(sha256):
                self._blobs.keep(name, said)
        except OSError as error:
            raise UnkeptError(*error.args) from error

    def every(self) -> Iterator[str]:
        """The SHA-256 of all documents, in ascending order."""
        for begin in range(256):
            for one in self._blobs.named(f"{begin:02x}/"):
                if DIGEST.fullmatch(one.name.replace("/", "", 1)):
                    yield one.name.replace("/", "", 1)


def name_of(sha256: str) -> str:
    """The name under which a document lies.

    :raises NoDocumentError: the text is not a SHA-256.
    """
    if not DIGEST.fullmatch(sha256):
        raise NoDocumentError(sha256)
    return f"{sha256[:2]}/{sha256[2:]}"


def _said_name(what: str, sha256: str, said: str) -> str:
    return f"{what}/{sha256}/{_hashed(said)}"


def _hashed(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
