"""What a file says to be it has to be: its first bytes, and the members of an office file, are looked at."""

import io
import zipfile
from collections.abc import Mapping
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ksad.chassis import file_kinds
from ksad.chassis.file_kinds import OLDER, OOXML, SIMPLE, check_bytes
from ksad.contracts.rules import RuleBrokenError

WORD, EXCEL = OOXML
ODT = "application/vnd.oasis.opendocument.text"
PART = '<Override PartName="{}" ContentType="{}.main+xml"/>'
NAMESPACE = "http://schemas.openxmlformats.org/package/2006/content-types"


def packed(members: Mapping[str, str], encoding: str = "utf-8") -> bytes:
    """A ZIP archive of texts."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in members.items():
            archive.writestr(name, text.encode(encoding))
    return made.getvalue()


def office(kind: str, part: str, **more: str) -> bytes:
    """An office file whose list names one part, with members beside it."""
    listed = f'<Types xmlns="{NAMESPACE}">{PART.format(part, kind)}</Types>'
    return packed({"[Content_Types].xml": listed, **more})


RIGHT: dict[str, tuple[str, bytes]] = {
    "pdf": ("application/pdf", b"%PDF-1.7\n..."),
    "pdf with parameters": ("Application/PDF; version=1.7", b"%PDF-1.7\n..."),
    "jpeg": ("image/jpeg", bytes.fromhex("ffd8ffe000104a46494600")),
    "photograph": ("image/jpeg", bytes.fromhex("ffd8ffe1") + b"\x00\x10Exif\x00\x00MM"),
    "png": ("image/png", b"\x89PNG\r\n\x1a\n" + bytes(20)),
    "tiff": ("image/tiff", b"II*\x00" + bytes(20)),
    "webp": ("image/webp", b"RIFF\x20\x00\x00\x00WEBPVP8 "),
    "doc": ("application/msword", bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600)),
    "docx": (WORD, office(WORD, "/word/document.xml", **{"word/document.xml": "<a/>"})),
    "xlsx": (EXCEL, office(EXCEL, "/xl/workbook.xml", **{"xl/workbook.xml": "<a/>"})),
    "odt": (ODT, packed({"mimetype": ODT, "content.xml": "<a/>"})),
    "a text, which says nothing that can be checked": ("text/plain", b"naskah"),
}
WRONG: dict[str, tuple[str, bytes]] = {
    "a text as PDF": ("application/pdf", b"naskah"),
    "a page as PDF": ("application/pdf", b"<html><script>alert(1)</script>"),
    "a picture as another": ("image/png", RIGHT["jpeg"][1]),
    "a PDF as Word": (WORD, RIGHT["pdf"][1]),
    "any archive as Word": (WORD, packed({"a": "b"})),
    "a spreadsheet as Word": (WORD, RIGHT["xlsx"][1]),
    "a list of parts that are not there": (WORD, office(WORD, "/word/document.xml")),
    "a list with a document type": (
        WORD,
        packed({"[Content_Types].xml": f'<!DOCTYPE a [<!ENTITY b "c">]><Types xmlns="{NAMESPACE}"/>'}),
    ),
    "a list with a document type in another encoding": (
        WORD,
        packed(
            {
                "[Content_Types].xml": '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE Types [<!ENTITY b "/a">]>'
                f'<Types xmlns="{NAMESPACE}">{PART.format("&b;", WORD)}</Types>',
                "a": "",
            },
            "utf-16",
        ),
    ),
    "a list in an unknown encoding": (
        WORD,
        packed({"[Content_Types].xml": f'<?xml version="1.0" encoding="nama"?><Types xmlns="{NAMESPACE}"/>'}),
    ),
    "an archive whose first member does not unpack": (
        WORD,
        (docx := office(WORD, "/a", a=""))[:49] + b"\xff" * 20 + docx[69:],
    ),
    "an archive whose directory lies before its beginning": (
        WORD,
        docx[: (end := docx.rfind(b"PK\x05\x06")) + 16] + b"\xff" * 4 + docx[end + 20 :],
    ),
    "a list that is no XML": (WORD, packed({"[Content_Types].xml": "<Types"})),
    "a spoilt archive": (WORD, RIGHT["docx"][1][:40]),
    "a text as OpenDocument": (ODT, packed({"content.xml": "<a/>", "mimetype": ODT})),
    "a new file as an old one": ("application/vnd.ms-excel", RIGHT["xlsx"][1]),
}


NAMES = ("PDF", "gambar PNG", "Word", "Excel", "OpenDocument")


@pytest.mark.parametrize("name", RIGHT)
def test_a_file_of_its_kind_is_taken(name: str) -> None:
    """Scans and office files as programs write them; what has no listed kind is not looked at."""
    media_type, content = RIGHT[name]
    check_bytes(io.BytesIO(content), media_type)


@pytest.mark.parametrize("name", WRONG)
def test_a_file_of_another_kind_is_refused(name: str) -> None:
    """Whatever it is called; the sentence says which kind it is not, as people call it."""
    media_type, content = WRONG[name]
    with pytest.raises(RuleBrokenError, match=rf"Isi berkas ini bukan ({'|'.join(NAMES)}), atau rusak\.") as caught:
        check_bytes(io.BytesIO(content), media_type)
    assert caught.value.rule == "document-is-its-type"


def test_an_archive_that_grows_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """By the number of its members and by their size when unpacked, before any is unpacked."""
    many = office(WORD, "/a", a="x", **{f"m{number}": "" for number in range(20)})
    large = office(WORD, "/a", a="0" * 100_000)
    assert len(large) < 1_000
    check_bytes(io.BytesIO(many), WORD)
    monkeypatch.setattr(file_kinds, "MEMBERS_MAX", 20)
    monkeypatch.setattr(file_kinds, "UNPACKED_MAX", 99_999)
    for content in (many, large):
        with pytest.raises(RuleBrokenError, match="Simpan naskahnya sebagai PDF") as caught:
            check_bytes(io.BytesIO(content), WORD)
        assert caught.value.rule == "document-unpacks"


def test_an_archive_of_very_many_members_is_not_opened() -> None:
    """The entries of its directory are counted, one that lies across two parts as well; nothing else of it is there."""
    content = bytes(file_kinds.PART_BYTES - 2) + file_kinds.MEMBER_MARK * (file_kinds.MEMBERS_MAX + 1)
    with pytest.raises(RuleBrokenError) as caught:
        check_bytes(io.BytesIO(content), WORD)
    assert caught.value.rule == "document-unpacks"
    with pytest.raises(RuleBrokenError) as caught:
        check_bytes(io.BytesIO(content[: -len(file_kinds.MEMBER_MARK)]), WORD)
    assert caught.value.rule == "document-is-its-type"


@given(st.binary(max_size=300), st.sampled_from([*SIMPLE, *OLDER, *OOXML, ODT]), st.integers(0, 300))
def test_any_bytes_are_judged(content: bytes, media_type: str, cut: int) -> None:
    """Whatever bytes come, also a cut office file with others behind it, they are of the kind or they are refused."""
    for one in (content, RIGHT["docx"][1][:cut] + content, content + RIGHT["docx"][1]):
        with suppress(RuleBrokenError):
            check_bytes(io.BytesIO(one), media_type)
