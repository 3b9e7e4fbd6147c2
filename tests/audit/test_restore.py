"""Restores from an archive alone: equal stores, journal, feeds and projections, and commands that still answer."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from ksad.chassis.documents import Documents
from ksad.chassis.places import SERVICES, DataFolder
from ksad.chassis.relay.lines import refill
from ksad.chassis.relay.lines import whole as all_of
from ksad.chassis.store import CommandReusedError, EventStore
from ksad.contracts.identifiers import cooperation_id
from ksad.ledger.archive import inside
from ksad.ledger.folds.listed import PROJECTIONS
from ksad.ledger.log.claimed import claimed
from ksad.ledger.log.keys import read_public
from ksad.reporting.checkpoints.keys import write_public
from ksad.reporting.keeping.export import export
from ksad.reporting.keeping.lines import lines
from ksad.reporting.keeping.reconcile import reconcile
from ksad.reporting.keeping.restore import RestoreError, restore
from ksad.reporting.projections import generations
from tests.support.forgers.audited import Audited, checked, failed, forged
from tests.support.servers.schemas import migrated

STORED = "SELECT originator_id, originator_version, topic, state FROM stored_events ORDER BY notification_id"
JOURNAL = "SELECT entry, raw, leaf_hash, service, notification FROM journal ORDER BY entry"
FEEDS = "SELECT province, position, entry FROM feed_entries ORDER BY province, position"


def restored(whole: Audited, tmp_path: Path, keys: Path | None) -> DataFolder:
    """A new folder made from the archive."""
    target = empty(tmp_path / "new")
    with inside.opened(whole.archive) as bag:
        restore(bag / "data", target, keys)
    with target.database("reporting") as database, database.read() as journal, all_of(lines(journal)) as given:
        for service in ("registry", "supervision"):
            with target.database(service, make=True) as own:
                refill(EventStore(migrated(own, service)), service, given, under_old_ids=True)
    return target


def empty(root: Path) -> DataFolder:
    """A new folder in which reporting has its tables."""
    root.mkdir()
    target = DataFolder(root)
    with target.database("reporting", make=True) as database:
        migrated(database, "reporting")
    return target


def rows(source: DataFolder, service: str, query: str) -> list[tuple[object, ...]]:
    """Rows of a service's database."""
    with closing(sqlite3.connect(source.root / f"{service}.sqlite")) as connection:
        return connection.execute(query).fetchall()


def dump(source: DataFolder) -> dict[str, list[bytes]]:
    """All rows of all live projections."""
    with source.database("reporting") as database, database.read() as connection:
        named = {one.name: one for one in PROJECTIONS}
        return {one.name: generations.dump(connection, named[one.name], one) for one in generations.live(connection)}


def test_with_the_old_keys_all_is_equal(whole: Audited, tmp_path: Path) -> None:
    """Stores, journal, feeds, projections and documents equal the originals, and the same log goes on."""
    new = restored(whole, tmp_path, whole.source.keys)

    for service in SERVICES:
        assert rows(new, service, STORED) == rows(whole.source, service, STORED)
    assert rows(new, "reporting", JOURNAL) == rows(whole.source, "reporting", JOURNAL)
    assert rows(new, "reporting", FEEDS) == rows(whole.source, "reporting", FEEDS)
    assert dump(new) == dump(whole.source)
    assert list(Documents(new.documents("registry")).every()) == list(
        Documents(whole.source.documents("registry")).every()
    )
    assert (new.log / "checkpoint").read_bytes() == (whole.source.log / "checkpoint").read_bytes()
    assert reconcile(new).findings == []


def test_commands_still_answer(whole: Audited, tmp_path: Path) -> None:
    """A command carried out before the restore is answered from the log, and its key is refused to another body."""
    new = restored(whole, tmp_path, whole.source.keys)
    subject = f"cooperation/{cooperation_id('naskah')}"
    command = cooperation_id(f"{subject}@2")

    with new.database("registry") as database:
        store = EventStore(database)
        known = store.recall(command, "1" * 64)
        with pytest.raises(CommandReusedError):
            store.recall(command, "2" * 64)

    assert known is not None
    assert [one.subject for one in known.envelopes] == [subject]


def test_without_keys_a_new_origin_names_the_old_head(whole: Audited, tmp_path: Path) -> None:
    """The log goes on under a new origin; its first own leaf names the old head; old heads still prove its prefix."""
    new = restored(whole, tmp_path, None)
    old = claimed((whole.source.log / "checkpoint").read_bytes())
    export(new, tmp_path / "new.tar")
    both = tmp_path / "both.vkeys"
    write_public(both, [*read_public(whole.keys), *read_public(new.keys / "public.vkeys")])

    head = claimed((new.log / "checkpoint").read_bytes())
    newest = rows(new, "reporting", "SELECT raw FROM journal ORDER BY entry DESC LIMIT 1")[0][0]

    assert (head.origin, head.size) == (f"{old.origin}/2", old.size + 1)
    assert isinstance(newest, bytes)
    assert b"log_continued" in newest
    assert old.root.hex().encode() in newest
    assert failed(checked(tmp_path / "new.tar", both, since=whole.kept)) == {}


def test_nothing_is_restored_over_a_platform(whole: Audited, tmp_path: Path) -> None:
    """A folder that holds a platform is refused, and so is an archive whose leaves are not its head's."""
    with inside.opened(whole.archive) as bag:
        shutil.copytree(whole.source.root, tmp_path / "old")
        with pytest.raises(RestoreError, match="name a new folder"):
            restore(bag / "data", DataFolder(tmp_path / "old"), None)
    bad = forged(whole.archive, tmp_path / "bad.tar", lambda leaves: leaves[1:])
    with inside.opened(bad) as bag, pytest.raises(RestoreError, match="not those of the archive's head"):
        restore(bag / "data", empty(tmp_path / "empty"), None)
