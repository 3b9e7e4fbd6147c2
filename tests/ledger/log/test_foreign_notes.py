"""Go's x/mod/sumdb/note, openssl and tlog-scales judge our notes and keys, and we judge theirs."""

import base64
import random
import subprocess
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from tlog_scales.signing import Vkey
from tlog_scales.tlog import Checkpoint as ScalesCheckpoint

from ksad.ledger.log.checkpoint import Checkpoint, open_checkpoint
from ksad.ledger.log.errors import NoteError
from ksad.ledger.log.note import open_note
from ksad.ledger.log.tree import leaf_hash
from ksad.reporting.checkpoints.signing import SigningKey, sign_checkpoint, sign_note
from tests.support.servers.oracle import Oracle, Refused

ORIGIN = "ksad/test/national"
KEY = SigningKey.generate(ORIGIN)
OTHER = SigningKey.generate("saksi.example/ü")
HEAD = Checkpoint(ORIGIN, 1_234, leaf_hash(b"root"))
DER = bytes.fromhex("302a300506032b6570032100")
"""What stands before the 32 bytes of an Ed25519 public key in its X.509 form (RFC 8410)."""


def openssl_accepts(folder: Path, text: bytes, signature: bytes, vkey: str) -> bool:
    """Whether openssl finds that the key in a vkey line signed the text."""
    (folder / "text").write_bytes(text)
    (folder / "signature").write_bytes(signature)
    (folder / "key.der").write_bytes(DER + base64.b64decode(vkey.split("+", 2)[2])[1:])
    command = ["openssl", "pkeyutl", "-verify", "-rawin", "-pubin", "-keyform", "DER"]
    command += ["-inkey", "key.der", "-in", "text", "-sigfile", "signature"]
    return subprocess.run(command, cwd=folder, capture_output=True, check=False).returncode == 0


def parts(note: bytes) -> tuple[bytes, bytes]:
    """The signed text and the first signature's 64 bytes, cut out as a person with a shell would."""
    text, _, lines = note.rpartition(b"\n\n")
    return text + b"\n", base64.b64decode(lines.split(b"\n")[0].split(b" ")[2])[4:]


def test_openssl_verifies_a_checkpoint(tmp_path: Path) -> None:
    """The signature over the raw text verifies with openssl and the public key line alone; tampered ones do not."""
    text, signature = parts(sign_checkpoint(HEAD, KEY))
    assert openssl_accepts(tmp_path, text, signature, KEY.verifier.vkey)
    assert not openssl_accepts(tmp_path, text.replace(b"1234", b"1235"), signature, KEY.verifier.vkey)
    assert not openssl_accepts(tmp_path, text, signature[:-1] + bytes([signature[-1] ^ 1]), KEY.verifier.vkey)
    assert not openssl_accepts(tmp_path, text, signature, OTHER.verifier.vkey)


def test_go_opens_our_notes(go: Oracle) -> None:
    """Go opens a note with the pinned keys that signed it, in our spelling of text, names and key hashes."""
    note = sign_note(HEAD.text() + "\nKupang – Rote\n", KEY, OTHER)
    answer = go.ask("open", Note=note, Keys=[OTHER.verifier.vkey, KEY.verifier.vkey])
    assert answer["text"].encode() == open_note(note, [KEY.verifier]).text.encode()
    assert answer["names"] == [ORIGIN, OTHER.name]
    assert go.ask("open", Note=note, Keys=[KEY.verifier.vkey])["names"] == [ORIGIN]


def test_go_refuses_what_we_refuse(go: Oracle) -> None:
    """A changed size, a strange key, and a swapped key of the same name are refused by Go too."""
    note = sign_checkpoint(HEAD, KEY)
    with pytest.raises(Refused, match="invalid signature"):
        go.ask("open", Note=note.replace(b"1234", b"1235"), Keys=[KEY.verifier.vkey])
    for stranger in (OTHER, SigningKey.generate(ORIGIN)):
        with pytest.raises(Refused, match="no verifiable signatures"):
            go.ask("open", Note=note, Keys=[stranger.verifier.vkey])


def test_keys_and_notes_of_go_are_ours(go: Oracle) -> None:
    """A key that Go made signs here as it signs there, and we open what Go signed."""
    secret, vkey = go.ask("key", Text=ORIGIN)["names"]
    key = SigningKey.parse(secret)
    assert (key.verifier.vkey, key.secret) == (vkey, secret)
    note = go.ask("sign", Text=HEAD.text(), Keys=[secret])["note"]
    assert note == sign_checkpoint(HEAD, key)
    assert open_checkpoint(note, ORIGIN, vkey) == HEAD
    ours = go.ask("sign", Text=HEAD.text(), Keys=[KEY.secret])["note"]
    assert ours == sign_checkpoint(HEAD, KEY)


ALPHABET = ["—", " ", "\n", "\n\n", "=", "A", "+", "\x00", "\t", "\r", "\u00a0", "é", ORIGIN, "— a AAAAAAA=\n"]


def mutated(note: bytes, rng: random.Random) -> bytes:
    """A note with up to three pieces replaced, cut out or put in."""
    for _ in range(rng.randrange(1, 4)):
        at, length = rng.randrange(len(note) + 1), rng.choice([0, 0, 1, 1, 2, 8])
        piece = rng.choice([b"", rng.choice(ALPHABET).encode(), rng.randbytes(1)])
        note = note[:at] + piece + note[at + length :]
    return note


def test_go_accepts_every_note_that_we_accept(go: Oracle, rng: random.Random) -> None:
    """Of 3,000 mutilated notes Go opens every one that we open, with the same text; ours is the stricter reader."""
    note, accepted = sign_note(HEAD.text(), KEY, OTHER), 0
    for _ in range(3_000):
        forged = mutated(note, rng)
        try:
            opened = open_note(forged, [KEY.verifier])
        except NoteError:
            continue
        accepted += 1
        assert opened.text == HEAD.text()
        assert go.ask("open", Note=forged, Keys=[KEY.verifier.vkey])["text"] == opened.text
    assert accepted, "no mutation left the note valid: the test compares nothing"


def test_what_go_accepts_beyond_us_is_another_spelling(go: Oracle, rng: random.Random) -> None:
    """Go opens a mutilated note that we refuse only where Base64 is not canonical or a second signature is false."""
    note = sign_note(HEAD.text(), KEY)
    for _ in range(3_000):
        forged = mutated(note, rng)
        if not go.accepts("open", Note=forged, Keys=[KEY.verifier.vkey]):
            continue
        try:
            verdict = open_note(forged, [KEY.verifier]).text
        except NoteError as refused:
            verdict = str(refused)
        assert verdict in {HEAD.text(), "malformed signature line", f"false signature of {ORIGIN}"}


def test_tlog_scales_verifies_our_checkpoints() -> None:
    """tlog-scales reads our checkpoint and key line, finds the signature good, and a changed size bad."""
    note, vkey = sign_checkpoint(HEAD, KEY).decode(), Vkey.from_string(KEY.verifier.vkey)
    read = ScalesCheckpoint.from_text(note)
    assert (read.origin, read.size, read.root_hash) == HEAD[:3]
    read.verify(vkey)
    with pytest.raises(InvalidSignature):
        ScalesCheckpoint.from_text(note.replace("1234", "1235")).verify(vkey)
    with pytest.raises(RuntimeError, match="no signature matched"):
        read.verify(Vkey.from_string(OTHER.verifier.vkey))
