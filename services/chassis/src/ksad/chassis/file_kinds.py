"""Whether the bytes of a file are of the kind that its media type says.

The first bytes decide (``puremagic``); an office file is a ZIP archive, whose members are looked at as well: which
document it says it is, whether the parts are there that it names, and how many they are and how large when unpacked.
A media type that is not listed here says nothing that could be checked.
"""

from __future__ import annotations

import lzma
import struct
import zipfile
import zlib
from typing import IO, TYPE_CHECKING, Never
from xml.etree import ElementTree as ET

import puremagic

from ksad.contracts.rules import RuleBrokenError

if TYPE_CHECKING:
    from collections.abc import Callable

HEAD_BYTES = 2_048
MEMBERS_MAX = 10_000
UNPACKED_MAX = 500 * 1024 * 1024
TYPES_MAX = 1024 * 1024
"""The most bytes of the member that lists the others."""
PART_BYTES = 1024 * 1024
MEMBER_MARK = b"PK\x01\x02"
"""With which each entry of an archive's directory begins (APPNOTE.TXT, 4.3.12)."""
_OOXML = "application/vnd.openxmlformats-officedocument."
_ODF = "application/vnd.oasis.opendocument."
_PARTS = "{http://schemas.openxmlformats.org/package/2006/content-types}Override"
SIMPLE = {
    "application/pdf": "PDF",
    "image/jpeg": "gambar JPEG",
    "image/png": "gambar PNG",
    "image/tiff": "gambar TIFF",
    "image/webp": "gambar WebP",
}
OLDER = {"application/msword": "Word", "application/vnd.ms-excel": "Excel"}
"""Kinds of before 2007, which share one container; which program wrote it is not in its first bytes."""
DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    OSError,
    EOFError,
    RuntimeError,
    OverflowError,
    ValueError,
    LookupError,
    ET.ParseError,
)
"""What reading a damaged archive, or a damaged list of its parts, raises."""
OLDER_HEAD = bytes.fromhex("d0cf11e0a1b11ae1")
OOXML = {f"{_OOXML}wordprocessingml.document": "Word", f"{_OOXML}spreadsheetml.sheet": "Excel"}
ODF = {f"{_ODF}text": "OpenDocument", f"{_ODF}spreadsheet": "OpenDocument"}


def check_bytes(file: IO[bytes], media_type: str) -> None:
    """Checks that a file is of the kind that its media type says.

    :param file: readable and seekable; its position changes.
    :raises RuleBrokenError: it is of another kind, damaged, or unpacks to more than an office file does.
    """
    kind = media_type.partition(";")[0].strip().lower()
    names = SIMPLE | OLDER | OOXML | ODF
    if kind not in names:
        return
    file.seek(0)
    head = file.read(HEAD_BYTES)
    if kind in SIMPLE:
        right = kind in _mime_types(head)
    elif kind in OLDER:
        right = head.startswith(OLDER_HEAD)
    else:
        right = _holds(file, kind)
    if not right:
        detail = f"Isi berkas ini bukan {names[kind]}, atau rusak. Periksa berkasnya, lalu unggah lagi."
        raise RuleBrokenError("document-is-its-type", detail, media_type=media_type)


def _mime_types(head: bytes) -> set[str]:
    try:
        return {one.mime_type for one in puremagic.magic_string(head)}
    except (puremagic.PureError, ValueError):
        return set()


def _holds(file: IO[bytes], kind: str) -> bool:
    """Whether an archive is an office file of a kind."""
    look: Callable[[zipfile.ZipFile, str], bool] = _is_ooxml if kind in OOXML else _is_odf
    # Before the archive is opened, which reads its whole directory: that of 50 MiB would take 600 MB of memory.
    if _marks(file) > MEMBERS_MAX:
        raise _unpacks()
    try:
        with zipfile.ZipFile(file) as archive:
            if sum(one.file_size for one in archive.infolist()) > UNPACKED_MAX:
                raise _unpacks()
            return look(archive, kind)
    except DAMAGED:
        return False


def _marks(file: IO[bytes]) -> int:
    """How many members an archive has at most: its directory has no more entries than there are marks in the file."""
    file.seek(0)
    count, tail = 0, b""
    while part := file.read(PART_BYTES):
        part = tail + part
        count += part.count(MEMBER_MARK)
        tail = part[1 - len(MEMBER_MARK) :]
    return count


def _unpacks() -> RuleBrokenError:
    detail = (
        f"Berkas ini berisi lebih dari {MEMBERS_MAX:,} bagian, atau lebih dari 500 MB setelah dibuka."
        " Simpan naskahnya sebagai PDF, lalu unggah lagi."
    ).replace(",", ".", 1)
    return RuleBrokenError("document-unpacks", detail)


class _PartList(ET.TreeBuilder):
    """Reads a list of parts; it has no document type, and only one could make a small text grow when it is read."""

    def doctype(self, *_: object) -> Never:
        """Called at a document type, in whatever encoding the text is.

        :raises ET.ParseError: always.
        """
        raise ET.ParseError("a list of parts has no document type")


def _is_ooxml(archive: zipfile.ZipFile, kind: str) -> bool:
    """Whether the list of parts names a document of the kind, and parts that are there (ECMA-376, part 2, 10.1.2)."""
    text = _member(archive, "[Content_Types].xml")
    if text is None:
        return False
    root = ET.fromstring(text, ET.XMLParser(target=_PartList()))  # noqa: S314 - no DTD
    parts = {one.get("PartName", ""): one.get("ContentType") for one in root.iter(_PARTS)}
    names = set(archive.namelist())
    return f"{kind}.main+xml" in parts.values() and all(part.removeprefix("/") in names for part in parts)


def _is_odf(archive: zipfile.ZipFile, kind: str) -> bool:
    """Whether the first member says the kind (OpenDocument 1.3, part 2, 3.3), and there is a content."""
    names = archive.namelist()
    return names[:1] == ["mimetype"] and _member(archive, "mimetype") == kind.encode() and "content.xml" in names


def _member(archive: zipfile.ZipFile, name: str) -> bytes | None:
    if name not in archive.namelist() or archive.getinfo(name).file_size > TYPES_MAX:
        return None
    with archive.open(name) as member:
        return member.read(TYPES_MAX)
