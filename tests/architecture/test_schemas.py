"""The steps of each service make just the tables that its code names, and adopt what earlier releases have made."""

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from ksad.chassis import leadership, parking
from ksad.chassis.database import Database
from ksad.chassis.follower import progress
from ksad.chassis.migrations import check, migrate, migrations
from ksad.chassis.places import SERVICES
from ksad.chassis.relay import refill
from ksad.chassis.store import recorder
from ksad.registry import terms
from ksad.reporting.checkpoints import memory
from ksad.reporting.feeds import tables as feed_tables
from ksad.reporting.journal import tables as journal_tables
from ksad.reporting.projections import generations
from ksad.reporting.reports import queue, signed_copies
from ksad.supervision import tables as supervision_tables
from tests.support.platforms.released import expected, load, unpacked
from tests.support.servers.schemas import STEPS

STORE = (recorder.metadata, refill.metadata, leadership.metadata)
FOLLOWER = (progress.metadata, parking.metadata)
METADATA = {
    "registry": (*STORE, terms.metadata),
    "supervision": (*STORE, *FOLLOWER, supervision_tables.metadata),
    "reporting": (
        *STORE,
        *FOLLOWER,
        journal_tables.metadata,
        generations.metadata,
        feed_tables.metadata,
        memory.metadata,
        signed_copies.metadata,
        queue.metadata,
    ),
}
Schema = dict[str, dict[str, Any]]


def schema(database: Database, names: set[str]) -> Schema:
    """What the database says of some tables: columns, keys, unique constraints and indexes."""
    with database.read() as connection:
        look = sa.inspect(connection)
        return {
            name: {
                "columns": [
                    (one["name"], str(one["type"]), one["nullable"], str(one["default"]), one.get("autoincrement"))
                    for one in look.get_columns(name)
                ],
                "key": look.get_pk_constraint(name)["constrained_columns"],
                "unique": sorted(sorted(one["column_names"]) for one in look.get_unique_constraints(name)),
                "indexes": sorted((str(one["name"]), one["column_names"]) for one in look.get_indexes(name)),
            }
            for name in sorted(names)
        }


def rules(database: Database) -> list[str]:
    """The triggers that are there, by name."""
    queries = {
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
        "postgresql": "SELECT DISTINCT trigger_name FROM information_schema.triggers "
        "UNION SELECT tgname FROM pg_trigger WHERE NOT tgisinternal",
    }
    with database.read() as connection:
        return sorted(str(name).lower() for name in connection.execute(sa.text(queries[database.dialect])).scalars())


def tables_of(service: str) -> set[str]:
    """The tables that a service's code names."""
    return {name for metadata in METADATA[service] for name in metadata.tables}


@pytest.mark.parametrize("service", SERVICES)
def test_the_steps_make_the_tables_that_the_code_names(new_database: Callable[[], str], service: str) -> None:
    """Neither a table nor a column, key or index is in the code that no step has made, nor the other way about."""
    with closing(Database(new_database())) as stepped, closing(Database(new_database())) as named:
        migrate(stepped, service, STEPS[service])
        for metadata in METADATA[service]:
            named.create(metadata)
        with stepped.read() as connection:
            made = set(sa.inspect(connection).get_table_names()) - {migrations.name, "sqlite_sequence"}
        assert made == tables_of(service)
        assert schema(stepped, made) == schema(named, made)


@pytest.mark.parametrize("service", SERVICES)
def test_steps_are_numbered_from_one_without_gap(service: str) -> None:
    """Steps stand in the order of their numbers, and each has its statements for both databases."""
    steps = STEPS[service]
    assert [step.number for step in steps] == list(range(1, len(steps) + 1))
    for step in steps:
        for script in step.scripts:
            statements = {dialect: script.statements(dialect) for dialect in ("sqlite", "postgresql")}
            assert all(statements.values())
            assert all(text.rstrip().endswith(";") for texts in statements.values() for text in texts), script


@pytest.fixture(params=SERVICES)
def adopted(
    request: pytest.FixtureRequest, new_database: Callable[[], str], tmp_path: Path
) -> Iterator[tuple[str, Database, dict[str, int]]]:
    """A service's database as release 319cae9 has left it, and how many rows the old release counted in its tables."""
    service, url = request.param, new_database()
    kind = "sqlite" if url.startswith("sqlite:///") else "postgres"
    if kind == "sqlite":
        (unpacked("folder", tmp_path).root / f"{service}.sqlite").rename(url.removeprefix("sqlite:///"))
    else:
        load(service, url)
    with closing(Database(url)) as database:
        yield service, database, expected(kind)["stored"]["rows_by_table"][service]


def test_a_database_of_an_earlier_release_is_adopted(
    adopted: tuple[str, Database, dict[str, int]], new_database: Callable[[], str]
) -> None:
    """It is noted to have the first schema, no row is touched, and it is what an empty database becomes."""
    service, database, rows = adopted
    first = STEPS[service][:1]

    assert migrate(database, service, first) == list(first)
    assert check(database, service, first) == 1
    with database.read() as connection:
        for name, count in rows.items():
            assert connection.execute(sa.text(f"SELECT count(*) FROM {name}")).scalar_one() == count, name  # noqa: S608 - names of the fixture
    with closing(Database(new_database())) as fresh:
        migrate(fresh, service, first)
        with fresh.read() as connection:
            made = set(sa.inspect(connection).get_table_names()) - {"sqlite_sequence"}
        assert schema(database, made) == schema(fresh, made)
        assert rules(database) == rules(fresh)
    assert migrate(database, service, STEPS[service]) == list(STEPS[service][1:])
