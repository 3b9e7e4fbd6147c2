"""Signed copies of sent reports: kept beside the log, with names on them, and removed for good when somebody asks.

No event cites one and no hash of one is recorded, so that nothing in the log or in an archive leads to a person.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import sqlalchemy as sa

from ksad.contracts.rules import RefusalKind, RuleBrokenError
from ksad.ledger.folds.report_state import CLAUSES

if TYPE_CHECKING:
    from datetime import date
    from uuid import UUID

    from ksad.chassis.database import Database
    from ksad.ledger.folds.report_state import Report

MEDIA_TYPE = "application/pdf"
# How a file of PDF begins (ISO 32000-2, 7.5.2).
BEGINS = b"%PDF-"

metadata = sa.MetaData()
signed_copies = sa.Table(
    "signed_copies",
    metadata,
    sa.Column("report_id", sa.Uuid, primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True),
    sa.Column("content", sa.LargeBinary, nullable=False),
    sa.Column("kept_on", sa.Date, nullable=False),
)


class SignedCopy(NamedTuple):
    """A signed copy as PDF, and the day from which on it is kept."""

    content: bytes
    kept_on: date


class SignedCopies:
    """The signed copies, at most one of each version of a report."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def keep(self, identity: UUID, version: int, content: bytes, today: date) -> None:
        """Keeps the copy of a version, in place of one that was kept before."""
        with self._database.write() as connection:
            connection.execute(sa.delete(signed_copies).where(_of(identity, version)))
            row = {"report_id": identity, "version": version, "content": content, "kept_on": today}
            connection.execute(sa.insert(signed_copies), row)

    def read(self, identity: UUID, version: int) -> SignedCopy | None:
        """The copy of a version; ``None`` where none is kept."""
        query = sa.select(signed_copies.c.content, signed_copies.c.kept_on)
        with self._database.read() as connection:
            row = connection.execute(query.where(_of(identity, version))).one_or_none()
        return None if row is None else SignedCopy(bytes(row.content), row.kept_on)

    def versions(self, identity: UUID) -> list[int]:
        """The versions of a report of which a copy is kept."""
        query = sa.select(signed_copies.c.version).where(signed_copies.c.report_id == identity)
        with self._database.read() as connection:
            return list(connection.scalars(query.order_by(signed_copies.c.version)))

    def remove(self, identity: UUID, version: int) -> bool:
        """Removes the copy of a version; whether there was one."""
        with self._database.write() as connection:
            return connection.execute(sa.delete(signed_copies).where(_of(identity, version))).rowcount > 0


def _of(identity: UUID, version: int) -> sa.ColumnElement[bool]:
    return sa.and_(signed_copies.c.report_id == identity, signed_copies.c.version == version)


def check_keeping(report: Report, version: int, content: bytes) -> None:
    """Checks that a signed copy belongs to a letter that was sent, and is a PDF.

    :raises RuleBrokenError: the report has no such version (kind ``UNKNOWN``), the version was not submitted
        (``CONFLICT``), or the bytes are no PDF.
    """
    clause = CLAUSES.get(report.kind)
    chosen = next((one for one in report.versions if one.number == version), None)
    if chosen is None:
        detail = f"Laporan ini tidak mempunyai versi {version}."
        raise RuleBrokenError("version-known", detail, kind=RefusalKind.UNKNOWN)
    if chosen.sent is None:
        detail = f"Versi {version} belum disampaikan; salinan bertanda tangan disimpan setelah laporan disampaikan."
        raise RuleBrokenError("copy-of-sent", detail, clause, kind=RefusalKind.CONFLICT)
    if not content.startswith(BEGINS):
        raise RuleBrokenError("copy-is-pdf", "Salinan bertanda tangan harus berupa berkas PDF.", clause)
