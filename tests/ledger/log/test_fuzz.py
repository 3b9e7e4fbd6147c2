"""Malformed input gives one named error: never a pass, another exception, or memory without bound."""

import base64
import tracemalloc
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from ksad.ledger.log.checkpoint import Checkpoint, open_checkpoint, parse_checkpoint
from ksad.ledger.log.errors import CheckpointError, NoteError, ProofError, TileError, TreeError
from ksad.ledger.log.note import Verifier, open_note
from ksad.ledger.log.proof import verify_consistency, verify_inclusion
from ksad.ledger.log.proof_file import ProofFile, format_hashes, parse_hashes, parse_proof_file
from ksad.ledger.log.tiles import bundle, parse_bundle, parse_path, parse_tile
from ksad.ledger.log.tree import Frontier, leaf_hash
from ksad.reporting.checkpoints.signing import SigningKey, sign_checkpoint

ORIGIN = "ksad/test/national"
KEY = SigningKey(ORIGIN, Ed25519PrivateKey.from_private_bytes(b"\5" * 32))
NOTE = sign_checkpoint(Checkpoint(ORIGIN, 9, leaf_hash(b"root")), KEY)
PROOF = ProofFile(3, (b"\1" * 32, b"\2" * 32), NOTE, b"more").to_bytes()

BASES = [NOTE, PROOF, KEY.verifier.vkey.encode(), b"tile/1/x001/234.p/5", bundle([b"a", b"bc"]), b"\0" * 64, b""]
PIECES = [b"\n", b"\n\n", b"\xe2\x80\x94 ", b"+", b"=", b"\0", b"\xff", b"0", b"-1", b"9" * 5_000, b"A" * 44 + b"\n"]


@st.composite
def inputs(draw: st.DrawFn) -> bytes:
    """Valid input of some parser with pieces cut out and others put in, or no sense at all."""
    raw = draw(st.one_of(st.sampled_from(BASES), st.binary(max_size=600)))
    for _ in range(draw(st.integers(0, 4))):
        at, length = draw(st.integers(0, len(raw))), draw(st.integers(0, 40))
        raw = raw[:at] + draw(st.one_of(st.sampled_from(PIECES), st.binary(max_size=4))) + raw[at + length :]
    return raw


def text(parse: Callable[[str], Any]) -> Callable[[bytes], Any]:
    """A parser of text, given bytes."""
    return lambda raw: parse(raw.decode("utf-8", "surrogateescape"))


PARSERS: dict[str, tuple[Callable[[bytes], Any], type[Exception], Callable[[Any], bytes | str]]] = {
    "checkpoint": (text(parse_checkpoint), CheckpointError, lambda found: found.text()),
    "verifier": (text(Verifier.parse), NoteError, lambda found: found.vkey),
    "path": (text(parse_path), TileError, lambda found: found.path),
    "hashes": (text(parse_hashes), ProofError, format_hashes),
    "proof file": (parse_proof_file, ProofError, lambda found: found.to_bytes()),
    "frontier": (Frontier.from_bytes, TreeError, lambda found: found.to_bytes()),
    "bundle": (lambda raw: parse_bundle(raw, 2), TileError, bundle),
    "tile": (lambda raw: parse_tile(raw, 2), TileError, b"".join),
}


@pytest.mark.parametrize("name", PARSERS)
@given(raw=inputs())
def test_input_is_read_exactly_or_refused_by_name(name: str, raw: bytes) -> None:
    """What is read writes the same bytes again; everything else raises the parser's own error."""
    parse, error, write = PARSERS[name]
    try:
        found = parse(raw)
    except error:
        return
    written = write(found)
    assert (written if isinstance(written, bytes) else written.encode("utf-8", "surrogateescape")) == raw


@given(inputs())
def test_no_other_note_passes(raw: bytes) -> None:
    """A note opens with its signed text or raises NoteError, and so does a checkpoint."""
    texts = list[str]()
    with suppress(NoteError):
        texts.append(open_note(raw, [KEY.verifier]).text)
    with suppress(NoteError):
        texts.append(open_checkpoint(raw, ORIGIN, [KEY.verifier]).text())
    assert all(NOTE.startswith(f"{signed}\n— ".encode()) for signed in texts)


HASH = st.binary(min_size=30, max_size=34) | st.binary(min_size=32, max_size=32)


@given(st.integers(-2, 2**64), st.integers(-2, 2**64), HASH, HASH, st.lists(HASH, max_size=70))
def test_no_made_up_proof_passes(first: int, second: int, left: bytes, right: bytes, proof: list[bytes]) -> None:
    """Proofs of any sizes, hashes and length are refused with ProofError; only what needs no proof holds."""
    for check in (verify_inclusion, verify_consistency):
        try:
            if check is verify_inclusion:
                verify_inclusion(left, first, second, proof, right)
            else:
                verify_consistency(first, second, left, right, proof)
        except ProofError:
            continue
        assert (left, proof) == (right, [])
        assert (first, second) == (0, 1) if check is verify_inclusion else first == second > 0


HUGE = 32 * 1024 * 1024


@pytest.mark.parametrize("name", PARSERS)
@pytest.mark.parametrize("piece", [b"A", b"\n", b"\0", b"0", b"x001/", b"A" * 43 + b"=\n"])
def test_memory_is_bounded_by_the_input(name: str, piece: bytes) -> None:
    """32 MiB of anything are refused in a small multiple of their own size, and not split into millions of parts."""
    parse, error, _ = PARSERS[name]
    raw = piece * (HUGE // len(piece))
    tracemalloc.start()
    try:
        with pytest.raises(error):
            parse(raw)
        assert tracemalloc.get_traced_memory()[1] < 5 * HUGE
    finally:
        tracemalloc.stop()


def test_a_proof_file_proves_what_it_says() -> None:
    """A .tlog-proof file gives leaf, index and checkpoint; another leaf, log or key is refused."""
    other = leaf_hash(b"b")
    checkpoint = Checkpoint(ORIGIN, 2, Frontier.empty().extended([leaf_hash(b"a"), other]).root())
    file = ProofFile(0, (other,), sign_checkpoint(checkpoint, KEY))
    raw = file.to_bytes()
    assert raw.startswith(b"c2sp.org/tlog-proof@v1\nindex 0\n" + base64.b64encode(other) + b"\n\n" + ORIGIN.encode())
    assert parse_proof_file(raw) == file
    assert parse_proof_file(raw).verify(b"a", ORIGIN, KEY.verifier.vkey) == checkpoint
    with pytest.raises(ProofError):
        file.verify(b"b", ORIGIN, KEY.verifier.vkey)
    with pytest.raises(NoteError):
        file.verify(b"a", ORIGIN, SigningKey.generate(ORIGIN).verifier.vkey)
