"""Restores from an archive alone: equal stores, journal, feeds and projections, and commands that still answer."""

import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from ksad.chassis.bucket import Bucket
from ksad.chassis.documents import Documents
from ksad.chassis.places import SERVICES, DataFolder, NamedPlaces
from ksad.chassis.relay.lines import refill
from ksad.chassis.relay.lines import whole as all_of
from ksad.chassis.store import CommandReusedError, EventStore
from ksad.contracts.identifiers import cooperation_id
from ksad.ledger.folds.listed import PROJECTIONS
from ksad.ledger.log.claimed import claimed
from ksad.ledger.log.keys import read_public
from ksad.reporting.keeping.admission import Trust, admitted
from ksad.reporting.keeping.export import export
from ksad.reporting.keeping.lines import lines
from ksad.reporting.keeping.reconcile import reconcile
from ksad.reporting.keeping.restore import restore
from ksad.reporting.projections import comparing, generations
from tests.support.forgers.audited import Audited, checked, failed
from tests.support.servers.buckets import BucketServer
from tests.support.servers.schemas import migrated

TODAY = date(2026, 11, 29)
STORED = "SELECT originator_id, originator_version, topic, state FROM stored_events ORDER BY notification_id"
JOURNAL = "SELECT entry, raw, leaf_hash, service, notification FROM journal ORDER BY entry"
FEEDS = "SELECT province, position, entry FROM feed_entries ORDER BY province, position"


def restored(whole: Audited, tmp_path: Path, keys: Path | None) -> DataFolder:
    """A new folder made from the archive."""
    root = tmp_path / "new"
    root.mkdir()
    target, trust = DataFolder(root), Trust(read_public(whole.keys), TODAY, keys)
    with admitted(whole.archive, target, trust) as found:
        with target.database("reporting", make=True) as database:
            migrated(database, "reporting")
        restore(found, target, trust)
    with target.database("reporting") as database, database.read() as journal, all_of(lines(journal)) as given:
        for service in ("registry", "supervision"):
            with target.database(service, make=True) as own:
                refill(EventStore(migrated(own, service)), service, given, under_old_ids=True)
    return target


def rows(source: DataFolder, service: str, query: str) -> list[tuple[object, ...]]:
    """Rows of a service's database."""
    with closing(sqlite3.connect(source.root / f"{service}.sqlite")) as connection:
        return connection.execute(query).fetchall()


def dump(source: DataFolder) -> dict[str, list[bytes]]:
    """All rows of all live projections."""
    with source.database("reporting") as database, database.read() as connection:
        named = {one.name: one for one in PROJECTIONS}
        return {one.name: comparing.dump(connection, named[one.name], one) for one in generations.live(connection)}


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


def test_documents_come_from_a_bucket_and_go_into_one(whole: Audited, tmp_path: Path) -> None:
    """An archive of a platform with a bucket has its documents, and a restore brings them into another one."""
    with BucketServer() as server:
        first, second = server.bucket(), server.bucket()
        server.fill(first, "registry", whole.source.documents("registry"))
        urls = {service: whole.source.database_url(service) for service in SERVICES}
        source = NamedPlaces(urls, {}, whole.source.keys, whole.source.log, first)
        assert export(source, tmp_path / "all.tar", signs=False).documents == 1
        urls = {service: f"sqlite:///{tmp_path / service}.sqlite" for service in SERVICES}
        target = NamedPlaces(urls, {}, tmp_path / "keys", tmp_path / "log", second)
        with admitted(tmp_path / "all.tar", target, Trust(read_public(whole.keys), TODAY)) as found:
            with target.database("reporting", make=True) as database:
                migrated(database, "reporting")
            assert restore(found, target, Trust(read_public(whole.keys), TODAY)).documents == 1
        before = Documents(whole.source.documents("registry"))
        after = Documents(tmp_path / "no", blobs=Bucket(second, "registry"))
        assert [(one, after.get(one)) for one in after.every()] == [(one, before.get(one)) for one in before.every()]


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


def test_without_keys_a_new_origin_carries_the_old_head(whole: Audited, tmp_path: Path) -> None:
    """The log goes on under a new origin; its first own leaf carries the old signed head; the list of keys has both."""
    new = restored(whole, tmp_path, None)
    old = claimed((whole.source.log / "checkpoint").read_bytes())
    export(new, tmp_path / "new.tar")

    head = claimed((new.log / "checkpoint").read_bytes())
    newest = rows(new, "reporting", "SELECT raw FROM journal ORDER BY entry DESC LIMIT 1")[0][0]
    checks = checked(tmp_path / "new.tar", new.keys / "public.vkeys", since=whole.kept)

    assert (head.origin, head.size) == (f"{old.origin}/2", old.size + 1)
    assert isinstance(newest, bytes)
    assert b"log_continued.v2" in newest
    assert old.root.hex().encode() in newest
    assert failed(checks) == {}
    assert checks["continued"].detail == "1 old heads, each signed by its key, are prefixes of this log"
    assert not checks["validity"].noted
