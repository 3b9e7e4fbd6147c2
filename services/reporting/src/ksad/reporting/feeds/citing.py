"""The documents that facts of a feed cite, which the feed's province may read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

if TYPE_CHECKING:
    from ksad.chassis.database import Database

ENTRIES = (
    "SELECT 1 FROM feed_entries JOIN journal ON journal.entry = feed_entries.entry WHERE province = :province AND "
)
# Advice and findings are addressed to the supervisor, not to the parties. From feed rule 2 on a province is told that
# such a duty ended; what is in the documents it reads only if its own team ended it.
CITED = {
    "sqlite": sa.text(
        f"{ENTRIES} instr(raw, :quoted) > 0 AND (instr(raw, :ended) = 0 OR instr(raw, :own) > 0) LIMIT 1"
    ),
    "postgresql": sa.text(
        f"{ENTRIES} position(CAST(:quoted AS bytea) in raw) > 0 AND (position(CAST(:ended AS bytea) in raw) = 0"
        " OR position(CAST(:own AS bytea) in raw) > 0) LIMIT 1"
    ),
}
ENDED = b'"type":"ksad.task.co'
"""What ``completed`` and ``corrected``, the types of tasks that name documents of their end, begin with."""


def is_cited(database: Database, province: str, sha256: str) -> bool:
    """Whether a fact of a province's feed names a document by its SHA-256, and the document is for the province."""
    own = f'"actoroffice":"tkksd:{province}"'.encode()
    asked = {"province": province, "quoted": f'"{sha256}"'.encode(), "ended": ENDED, "own": own}
    with database.read() as connection:
        return connection.execute(CITED[database.dialect], asked).scalar() is not None
