"""Admits an archive to a restore: it is verified by the auditor's own checks, before anything is written.

What a restore takes up is signed with the genuine key afterwards, so it must not believe what no key has signed. The
keys come from outside the archive, and whatever `ksad-audit verify` refuses is refused here (docs/decisions/0016).
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

import sqlalchemy as sa

from ksad.audit.checks.verify import Asked, verify_bag
from ksad.chassis.places import SERVICES, MissingPartError
from ksad.chassis.store import events_table
from ksad.ledger.archive.archive import read_manifest
from ksad.ledger.archive.inside import opened
from ksad.ledger.log.claimed import claimed
from ksad.reporting.checkpoints import Keyring
from ksad.reporting.journal import NATIONAL, journal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date
    from importlib.resources.abc import Traversable
    from pathlib import Path

    from ksad.audit.checks.verdict import Check
    from ksad.chassis.places import Places
    from ksad.ledger.archive.archive import Manifest
    from ksad.ledger.log.keys import Validity
    from ksad.ledger.log.note import Verifier

SHOWN = 3


class RestoreError(Exception):
    """Nothing was restored; the message says why."""


class Trust(NamedTuple):
    """What an archive is held against, all of it from outside: the public keys with their days, heads kept from before,
    the folder of the old private keys if they are left, the platform's name if it is known, and today in Jakarta.
    """

    keys: Mapping[Verifier, Validity]
    today: date
    old: Path | None = None
    since: Sequence[bytes] = ()
    platform: str | None = None


class Admitted(NamedTuple):
    """An archive that verifies: its ``data`` folder, what it says of itself, and its signed head."""

    data: Traversable
    manifest: Manifest
    note: bytes


@contextmanager
def admitted(file: Path, target: Places, trust: Trust) -> Iterator[Admitted]:
    """An archive that may be restored here; nothing was written yet.

    :raises RestoreError: it does not verify, is of another platform or of other keys, or the places are not empty.
    :raises ksad.ledger.archive.archive.ArchiveError: it is no archive.
    :raises ksad.chassis.places.MissingPartError: a part of the platform is not named.
    """
    _refuse_filled(target, trust)
    with opened(file) as bag:
        asked = Asked(trust.keys, [*trust.since, *_signed_last(trust)], today=trust.today)
        broken = [check for check in verify_bag(bag, asked).checks if not check.ok]
        if broken:
            more = f"; and {len(broken) - SHOWN} more" if len(broken) > SHOWN else ""
            told = "; ".join(map(_said, broken[:SHOWN]))
            raise RestoreError(f"{file.name} does not verify, so nothing was restored: {told}{more}")
        found = Admitted(bag / "data", read_manifest(bag / "data"), (bag / "data" / "log" / "checkpoint").read_bytes())
        _refuse_foreign(found.manifest, trust)
        yield found


def _said(check: Check) -> str:
    return f"{check.name}: {check.detail}" + (
        "" if check.first_bad is None else f" (first bad index {check.first_bad})"
    )


def _signed_last(trust: Trust) -> list[bytes]:
    """The last head that the old keys have signed: an archive behind it would have them sign another history."""
    record = None if trust.old is None else trust.old / "logs" / "national.signed"
    note = record.read_bytes() if record is not None and record.exists() else b""
    return [note] if note and claimed(note).size else []


def _refuse_foreign(manifest: Manifest, trust: Trust) -> None:
    if trust.platform not in {None, manifest.platform}:
        raise RestoreError(
            f"the archive is of the platform {manifest.platform}, and KSAD_PLATFORM says {trust.platform}: a log has "
            "one platform for ever"
        )
    if trust.old is None:
        return
    if not (trust.old / "logs" / "national.key").exists():
        raise RestoreError(
            f"{trust.old} holds no key of the national log: leave --keys out, and the log goes on under a new origin"
        )
    origin = Keyring(trust.old, manifest.platform).origin(NATIONAL)
    if origin != manifest.origin:
        raise RestoreError(f"the archive is of {manifest.origin}, and the keys in {trust.old} are of {origin}")


def _refuse_filled(target: Places, trust: Trust) -> None:
    """A restore begins in empty databases and folders, so that nothing is mixed and nothing is in its way."""
    for service in SERVICES:
        target.blobs(service)
        table = journal if service == "reporting" else events_table
        try:
            with target.database(service) as database, database.read() as connection:
                filled = sa.inspect(connection).has_table(table.name) and connection.execute(_any(table)).first()
        except MissingPartError:
            continue  # An SQLite file that is not there yet, or a store that is restored by another command.
        if filled:
            raise RestoreError(f"the database of {service} is not empty: name a new folder, or an empty database")
    in_place = trust.old is not None and trust.old.resolve() == target.keys.resolve()
    if (target.keys / "logs").exists() and not in_place:
        raise RestoreError(f"there are keys of logs in {target.keys}: give them with --keys, or name an empty folder")
    if target.log.exists() and any(target.log.iterdir()):
        raise RestoreError(f"there are published heads in {target.log}: name an empty folder")


def _any(table: sa.Table) -> sa.Select[int]:
    return sa.select(sa.literal(1)).select_from(table).limit(1)
