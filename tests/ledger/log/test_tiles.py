"""Tiles: paths, bundles, growth, and proofs out of them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ksad.ledger.log.errors import ProofError, TileError
from ksad.ledger.log.growth import Bundles, TileTree, grown
from ksad.ledger.log.proof import consistency_proof, frontier_at, inclusion_proof, verify_inclusion
from ksad.ledger.log.reader import TileHashes
from ksad.ledger.log.tiles import (
    ENTRIES,
    ENTRY_MAX,
    Tile,
    bundle,
    new_tiles,
    parse_bundle,
    parse_path,
    parse_tile,
    tile_for,
)
from ksad.ledger.log.tree import Frontier, leaf_hash
from tests.support.histories import naive

LEAVES = [b"event %d" % number for number in range(70_000)]
HASHES = [leaf_hash(leaf) for leaf in LEAVES]
SIZES = [0, 1, 2, 255, 256, 257, 300, 511, 512, 65_535, 65_536, 65_537, 66_000, 70_000]


def stored(tree: TileTree, full: list[tuple[Tile, bytes]]) -> dict[Tile, bytes]:
    """All tiles of a tree."""
    return dict([*full, *tree.edge()])


@pytest.fixture(scope="module")
def tiles() -> dict[Tile, bytes]:
    """The tiles of the tree over all leaves."""
    tree = TileTree()
    return stored(tree, tree.append(HASHES))


def test_the_example_of_the_specification(tiles: dict[Tile, bytes]) -> None:
    """A tree of 70,000 has 273 full tiles and one of width 112, one full and one of 17, and one of width 1."""
    widths = {level: [tile.width for tile in tiles if tile.level == level] for level in (0, 1, 2)}
    assert widths == {0: [256] * 273 + [112], 1: [256, 17], 2: [1]}
    assert set(new_tiles(0, 70_000)) == set(tiles)


def test_a_path_groups_three_digits() -> None:
    """Tile 1,234,067 is at x001/x234/067; a partial tile ends in .p and its width; bundles are under entries."""
    assert Tile(0, 1_234_067).path == "tile/0/x001/x234/067"
    assert Tile(3, 0, 7).path == "tile/3/000.p/7"
    assert Tile(ENTRIES, 1_000, 255).path == "tile/entries/x001/000.p/255"


@given(st.integers(-1, 63), st.integers(0, 2**63 - 1), st.integers(1, 256))
def test_a_path_reads_back(level: int, number: int, width: int) -> None:
    """Every tile's path is read as that tile."""
    tile = Tile(level, number, width)
    assert parse_path(tile.path) == tile


@pytest.mark.parametrize(
    "path",
    [
        "",
        "tile",
        "tile/0",
        "tile/0/",
        "tile/0/1",
        "tile/0/0001",
        "tile/0/x000/001",
        "tile/0/001/002",
        "tile/0/x001/x002",
        "tile/00/001",
        "tile/64/000",
        "tile/-1/000",
        "tile/data/000",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/05",
        "tile/0/000.p/",
        "tile/0/000.p",
        "tile/0/000/",
        "/tile/0/000",
        "tile/0/000\n",
        "tile/0/../000",
        "tile/\u0660/000",
        "tile/0/\u0661\u0661\u0661",
        pytest.param("tile/0/" + "x999/" * 7 + "999", id="no tree is so large"),
        pytest.param("tile/0/" + "x001/" * 100_000 + "001", id="endless"),
    ],
)
def test_other_paths_are_refused(path: str) -> None:
    """A path that is not exactly a tile's is refused; nothing in it leads out of the folder."""
    with pytest.raises(TileError):
        parse_path(path)


@settings(max_examples=30)
@given(st.sampled_from(SIZES), st.sampled_from(SIZES))
def test_growing_gives_the_tiles_that_are_new(before: int, after: int) -> None:
    """Appending to a stored tree gives the tiles that appear or change, all and no others, as if built at once."""
    before, after = sorted((before, after))
    tree = TileTree()
    old = stored(tree, tree.append(HASHES[:before]))
    changed = dict(grown(before, old.__getitem__, HASHES[before:after]))
    assert set(changed) == set(new_tiles(before, after))
    whole = TileTree()
    assert changed.items() <= stored(whole, whole.append(HASHES[:after])).items()


@given(st.lists(st.integers(0, 900), max_size=8))
def test_batches_do_not_matter(batches: list[int]) -> None:
    """However leaves come in, the tiles, the size and the frontier are the same."""
    tree, full, size = TileTree(), list[tuple[Tile, bytes]](), 0
    for batch in batches:
        full += tree.append(HASHES[size : size + batch])
        size += batch
    whole = TileTree()
    assert stored(tree, full) == stored(whole, whole.append(HASHES[:size]))
    assert tree.frontier() == Frontier.empty().extended(HASHES[:size])
    assert TileTree.resume(size, stored(tree, full).__getitem__).frontier() == tree.frontier()


@given(st.data())
def test_proofs_come_out_of_tiles(tiles: dict[Tile, bytes], data: st.DataObject) -> None:
    """Proofs read out of tiles hold for any size up to the tree's, out of partial tiles too."""
    size = data.draw(st.one_of(st.sampled_from(SIZES[1:]), st.integers(1, 1_500)))
    index, first = data.draw(st.integers(0, size - 1)), data.draw(st.integers(1, size))

    def prefix(tile: Tile) -> bytes:
        wide = next(tiles[each] for each in tiles if each[:2] == tile[:2])
        return wide[: tile.width * 32]

    hashes = TileHashes(prefix).at(size)
    root = Frontier.empty().extended(HASHES[:size]).root()
    verify_inclusion(HASHES[index], index, size, inclusion_proof(index, size, hashes), root)
    assert frontier_at(first, hashes) == Frontier.empty().extended(HASHES[:first])
    if size <= 1_500:
        assert consistency_proof(first, size, hashes) == naive.proof(first, LEAVES[:size])


def test_a_warm_proof_reads_no_tile(tiles: dict[Tile, bytes]) -> None:
    """The second time a proof is asked for, every tile it needs is at hand; the first time it takes one per level."""
    asked = list[Tile]()

    def read(tile: Tile) -> bytes:
        asked.append(tile)
        return tiles[tile]

    hashes = TileHashes(read).at(70_000)
    first = inclusion_proof(12_345, 70_000, hashes)
    assert len(asked) <= 6
    asked.clear()
    assert inclusion_proof(12_345, 70_000, hashes) == first
    assert asked == []


@pytest.mark.parametrize(("level", "index"), [(0, 300), (0, -1), (1, 150), (8, 1), (9, 0), (16, 0), (63, 0)])
def test_a_subtree_beyond_the_tree_is_refused(tiles: dict[Tile, bytes], level: int, index: int) -> None:
    """Hashes outside a tree of 300 leaves are not given, even where a larger tree's tiles have them."""
    with pytest.raises(ProofError):
        TileHashes(tiles.__getitem__).at(300)(level, index)
    with pytest.raises(TileError):
        tile_for(level // 8, 2, 300)


@pytest.mark.parametrize("length", [0, 31, 33, 63, 64 + 32, 8_192 + 32])
def test_a_tile_has_exactly_its_width(length: int) -> None:
    """A tile of width two has 64 bytes; shorter and longer ones are refused, and so are widths that no tile has."""
    assert parse_tile(b"\0" * 64, 2) == [b"\0" * 32] * 2
    with pytest.raises(TileError):
        parse_tile(b"\0" * length, 2)
    for width in (0, -1, 257):
        with pytest.raises(TileError):
            parse_tile(b"\0" * 32 * max(width, 0), width)


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=256), st.data())
def test_a_bundle_reads_back_and_cannot_be_cut(entries: list[bytes], data: st.DataObject) -> None:
    """A bundle gives its entries; cut, lengthened, or with another number of entries it is refused."""
    raw = bundle(entries)
    assert parse_bundle(raw, len(entries)) == entries
    with pytest.raises(TileError):
        parse_bundle(raw[: data.draw(st.integers(0, len(raw) - 1))], len(entries))
    with pytest.raises(TileError):
        parse_bundle(raw + b"\0", len(entries))
    for width in (0, len(entries) - 1, len(entries) + 1, 257, 10**9):
        with pytest.raises(TileError):
            parse_bundle(raw, width)


def test_an_entry_has_at_most_65535_bytes() -> None:
    """The two bytes of length are enough for 65,535; one more is refused and leaves the log as it was."""
    assert parse_bundle(bundle([b"x" * ENTRY_MAX]), 1) == [b"x" * ENTRY_MAX]
    with pytest.raises(TileError):
        bundle([b"x" * (ENTRY_MAX + 1)])
    bodies = Bundles()
    with pytest.raises(TileError):
        bodies.append([b"a", b"x" * (ENTRY_MAX + 1)])
    assert (bodies.size, bodies.edge()) == (0, [])
