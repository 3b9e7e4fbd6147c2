"""Records of projections: generations and their positions, and parked streams."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import sqlalchemy as sa

from ksad.reporting.projections.tables import create_table, missing_indexes

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ksad.chassis.database import Database
    from ksad.ledger.folds.listed import Projection

metadata = sa.MetaData()
generations = sa.Table(
    "projection_generations",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("code_version", sa.Integer, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("position", sa.BigInteger, nullable=False),
)
parked = sa.Table(
    "projection_parked",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("stream", sa.Text, primary_key=True),
    sa.Column("entry", sa.BigInteger, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("code_version", sa.Integer, nullable=False),
)
pieces = sa.Table(
    "projection_pieces",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("of", sa.Integer, nullable=False),
    sa.Column("done", sa.Integer, nullable=False),
    sa.Column("sums", sa.Text, nullable=False),
)
"""How many pieces of the first ``size`` entries a generation has, while it is built by pieces; sums are JSON."""

# Statements are built once: building one takes longer than executing it.
LIVE = sa.select(generations).where(generations.c.status == "live").order_by(generations.c.name, generations.c.number)
MOVE = (
    sa.update(generations)
    .where(
        sa.tuple_(generations.c.name, generations.c.number).in_(sa.bindparam("mine", expanding=True)),
        generations.c.position == sa.bindparam("was"),
    )
    .values(position=sa.bindparam("now"))
)


class MovedError(Exception):
    """Another runner has advanced, switched or dropped generations; their positions have to be read again."""

    def __init__(self, group: Iterable[Generation]) -> None:
        names = ", ".join(sorted(one.name for one in group))
        super().__init__(f"{names}: another rebuild is at work on it; run this command again when that one has ended")


class Generation(NamedTuple):
    """One set of tables of a projection. ``position`` is the number of entries folded.

    ``status`` is ``building``, ``live``, ``retired`` (kept to return to), or ``dropping`` (given up).
    """

    name: str
    number: int
    code_version: int
    status: str
    position: int

    def follows(self, projections: Mapping[str, Projection]) -> bool:
        """Whether this code made the generation. Other code needs a rebuild."""
        projection = projections.get(self.name)
        return projection is not None and projection.version == self.code_version


def lock(connection: sa.Connection) -> None:
    """Excludes other runners until the transaction ends; on SQLite a writing transaction does so anyway."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("LOCK TABLE projection_generations IN EXCLUSIVE MODE")


def _all(connection: sa.Connection, *where: sa.ColumnElement[bool]) -> list[Generation]:
    query = sa.select(generations).where(*where).order_by(generations.c.name, generations.c.number)
    return [Generation(*row) for row in connection.execute(query)]


def live(connection: sa.Connection) -> list[Generation]:
    """The live generation of each projection."""
    return [Generation(*row) for row in connection.execute(LIVE)]


def every(connection: sa.Connection) -> list[Generation]:
    """All generations."""
    return _all(connection)


def retired(connection: sa.Connection, name: str) -> Generation:
    """The newest retired generation of a projection.

    :raises LookupError: there is none.
    """
    found = _all(connection, generations.c.name == name, generations.c.status == "retired")
    if not found:
        message = f"{name} has no retired generation to switch back to"
        raise LookupError(message)
    return found[-1]


def _insert(connection: sa.Connection, projection: Projection, number: int, status: str) -> Generation:
    for table in projection.tables:
        create_table(connection, table, number)
    generation = Generation(projection.name, number, projection.version, status, 0)
    connection.execute(sa.insert(generations).values(**generation._asdict()))
    return generation


def discard(connection: sa.Connection, generation: Generation) -> None:
    """Gives a generation up, which nobody reads any more; its tables are dropped later, one by one."""
    _become(connection, generation, "dropping")
    for table in (parked, pieces):
        connection.execute(sa.delete(table).where(table.c.name == generation.name, table.c.number == generation.number))


def forget(connection: sa.Connection, generation: Generation) -> None:
    """Deletes the record of a generation whose tables were dropped."""
    mine = (generations.c.name == generation.name, generations.c.number == generation.number)
    connection.execute(sa.delete(generations).where(*mine))


def ensure_live(database: Database, projection: Projection) -> None:
    """Creates the first generation of a projection that has none."""
    with database.write() as connection:
        lock(connection)
        if not _all(connection, generations.c.name == projection.name):
            _insert(connection, projection, 1, "live")
            for table in projection.tables:
                for statement in missing_indexes(connection, table, 1):
                    connection.exec_driver_sql(statement)


def begin(connection: sa.Connection, projection: Projection) -> Generation:
    """The generation to build: an interrupted one made by this code, or a new one."""
    lock(connection)
    mine = _all(connection, generations.c.name == projection.name)
    for generation in mine:
        if generation.status == "building":
            if generation.code_version == projection.version:
                return generation
            discard(connection, generation)
    return _insert(connection, projection, max((one.number for one in mine), default=0) + 1, "building")


def move(connection: sa.Connection, group: Sequence[Generation], position: int) -> list[Generation]:
    """Advances the position of generations that are at the same one, in the transaction that writes their rows.

    :raises MovedError: another runner was first; the transaction must be rolled back.
    """
    mine = [(one.name, one.number) for one in group]
    if connection.execute(MOVE, {"mine": mine, "was": group[0].position, "now": position}).rowcount != len(group):
        raise MovedError(group)
    return [one._replace(position=position) for one in group]


def check_unmoved(connection: sa.Connection, group: Iterable[Generation]) -> None:
    """Checks that generations are as they were when they were read.

    :raises MovedError: another runner has advanced, switched or dropped one of them.
    """
    if not set(group) <= set(every(connection)):
        raise MovedError(group)


def switch(connection: sa.Connection, old: Generation, new: Generation) -> None:
    """Makes ``new`` live and ``old`` retired. Older retired generations are given up by `discard_retired`."""
    _become(connection, old, "retired")
    _become(connection, new, "live")


def discard_retired(connection: sa.Connection, name: str) -> None:
    """Gives up all retired generations of a projection except the newest."""
    lock(connection)
    for generation in _all(connection, generations.c.name == name, generations.c.status == "retired")[:-1]:
        discard(connection, generation)


def dropping(connection: sa.Connection) -> list[Generation]:
    """The generations that were given up and may still have tables."""
    return _all(connection, generations.c.status == "dropping")


def _become(connection: sa.Connection, generation: Generation, status: str) -> None:
    mine = (generations.c.name == generation.name, generations.c.number == generation.number)
    connection.execute(sa.update(generations).where(*mine).values(status=status))


def parked_streams(connection: sa.Connection, generation: Generation) -> set[str]:
    """The parked streams of a generation."""
    query = sa.select(parked.c.stream).where(parked.c.name == generation.name, parked.c.number == generation.number)
    return set(connection.execute(query).scalars())


def park(connection: sa.Connection, generation: Generation, stream: str, entry: int, reason: str) -> None:
    """Parks a stream from an entry on, with the reason and the version of the code that could not fold it."""
    connection.execute(
        sa.insert(parked).values(
            name=generation.name,
            number=generation.number,
            stream=stream,
            entry=entry,
            reason=reason[:500],
            code_version=generation.code_version,
        )
    )


def parked_list(connection: sa.Connection) -> list[dict[str, Any]]:
    """The parked streams of all generations, by entry."""
    query = sa.select(parked).order_by(parked.c.entry)
    return [dict(row._mapping) for row in connection.execute(query)]  # noqa: SLF001 - SQLAlchemy's public row mapping
