"""The digest of what all live projections hold at one moment, for an auditor to compare with a replay."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ksad.ledger.folds import digest as rows_digest
from ksad.ledger.folds.listed import PROJECTIONS
from ksad.reporting.projections import generations

if TYPE_CHECKING:
    import sqlalchemy as sa


class Held(NamedTuple):
    """How many entries the live projections have folded, and the digest of their rows."""

    entries: int
    digest: str


def digest(connection: sa.Connection) -> Held:
    """The digest of all live rows of one moment.

    :raises LookupError: the projections are not all at one entry.
    """
    live = {generation.name: generation for generation in generations.live(connection)}
    positions = {generation.position for generation in live.values()}
    if len(positions) != 1:
        raise LookupError("the projections are not all at one entry")
    found = rows_digest.digest(
        [one for one in PROJECTIONS if one.name in live],
        lambda projection, table: generations.table_rows(connection, table, live[projection.name]),
    )
    return Held(positions.pop(), found.sha256)
