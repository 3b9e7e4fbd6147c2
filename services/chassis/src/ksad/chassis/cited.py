"""Documents that a command cites, as they were stored before its transaction."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from ksad.contracts.rules import RuleBrokenError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from ksad.contracts.catalogue import DocumentRef

TYPE_MAX = 100
_NAME = r"[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,62}"
_VALUE = r'(?:[A-Za-z0-9!#$&^_.+-]+|"[ !#-\x5b\x5d-\x7e]*")'
MEDIA_TYPE = re.compile(rf"{_NAME}/{_NAME}(?: ?; ?{_NAME}={_VALUE})*")
EMPTY = "Berkas yang diunggah kosong. Periksa berkasnya, lalu unggah lagi."


def is_media_type(text: str) -> bool:
    """Whether a text is a media type (RFC 9110, 8.3.1) of at most 100 characters."""
    return len(text) <= TYPE_MAX and MEDIA_TYPE.fullmatch(text) is not None


class KeptDocument(NamedTuple):
    """What is stored of a document: its bytes, the media types of its uploads, and whether the office's side did one.

    The size is ``None`` where it is not stored.
    """

    size: int | None
    types: set[str]
    own: bool


class CitedDocuments:
    """Documents that a command cites, as they were stored before its transaction."""

    def __init__(self, kept: Mapping[str, KeptDocument]) -> None:
        self._kept = kept

    @property
    def are_own(self) -> bool:
        """Whether all were uploaded by the office, or by another one of its side."""
        return all(one.own for one in self._kept.values())

    def check(self, refs: Iterable[DocumentRef], seen: Collection[str]) -> None:
        """Checks the references of the command, of which all were looked up.

        :param seen: the hashes of documents that the office may cite although another side has uploaded them.
        :raises RuleBrokenError: a document is not stored, is not the caller's to cite, is empty, or has another size or
            media type.
        """
        for ref in refs:
            size, types, own = self._kept[ref.sha256]
            # That it is there tells nothing to who has only heard of its hash.
            if size is None or not (own or ref.sha256 in seen):
                detail = "Dokumen yang disebut belum diunggah oleh kantor Anda. Unggah berkasnya, lalu lampirkan."
                raise RuleBrokenError("document-known", detail, sha256=ref.sha256)
            known = ref.media_type in types if types else is_media_type(ref.media_type)
            if size == 0:
                raise RuleBrokenError("document-filled", EMPTY, sha256=ref.sha256)
            if ref.size != size or not known:
                detail = (
                    f"Dokumen yang disebut berukuran {size} byte dan berjenis {' atau '.join(sorted(types))}."
                    " Sebutkan ukuran dan jenis seperti jawaban unggahannya."
                )
                raise RuleBrokenError("document-as-stored", detail, sha256=ref.sha256, size=size, media_types=types)
