"""Old copies of a service's store on either database: taken while all runs, put back while the service is down."""

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from ksad.local.machine.folder import Folder
from tests.support.servers import postgres


def copied(folder: Folder, service: str, to: Path) -> Callable[[], None]:
    """Copies a store as it is now into a file; what is returned puts it back."""
    url = folder.database_url(service)
    if not url.startswith("sqlite:///"):
        postgres.dump(url, to)
        return lambda: postgres.restore(url, to)
    place = Path(url.removeprefix("sqlite:///"))
    with closing(sqlite3.connect(place)) as now, closing(sqlite3.connect(to)) as copy:
        now.backup(copy)
    return lambda: _put_back(place, to)


def _put_back(place: Path, copy: Path) -> None:
    for end in ("-wal", "-shm"):
        place.with_name(place.name + end).unlink(missing_ok=True)
    shutil.copyfile(copy, place)
