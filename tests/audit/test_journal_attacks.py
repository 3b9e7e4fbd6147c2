"""Attacks on the journal of a data folder by one who owns the database: the next start names the first bad entry."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
import pytest

from ksad.chassis.places import DataFolder
from ksad.contracts import canonical
from ksad.contracts.envelope import Envelope
from ksad.contracts.identifiers import event_id, stream_id
from ksad.ledger.log.tree import Frontier, leaf_hash
from ksad.reporting.checkpoints import Checkpoints, Keyring
from ksad.reporting.journal import Journal
from ksad.reporting.keeping.export import export
from ksad.reporting.keeping.reconcile import reconcile
from tests.support.forgers.audited import PLATFORM, Audited, as_dba, checked, copied, failed
from tests.support.forgers.changes import AT, Change, deleted, edited, inserted, regrown, swapped, truncated

INSERT = (
    "INSERT INTO journal (entry, event_id, stream, version, raw, leaf_hash, service, notification) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
)


def renumbered(leaves: list[bytes]) -> list[bytes]:
    """One entry left out, and the rest of its stream counted anew, so that no version is missing."""
    stream = orjson.loads(leaves[AT])["subject"]
    rest = []
    for raw in leaves[AT + 1 :]:
        event = orjson.loads(raw)
        if event["subject"] == stream:
            event["streamversion"] -= 1
            event["id"] = str(event_id(stream, event["streamversion"]))
        rest.append(canonical.encode(event))
    return leaves[:AT] + rest


def rewrite(source: DataFolder, change: Change) -> None:
    """Other entries in the journal, with ids, leaf hashes, numbers and frontier that fit; each keeps its position."""
    file = source.root / "reporting.sqlite"
    with closing(sqlite3.connect(file)) as connection:
        rows = connection.execute("SELECT raw, notification FROM journal ORDER BY entry").fetchall()
    positions: dict[Any, int] = {place(raw): notification for raw, notification in rows}
    fresh = change([raw for raw, _ in rows])
    tree = Frontier.empty().extended(map(leaf_hash, fresh))
    as_dba(
        file,
        ("DELETE FROM journal", ()),
        *((INSERT, row(number, raw, positions.get(place(raw), 10_000 + number))) for number, raw in enumerate(fresh)),
        ("UPDATE frontiers SET frontier = ?, size = ? WHERE log = 'national'", (tree.to_bytes(), tree.size)),
    )


def place(raw: bytes) -> tuple[str, str]:
    """What stays as it is in an entry that was edited or counted anew."""
    event = orjson.loads(raw)
    return event["time"], event["type"] + event["subject"]


def row(number: int, raw: bytes, notification: int) -> tuple[object, ...]:
    """An entry as the journal has it."""
    event: dict[str, Any] = orjson.loads(raw)
    service = event["source"].rpartition(":")[2]
    identity = UUID(event["id"]).hex
    return (number, identity, event["subject"], event["streamversion"], raw, leaf_hash(raw), service, notification)


def refused(source: DataFolder) -> str:
    """Why the national log is not signed on when the platform starts; nothing where it is."""
    with source.database("reporting") as database:
        checkpoints = Checkpoints(Journal(database), Keyring(source.keys, PLATFORM), source.log)
        checkpoints.publish()
        checkpoints.close()
        return checkpoints.refused or ""


def found(source: DataFolder) -> set[tuple[str, str, int | None]]:
    """What reconciling finds: whose rows, what is wrong, at which entry."""
    return {(one.service, one.kind, one.entry) for one in reconcile(source).findings}


def test_a_faithful_copy_passes(whole: Audited, tmp_path: Path) -> None:
    """The twin whose rows were written anew, each as it was, is signed on."""
    twin = copied(whole, tmp_path)
    rewrite(twin.source, list)

    assert refused(twin.source) == ""
    assert found(twin.source) == set()


OTHERS = "the first 410 entries are not those that were signed, from entry 150 on. Compare"
FEWER = "409 entries here, 410 were signed, from entry 150 on they are others, or not here. Refill"
CUT = "150 entries here, 410 were signed, from entry 150 on they are not here: an older backup was restored. Refill"


@pytest.mark.parametrize(
    ("change", "reason", "findings"),
    [
        (edited, OTHERS, {("registry", "altered", AT)}),
        (deleted, FEWER, {("registry", "foreign", None)}),
        (renumbered, FEWER, {("registry", kind, at) for kind in ("altered", "re-issued") for at in (174, 182)}),
        (swapped, OTHERS, set()),
        (inserted, OTHERS, {("registry", "missing", AT)}),
    ],
)
def test_a_rewritten_journal(
    whole: Audited, tmp_path: Path, change: Change, reason: str, findings: set[tuple[str, str, int | None]]
) -> None:
    """Rows 1, 2, 3 and 6: edited, deleted, renumbered, swapped, backdated, and all made to fit: start names the entry.

    What the stores can tell is told as well: which entry has other bytes, or none. A row that the journal lacks has no
    entry; where it stood, only the signed tree knows. Nor do stores know the order between streams.
    """
    bad = copied(whole, tmp_path)
    before = (bad.source.log / "checkpoint").read_bytes()
    rewrite(bad.source, change)

    assert refused(bad.source).startswith(f"national: {reason}")
    assert found(bad.source) == findings
    assert (bad.source.log / "checkpoint").read_bytes() == before


@pytest.mark.parametrize(("change", "reason"), [(truncated, CUT), (regrown, OTHERS)])
def test_a_restored_backup(whole: Audited, tmp_path: Path, change: Change, reason: str) -> None:
    """Rows 4 and 5: a journal behind what was signed, or grown past it elsewhere, is never signed under its origin."""
    bad = copied(whole, tmp_path)
    before = (bad.source.log / "checkpoint").read_bytes()
    rewrite(bad.source, change)

    assert refused(bad.source).startswith(f"national: {reason}")
    assert (bad.source.log / "checkpoint").read_bytes() == before
    rewrite(bad.source, lambda _: leaves_before(whole))
    assert refused(bad.source) == ""


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (edited, "are not those that were signed, from one of the entries 0 to 255 on. Compare"),
        (truncated, "410 were signed, from one of the entries 0 to 150 on they are others, or not here. Refill"),
    ],
)
def test_a_tile_that_was_made_to_fit_is_not_believed(
    whole: Audited, tmp_path: Path, change: Change, reason: str
) -> None:
    """Rows 1 and 4 with the lowest tile forged as well: start says of which entries the first bad one is, not which."""
    bad = copied(whole, tmp_path)
    rewrite(bad.source, change)
    tile = bad.source.log / "tile" / "0" / "000"
    hashes = b"".join(leaf_hash(raw) for raw in leaves_before(bad)[:256])
    tile.write_bytes(hashes.ljust(256 * 32, b"-"))

    assert reason in refused(bad.source)


def leaves_before(whole: Audited) -> list[bytes]:
    """The untouched folder's leaves: what a refill brings."""
    with closing(sqlite3.connect(whole.source.root / "reporting.sqlite")) as connection:
        return [one[0] for one in connection.execute("SELECT raw FROM journal ORDER BY entry")]


def test_an_archive_of_it_says_the_same(whole: Audited, tmp_path: Path) -> None:
    """Row 3: an archive exported after two entries were swapped names the first of them, against the tiles in it."""
    bad = copied(whole, tmp_path)
    rewrite(bad.source, swapped)
    export(bad.source, tmp_path / "bad.tar")

    found = failed(checked(tmp_path / "bad.tar", whole.keys))
    assert (found["tree"], found["causes"]) == (AT, AT)


def test_a_ghost_under_a_free_id(whole: Audited, tmp_path: Path) -> None:
    """Row 14: a fact slipped into a store under an id below all others, which no follower reads, is told as foreign."""
    bad = copied(whole, tmp_path)
    file = bad.source.root / "registry.sqlite"
    with closing(sqlite3.connect(file)) as connection:
        query = "SELECT originator_id, originator_version, topic, state FROM stored_events WHERE notification_id = 9"
        originator, version, topic, state = connection.execute(query).fetchone()
    event = orjson.loads(state)
    event["streamversion"] = 900
    event["id"] = str(event_id(event["subject"], 900))
    ghost = Envelope.from_bytes(canonical.encode(event)).to_bytes()
    assert version < 900
    assert UUID(str(originator)) == stream_id(event["subject"])
    as_dba(file, ("INSERT INTO stored_events VALUES (?, ?, ?, ?, ?)", (-5, originator, 900, topic, ghost)))

    assert found(bad.source) == {("registry", "foreign", None)}
    assert found(whole.source) == set()
