"""The signer of a log never signs two histories, whatever happens to the database, and remembers before it speaks."""

import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ksad.ledger.log.checkpoint import Checkpoint, open_checkpoint
from ksad.ledger.log.errors import CheckpointError, RolledBackError, SignerBusyError, SignerError
from ksad.ledger.log.proof import consistency_proof
from ksad.ledger.log.tree import EMPTY_ROOT, Frontier, TreeHead, leaf_hash
from ksad.reporting.checkpoints.keys import create_key, load_key
from ksad.reporting.checkpoints.signer import LogSigner, found
from ksad.reporting.checkpoints.signing import SigningKey, sign_checkpoint
from tests.support.histories import naive

ORIGIN = "ksad/test/national"
LEAVES = [b"event %d" % number for number in range(40)]


def frontier(leaves: list[bytes]) -> Frontier:
    """The frontier over leaves."""
    return Frontier.empty().extended(map(leaf_hash, leaves))


def proof(first: int, leaves: list[bytes]) -> list[bytes]:
    """The consistency proof from a size."""
    return consistency_proof(first, len(leaves), lambda level, index: naive.subtree(leaves, level, index))


@pytest.fixture
def key(tmp_path: Path) -> SigningKey:
    """A log's key in its file."""
    return create_key(tmp_path / "national.key", ORIGIN)


@pytest.fixture
def state(tmp_path: Path, key: SigningKey) -> Path:
    """The signer's file of a log that has begun."""
    path = tmp_path / "national.signed"
    found(path, key)
    return path


@pytest.fixture
def signer(state: Path, key: SigningKey) -> Iterator[LogSigner]:
    """The signer, with 20 leaves signed."""
    with LogSigner(state, key) as opened:
        opened.extend(Frontier.empty(), map(leaf_hash, LEAVES[:20]))
        yield opened


def test_a_log_begins_with_the_empty_tree(state: Path, key: SigningKey) -> None:
    """A new log's file holds the signed checkpoint of size 0; a log is begun once only."""
    with LogSigner(state, key) as opened:
        assert opened.last == Checkpoint(ORIGIN, 0, EMPTY_ROOT)
        assert opened.note == state.read_bytes()
    with pytest.raises(SignerError, match="begun already"):
        found(state, key)
    assert open_checkpoint(state.read_bytes(), ORIGIN, key.verifier.vkey).size == 0


def test_growth_is_signed_and_remembered(signer: LogSigner, state: Path, key: SigningKey) -> None:
    """An extended tree is signed; the note handed out is on the disk, opens with the public key, and is found again."""
    note = signer.sign(frontier(LEAVES).head(), proof(20, LEAVES))
    assert note == signer.note == state.read_bytes()
    assert open_checkpoint(note, ORIGIN, key.verifier.vkey).head == frontier(LEAVES).head()
    signer.close()
    with LogSigner(state, key) as again:
        assert (again.last.size, again.note) == (40, note)
        assert again.extend(frontier(LEAVES), [leaf_hash(b"more")]) == frontier([*LEAVES, b"more"])
        assert again.last.size == 41


def test_the_same_head_gives_the_same_note(signer: LogSigner) -> None:
    """Asked again for what it signed last, the signer hands out the note it has."""
    note = signer.note
    assert signer.sign(frontier(LEAVES[:20]).head()) == note
    assert signer.extend(frontier(LEAVES[:20]), []) == frontier(LEAVES[:20])
    assert signer.note == note


def test_a_smaller_tree_is_never_signed(signer: LogSigner, state: Path) -> None:
    """After a restore from an old backup the tree is smaller: it is refused, and the error says what to do."""
    note = state.read_bytes()
    for attempt in (
        lambda: signer.sign(frontier(LEAVES[:19]).head(), []),
        lambda: signer.sign(frontier([]).head(), []),
        lambda: signer.extend(frontier(LEAVES[:19]), []),
        lambda: signer.extend(frontier(LEAVES[:19]), map(leaf_hash, LEAVES[19:30])),
    ):
        with pytest.raises(RolledBackError, match=r"Refill.*new origin.*log_continued"):
            attempt()
    assert state.read_bytes() == note


@pytest.mark.parametrize("size", [20, 21, 40])
def test_a_different_tree_is_never_signed(signer: LogSigner, state: Path, size: int) -> None:
    """A tree that does not begin with the signed one is refused, of whatever size and with whatever proof."""
    note, forged = state.read_bytes(), [*LEAVES[:7], b"forged", *LEAVES[8:size]]
    for evidence in (proof(20, forged), proof(20, LEAVES[:size]), []):
        with pytest.raises(RolledBackError):
            signer.sign(frontier(forged).head(), evidence)
    with pytest.raises(RolledBackError):
        signer.extend(frontier(forged[:20]), map(leaf_hash, forged[20:]))
    with pytest.raises(RolledBackError):
        signer.extend(frontier(forged), [])
    assert (signer.last.size, state.read_bytes()) == (20, note)


def test_nothing_is_proven_from_the_empty_tree(state: Path, key: SigningKey) -> None:
    """The first head needs no proof and takes none; no head is signed that could not be read back."""
    with LogSigner(state, key) as opened:
        with pytest.raises(SignerError):
            opened.sign(frontier(LEAVES).head(), [EMPTY_ROOT])
        for head in (TreeHead(5, b"short"), TreeHead(0, leaf_hash(b"")), TreeHead(2**63, leaf_hash(b""))):
            with pytest.raises(CheckpointError):
                opened.sign(head)
        assert opened.last.size == 0
        assert opened.sign(frontier(LEAVES).head())


def test_a_log_has_one_signer(signer: LogSigner, state: Path, key: SigningKey, tmp_path: Path) -> None:
    """While a signer is open, no second one opens, in this process or another; afterwards one does."""
    program = (
        "import sys; from pathlib import Path; from ksad.reporting.checkpoints.keys import load_key\n"
        "from ksad.reporting.checkpoints.signer import LogSigner\n"
        "print(LogSigner(Path(sys.argv[1]), load_key(Path(sys.argv[2]))).last.size)"
    )
    command = [sys.executable, "-c", program, str(state), str(tmp_path / "national.key")]
    with pytest.raises(SignerBusyError):
        LogSigner(state, key)
    busy = subprocess.run(command, capture_output=True, text=True, check=False)
    assert busy.returncode == 1
    assert "SignerBusyError" in busy.stderr
    signer.close()
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "20\n"


def test_a_lock_is_let_go_when_its_holder_dies(state: Path, tmp_path: Path) -> None:
    """A signer that was killed leaves no lock behind."""
    program = (
        "import os, sys; from pathlib import Path; from ksad.reporting.checkpoints.keys import load_key\n"
        "from ksad.reporting.checkpoints.signer import LogSigner\n"
        "held = LogSigner(Path(sys.argv[1]), load_key(Path(sys.argv[2]))); os._exit(3)"
    )
    killed = subprocess.run([sys.executable, "-c", program, state, tmp_path / "national.key"], check=False)
    assert killed.returncode == 3
    with LogSigner(state, load_key(tmp_path / "national.key")) as opened:
        assert opened.last.size == 0


def test_a_closed_signer_signs_nothing(signer: LogSigner) -> None:
    """Without its lock a signer is refused."""
    signer.close()
    with pytest.raises(SignerError, match="closed"):
        signer.sign(frontier(LEAVES).head(), proof(20, LEAVES))


def test_a_file_changed_behind_its_back_stops_the_signer(signer: LogSigner, state: Path, key: SigningKey) -> None:
    """Before each signature the file is compared with what this signer wrote: another one's note stops it."""
    other = sign_checkpoint(Checkpoint(ORIGIN, *frontier(LEAVES[:30]).head()), key)
    state.write_bytes(other)
    with pytest.raises(SignerError, match="was changed"):
        signer.sign(frontier(LEAVES).head(), proof(20, LEAVES))
    assert state.read_bytes() == other


def test_a_signer_without_its_memory_does_not_start(signer: LogSigner, state: Path, key: SigningKey) -> None:
    """A file that is missing, torn, or of another key or log keeps the signer shut, and the error says what to do."""
    signer.close()
    note, stranger = state.read_bytes(), SigningKey.generate(ORIGIN)
    forged = sign_checkpoint(Checkpoint(ORIGIN, 0, EMPTY_ROOT), stranger)
    for content in (b"", note[:-1], note.replace(b"\n20\n", b"\n10\n"), forged, b"x" * 1_000_000):
        state.write_bytes(content)
        with pytest.raises(SignerError, match="new origin"):
            LogSigner(state, key)
    state.unlink()
    with pytest.raises(SignerError, match="Bring this file back"):
        LogSigner(state, key)
    state.write_bytes(note)
    with pytest.raises(SignerError):
        LogSigner(state, SigningKey.generate("ksad/test/feed/53"))
    LogSigner(state, key).close()


def test_what_cannot_be_remembered_is_not_handed_out(signer: LogSigner, state: Path) -> None:
    """If the disk takes no more, no note comes out, the last one stands, and nothing is left beside it."""
    note, before = signer.note, sorted(state.parent.iterdir())
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, limit[1]))
    try:
        with pytest.raises(OSError, match="too large"):
            signer.sign(frontier(LEAVES).head(), proof(20, LEAVES))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
    assert (signer.last.size, signer.note, state.read_bytes()) == (20, note, note)
    assert sorted(state.parent.iterdir()) == before
