"""A backup is complete and says so, or it is refused by whatever takes it up."""

import json
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from ksad.local.machine import backups
from ksad.local.machine.backups import BackupError
from ksad.local.machine.folder import Folder
from ksad.local.machine.platform import Platform
from ksad.portal.drafts import Drafts
from ksad.portal.identity.exchange import BegunLogin
from ksad.portal.identity.logins import Logins
from ksad.portal.sessions import Sessions
from ksad.portal.views import SavedViews
from ksad.reporting.keeping.reconcile import reconcile
from tests.support.forgers.audited import fill, history
from tests.support.platforms.command import ksad
from tests.support.servers.processes import wait_until
from tests.support.servers.schemas import opened

BROKEN_OFF = pytest.mark.fault(
    "operator F5",
    kind="What a killed command leaves behind looks like what a finished one has made.",
    looked="backup, restore, export, rebuild, and every file that services and the ksad command write.",
    found="A file that was just being written could break a running backup off; copies of documents and "
    "keys were not on the disk when restore had ended.",
)


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """A data folder with some facts, signed heads and a document."""
    made = Folder(tmp_path / "data")
    fill(made, history(made, 40, 2))
    made.named("bench")
    return made


def test_a_backup_is_complete(folder: Folder, tmp_path: Path) -> None:
    """It has all that a platform needs, a manifest over every file, and nothing beside it; it verifies."""
    out = tmp_path / "backup"
    answer = ksad("backup", out, "--data-dir", folder.root, "--json")
    verified = ksad("backup", "--verify", out, "--json")

    assert set(answer.json) >= {"platform", "keys", "log", "registry.sqlite", "documents"}
    assert (verified.code, verified.json["faults"]) == (0, [])
    assert verified.json["files"] > len(answer.json)
    assert json.loads((out / backups.MANIFEST).read_text())["platform"] == "bench"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["backup", "data"]


def test_a_backup_keeps_what_officers_were_writing(folder: Folder, tmp_path: Path) -> None:
    """Drafts and saved views of the portal are in it; nobody is signed in on what is restored from it."""
    url = f"sqlite:///{folder.root / 'portal.sqlite'}"
    with opened(url, "portal") as database:
        Drafts(database).save("region:33.72", "/daftarkan", "Daftarkan", {"title": ["Air"]})
        SavedViews(database).save("minister", "Semua", "")
        name = Sessions(database).begin("minister")
        login = BegunLogin("state", "nonce", "verifier", "")
        browser = Logins(database).begin(login, "/")
    out = tmp_path / "backup"
    assert "portal.sqlite" in ksad("backup", out, "--data-dir", folder.root, "--json").json
    assert ksad("backup", "--verify", out).code == 0
    with opened(f"sqlite:///{out / 'portal.sqlite'}", "portal") as copy:
        assert [one.title for one in Drafts(copy).of("region:33.72")] == ["Daftarkan"]
        assert [one.name for one in SavedViews(copy).of("minister")] == ["Semua"]
        assert Sessions(copy).find(name) is None
        assert Logins(copy).take("state", browser) is None
    with opened(url, "portal") as database:
        assert Sessions(database).find(name) is not None
        assert Logins(database).take("state", browser) == (login, "/")


@BROKEN_OFF
def test_a_killed_backup_is_known(folder: Folder, tmp_path: Path) -> None:
    """Killed on its way, it never gets its name; up, restore and verify refuse it, and the next backup replaces it."""
    out, begun = tmp_path / "backup", tmp_path / "backup.pending"
    for number in range(8_000):  # So that it takes a while.
        file = folder.documents("registry") / f"{number % 256:02x}" / f"{number:062x}"
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(b"x")
    command = [sys.executable, "-m", "ksad.local", "backup", str(out), "--data-dir", str(folder.root)]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        wait_until((begun / "documents").exists, what="the copies")
        process.kill()

    assert not out.exists()
    assert (begun / "reporting.sqlite").exists()
    with pytest.raises(BackupError, match="was not finished"):
        Platform(Folder(begun)).start()
    assert ksad("restore", "--from", begun, "--data-dir", tmp_path / "new").code == 1
    assert ksad("backup", "--verify", begun).code == 1
    shutil.rmtree(folder.documents("registry"))
    assert ksad("backup", out, "--data-dir", folder.root).code == 0
    assert not begun.exists()
    assert not (tmp_path / "new").exists()


def remove(root: Path) -> None:
    """A document is gone."""
    next(path for path in (root / "documents").rglob("*") if path.is_file()).unlink()


def cut(root: Path) -> None:
    """A database ends early."""
    file = root / "supervision.sqlite"
    file.write_bytes(file.read_bytes()[:-512])


def add(root: Path) -> None:
    """A key that was not in it."""
    (root / "keys" / "logs" / "more.key").write_text("x")


def unmark(root: Path) -> None:
    """No manifest."""
    (root / backups.MANIFEST).unlink()


def spoil(root: Path) -> None:
    """A manifest of zero bytes."""
    (root / backups.MANIFEST).write_bytes(b"")


@BROKEN_OFF
@pytest.mark.parametrize(
    ("change", "said", "code"),
    [
        (remove, "is missing", 3),
        (cut, "supervision.sqlite was changed", 3),
        (add, "keys/logs/more.key is not of this backup", 3),
        (unmark, "is no finished backup", 1),
        (spoil, "cannot be read", 1),
    ],
)
def test_what_is_not_as_it_was_written_is_refused(
    folder: Folder, tmp_path: Path, change: Callable[[Path], None], said: str, code: int
) -> None:
    """A backup that lost, changed or got a file does not verify, and is not restored; nothing is left behind."""
    out, new = tmp_path / "backup", tmp_path / "new"
    backups.backup(folder, out)
    change(out)

    verified = ksad("backup", "--verify", out)
    restored = ksad("restore", "--from", out, "--data-dir", new)

    assert verified.code == code
    assert said in verified.out + verified.err
    assert (restored.code, said in restored.err) == (1, True)
    assert not new.exists()
    assert not new.with_name("new.pending").exists()


@BROKEN_OFF
def test_a_backup_is_restored(folder: Folder, tmp_path: Path) -> None:
    """Into a new folder, which is a data folder like any other; the backup stays one."""
    out, new = tmp_path / "backup", tmp_path / "new"
    backups.backup(folder, out)

    answer = ksad("restore", "--from", out, "--data-dir", new)

    assert answer.code == 0, answer.err
    assert backups.faults(out) == []
    assert not (new / backups.MANIFEST).exists()
    assert reconcile(Folder(new)).findings == []


def test_a_backup_is_taken_up_once(folder: Folder, tmp_path: Path) -> None:
    """Started on, a backup is a data folder from then on; a changed one is refused before."""
    out = tmp_path / "backup"
    backups.backup(folder, out)
    changed = Path(shutil.copytree(out, tmp_path / "changed"))
    cut(changed)

    backups.take_up(out)
    backups.take_up(out)

    with pytest.raises(BackupError, match=r"is no finished backup"):
        backups.faults(out)
    with pytest.raises(BackupError, match=r"not the backup that was written: supervision\.sqlite"):
        backups.take_up(changed)
    with closing(sqlite3.connect(out / "reporting.sqlite")) as database:
        assert database.execute("SELECT count(*) FROM journal").fetchone()[0] > 40


def test_nothing_is_overwritten(folder: Folder, tmp_path: Path) -> None:
    """A folder that is not empty, or that stands where the backup would grow, is left alone."""
    out = tmp_path / "backup"
    (tmp_path / "backup.pending").mkdir()
    with pytest.raises(BackupError, match="is in the way"):
        backups.backup(folder, out)
    (tmp_path / "backup.pending").rmdir()
    out.mkdir()
    backups.backup(folder, out)
    with pytest.raises(BackupError, match="is not empty"):
        backups.backup(folder, out)
