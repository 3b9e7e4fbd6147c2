"""Signed notes: what is accepted is signed by a pinned key, and has one spelling."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ksad.ledger.log.errors import NoteError
from ksad.ledger.log.note import NOTE_MAX, SIGNATURES_MAX, Verifier, open_note
from ksad.reporting.checkpoints.signing import SigningKey, sign_note

KEY = SigningKey.generate("ksad/test/national")
OTHER = SigningKey.generate("witness.example")
TEXT = "ksad/test/national\n12\n\nKupang – Rote\n"


def line(name: str, blob: bytes) -> bytes:
    """A signature line with any content."""
    return f"— {name} {base64.b64encode(blob).decode()}\n".encode()


def test_a_note_opens_with_the_key_that_signed_it() -> None:
    """Text, empty lines and all, comes back with the pinned keys that signed it; other signatures count for nothing."""
    note = sign_note(TEXT, KEY, OTHER)
    assert open_note(note, [KEY.verifier]) == (TEXT, (KEY.verifier,))
    assert open_note(note, [OTHER.verifier, KEY.verifier]) == (TEXT, (KEY.verifier, OTHER.verifier))


def test_a_note_signed_by_strangers_is_refused() -> None:
    """A note without a signature of a pinned key is refused, and so is one opened with no key at all."""
    note = sign_note(TEXT, OTHER)
    for pinned in ([KEY.verifier], []):
        with pytest.raises(NoteError, match="no pinned key"):
            open_note(note, pinned)


def test_a_stranger_of_the_same_name_is_a_stranger() -> None:
    """A signature by another key under a pinned key's name is ignored, not accepted."""
    impostor = SigningKey.generate(KEY.name)
    with pytest.raises(NoteError, match="no pinned key"):
        open_note(sign_note(TEXT, impostor), [KEY.verifier])
    assert open_note(sign_note(TEXT, impostor, KEY), [KEY.verifier]).signers == (KEY.verifier,)


def test_a_false_signature_of_a_pinned_key_refuses_the_whole_note() -> None:
    """If a line claims to be of a pinned key and is not, nothing else in the note can make up for it."""
    good = sign_note(TEXT, KEY)
    for forged in (
        line(KEY.name, KEY.verifier.key_id + b"\0" * 64),
        line(KEY.name, KEY.verifier.key_id + b"\0"),
        line(OTHER.name, OTHER.verifier.key_id + b"\1" * 64),
    ):
        with pytest.raises(NoteError, match="false signature"):
            open_note(good + forged, [KEY.verifier, OTHER.verifier])


@given(st.data())
def test_no_byte_of_a_note_may_change(data: st.DataObject) -> None:
    """Changing, dropping or inserting any byte of a note makes it unreadable or unsigned."""
    note = sign_note(TEXT, KEY)
    at = data.draw(st.integers(0, len(note) - 1))
    byte = bytes([data.draw(st.integers(0, 255))])
    for forged in (note[:at] + byte + note[at + 1 :], note[:at] + note[at + 1 :], note[:at] + byte + note[at:]):
        if forged != note:
            with pytest.raises(NoteError):
                open_note(forged, [KEY.verifier])


SIGNATURE = sign_note("x\n", KEY)[3:]
ENCODED = SIGNATURE.rsplit(b" ", 1)[1].strip()


@pytest.mark.parametrize(
    "note",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"x\n", id="no signature"),
        pytest.param(b"x\n\n", id="no signature line"),
        pytest.param(b"x\n" + SIGNATURE, id="no empty line"),
        pytest.param(b"x\n\n" + SIGNATURE[:-1], id="no newline at the end"),
        pytest.param(b"x\n\n" + SIGNATURE + b"\n", id="an empty line after"),
        pytest.param(b"x\r\n\r\n" + SIGNATURE, id="carriage returns"),
        pytest.param(b"x\0\n\n" + SIGNATURE, id="a zero byte"),
        pytest.param(b"x\t\n\n" + SIGNATURE, id="a tabulator"),
        pytest.param(b"\xffx\n\n" + SIGNATURE, id="no UTF-8"),
        pytest.param(b"\xed\xa0\x80x\n\n" + SIGNATURE, id="a surrogate"),
        pytest.param(b"x\n\n" + SIGNATURE.replace("—".encode(), b"-"), id="a hyphen for the dash"),
        pytest.param(b"x\n\n" + SIGNATURE.replace("— ".encode(), "—\u00a0".encode()), id="another space"),
        pytest.param(b"x\n\n" + SIGNATURE.replace(b"ksad/", b"ksad +"), id="a plus in the name"),
        pytest.param(b"x\n\n" + SIGNATURE.replace(b"ksad/", "ksad\u2003".encode()), id="a space in the name"),
        pytest.param(b"x\n\n" + SIGNATURE.replace(KEY.name.encode(), b""), id="no name"),
        pytest.param(b"x\n\n" + SIGNATURE.replace(ENCODED, b""), id="no signature bytes"),
        pytest.param(b"x\n\n" + line("a", b"1234"), id="only a key id"),
        pytest.param(b"x\n\n" + SIGNATURE.replace(ENCODED, ENCODED.rstrip(b"=")), id="padding short"),
        pytest.param(b"x\n\n" + SIGNATURE.replace(ENCODED, ENCODED + b"="), id="padding long"),
        pytest.param(b"x\n\n" + SIGNATURE.replace(ENCODED, ENCODED[:9] + b"\n" + ENCODED[9:]), id="broken base64"),
        pytest.param(b"x\n\n" + SIGNATURE.replace(ENCODED, ENCODED[:9] + b" " + ENCODED[9:]), id="spaced base64"),
        pytest.param(b"x\n\n" + SIGNATURE * (SIGNATURES_MAX + 1), id="too many signatures"),
        pytest.param(b"x" * NOTE_MAX + b"\n\n" + SIGNATURE, id="too large"),
    ],
)
def test_a_malformed_note_is_refused(note: bytes) -> None:
    """Whatever is not exactly a note is refused, before any signature in it is believed."""
    assert open_note(b"x\n\n" + SIGNATURE, [KEY.verifier])
    with pytest.raises(NoteError):
        open_note(note, [KEY.verifier])


@pytest.mark.parametrize(
    "text", [b"x\0\n", b"x\ty\n", b"x\r\n", b"\x1b[2Jx\n", b"\xffx\n", b"\xed\xa0\x80x\n", b"x" * NOTE_MAX + b"\n"]
)
def test_a_malformed_text_is_refused_even_if_it_is_signed(text: bytes) -> None:
    """Control characters, what is no UTF-8 and what is too large are refused under a good signature too."""
    assert open_note(b"x\n\n" + KEY.line(b"x\n").encode(), [KEY.verifier])
    with pytest.raises(NoteError):
        open_note(text + b"\n" + KEY.line(text).encode(), [KEY.verifier])


@pytest.mark.fault("bug-reports 33")
@pytest.mark.parametrize("note", [b"\xef\xbb\xbfx\n\n" + SIGNATURE, (b"x\n\n" + SIGNATURE).replace(b"\n", b"\r\n")])
def test_a_note_that_an_editor_has_saved_is_told(note: bytes) -> None:
    """A kept checkpoint with a byte order mark or line ends of Windows is refused with what to do."""
    with pytest.raises(NoteError, match="lines end with LF, not as on Windows: save the file as it was given"):
        open_note(note, [KEY.verifier])


def test_base64_has_one_spelling() -> None:
    """Bits that Base64 does not use must be zero: the same signature spelt otherwise is refused."""
    blob = KEY.verifier.key_id + b"\0" * 64  # 68 bytes leave four unused bits before the padding.
    canonical = base64.b64encode(blob).decode()
    assert canonical.endswith("AA=")
    spelt_otherwise = canonical[:-2] + "B="
    assert base64.b64decode(spelt_otherwise) == blob
    stranger = f"x\n\n— {KEY.name} {ENCODED.decode()}\n— stranger {{}}\n"
    assert open_note(stranger.format(canonical).encode(), [KEY.verifier])
    with pytest.raises(NoteError, match="malformed"):
        open_note(stranger.format(spelt_otherwise).encode(), [KEY.verifier])


def test_as_many_signatures_as_the_format_asks_for_are_read() -> None:
    """At least 16 signatures, and up to our limit, of strangers do not keep a note from being opened."""
    strangers = b"".join(line(f"s{number}", b"1234" + b"\0" * 3000) for number in range(16))
    assert open_note(b"x\n\n" + strangers + SIGNATURE, [KEY.verifier])
    assert open_note(b"x\n\n" + SIGNATURE * SIGNATURES_MAX, [KEY.verifier])


@pytest.mark.parametrize("text", ["", "x", "x\r\n", "a\tb\n", "\ud800\n", "x" * NOTE_MAX + "\n"])
def test_only_a_text_that_can_be_opened_is_signed(text: str) -> None:
    """A text without a final newline, with control characters, no Unicode or too large is never signed."""
    with pytest.raises(NoteError):
        sign_note(text, KEY)


def test_a_note_needs_a_signature() -> None:
    """Signing with no key, or with more than a reader takes, is refused."""
    for keys in ([], [KEY] * (SIGNATURES_MAX + 1)):
        with pytest.raises(NoteError, match="signatures"):
            sign_note(TEXT, *keys)


def test_keys_that_look_alike_are_refused() -> None:
    """Two pinned keys with one name and one hash are refused: one of them was made to match."""

    class Collides(Verifier):
        key_id = KEY.verifier.key_id

    with pytest.raises(NoteError, match="look like"):
        open_note(sign_note(TEXT, KEY), [KEY.verifier, Collides(KEY.name, b"\1" * 32)])
