"""Go's x/mod/sumdb/tlog and the library tlog-scales judge our proofs and tiles, and we judge theirs."""

import random
from pathlib import Path

import pytest
from tlog_scales.backend import LocalBackend
from tlog_scales.reader import TilesReader
from tlog_scales.tlog import ConsistencyProof, ConsistencyProofInvalid, InclusionProof, InclusionProofInvalid

from ksad.ledger.log.errors import ProofError
from ksad.ledger.log.growth import TileTree
from ksad.ledger.log.proof import HashReader, consistency_proof, inclusion_proof, verify_consistency, verify_inclusion
from ksad.ledger.log.reader import TileHashes
from ksad.ledger.log.tiles import new_tiles
from ksad.ledger.log.tree import Frontier, leaf_hash
from ksad.reporting.checkpoints.tile_folder import TileFolder
from tests.support.servers.oracle import Oracle, Refused

LEAVES = [b"event %d" % number for number in range(66_000)]
SMALL = [1, 2, 3, 7, 8, 255, 256, 257, 600]
ROUNDS = 60


def root(size: int) -> bytes:
    """The root over the first leaves."""
    return Frontier.empty().extended(map(leaf_hash, LEAVES[:size])).root()


def hashes(size: int) -> HashReader:
    """Our hashes of a tree."""
    tree = TileTree()
    tiles = dict([*tree.append(map(leaf_hash, LEAVES[:size])), *tree.edge()])
    return TileHashes(tiles.__getitem__).at(size)


def ours(check: object, *arguments: object) -> bool:
    """Whether we accept."""
    try:
        check(*arguments)  # type: ignore[operator] # one of our two verifiers
    except ProofError:
        return False
    return True


def scales(proof: InclusionProof | ConsistencyProof, first: bytes, second: bytes) -> bool:
    """Whether tlog-scales accepts."""
    try:
        proof.check(first, second)
    except (InclusionProofInvalid, ConsistencyProofInvalid):
        return False
    return True


def damaged(proof: list[bytes], rng: random.Random) -> list[bytes]:
    """A proof with a bit flipped, a hash dropped, added or moved."""
    changed, at = list(proof), rng.randrange(len(proof) + 1)
    kind = rng.randrange(4) if proof else 2
    if kind == 0:
        at = rng.randrange(len(proof))
        changed[at] = bytes([changed[at][0] ^ 1 << rng.randrange(8)]) + changed[at][1:]
    elif kind == 1:
        del changed[rng.randrange(len(proof))]
    elif kind == 2:
        changed.insert(at, rng.randbytes(32))
    else:
        rng.shuffle(changed)
    return changed


@pytest.mark.parametrize("size", SMALL)
def test_go_grows_the_same_tree_and_proofs(go: Oracle, size: int) -> None:
    """Go's root, its inclusion proofs and its consistency proofs are ours, byte for byte."""
    for place in sorted({0, size // 3, size - 1}):
        answer = go.ask("prove-record", Leaves=LEAVES[:size], Index=place)
        assert (answer["root"], answer["proof"]) == (root(size), inclusion_proof(place, size, hashes(size)))
        answer = go.ask("prove-tree", Leaves=LEAVES[:size], First=place + 1)
        assert answer["proof"] == consistency_proof(place + 1, size, hashes(size))


@pytest.mark.parametrize("size", [*SMALL[3:], 66_000])
def test_all_three_judge_inclusion_alike(go: Oracle, rng: random.Random, size: int) -> None:
    """Our inclusion proofs are accepted by Go and tlog-scales; of damaged ones all three think the same: nothing."""
    reader, whole = hashes(size), root(size)
    for _ in range(ROUNDS):
        index = rng.randrange(size)
        proof = inclusion_proof(index, size, reader)
        for kind in ("whole", "damaged", "leaf", "index", "root"):
            given = damaged(proof, rng) if kind == "damaged" else proof
            leaf = LEAVES[index] + b"!" if kind == "leaf" else LEAVES[index]
            place = (index + 1) % size if kind == "index" else index
            top = rng.randbytes(32) if kind == "root" else whole
            verdicts = {
                ours(verify_inclusion, leaf_hash(leaf), place, size, given, top),
                go.accepts("check-record", Proof=given, Size=size, Root=top, Index=place, Leaf=leaf),
                scales(InclusionProof(place, size, given), leaf_hash(leaf), top),
            }
            assert verdicts == {given == proof and kind in {"whole", "damaged"}}, kind


@pytest.mark.parametrize("size", [*SMALL[3:], 66_000])
def test_all_three_judge_consistency_alike(go: Oracle, rng: random.Random, size: int) -> None:
    """Our consistency proofs are accepted by Go and tlog-scales; of damaged ones all three think the same: nothing."""
    reader, whole = hashes(size), root(size)
    for _ in range(ROUNDS if size < 1_000 else ROUNDS // 6):
        first = rng.randrange(1, size)
        proof, old = consistency_proof(first, size, reader), root(first)
        for kind in ("whole", "damaged", "old root", "new root"):
            given = damaged(proof, rng) if kind == "damaged" else proof
            before = rng.randbytes(32) if kind == "old root" else old
            after = rng.randbytes(32) if kind == "new root" else whole
            verdicts = {
                ours(verify_consistency, first, size, before, after, given),
                go.accepts("check-tree", Proof=given, Size=size, Root=after, First=first, FirstRoot=before),
                scales(ConsistencyProof(first, size, given), before, after),
            }
            assert verdicts == {given == proof and kind in {"whole", "damaged"}}, kind


@pytest.mark.parametrize(
    ("before", "after"), [(0, 1), (0, 70_000), (255, 257), (256, 256), (300, 66_000), (65_535, 65_537)]
)
def test_go_names_the_same_new_tiles(go: Oracle, before: int, after: int) -> None:
    """Go says that the same tiles must be published when a tree grows."""
    assert go.ask("new-tiles", First=before, Size=after)["names"] == [tile.path for tile in new_tiles(before, after)]


@pytest.mark.parametrize("size", [1, 256, 700, 66_000])
def test_go_reads_our_folder(go: Oracle, tmp_path: Path, size: int) -> None:
    """Go authenticates every tile of our folder against the root, finds every leaf, and proves out of it as we do."""
    frontier = TileFolder(tmp_path).append(0, LEAVES[:size])
    head = {"Folder": str(tmp_path), "Size": size, "Root": frontier.root()}
    assert go.ask("leaf-hashes", **head)["hashes"] == [leaf_hash(leaf) for leaf in LEAVES[:size]]
    place = size // 2
    assert go.ask("prove-record", **head, Index=place)["proof"] == inclusion_proof(place, size, hashes(size))
    verify_consistency(
        place + 1, size, root(place + 1), frontier.root(), go.ask("prove-tree", **head, First=place + 1)["proof"]
    )


def test_go_refuses_a_tampered_folder(go: Oracle, tmp_path: Path) -> None:
    """A changed hash in any tile, or another root, and Go takes nothing out of the folder; the twin passes."""
    log = TileFolder(tmp_path)
    head = {"Folder": str(tmp_path), "Size": 700, "Root": log.append(0, LEAVES[:700]).root()}
    for tile in new_tiles(0, 700):
        raw = log.read(tile)
        log.write(tile, raw[:-1] + bytes([raw[-1] ^ 1]))
        with pytest.raises(Refused, match="inconsistent"):
            go.ask("leaf-hashes", **head)
        log.write(tile, raw)
    with pytest.raises(Refused, match="inconsistent"):
        go.ask("leaf-hashes", **{**head, "Root": root(699)})
    assert go.accepts("leaf-hashes", **head)


@pytest.mark.parametrize("size", [1, 256, 700, 66_000])
def test_tlog_scales_reads_our_folder(tmp_path: Path, rng: random.Random, size: int) -> None:
    """tlog-scales recomputes our root from our tiles, reads our entries, and builds proofs that we accept."""
    frontier = TileFolder(tmp_path).append(0, LEAVES[:size])
    reader = TilesReader(LocalBackend(tmp_path))
    reader.set_size(size)
    assert reader.calculate_root_hash() == frontier.root()
    for _ in range(20):
        index = rng.randrange(size)
        assert reader.get_entry(index) == LEAVES[index]
        found = reader.get_inclusion_proof(index, size).node_hashes
        verify_inclusion(leaf_hash(LEAVES[index]), index, size, found, frontier.root())
        found = reader.get_consistency_proof(index + 1, size).node_hashes
        assert found == consistency_proof(index + 1, size, hashes(size) if size < 1_000 else reader_of(tmp_path, size))


def reader_of(folder: Path, size: int) -> HashReader:
    """Our hashes out of a folder."""
    return TileHashes(TileFolder(folder).read).at(size)
