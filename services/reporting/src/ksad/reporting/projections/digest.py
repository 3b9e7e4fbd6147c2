"""The digest of all live projections at one moment, for an auditor to compare with a replay."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ksad.ledger.folds import digest as rows_digest
from ksad.ledger.folds.digest import order
from ksad.ledger.folds.listed import PROJECTIONS
from ksad.reporting.projections import generations
from ksad.reporting.projections.comparing import stored_rows

if TYPE_CHECKING:
    import sqlalchemy as sa


class Held(NamedTuple):
    """The number of entries folded by the live projections, and the digest (SHA-256, hex) of their rows."""

    entries: int
    digest: str


def digest(connection: sa.Connection) -> Held:
    """The digest of all live rows in one snapshot.

    :raises LookupError: the projections are not all at the same entry.
    """
    live = {generation.name: generation for generation in generations.live(connection)}
    positions = {generation.position for generation in live.values()}
    if len(positions) != 1:
        raise LookupError("the projections are not all at one entry")
    found = rows_digest.digest(
        [one for one in PROJECTIONS if one.name in live],
        lambda projection, table: stored_rows(connection, table, live[projection.name].number, order(table)),
    )
    return Held(positions.pop(), found.sha256)
