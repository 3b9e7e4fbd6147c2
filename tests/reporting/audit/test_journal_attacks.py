"""Attacks on the journal of a data folder by one who owns the database: the next start names the first bad entry."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
import pytest

from contracts import canonical
from contracts.envelope import Envelope
from contracts.identifiers import event_id, stream_id
from contracts.registry import DayPassed
from reporting.audit.export import export
from reporting.audit.reconcile import Finding, reconcile
from reporting.audit.source import Source
from reporting.checkpoints import Checkpoints, Keyring
from reporting.journal import Journal
from reporting.transparency.tree import Frontier, leaf_hash
from tests.support.audited import PLATFORM, Audited, as_dba, checked, copied, failed, made

AT = 150
INSERT = (
    "INSERT INTO journal (entry, event_id, stream, version, raw, leaf_hash, service, notification) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
)
Change = Callable[[list[bytes]], list[bytes]]


def edited(leaves: list[bytes]) -> list[bytes]:
    """Another actor in one entry."""
    event = orjson.loads(leaves[AT])
    event["actorid"] = "orang-lain"
    return [*leaves[:AT], canonical.encode(event), *leaves[AT + 1 :]]


def deleted(leaves: list[bytes]) -> list[bytes]:
    """One entry left out, all after it moved up."""
    return leaves[:AT] + leaves[AT + 1 :]


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


def swapped(leaves: list[bytes]) -> list[bytes]:
    """Two neighbours the other way round."""
    return [*leaves[:AT], leaves[AT + 1], leaves[AT], *leaves[AT + 2 :]]


def inserted(leaves: list[bytes]) -> list[bytes]:
    """A fact put in between, under a time that fits there."""
    return [*leaves[:AT], *_more(leaves[AT], 1), *leaves[AT:]]


def truncated(leaves: list[bytes]) -> list[bytes]:
    """The newest entries gone, as in an older backup."""
    return leaves[:AT]


def regrown(leaves: list[bytes]) -> list[bytes]:
    """An older backup that has grown past what was signed, with other facts."""
    return leaves[:AT] + _more(leaves[-1], len(leaves) - AT + 5)


def _more(after: bytes, count: int) -> list[bytes]:
    moment = datetime.fromisoformat(orjson.loads(after)["time"])
    return [made(DayPassed(day=date(2015, 1, 1)), "calendar/other", n + 1, moment).to_bytes() for n in range(count)]


def rewrite(source: Source, change: Change) -> None:
    """Other entries in the journal, with ids, leaf hashes, numbers and frontier that fit."""
    file = source.root / "reporting.sqlite"
    with closing(sqlite3.connect(file)) as connection:
        leaves = [row[0] for row in connection.execute("SELECT raw FROM journal ORDER BY entry")]
    fresh = change(leaves)
    tree = Frontier.empty().extended(map(leaf_hash, fresh))
    as_dba(
        file,
        ("DELETE FROM journal", ()),
        *((INSERT, row(number, raw)) for number, raw in enumerate(fresh)),
        ("UPDATE frontiers SET frontier = ?, size = ? WHERE log = 'national'", (tree.to_bytes(), tree.size)),
    )


def row(number: int, raw: bytes) -> tuple[object, ...]:
    """An entry as the journal has it."""
    event: dict[str, Any] = orjson.loads(raw)
    service = event["source"].rpartition(":")[2]
    identity = UUID(event["id"]).hex
    return (number, identity, event["subject"], event["streamversion"], raw, leaf_hash(raw), service, number + 1)


def refused(source: Source) -> str:
    """Why the national log is not signed on when the platform starts; nothing where it is."""
    with source.database("reporting") as database:
        checkpoints = Checkpoints(Journal(database), Keyring(source.keys, PLATFORM), source.log)
        checkpoints.publish()
        checkpoints.close()
        return checkpoints.refused or ""


def found(source: Source) -> list[Finding]:
    """What reconciling finds."""
    return reconcile(source).findings


def test_a_faithful_copy_passes(whole: Audited, tmp_path: Path) -> None:
    """The twin whose rows were written anew, each as it was, is signed on; only its positions are others."""
    twin = copied(whole, tmp_path)
    rewrite(twin.source, list)

    assert refused(twin.source) == ""
    assert {one.kind for one in found(twin.source)} <= {"re-issued"}


@pytest.mark.parametrize("change", [edited, deleted, renumbered, swapped, inserted])
def test_a_rewritten_journal(whole: Audited, tmp_path: Path, change: Change) -> None:
    """Rows 1, 2, 3 and 6: edited, deleted, renumbered, swapped, backdated, and all made to fit: start names the entry.

    So do the stores, but for the order: each of them knows only its own.
    """
    bad = copied(whole, tmp_path)
    before = (bad.source.log / "checkpoint").read_bytes()
    rewrite(bad.source, change)

    reason = refused(bad.source)

    assert f"from entry {AT} on" in reason
    if change is not swapped:
        assert {one.kind for one in found(bad.source)} & {"altered", "missing", "foreign"}
    assert (bad.source.log / "checkpoint").read_bytes() == before


@pytest.mark.parametrize("change", [truncated, regrown])
def test_a_restored_backup(whole: Audited, tmp_path: Path, change: Change) -> None:
    """Rows 4 and 5: a journal behind what was signed, or grown past it elsewhere, is never signed under its origin."""
    bad = copied(whole, tmp_path)
    before = (bad.source.log / "checkpoint").read_bytes()
    rewrite(bad.source, change)

    reason = refused(bad.source)

    assert f"from entry {AT} on" in reason
    assert (bad.source.log / "checkpoint").read_bytes() == before
    rewrite(bad.source, lambda _: leaves_before(whole))
    assert refused(bad.source) == ""


def leaves_before(whole: Audited) -> list[bytes]:
    """The untouched folder's leaves: what a refill brings."""
    with closing(sqlite3.connect(whole.source.root / "reporting.sqlite")) as connection:
        return [one[0] for one in connection.execute("SELECT raw FROM journal ORDER BY entry")]


def test_an_archive_of_it_says_the_same(whole: Audited, tmp_path: Path) -> None:
    """Row 3: an archive exported after two entries were swapped names the first of them, against the tiles in it."""
    bad = copied(whole, tmp_path)
    rewrite(bad.source, swapped)
    export(bad.source, tmp_path / "bad.tar")

    assert failed(checked(tmp_path / "bad.tar", whole.keys))["tree"] == AT


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

    assert [(one.service, one.kind, one.entry) for one in found(bad.source)] == [("registry", "foreign", None)]
    assert found(whole.source) == []
