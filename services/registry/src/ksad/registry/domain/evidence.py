"""What a paper is that proves a fact: a scan or an office file, and no page or text that anybody types."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ksad.contracts.rules import RuleBrokenError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ksad.contracts.catalogue import DocumentRef

_OOXML = "application/vnd.openxmlformats-officedocument"
KINDS = frozenset(
    {
        "application/pdf",
        "image/jpeg",
        "image/png",
        "image/tiff",
        "image/webp",
        "application/msword",
        "application/vnd.ms-excel",
        f"{_OOXML}.wordprocessingml.document",
        f"{_OOXML}.spreadsheetml.sheet",
        "application/vnd.oasis.opendocument.text",
        "application/vnd.oasis.opendocument.spreadsheet",
    }
)
"""Media types of scans and office files."""


def check_kinds(refs: Iterable[DocumentRef]) -> None:
    """Checks that what a command names as its paper can be one.

    :raises RuleBrokenError: it is of another kind.
    """
    for ref in refs:
        if ref.media_type.partition(";")[0].strip().lower() not in KINDS:
            detail = "Lampirkan naskah sebagai PDF, gambar hasil pindai, atau berkas Word, Excel, atau OpenDocument."
            raise RuleBrokenError("document-is-paper", detail, media_type=ref.media_type)
