"""A log as static files: written in parts, read back, rebuilt, and every change in it named."""

from itertools import pairwise
from pathlib import Path

import pytest

from ksad.ledger.log.errors import TileError
from ksad.ledger.log.proof import inclusion_proof, verify_inclusion
from ksad.ledger.log.reader import TileHashes, read_entries, rebuild
from ksad.ledger.log.tiles import ENTRIES, Tile, parse_bundle, parse_tile
from ksad.ledger.log.tree import Frontier, TreeHead, leaf_hash
from ksad.reporting.checkpoints.tile_folder import TileFolder

LEAVES = [b"event %d" % number for number in range(5_000)]
HASHES = [leaf_hash(leaf) for leaf in LEAVES]


def written(folder: Path, size: int) -> tuple[TileFolder, TreeHead]:
    """A log in a folder, written in three parts."""
    log = TileFolder(folder)
    parts = [0, size // 3, size // 2, size]
    frontier = Frontier.empty()
    for begin, end in pairwise(parts):
        frontier = log.append(begin, LEAVES[begin:end])
    assert frontier == Frontier.empty().extended(HASHES[:size])
    return log, frontier.head()


@pytest.mark.parametrize("size", [1, 255, 256, 257, 700, 5_000])
def test_a_folder_gives_the_log_back(tmp_path: Path, size: int) -> None:
    """What was written is read: every entry in order, and a tree with the root that was signed."""
    log, head = written(tmp_path, size)
    assert list(read_entries(size, log.read)) == LEAVES[:size]
    assert rebuild(head, log.read).head() == rebuild(head, log.read, map(leaf_hash, LEAVES[:size])).head() == head
    assert not list(tmp_path.rglob(".*"))


def test_a_folder_may_leave_the_entries_out(tmp_path: Path) -> None:
    """Without bundles only hashes are written; they rebuild the tree and tell nothing of the entries."""
    frontier = TileFolder(tmp_path).append(0, LEAVES[:600], bundles=False)
    assert not (tmp_path / "tile" / "entries").exists()
    assert rebuild(frontier.head(), TileFolder(tmp_path).read) == frontier


def test_a_partial_tile_that_is_not_here_is_read_out_of_a_wider_one(tmp_path: Path) -> None:
    """Partial tiles may be deleted, or of a size that was never written: the beginning of a wider one serves."""
    log, _ = written(tmp_path, 700)
    for level, parse in ((0, parse_tile), (ENTRIES, parse_bundle)):
        for number, width in ((0, 233), (1, 1), (2, 5), (2, 187)):
            begin = number * 256
            expected = HASHES if level == 0 else LEAVES
            assert parse(log.read(Tile(level, number, width)), width) == expected[begin : begin + width]
        with pytest.raises(TileError, match="missing"):
            log.read(Tile(level, 2, 189))
    index = inclusion_proof(600, 650, TileHashes(log.read).at(650))
    verify_inclusion(HASHES[600], 600, 650, index, Frontier.empty().extended(HASHES[:650]).root())


@pytest.mark.parametrize("index", [0, 255, 256, 511, 512, 699])
def test_a_changed_entry_is_named(tmp_path: Path, index: int) -> None:
    """Against its tiles, the first changed leaf is named by its index; the untouched twin passes."""
    log, head = written(tmp_path, 700)
    changed = [*LEAVES[:index], b"forged", *LEAVES[index + 1 : 700]]
    with pytest.raises(TileError) as fault:
        rebuild(head, log.read, map(leaf_hash, changed))
    assert fault.value.index == index
    rebuild(head, log.read, map(leaf_hash, LEAVES[:700]))


@pytest.mark.parametrize(
    ("tile", "offset", "index"), [(Tile(0, 1), 33, 257), (Tile(1, 0, 2), 40, 256), (Tile(0, 2, 188), 5_000, 668)]
)
def test_a_changed_tile_is_named(tmp_path: Path, tile: Tile, offset: int, index: int) -> None:
    """A tile that is not the tree's is found on any level, with the first leaf under what was changed."""
    log, head = written(tmp_path, 700)
    raw = bytearray(log.read(tile))
    raw[offset] ^= 1
    log.write(tile, bytes(raw))
    with pytest.raises(TileError) as fault:
        rebuild(head, log.read, map(leaf_hash, LEAVES[:700]))
    assert fault.value.index == index


@pytest.mark.parametrize("count", [0, 699, 701])
def test_missing_and_extra_leaves_are_named(tmp_path: Path, count: int) -> None:
    """A log with fewer or more leaves than were signed is refused."""
    log, head = written(tmp_path, 700)
    with pytest.raises(TileError):
        rebuild(head, log.read, map(leaf_hash, LEAVES[:count]))


def test_a_history_rewritten_throughout_does_not_have_the_signed_root(tmp_path: Path) -> None:
    """Entries and all tiles made anew agree with one another, and still are not what was signed."""
    _, head = written(tmp_path / "a", 700)
    forged = TileFolder(tmp_path / "b")
    forged.append(0, [*LEAVES[:400], b"forged", *LEAVES[401:700]])
    with pytest.raises(TileError, match="signed"):
        rebuild(head, forged.read, map(leaf_hash, read_entries(700, forged.read)))


@pytest.mark.parametrize("tile", [Tile(0, 0), Tile(0, 2, 188), Tile(1, 0, 2), Tile(ENTRIES, 1), Tile(ENTRIES, 2, 188)])
def test_a_missing_or_cut_tile_is_named(tmp_path: Path, tile: Tile) -> None:
    """A tile that is gone or cut gives an error with its first leaf, on reading and on going on from it."""
    log, head = written(tmp_path, 700)
    (tmp_path / tile.path).write_bytes(log.read(tile)[:-1])
    for _ in ("cut", "missing"):
        with pytest.raises(TileError) as fault:
            rebuild(head, log.read, map(leaf_hash, read_entries(700, log.read)))
        assert fault.value.index == tile.first
        (tmp_path / tile.path).unlink(missing_ok=True)
