"""Restore drills: the last backup is restored beside the platform, examined, and timed; the result is kept.

A drill touches nothing of the platform, whose databases may be on PostgreSQL: what it restores is in files of its own,
in a folder that is removed at the end.
"""

from __future__ import annotations

import json
import shutil
import tempfile
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ksad.chassis import durable
from ksad.chassis.places import SQLITE
from ksad.local.machine.backups import BackupError, made_at, restore_backup
from ksad.local.machine.calling import VerbFailedError, ask
from ksad.local.machine.folder import Folder
from ksad.local.machine.keeping import RestoreSources, restore_platform

if TYPE_CHECKING:
    from collections.abc import Iterator


class Drill(NamedTuple):
    """What a drill has found.

    ``seconds`` is how long it took until everything was restored and examined; the start of services is not in it.
    ``age_seconds`` is how old the backup was: what was recorded since is not in it.
    """

    at: str
    source: str
    ok: bool
    faults: list[str]
    entries: int
    seconds: float
    age_seconds: float


class _Beside(Folder):
    """A data folder whose databases are files in it, whatever the environment says of the platform's."""

    def database_url(self, service: str) -> str:
        """The file of a service."""
        return f"{SQLITE}{self.root / service}.sqlite"


def drill(sources: RestoreSources, record: Path) -> Drill:
    """Restores a backup (a folder) or an archive beside the platform, examines it, and records the result.

    :param record: the file of the result; what is restored lies beside it meanwhile.
    :raises OSError: there is no room for it, or the result cannot be written.
    """
    began, at = time.monotonic(), datetime.now(UTC)
    source = sources.archive
    place = Path(tempfile.mkdtemp(prefix="restore-drill-", dir=record.parent))
    entries, faults, made = 0, list[str](), None
    try:
        made = made_at(source) if source.is_dir() else datetime.fromtimestamp(source.stat().st_mtime, UTC)
        folder = _Beside(place / "platform")
        if source.is_dir():
            restore_backup(source, folder.root)
        else:
            restore_platform(sources, folder)
        entries, found = _examined(folder)
        faults += found
    except (BackupError, VerbFailedError) as error:
        faults.append(str(error))
    finally:
        shutil.rmtree(place, ignore_errors=True)
    age = 0.0 if made is None else round((at - made).total_seconds(), 1)
    seconds = round(time.monotonic() - began, 1)
    done = Drill(at.isoformat(timespec="seconds"), str(source), not faults, faults, entries, seconds, age)
    _record(done, record)
    return done


def _examined(folder: Folder) -> tuple[int, list[str]]:
    """Holds the stores against the journal, and folds the journal; the number of its entries, and what is wrong."""
    reconciled = ask(folder, "reporting", "reconcile")
    faults = [f"{one['service']}: {one['kind']}: {one['detail']}" for one in reconciled["findings"]]
    rebuilt = ask(folder, "reporting", "rebuild", "--check")
    if not rebuilt["identical"]:
        faults.append(f"registers and boards differ from what the journal gives: {rebuilt['differing']}")
    return int(reconciled["entries"]), faults


def _record(done: Drill, record: Path) -> None:
    """Keeps the newest drill, and the newest one that went well, by which the alert goes."""
    well = done if done.ok else next(iter(recorded(record)[1:]), None)
    kept = {"newest": done._asdict(), "newest_well": None if well is None else well._asdict()}
    durable.replace(record, (json.dumps(kept, indent=1) + "\n").encode(), durable.PUBLIC)


def recorded(record: Path) -> list[Drill]:
    """The newest drill, and then the newest one that went well; empty if there was none."""
    with suppress(FileNotFoundError):
        kept = json.loads(record.read_text())
        return [Drill(**one) for one in _present(kept["newest"], kept["newest_well"])]
    return []


def _present(*kept: dict[str, Any] | None) -> Iterator[dict[str, Any]]:
    return (one for one in kept if one is not None)


def said(done: Drill) -> str:
    """A drill in one line."""
    how = "went well" if done.ok else "FAILED"
    return (
        f"restore drill of {done.at} {how}: {done.entries:,} entries in {done.seconds:,.1f} s, from a backup that was "
        f"{done.age_seconds:,.0f} s old"
    )
