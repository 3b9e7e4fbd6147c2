"""The attack table of the audit, carried out on a data folder by one who owns its databases; untouched twins pass."""

import sqlite3
from contextlib import closing
from pathlib import Path

import orjson
import pytest
import sqlalchemy as sa

from ksad.chassis.places import DataFolder
from ksad.contracts import canonical
from ksad.ledger.folds.register import COOPERATIONS, RegisterProjection
from ksad.ledger.folds.rows import Event, Rows
from ksad.ledger.log.tree import Frontier, leaf_hash
from ksad.reporting.checkpoints import Checkpoints, Keyring
from ksad.reporting.journal import Journal
from ksad.reporting.keeping.export import export
from ksad.reporting.keeping.reconcile import reconcile
from ksad.reporting.projections import generations
from ksad.reporting.projections.runner import Runner
from ksad.reporting.projections.tables import table_name
from tests.support.forgers.audited import PLATFORM, Audited, as_dba, checked, copied, failed, fill, history

AT = 150


def refused(one: Audited) -> str | None:
    """What the platform says when it starts on a folder: why it does not sign."""
    with one.source.database("reporting") as database:
        checkpoints = Checkpoints(Journal(database), Keyring(one.source.keys, PLATFORM), one.source.log)
        checkpoints.publish()
        checkpoints.close()
        return checkpoints.refused


def test_the_untouched_twin_passes(whole: Audited, tmp_path: Path) -> None:
    """A folder that nobody touched reconciles, and its log is signed on."""
    twin = copied(whole, tmp_path)

    assert reconcile(twin.source).findings == []
    assert refused(twin) is None


def test_nothing_is_ready_before_it_was_looked_at(whole: Audited, tmp_path: Path) -> None:
    """Until the journal was held against the last signed head, readiness says so: an edited one is never ready."""
    bad = copied(whole, tmp_path)
    edit_journal(bad.source, AT)
    with bad.source.database("reporting") as database:
        checkpoints = Checkpoints(Journal(database), Keyring(bad.source.keys, PLATFORM), bad.source.log)
        first = checkpoints.refused
        checkpoints.publish()
        then = checkpoints.refused
        checkpoints.close()

    assert first == "not held against what was signed last yet"
    assert f"from entry {AT} on" in (then or "")


def edit_journal(source: DataFolder, at: int) -> None:
    """Another actor in one entry, with leaf hash and frontier made to fit."""
    file = source.root / "reporting.sqlite"
    with closing(sqlite3.connect(file)) as connection:
        rows = [row[0] for row in connection.execute("SELECT raw FROM journal ORDER BY entry")]
    event = orjson.loads(rows[at])
    event["actorid"] = "orang-lain"
    rows[at] = canonical.encode(event)
    tree = Frontier.empty().extended(map(leaf_hash, rows))
    as_dba(
        file,
        ("UPDATE journal SET raw = ?, leaf_hash = ? WHERE entry = ?", (rows[at], leaf_hash(rows[at]), at)),
        ("UPDATE frontiers SET frontier = ? WHERE log = 'national'", (tree.to_bytes(),)),
    )


def test_an_edited_entry(whole: Audited, tmp_path: Path) -> None:
    """Row 1: start, reconcile and an archive's verify each name the entry that was edited, though all hashes fit."""
    bad = copied(whole, tmp_path)
    edit_journal(bad.source, AT)

    reason = refused(bad)
    findings = reconcile(bad.source).findings
    export(bad.source, tmp_path / "bad.tar")

    assert reason is not None
    assert f"from entry {AT} on" in reason
    assert [(one.kind, one.entry) for one in findings] == [("altered", AT)]
    assert failed(checked(tmp_path / "bad.tar", whole.keys))["tree"] == AT


def test_a_restored_backup(whole: Audited, tmp_path: Path) -> None:
    """Row 4: a journal behind what was signed, with feeds that fit, is refused at start, with the first entry gone."""
    bad = copied(whole, tmp_path)
    file = bad.source.root / "reporting.sqlite"
    with closing(sqlite3.connect(file)) as connection:
        rows = [row[0] for row in connection.execute("SELECT raw FROM journal WHERE entry < ? ORDER BY entry", (AT,))]
    tree = Frontier.empty().extended(map(leaf_hash, rows))
    cut = ("UPDATE frontiers SET frontier = ?, size = ? WHERE log = 'national'", (tree.to_bytes(), AT))
    as_dba(
        file, ("DELETE FROM feed_entries WHERE entry >= ?", (AT,)), ("DELETE FROM journal WHERE entry >= ?", (AT,)), cut
    )

    reason = refused(bad)

    assert reason is not None
    assert reason.startswith(
        "national: 150 entries here, 410 were signed, from entry 150 on they are not here: an older backup was restored"
    )


def test_a_change_before_the_first_head_is_not_found(tmp_path: Path) -> None:
    """Row 9: who changes a fact in store and journal before anything was signed is found by nobody; docs say so."""
    source = DataFolder(tmp_path / "data")
    events = history(source, 60, 1)
    changed = orjson.loads(events[10].to_bytes())
    changed["actorid"] = "orang-lain"
    events[10] = type(events[10]).from_bytes(canonical.encode(changed))

    fill(source, events)
    export(source, tmp_path / "all.tar")

    assert failed(checked(tmp_path / "all.tar", source.keys / "public.vkeys")) == {}
    assert reconcile(source).findings == []


def test_ghosts_and_gaps(whole: Audited, tmp_path: Path) -> None:
    """Row 14: a row put under a low id, and a row taken out of a store, are found against the journal, both ways.

    The ghost is no event of the journal, so it has no entry: it is named by its row.
    """
    bad = copied(whole, tmp_path)
    file = bad.source.root / "registry.sqlite"
    with closing(sqlite3.connect(file)) as connection:
        originator, version, topic, state = connection.execute(
            "SELECT originator_id, originator_version, topic, state FROM stored_events WHERE notification_id = 9"
        ).fetchone()
    insert = "INSERT INTO stored_events VALUES (?, ?, ?, ?, ?)"
    as_dba(
        file,
        ("DELETE FROM stored_events WHERE notification_id = 9", ()),
        (insert, (-5, b"\x01" * 16 if isinstance(originator, bytes) else "01" * 16, version, topic, state)),
    )

    found = reconcile(bad.source).findings

    with closing(sqlite3.connect(bad.source.root / "reporting.sqlite")) as connection:
        query = "SELECT entry FROM journal WHERE service = 'registry' AND notification = 9"
        entry = connection.execute(query).fetchone()[0]
    assert [(one.service, one.kind, one.entry) for one in found] == [
        ("registry", "missing", entry),
        ("registry", "altered", None),
    ]
    assert found[1].detail == "row -5 is not the event of its stream and version"


def test_an_id_that_was_issued_twice(whole: Audited, tmp_path: Path) -> None:
    """Row 15: the newest row deleted and its id given to another fact: the journal still has the first owner."""
    bad = copied(whole, tmp_path)
    file = bad.source.root / "registry.sqlite"
    with closing(sqlite3.connect(file)) as connection:
        last, topic, state = connection.execute(
            "SELECT notification_id, topic, state FROM stored_events ORDER BY notification_id DESC"
        ).fetchone()
    other = orjson.loads(state)
    assert other["subject"] == "calendar/days"
    from ksad.contracts.identifiers import event_id, stream_id  # noqa: PLC0415 - the forger's own tools

    other["subject"] = "calendar/lain"
    other["streamversion"] = 1
    other["id"] = str(event_id("calendar/lain", 1))
    values = (last, stream_id("calendar/lain").hex, 1, topic, canonical.encode(other))
    as_dba(
        file,
        ("DELETE FROM stored_events WHERE notification_id = ?", (last,)),
        ("INSERT INTO stored_events VALUES (?, ?, ?, ?, ?)", values),
    )

    found = {(one.service, one.kind, one.entry) for one in reconcile(bad.source).findings}

    with closing(sqlite3.connect(bad.source.root / "reporting.sqlite")) as connection:
        query = "SELECT entry FROM journal WHERE service = 'registry' AND notification = ?"
        (owner,) = connection.execute(query, (last,)).fetchone()
    assert found == {("registry", "missing", owner), ("registry", "re-issued", owner)}
    assert reconcile(whole.source).findings == []


class Forgetful(RegisterProjection):
    """A register whose code differs: it leaves out every title, under the same version number."""

    def apply(self, rows: Rows, index: int, event: Event) -> None:
        """Fold, without titles."""
        super().apply(
            rows, index, {**event, "data": {**event["data"], "title": "-"}} if "title" in event["data"] else event
        )


@pytest.mark.parametrize("forged", ["rows", "code"])
def test_a_forged_read_model(whole: Audited, tmp_path: Path, forged: str) -> None:
    """Rows 12 and 18: rows changed by hand, or made by other code, are not what the log gives; the twin's are."""
    bad = copied(whole, tmp_path)
    with bad.source.database("reporting") as database:
        log = Journal(database)
        twin = Runner(database, log).rebuild(switch=False)
        if forged == "code":
            Runner(database, log, [Forgetful()]).rebuild()
        else:
            with database.write() as connection:
                live = next(one for one in generations.live(connection) if one.name == "register")
                table = sa.table(table_name(COOPERATIONS, live.number), sa.column("status"))
                connection.execute(sa.update(table).where(table.c.status == "running").values(status="ended"))

        found = Runner(database, log).rebuild(switch=False)

    assert twin is not None
    assert twin.identical
    assert found is not None
    assert not found.identical
    assert "register" in found.differing
