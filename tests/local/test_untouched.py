"""What a start need not look for: stores that nobody has touched since the platform ended in good order."""

import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from ksad.chassis.places import SERVICES
from ksad.local.machine.folder import Folder
from ksad.local.machine.keeping import is_untouched, note_untouched
from ksad.local.machine.leftovers import sweep


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """A folder with three stores."""
    made = Folder(tmp_path / "data")
    made.make()
    for service in SERVICES:
        with closing(sqlite3.connect(made.root / f"{service}.sqlite")) as store:
            store.execute("CREATE TABLE some (v)")
    return made


def _written(file: Path) -> None:
    with closing(sqlite3.connect(file)) as store:
        store.execute("INSERT INTO some VALUES (1)")
        store.commit()


def _replaced(file: Path) -> None:
    copy = file.with_name("copy")
    shutil.copy2(file, copy)
    copy.replace(file)


TOUCHED: dict[str, Callable[[Path], None]] = {
    "written": _written,
    "replaced by its like": _replaced,
    "gone": Path.unlink,
    "older": lambda file: os.utime(file, (1, 1)),
}


def test_what_nobody_has_touched_is_known_once(folder: Folder) -> None:
    """The record holds for the next start only; without one, as after a kill, or with half of one, nothing is known."""
    assert not is_untouched(folder)
    note_untouched(folder)
    assert is_untouched(folder)
    assert not is_untouched(folder)
    folder.ended.write_bytes(b"")
    assert not is_untouched(folder)


@pytest.mark.parametrize("how", TOUCHED)
@pytest.mark.parametrize("service", SERVICES)
def test_whatever_was_touched_is_seen(folder: Folder, service: str, how: str) -> None:
    """A store that was written, replaced, lost or dated back is looked at again."""
    note_untouched(folder)
    TOUCHED[how](folder.root / f"{service}.sqlite")
    assert not is_untouched(folder)


def test_of_a_server_nothing_is_known(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    """A store on PostgreSQL may have been put back without any file telling."""
    monkeypatch.setenv("KSAD_DATABASE_URL_REGISTRY", "postgresql://registry@db/registry")
    note_untouched(folder)
    assert not is_untouched(folder)


@pytest.mark.fault("operator F1")
def test_what_a_killed_process_was_writing_is_swept_away(folder: Folder) -> None:
    """Half-written files go, wherever a service writes; whatever else begins with a dot stays."""
    names = (".platform.0123abcd", "keys/.public.vkeys.89abcdef", "log/tile/.000.00000000")
    half = [folder.root / name for name in names]
    kept = [folder.root / ".note", folder.keys / ".public.vkeys.backup", folder.root / "platform"]
    for path in [*half, *kept]:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    assert sweep(folder) == len(half)
    assert [path.exists() for path in [*half, *kept]] == [False] * len(half) + [True] * len(kept)
    assert sweep(folder) == 0
