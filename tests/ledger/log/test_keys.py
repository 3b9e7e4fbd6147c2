"""Keys: their text forms, and the files they are kept in."""

import base64
from datetime import date
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ksad.ledger.log.errors import NoteError
from ksad.ledger.log.keys import Validity, read_public
from ksad.ledger.log.note import Verifier
from ksad.reporting.checkpoints.keys import create_key, load_key, write_public
from ksad.reporting.checkpoints.signing import SigningKey

KEY = SigningKey("ksad/test/national", Ed25519PrivateKey.from_private_bytes(b"\5" * 32))


def vkey(name: str = "a", kind: bytes = b"\x01", public: bytes = b"\7" * 32) -> str:
    """A public key in a line, with the hash that belongs to it."""
    key_id = sha256(name.encode(errors="surrogatepass") + b"\n" + kind + public).hexdigest()[:8]
    return f"{name}+{key_id}+{base64.b64encode(kind + public).decode()}"


def test_a_public_key_is_one_line_that_reads_back() -> None:
    """`name+hash+base64(01 || key)`, the hash being the first four bytes of SHA-256(name, newline, 01, key)."""
    assert KEY.verifier.vkey == vkey(KEY.name, public=KEY.verifier.public)
    assert Verifier.parse(KEY.verifier.vkey) == KEY.verifier


def test_a_private_key_reads_back_and_is_not_shown() -> None:
    """A private key's line gives the same key; no text that Python makes of the object, nor an error, contains it."""
    seed = KEY.secret.rsplit("+", 1)[1]
    assert SigningKey.parse(KEY.secret).verifier == KEY.verifier
    assert seed not in repr(KEY) + str(KEY)
    with pytest.raises(NoteError) as refused:
        SigningKey.parse(KEY.secret + "=")
    assert seed not in str(refused.value)


@pytest.mark.parametrize(
    "line",
    [
        "",
        "+",
        "a+b",
        vkey("a b"),
        vkey("a\u00a0b"),
        vkey("a\nb"),
        vkey("a\0b"),
        vkey(""),
        vkey("\ud800"),
        vkey(kind=b"\x02"),
        vkey(kind=b"\x04"),
        vkey(public=b"\7" * 31),
        vkey(public=b"\7" * 33),
        vkey() + "=",
        vkey() + "\n",
        " " + vkey(),
        vkey().replace("a+", "b+"),
        vkey().replace("+", "+0", 1),
        vkey().upper().replace("A+", "a+", 1),
        pytest.param(vkey() + "A" * 1_000_000, id="a million letters"),
    ],
)
def test_a_malformed_public_key_is_refused(line: str) -> None:
    """A key of another kind or length, with a bad name or a hash that is not its own, is refused."""
    assert Verifier.parse(vkey())
    with pytest.raises(NoteError):
        Verifier.parse(line)


@pytest.mark.parametrize("line", ["", "PRIVATE+KEY+", vkey(), f"PRIVATE+KEY+{vkey()}", f"PRIVATE+{KEY.secret}"])
def test_a_malformed_private_key_is_refused(line: str) -> None:
    """What is not exactly a private key, or does not fit its hash, is refused."""
    with pytest.raises(NoteError):
        SigningKey.parse(line)


def test_a_private_key_is_its_owners_alone_and_written_once(tmp_path: Path) -> None:
    """The file has mode 0600, leaves nothing beside it, and is never replaced."""
    path = tmp_path / "national.key"
    key = create_key(path, "ksad/test/national")
    assert path.stat().st_mode & 0o777 == 0o600
    assert load_key(path).verifier == key.verifier
    with pytest.raises(NoteError, match="not replaced"):
        create_key(path, "ksad/test/national")
    assert load_key(path).verifier == key.verifier
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666])
def test_a_private_key_that_others_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    """A key file open to group or others is not used; the error says what to do."""
    path = tmp_path / "national.key"
    create_key(path, "a")
    path.chmod(mode)
    with pytest.raises(NoteError, match="chmod 600"):
        load_key(path)


def test_public_keys_are_one_per_line(tmp_path: Path) -> None:
    """The file of public keys reads back in order, with the days on which each holds, and may be replaced."""
    path, other = tmp_path / "public.vkeys", SigningKey.generate("ksad/test/feed/53")
    write_public(path, {KEY.verifier: Validity()})
    held = Validity(date(2026, 1, 5), date(2026, 6, 30))
    write_public(path, {KEY.verifier: Validity(), other.verifier: held})
    assert path.read_text() == f"{KEY.verifier.vkey}\n{other.verifier.vkey} from 2026-01-05 until 2026-06-30\n"
    assert list(read_public(path).items()) == [(KEY.verifier, Validity()), (other.verifier, held)]


@pytest.mark.parametrize("content", [b"", b"\n", b"nonsense\n", b"\xff\xfe", KEY.verifier.vkey.encode() + b"\nx\n"])
def test_a_bad_file_of_public_keys_is_refused(tmp_path: Path, content: bytes) -> None:
    """A file without keys, or with a line that is none, is refused as a whole."""
    path = tmp_path / "public.vkeys"
    path.write_bytes(content)
    with pytest.raises(NoteError):
        read_public(path)
    with pytest.raises(NoteError):
        load_key(path)


@pytest.mark.parametrize(
    ("days", "said"),
    [
        (" until 2026-06-31", "no day of the calendar"),
        (" from 2026-07-01 until 2026-06-30", "cannot hold from 2026-07-01"),
        (" until 2026-06-30 from 2026-01-01", "does not say from and until when"),
        (" until soon", "does not say from and until when"),
        ("  until 2026-06-30", "does not say from and until when"),
        ("\r", "lines end with LF, not as on Windows: save the file as it was given"),
    ],
)
def test_days_that_are_none_are_refused(tmp_path: Path, days: str, said: str) -> None:
    """What stands behind a key are days in order, or the file is refused with the number of the line."""
    path = tmp_path / "public.vkeys"
    path.write_text(f"\n{KEY.verifier.vkey}{days}\n", newline="")
    with pytest.raises(NoteError, match=rf"line 2: .*{said}"):
        read_public(path)


@pytest.mark.fault(
    "bug-reports 33",
    kind="A text file that people mail comes back from an editor with another beginning or other line ends, and is"
    " refused with words that do not say so.",
    looked="Files of keys, kept checkpoints and signed notes, history files in YAML and JSON, credentials, tokens,"
    " adopted tables (whose refusal asks for LF). A received feed is evidence, so each byte of it counts.",
    found="A checkpoint that was saved so was said to have control characters; a history in JSON with a byte order"
    " mark and tabs, and credentials and a token with such a mark, were refused as broken.",
)
@pytest.mark.fault(
    "audit F12",
    kind="A line that is right for another program spoils a whole file, and a file that an editor has saved is refused"
    " without the reason.",
    looked="Lines of a file of keys; signature lines of a note, where those of witnesses were passed over already;"
    " for line ends and byte order marks see bug-reports 33.",
    found="nothing more",
)
@pytest.mark.parametrize(("before", "after"), [("\ufeff", "\n"), ("", "\r\n"), ("\ufeff", "\r\n")])
def test_what_an_editor_did_to_a_file_of_keys_is_named(tmp_path: Path, before: str, after: str) -> None:
    """A byte order mark and line ends of Windows are named, with the line and what to do."""
    path = tmp_path / "public.vkeys"
    path.write_text(f"{before}{KEY.verifier.vkey}{after}", newline="")
    with pytest.raises(NoteError, match=r"line 1: a file of keys has no byte order mark, and its lines end with LF"):
        read_public(path)


@pytest.mark.fault("audit F12")
def test_the_key_of_a_witness_is_passed_over(tmp_path: Path) -> None:
    """A key of a cosignature does not spoil the file that it stands in; alone, or damaged, it is no key."""
    path, witness = tmp_path / "public.vkeys", vkey("saksi.example", b"\x04")
    path.write_text(f"{witness}\n{KEY.verifier.vkey}\n")
    assert read_public(path) == {KEY.verifier: Validity()}
    for text in (
        f"{witness}\n",
        f"{witness.replace('saksi', 'palsu')}\n{KEY.verifier.vkey}\n",
        f"{vkey('a b', bytes([4]))}\n",
    ):
        path.write_text(text)
        with pytest.raises(NoteError):
            read_public(path)


def test_one_key_with_two_validities_is_refused(tmp_path: Path) -> None:
    """Two files in one may name a key twice, but not with other days: nobody could say which hold."""
    path, line = tmp_path / "public.vkeys", KEY.verifier.vkey
    path.write_text(f"{line} until 2026-06-30\n{line} until 2026-06-30\n")
    assert read_public(path) == {KEY.verifier: Validity(None, date(2026, 6, 30))}
    path.write_text(f"{line} until 2026-06-30\n{line}\n")
    with pytest.raises(NoteError, match="a second time, with other days"):
        read_public(path)


def test_missing_and_oversized_key_files_are_refused(tmp_path: Path) -> None:
    """A file that is not there, or that is far larger than keys are, is refused."""
    for read in (load_key, read_public):
        with pytest.raises(NoteError):
            read(tmp_path / "nowhere")
    (tmp_path / "large").write_text(f"{KEY.verifier.vkey}\n" * 20_000)
    with pytest.raises(NoteError, match="larger"):
        read_public(tmp_path / "large")


@pytest.mark.parametrize(
    ("validity", "days"),
    [
        (Validity(), (True, True, True, True)),
        (Validity(first=date(2026, 3, 2)), (False, True, True, True)),
        (Validity(last=date(2026, 3, 3)), (True, True, True, False)),
        (Validity(date(2026, 3, 2), date(2026, 3, 3)), (False, True, True, False)),
    ],
)
def test_a_key_is_valid_on_its_first_and_on_its_last_day(validity: Validity, days: tuple[bool, ...]) -> None:
    """It covers both, and no day outside them; until its last day is over somebody may still sign with it."""
    told = [date(2026, 3, 1), date(2026, 3, 2), date(2026, 3, 3), date(2026, 3, 4)]
    assert tuple(map(validity.covers, told)) == days
    assert [validity.goes_on(day) for day in (*told, None)] == [True, True, True, validity.last is None, True]
