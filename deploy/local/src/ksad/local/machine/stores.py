"""The databases that a data folder knows as its stores, so that a forgotten setting does not start a second register.

``stores.json`` has for each service the kind of its database, and the SHA-256 of the first event in it. A database of
another kind is refused, and so is one that begins with another event. An empty one of the same kind is accepted: it is
filled from the log. Wherever a database moves to, its first event stays the same.
"""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from ksad.chassis import durable
from ksad.chassis.places import SQLITE

if TYPE_CHECKING:
    from collections.abc import Mapping

FILE = "stores.json"
KINDS = {"sqlite": "in an SQLite file", "postgresql": "on PostgreSQL"}


class OtherStoreError(Exception):
    """A database is not the one that the folder knows as its store; the message says which, and what to set."""


class StoreRecord(NamedTuple):
    """The kind of a database, and the SHA-256 (hex) of its first event; ``None`` while it had none."""

    kind: str
    first: str | None


def recorded(root: Path) -> dict[str, StoreRecord]:
    """The stores of a folder, by service; empty for a folder that has recorded none.

    :raises OtherStoreError: the record cannot be read.
    """
    file = root / FILE
    if not file.exists():
        return {}
    try:
        stored = json.loads(file.read_bytes())
        return {service: StoreRecord(str(one["kind"]), one["first"]) for service, one in stored.items()}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise OtherStoreError(f"{file} cannot be read: bring it back from a backup of the folder") from error


def expect_kind(root: Path, service: str, url: str) -> None:
    """Refuses the address of a database of another kind than the folder's store has.

    :raises OtherStoreError: it is of another kind.
    """
    known = recorded(root).get(service)
    if known is not None and known.kind != kind_of(url):
        setting = f"KSAD_DATABASE_URL_{service.upper()}"
        told = f"{setting} names another kind: unset it" if known.kind == "sqlite" else f"set {setting}, as it was"
        raise OtherStoreError(
            f"the store of {service} in {root} is {KINDS.get(known.kind, known.kind)}; {told}, or restore an archive "
            "into a new folder (docs/operating.md)"
        )


def recognise(root: Path, urls: Mapping[str, str]) -> None:
    """Compares the databases with the folder's record, and records what is new in it.

    :param urls: the address of each service's database.
    :raises OtherStoreError: one is not the folder's store, or cannot be read.
    """
    known, firsts = recorded(root), {service: first_of(service, url) for service, url in urls.items()}
    if not known and not any(firsts.values()) and (root / "keys" / "logs" / "national.signed").exists():
        raise OtherStoreError(
            f"{root} has signed a log, and none of its stores is here: set KSAD_DATABASE_URL_REGISTRY and its siblings "
            "as they were, or restore an archive into a new folder (docs/operating.md)"
        )
    for service, first in firsts.items():
        was = known.get(service, StoreRecord("", None)).first
        if first is not None and was not in {None, first}:
            raise OtherStoreError(
                f"the database of {service} is not this folder's, whose first event it does not have: name "
                f"the right one in KSAD_DATABASE_URL_{service.upper()}, or an empty one, which is filled from the log"
            )
    new = {
        service: StoreRecord(kind_of(url), known.get(service, StoreRecord("", None)).first or firsts[service])
        for service, url in urls.items()
    }
    if new != known:
        text = json.dumps({service: one._asdict() for service, one in new.items()}, indent=1) + "\n"
        durable.replace(root / FILE, text.encode(), durable.PRIVATE)


def kind_of(url: str) -> str:
    """The kind of the database at an address."""
    return "sqlite" if url.startswith(SQLITE) else "postgresql"


def _where(url: str) -> str:
    """A database's file, or its server and name; no password."""
    if url.startswith(SQLITE):
        return url.removeprefix(SQLITE)
    told = urlsplit(url)
    return f"{told.hostname}:{told.port}{told.path}"


def first_of(service: str, url: str) -> str | None:
    """The SHA-256 of the first event in a database; ``None`` if there is none.

    :raises OtherStoreError: the database cannot be read.
    """
    if url.startswith(SQLITE) and not Path(url.removeprefix(SQLITE)).exists():
        return None
    # Only a start opens databases; the other verbs would import SQLAlchemy for nothing, half a second each time.
    import sqlalchemy as sa  # noqa: PLC0415 - as said above

    from ksad.chassis.database import Database  # noqa: PLC0415 - as said above
    from ksad.chassis.store import events_table  # noqa: PLC0415 - as said above

    first = sa.select(events_table.c.state).order_by(events_table.c.notification_id).limit(1)
    database = Database(url)
    try:
        with database.read() as connection:
            found = sa.inspect(connection).has_table(events_table.name)
            state = connection.execute(first).scalar() if found else None
    except sa.exc.DBAPIError as error:
        told = " ".join(str(error.orig).split())
        mend = "bring it back from a backup" if url.startswith(SQLITE) else "see that it runs and takes connections"
        raise OtherStoreError(f"the database of {service}, {_where(url)}, cannot be read ({told}): {mend}") from error
    finally:
        database.close()
    return None if state is None else sha256(bytes(state)).hexdigest()
