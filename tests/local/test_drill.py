"""A restore is tried beside the platform: it is examined, timed and recorded, and the platform is not touched."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from ksad.chassis.places import DRILL
from ksad.local.machine.folder import Folder
from ksad.reporting.keeping.export import export
from tests.support.forgers.audited import fill, history
from tests.support.platforms.command import Answer, ksad

ENTRIES = 40


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """A data folder with some facts, signed heads and a document."""
    made = Folder(tmp_path / "data")
    fill(made, history(made, ENTRIES, 2))
    made.named("bench")
    return made


@pytest.fixture
def backup(folder: Folder, tmp_path: Path) -> Path:
    """A backup of it."""
    out = tmp_path / "backup"
    assert ksad("backup", out, "--data-dir", folder.root).code == 0
    return out


def drilled(folder: Folder, source: Path, *words: object) -> Answer:
    """A drill of the platform in a folder."""
    return ksad("restore-drill", "--from", source, *words, "--data-dir", folder.root, "--json")


def test_a_backup_is_tried(folder: Folder, backup: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What came back is whole; nothing is left of it but the record, also where the platform's stores are elsewhere."""
    for service in ("registry", "supervision", "reporting"):
        monkeypatch.setenv(f"KSAD_DATABASE_URL_{service.upper()}", "postgresql://nobody@127.0.0.1:1/none")
    before = {path.name for path in folder.root.iterdir()}
    answer = drilled(folder, backup)
    assert answer.code == 0, answer.err
    assert (answer.json["ok"], answer.json["faults"], answer.json["source"]) == (True, [], str(backup))
    assert answer.json["entries"] >= ENTRIES
    assert answer.json["seconds"] > 0
    assert 0 <= answer.json["age_seconds"] < 600
    assert {path.name for path in folder.root.iterdir()} == before | {DRILL}


def test_an_archive_is_tried(folder: Folder, tmp_path: Path) -> None:
    """It is verified with keys from outside, restored into files and folded."""
    archive = tmp_path / "archive.tar"
    export(folder, archive, signs=True)
    answer = drilled(folder, archive, "--key", folder.keys / "public.vkeys")
    assert answer.code == 0, answer.json["faults"]
    assert answer.json["entries"] >= ENTRIES


def test_a_drill_that_fails_says_so_and_hides_no_earlier_one(folder: Folder, backup: Path) -> None:
    """A backup in which a byte was changed ends with 3, and the record keeps the last drill that went well."""
    well = drilled(folder, backup).json
    file = backup / "registry.sqlite"
    file.write_bytes(file.read_bytes()[:-1] + b"\x01")
    answer = drilled(folder, backup)
    assert answer.code == 3
    assert "registry.sqlite was changed" in answer.json["faults"][0]
    kept = json.loads((folder.root / DRILL).read_text())
    assert (kept["newest"], kept["newest_well"]) == (answer.json, well)
    assert [path for path in folder.root.iterdir() if path.name.startswith("restore-drill-")] == []


def test_a_whole_backup_of_a_store_that_lacks_a_fact_fails(folder: Folder, tmp_path: Path) -> None:
    """Every file is as it was written, and what the journal has and the store has not is named all the same."""
    with closing(sqlite3.connect(folder.root / "registry.sqlite")) as store, store:
        for (name,) in store.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            store.execute(f"DROP TRIGGER {name}")
        store.execute("DELETE FROM stored_events WHERE notification_id = 3")
    assert ksad("backup", tmp_path / "backup", "--data-dir", folder.root).code == 0
    answer = drilled(folder, tmp_path / "backup")
    assert answer.code == 3
    assert "registry: missing" in answer.json["faults"][0]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--from", "{backup}"], "--record FILE"),
        (["--from", "{backup}", "--data-dir", "{data}", "--key", "{backup}/keys/public.vkeys"], "a backup needs none"),
        (["--from", "{backup}/backup.json", "--data-dir", "{data}"], "public keys from outside"),
    ],
)
def test_who_asks_wrongly_is_told(folder: Folder, backup: Path, words: list[str], said: str) -> None:
    """The command line is refused before anything is copied."""
    answer = ksad("restore-drill", *[word.format(backup=backup, data=folder.root) for word in words])
    assert answer.code == 2
    assert said in answer.err
