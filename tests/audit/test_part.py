"""A file of leaves read by itself says the same of them as the whole log does."""

from pathlib import Path

import pytest

from ksad.audit.checks.part import FileReader, split
from ksad.ledger.archive.archive import EVENTS, ArchiveError, Lines, line_files
from ksad.ledger.log.tiles import WIDTH
from ksad.ledger.log.tree import Frontier, leaf_hash
from tests.support.histories.histories import generated


@pytest.mark.parametrize("per_file", [WIDTH, 300, 600])
def test_roots_of_the_tiles_that_lie_in_a_file(tmp_path: Path, per_file: int) -> None:
    """Wherever files end: the root over each 256 leaves that stand in one file together, and of no others."""
    leaves = [event.to_bytes() for event in generated(1_100)]
    hashes = [leaf_hash(raw) for raw in leaves]
    with Lines(tmp_path, EVENTS, per_file) as lines:
        lines.write(leaves)
    read = list[bytes]()
    for file in line_files(tmp_path, EVENTS):
        part = FileReader().read(file)
        read += split(part.digests)
        inside = range(-(-file.first // WIDTH), len(read) // WIDTH)
        roots = {number: Frontier.empty().extended(hashes[number * WIDTH : (number + 1) * WIDTH]) for number in inside}
        assert part.roots == {number: frontier.root() for number, frontier in roots.items()}
    assert read == hashes


def test_a_file_of_very_many_lines(tmp_path: Path) -> None:
    """A small file that unfolds to more lines than any file of ours ever had is refused before they fill the memory."""
    with Lines(tmp_path, EVENTS, 400_000) as lines:
        lines.write([b""] * 400_000)
    (file,) = line_files(tmp_path, EVENTS)
    with pytest.raises(ArchiveError, match="more than 65536 lines"):
        FileReader().read(file)
