"""What free text may hold: nothing invisible, and what looks like a person only where its sender confirms it."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ksad.contracts.free_text import looks_personal, unreadable

PERSONS = {
    "Usulan NIP 19850312 201001 1 004": "NIP",
    "198503122010011004 menyetujui": "NIP",
    "NIK 3372014509870001": "NIK",
    "warga 3372014509870001": "NIK",
    "HP 081234567890": "nomor telepon",
    "hubungi +62 812-3456-7890": "nomor telepon",
    "kirim ke budi.santoso@surakarta.go.id": "alamat surel",
    "Bapak Budi Santoso hadir": "nama orang",
    "menurut Ibu Sri": "nama orang",
    "Pak Joko sakit": "nama orang",
    "oleh Sdr. Andi": "nama orang",
    "BAPAK BUDI": "nama orang",
    "menurut Bpk. Budi": "nama orang",
    "hp (0812) 34567890": "nomor telepon",
    "０８１２３４５６７８９０": "nomor telepon",
}
NOBODY = [
    "Ibu Kota Nusantara",
    "Bapak Gubernur dan Ibu Bupati hadir",
    "nomor 100.2.2.3/1985031220100110/2026",
    "PKS/46/2021 dan 600/PKS.48-EkonSDA/2021",
    "Rp 1.250.000.000 pada 2026-08-17",
    "kompensasi dari Rp 68 miliar menjadi Rp 143 miliar",
    "bapak-bapak dan ibu rumah tangga",
    "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "00000000-0000-5000-8000-081234567890",
]


@pytest.mark.parametrize(("text", "what"), PERSONS.items())
def test_what_looks_like_a_person_is_named_with_its_place(text: str, what: str) -> None:
    """Numbers of persons, telephones, mail addresses and names behind a form of address, wherever they stand."""
    body = {"title": "Sampah", "fields": {"members": ["Sekretaris Daerah", text]}}
    assert [(one.field, one.message) for one in looks_personal(body)] == [("fields.members.1", what)]


@pytest.mark.parametrize("text", NOBODY)
def test_what_offices_write_looks_like_nobody(text: str) -> None:
    """Offices, numbers of letters, money, dates, hashes and ids are no persons."""
    assert looks_personal({"reason": text}) == []


def test_a_confirmation_holds_for_what_it_stands_in() -> None:
    """On the request for all of it, on a step of a history for that step; anything else confirms nothing."""
    text = {"reason": "Pak Budi sakit"}
    assert looks_personal(text | {"confirms": ["looks-personal"]}) == []
    assert looks_personal(text | {"confirms": ["something"]}) != []
    steps = {"steps": [text | {"confirms": ["looks-personal"]}, text]}
    assert [one.field for one in looks_personal(steps)] == ["steps.1.reason"]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("Sampah\x1b[31m", "U+001B"),
        ("Sampah\nSolo", "U+000A"),
        ("a\x00b", "U+0000"),
        ("a\x85b", "U+0085"),
        ("a\u2028b", "U+2028"),
        ("Sampah \u202egnatul", "U+202E"),
        ("a\u2066b", "U+2066"),
        ("\u200b\u200b", "terlihat"),
        ("\u00a0 ", "terlihat"),
        ("\ufeff", "terlihat"),
        ("Sampah \u200bSolo", "terlihat"),
        ("\u3164", "terlihat"),
        ("Sampah\u034f Solo", "terlihat"),
        ("Sampah\ufe0f", "terlihat"),
        ("Sampah\U000e0041", "terlihat"),
        ("Sampah\u17b4", "terlihat"),
        ("\ufff9Sampah", "terlihat"),
    ],
)
def test_signs_that_nobody_sees_are_refused(text: str, fault: str) -> None:
    """Control characters, line separators, changes of direction, and a text without one visible sign."""
    [found] = unreadable({"history": [{"title": text}]})
    assert found.field == "history.0.title"
    assert fault in found.message


@pytest.mark.parametrize(
    "text", ["", "Sampah Solo Raya", "1/KB/2026", "na\u00efve – “kutip”", "\U0010ffff", "zero\u200cwidth"]
)
def test_what_can_be_read_passes(text: str) -> None:
    """Letters of any script, signs and spaces within a text are as they are."""
    assert unreadable({"title": text}) == []


def test_a_document_has_lines() -> None:
    """The content of an adopted text has lines and whatever its author wrote, but no other control characters."""
    assert unreadable({"content": "code,name\n11,Aceh\r\n\t"}) == []
    assert looks_personal({"content": "Bapak Budi"}) == []
    assert unreadable({"content": "a\x1b"}) != []


@given(
    st.recursive(
        st.text() | st.integers() | st.none(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
    )
)
def test_any_body_is_looked_through(body: object) -> None:
    """Whatever a client sends, both questions are answered."""
    assert isinstance(unreadable(body), list)
    assert isinstance(looks_personal(body), list)


@pytest.mark.parametrize("part", ["a", "a.", "Bapak ", "1", "08", "a@", "NIP ", " ", "\u200b"])
def test_a_text_of_a_megabyte_takes_no_longer_than_it_is_long(part: str) -> None:
    """Whatever is repeated, looking through it takes one passage: nobody stops a service by a long text."""
    body = {"fields": {"title": part * (1024 * 1024 // len(part))}}
    begun = time.process_time()
    looks_personal(body)
    unreadable(body)
    assert time.process_time() - begun < 5
