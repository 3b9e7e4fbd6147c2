"""Backups of a data folder: databases copied consistently while they are used, documents, and keys."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from ksad.folder import SERVICES

if TYPE_CHECKING:
    from pathlib import Path

    from ksad.folder import Folder


def backup(folder: Folder, out: Path) -> dict[str, int]:
    """Copy into a new folder; the size of each part in bytes.

    Reporting comes last, so that its journal holds at least what the stores in the backup caused.

    :raises ValueError: a service is on PostgreSQL, whose backups are ``pg_dump``'s, or ``out`` is not empty.
    """
    urls = {service: folder.database_url(service) for service in SERVICES}
    foreign = [service for service, url in urls.items() if not url.startswith("sqlite:///")]
    if foreign:
        message = f"{', '.join(foreign)} on PostgreSQL: back up with pg_dump (docs/operating.md)"
        raise ValueError(message)
    if out.exists() and any(out.iterdir()):
        message = f"{out} is not empty: name a new folder"
        raise ValueError(message)
    out.mkdir(parents=True, exist_ok=True)
    copied = {}
    for service, url in urls.items():
        target = out / f"{service}.sqlite"
        source = url.removeprefix("sqlite:///")
        with closing(sqlite3.connect(source)) as live, closing(sqlite3.connect(target)) as copy:
            live.backup(copy)
        copied[target.name] = target.stat().st_size
    for part in ("documents", "keys"):
        shutil.copytree(folder.root / part, out / part)
        copied[part] = sum(path.stat().st_size for path in (out / part).rglob("*") if path.is_file())
    return copied
