"""Old copies of a service's store on either database: taken while all runs, put back while the service is down."""

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import sqlalchemy as sa

from ksad.chassis.database import Database
from ksad.local.machine.folder import Folder
from tests.support.servers import postgres

SKIP = sa.text("UPDATE sqlite_sequence SET seq = seq + :ids WHERE name = 'stored_events'")
SKIP_ON_POSTGRESQL = sa.text(
    "SELECT nextval(pg_get_serial_sequence('stored_events', 'notification_id')) FROM generate_series(1, :ids)"
)


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


def leave_gap(database: Database, ids: int = 3) -> None:
    """Has a store skip ids, as an insert that was rolled back leaves them behind."""
    with database.write() as connection:
        if database.dialect == "sqlite":
            connection.execute(SKIP, {"ids": ids})
        else:
            connection.execute(SKIP_ON_POSTGRESQL, {"ids": ids}).all()


def _put_back(place: Path, copy: Path) -> None:
    for end in ("-wal", "-shm"):
        place.with_name(place.name + end).unlink(missing_ok=True)
    shutil.copyfile(copy, place)
