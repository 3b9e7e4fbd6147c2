"""Checkpoints: signed notes of exactly one form, opened for one log with its own pinned keys."""

import base64
from typing import Any

import pytest

from ksad.ledger.log.checkpoint import Checkpoint, open_checkpoint, parse_checkpoint
from ksad.ledger.log.errors import CheckpointError, NoteError
from ksad.ledger.log.tree import EMPTY_ROOT, TreeHead, leaf_hash
from ksad.reporting.checkpoints.signing import SigningKey, sign_checkpoint, sign_note

ORIGIN = "ksad/test/national"
KEY = SigningKey.generate(ORIGIN)
FEED = SigningKey.generate("ksad/test/feed/53")
ROOT = leaf_hash(b"")
ROOT64 = base64.b64encode(ROOT).decode()
HEAD = Checkpoint(ORIGIN, 20_852_163, ROOT)


def test_a_checkpoint_is_three_lines() -> None:
    """Origin, size and root, each on a line; signed and opened it is the same."""
    assert HEAD.text() == f"{ORIGIN}\n20852163\n{ROOT64}\n"
    note = sign_checkpoint(HEAD, KEY)
    assert open_checkpoint(note, ORIGIN, KEY.verifier.vkey) == HEAD
    assert open_checkpoint(note, ORIGIN, [FEED.verifier, KEY.verifier]).head == TreeHead(20_852_163, ROOT)


def test_extension_lines_are_tolerated_and_signed() -> None:
    """Further lines are kept as they are; changing one breaks the signature."""
    extended = HEAD._replace(extensions=("timestamp 5", "more"))
    note = sign_checkpoint(extended, KEY)
    assert open_checkpoint(note, ORIGIN, KEY.verifier.vkey) == extended
    with pytest.raises(NoteError, match="false signature"):
        open_checkpoint(note.replace(b"timestamp 5", b"timestamp 6"), ORIGIN, KEY.verifier.vkey)


def test_the_empty_tree_has_one_root() -> None:
    """A checkpoint of size 0 carries SHA-256 of nothing, and no other root."""
    assert parse_checkpoint(Checkpoint(ORIGIN, 0, EMPTY_ROOT).text()).size == 0
    with pytest.raises(CheckpointError, match="empty tree"):
        parse_checkpoint(f"{ORIGIN}\n0\n{ROOT64}\n")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        f"{ORIGIN}\n5\n",
        f"{ORIGIN}\n5\n{ROOT64}",
        f"{ORIGIN}\n\n{ROOT64}\n",
        f"\n5\n{ROOT64}\n",
        f"{ORIGIN}\n5\n{ROOT64}\n\n",
        f"{ORIGIN}\n5\n{ROOT64}\n\nmore\n",
    ],
)
def test_a_text_of_other_lines_is_no_checkpoint(text: str) -> None:
    """A line that is missing or empty is refused."""
    assert parse_checkpoint(f"{ORIGIN}\n5\n{ROOT64}\n")
    with pytest.raises(CheckpointError):
        parse_checkpoint(text)


@pytest.mark.parametrize(
    "size", ["05", "00", "+5", "-5", " 5", "5 ", "5.0", "0x5", "5e1", "5_0", "\u0665", "9" * 30, str(2**63)]
)
def test_a_size_has_one_spelling(size: str) -> None:
    """Signs, spaces, leading zeros, other digits and sizes that no tree can have are refused."""
    with pytest.raises(CheckpointError, match="leading zeros"):
        parse_checkpoint(f"{ORIGIN}\n{size}\n{ROOT64}\n")


def test_a_size_of_any_length_costs_nothing() -> None:
    """A size of many thousand digits is refused without being computed."""
    with pytest.raises(CheckpointError, match="leading zeros"):
        parse_checkpoint(f"{ORIGIN}\n{'9' * 200_000}\n{ROOT64}\n")


@pytest.mark.parametrize(
    "root",
    [
        pytest.param(ROOT64[:-1], id="padding missing"),
        pytest.param(ROOT64 + "=", id="padding long"),
        pytest.param(" " + ROOT64, id="a space"),
        pytest.param(ROOT64[:-2] + "B=", id="unused bits set"),
        pytest.param("-_" + ROOT64[2:], id="the alphabet of URLs"),
        pytest.param("\u00e9" * 44, id="no ASCII"),
        pytest.param(ROOT.hex(), id="hexadecimal"),
        pytest.param(base64.b64encode(ROOT[:-1]).decode(), id="31 bytes"),
        pytest.param(base64.b64encode(ROOT + b".").decode(), id="33 bytes"),
    ],
)
def test_a_root_has_32_bytes_and_one_spelling(root: str) -> None:
    """Any other length, alphabet, padding or spelling of a root is refused."""
    with pytest.raises(CheckpointError, match="32 bytes"):
        parse_checkpoint(f"{ORIGIN}\n5\n{root}\n")


@pytest.mark.parametrize(
    "changed",
    [
        {"size": -1},
        {"size": 2**63},
        {"size": 0},
        {"root": b"\0" * 31},
        {"origin": ""},
        {"origin": "a\nb"},
        {"extensions": ("",)},
        {"extensions": ("a\nb",)},
    ],
)
def test_only_what_can_be_read_back_is_signed(changed: dict[str, Any]) -> None:
    """A head that would be read as another one, or not at all, is never signed."""
    with pytest.raises(CheckpointError):
        sign_checkpoint(HEAD._replace(**changed), KEY)


def test_a_key_speaks_for_its_own_log_only() -> None:
    """A pinned key of another log opens nothing here, and does not sign here, even where the text is in order."""
    with pytest.raises(CheckpointError):
        sign_checkpoint(HEAD, FEED)
    smuggled = sign_note(HEAD.text(), FEED)
    for pinned in ([FEED.verifier], [FEED.verifier, KEY.verifier]):
        with pytest.raises(NoteError):
            open_checkpoint(smuggled, ORIGIN, pinned)


def test_a_checkpoint_of_another_log_is_refused() -> None:
    """The origin line is compared, whoever signed."""
    other = sign_note(HEAD._replace(origin="ksad/test/other").text(), KEY)
    with pytest.raises(CheckpointError, match="of ksad/test/other"):
        open_checkpoint(other, ORIGIN, KEY.verifier.vkey)


def test_a_swapped_key_is_refused() -> None:
    """A clean history signed again with a new key of the same name is refused by whoever pinned the old one."""
    swapped = SigningKey.generate(ORIGIN)
    with pytest.raises(NoteError):
        open_checkpoint(sign_checkpoint(HEAD, swapped), ORIGIN, KEY.verifier.vkey)


def test_a_key_is_replaced_by_signing_with_both() -> None:
    """While a key is being replaced, readers who pinned either key can open the checkpoint."""
    new = SigningKey.generate(ORIGIN)
    note = sign_checkpoint(HEAD, KEY, new)
    assert open_checkpoint(note, ORIGIN, [KEY.verifier]) == open_checkpoint(note, ORIGIN, [new.verifier]) == HEAD
