"""The attack table of the audit, carried out on archives: the detector fires, names the first bad index, twins pass."""

import shutil
import tarfile
from pathlib import Path

import pytest

from ksad.ledger.archive.archive import read_events
from ksad.ledger.log.keys import Validity, read_public
from ksad.ledger.log.tree import leaf_hash
from ksad.reporting.checkpoints.keys import write_public
from ksad.reporting.checkpoints.signing import SigningKey
from ksad.reporting.checkpoints.tile_folder import TileFolder
from tests.support.forgers.audited import NATIONAL, Audited, checked, failed, forged, leaves_of
from tests.support.forgers.changes import AT, CHANGES, Change, deleted, edited, swapped, truncated
from tests.support.forgers.signing_anew import head_of


def sizes(heads: list[bytes]) -> list[int]:
    """How many leaves each of some signed heads covers."""
    return [int(head.split(b"\n")[1]) for head in heads]


def since(found: dict[str, int | range | None]) -> dict[str, int | range | None]:
    """What earlier heads have found."""
    return {name: at for name, at in found.items() if name.startswith("since")}


def test_the_untouched_twin_passes(whole: Audited, tmp_path: Path) -> None:
    """Nothing is found in an archive that nobody touched, nor in one that was only packed again."""
    assert failed(checked(whole.archive, whole.keys, since=whole.kept)) == {}

    again = forged(whole.archive, tmp_path / "again.tar")

    assert failed(checked(again, whole.keys, since=whole.kept)) == {}


@pytest.mark.parametrize("change", CHANGES)
def test_a_dba_without_the_key_is_found(whole: Audited, tmp_path: Path, change: Change) -> None:
    """Rows 1-6: edited, deleted, reordered, cut, regrown, inserted: the signed tree names the first leaf."""
    bad = forged(whole.archive, tmp_path / "bad.tar", change)

    found = failed(checked(bad, whole.keys))

    assert found["tree"] == AT
    assert found.get("causes", AT) == AT


@pytest.mark.parametrize("change", CHANGES)
def test_a_dba_with_the_key_is_found_by_an_earlier_head(
    whole: Audited, tmp_path: Path, log_key: SigningKey, change: Change
) -> None:
    """Rows 1-6 with the log's key: all is signed anew, and heads kept outside tell between which of them it happened.

    Which leaf between two heads it was, no head can tell; where the log was cut, the leaf may be the missing one.
    """
    bad = forged(whole.archive, tmp_path / "bad.tar", change, key=log_key, keys_dir=whole.source.keys)
    good, *later = sizes(whole.kept)
    cut = change is truncated

    found = failed(checked(bad, whole.keys, since=whole.kept))

    assert good < AT < later[0]
    where = range(good, AT + 1 if cut else later[0])
    assert since(found) == {f"since {size}": where for size in later}
    assert ("causes" in found) is (change in {deleted, swapped})
    assert found.get("causes", AT) == AT


@pytest.mark.parametrize("change", CHANGES)
def test_heads_of_just_before_and_after_name_the_leaf(
    whole: Audited, tmp_path: Path, log_key: SigningKey, change: Change
) -> None:
    """Rows 1-6 with the log's key: where heads were kept that follow on each other, the leaf between them is named."""
    bad = forged(whole.archive, tmp_path / "bad.tar", change, key=log_key, keys_dir=whole.source.keys)
    leaves = leaves_of(whole.archive)
    kept = [head_of(leaves[:size], log_key) for size in (AT + 1, AT)]

    assert since(failed(checked(bad, whole.keys, since=kept))) == {f"since {AT + 1}": AT}


@pytest.mark.parametrize(("change", "end"), [(edited, 410), (deleted, 410), (truncated, AT + 1)])
def test_tiles_made_anew_tell_no_leaf(whole: Audited, tmp_path: Path, change: Change, end: int) -> None:
    """Rows 1, 2 and 4 with tiles made to fit, but not the key: found, and no tile is believed about the leaf."""

    def anew(data: Path) -> None:
        shutil.rmtree(data / "log" / "tile")
        TileFolder(data / "log").append(0, list(read_events(data / "events")), bundles=False)

    bad = forged(whole.archive, tmp_path / "bad.tar", change, edit=anew)

    assert failed(checked(bad, whole.keys))["tree"] == range(end)


@pytest.mark.parametrize("item", [5, AT])
def test_a_forged_tile_tells_no_more_than_those_above(whole: Audited, tmp_path: Path, item: int) -> None:
    """Row 1 with one hash of one tile changed too: the tile above it still tells that the leaf is one of its 256."""

    def lie(data: Path) -> None:
        tile = data / "log" / "tile" / "0" / "000"
        hashes = bytearray(tile.read_bytes())
        hashes[item * 32 : item * 32 + 32] = leaf_hash(edited(leaves_of(whole.archive))[item])
        hashes[5 * 32] ^= item == 5
        tile.write_bytes(hashes)

    bad = forged(whole.archive, tmp_path / "bad.tar", edited, edit=lie)

    assert failed(checked(bad, whole.keys))["tree"] == range(256)


def test_a_wrong_tile_accuses_no_leaf(whole: Audited, tmp_path: Path) -> None:
    """Where a tile was changed and no leaf, the tile is found, and all leaves are said to be those that were signed."""

    def lie(data: Path) -> None:
        tile = data / "log" / "tile" / "0" / "000"
        tile.write_bytes(b"\x07" + tile.read_bytes()[1:])

    checks = checked(forged(whole.archive, tmp_path / "bad.tar", edit=lie), whole.keys)

    assert failed(checks) == {"tree": None}
    assert checks["tree"].detail == (
        "tile/0/000: not the hash of the leaves from 0 on; all leaves are those that were signed"
    )


def test_without_an_outside_head_the_key_holder_is_not_found(
    whole: Audited, tmp_path: Path, log_key: SigningKey
) -> None:
    """Who owns database and key, and faces nobody with an earlier head or a feed, passes: docs/auditing.md says so."""
    bad = forged(whole.archive, tmp_path / "bad.tar", edited, key=log_key, keys_dir=whole.source.keys)

    assert failed(checked(bad, whole.keys)) == {}


def test_a_swapped_key_is_refused(whole: Audited, tmp_path: Path) -> None:
    """Rows 11 and 26: clean history signed with another key of that name, which the archive brings: refused."""
    other = SigningKey.generate(NATIONAL)

    def bring(data: Path) -> None:
        write_public(data / "public.vkeys", {other.verifier: Validity()})

    bad = forged(whole.archive, tmp_path / "bad.tar", key=other, edit=bring)

    assert failed(checked(bad, whole.keys)) == {"checkpoint": None}
    own = tmp_path / "own.vkeys"
    pinned = {one: held for one, held in read_public(whole.keys).items() if one.name != NATIONAL}
    write_public(own, {**pinned, other.verifier: Validity()})
    assert "checkpoint" not in failed(checked(bad, own))


def test_a_rolled_back_head_is_refused(whole: Audited, tmp_path: Path, log_key: SigningKey) -> None:
    """Row 17: an old but genuine head and prefix do not stand against a newer head that the auditor kept."""
    size, *later = sizes(whole.kept)
    old = forged(whole.archive, tmp_path / "old.tar", lambda leaves: leaves[:size], key=log_key)

    found = failed(checked(old, whole.keys, since=whole.kept))

    assert since(found) == {f"since {one}": size for one in later}


def test_a_head_of_another_log_is_told(whole: Audited, tmp_path: Path) -> None:
    """A checkpoint of a feed, given as one of the national log, is named as that and accuses nobody of a change."""
    with tarfile.open(whole.archive) as tar:
        note = tar.extractfile("ksad-archive/data/feeds/33/checkpoint")
        assert note is not None
        checks = checked(whole.archive, whole.keys, since=[note.read()])

    assert failed(checks) == {"since": None}
    assert checks["since"].detail == "this is a checkpoint of ksad/bench/feed/33, which is no national log"
