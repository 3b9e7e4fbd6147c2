"""Open backfills as supervision keeps them, on both databases: a task, a figure of the status, and what is older."""

import json
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa

from ksad.chassis.database import Database
from ksad.chassis.migrations import Script
from ksad.contracts import registry
from ksad.contracts.supervision import BACKFILL
from ksad.supervision import tables
from ksad.supervision.domain.task import OVERSIGHT, Task
from ksad.supervision.queries import Queries
from ksad.supervision.stored_cases import read_case
from tests.support.histories.newest import fact_of
from tests.support.histories.supervised import GOVERNORS, LAST, MINISTERS
from tests.support.platforms.fed_supervision import FedSupervision

OLD, NOW = date(2009, 6, 1), date(2026, 1, 5)
CLOSED = registry.BackfillClosed(facts=1)


@pytest.fixture
def fed(database: Database, tmp_path: Path) -> FedSupervision:
    """Two cooperations of the past whose facts are coming in, and a new one."""
    fed = FedSupervision(database, tmp_path).adopt()
    fed.register("lama", GOVERNORS, OLD, stage=LAST, legacy=True)
    fed.register("kuno", MINISTERS, OLD, stage=LAST, legacy=True)
    fed.register("baru", GOVERNORS, NOW)
    return fed


def counted(fed: FedSupervision) -> int:
    """The figure of the status."""
    with fed.database.read() as connection:
        return Queries(connection).open_backfills()


def backfills(fed: FedSupervision) -> list[Task]:
    """The tasks of open backfills."""
    return [one for one in fed.tasks(duty=OVERSIGHT) if one.occurrence == BACKFILL and one.open]


@pytest.mark.fault("http A5")
def test_open_backfills_are_tasks_and_a_figure(fed: FedSupervision) -> None:
    """One task of each body until it closes the backfill; the figure counts them, and nothing else is owed before."""
    assert counted(fed) == 2
    assert sorted(one.body for one in backfills(fed)) == ["joint_secretariat", "tkksd:33"]
    fed.tell("lama", CLOSED, NOW)
    assert counted(fed) == 1
    assert [one.body for one in backfills(fed)] == ["joint_secretariat"]


def test_the_figure_is_asked_of_a_column(fed: FedSupervision) -> None:
    """How the text of a state is written does not change it; a schema of before has the column filled from its rows."""
    stored = sa.select(tables.tasks.c.task_id, tables.tasks.c.state)
    with fed.database.write() as connection:
        for identity, state in connection.execute(stored).all():
            mine = tables.tasks.c.task_id == identity
            connection.execute(
                sa.update(tables.tasks).where(mine).values(state=json.dumps(json.loads(state), indent=1))
            )
    assert counted(fed) == 2
    with fed.database.write() as connection:
        connection.execute(sa.text("DROP INDEX tasks_occasion"))
        connection.execute(sa.text("ALTER TABLE tasks DROP COLUMN occasion"))
        script = Script("ksad.supervision", "0006_occasions")
        for statement in script.statements(connection.dialect.name):
            connection.execute(sa.text(statement))
    assert counted(fed) == 2


def test_an_older_state_tells_its_backfill_by_what_was_heard(fed: FedSupervision) -> None:
    """A case that an older release wrote does not say whether its backfill is open: its events do."""
    with fed.database.write() as connection:
        for identity, state in connection.execute(sa.select(tables.cases.c.cooperation_id, tables.cases.c.state)).all():
            values = json.loads(state)
            older = {name: one for name, one in values.items() if name not in ("form", "backfill")}
            told = {key: {name: one[name] for name in ("on", "for_parties")} for key, one in older["scheduled"].items()}
            mine = tables.cases.c.cooperation_id == identity
            connection.execute(
                sa.update(tables.cases).where(mine).values(state=json.dumps(older | {"scheduled": told}))
            )
    fed.tell("lama", CLOSED, NOW)
    fed.tell("baru", fact_of(registry.ProblemReported, problem="p", description="x"), NOW)
    assert [one.body for one in backfills(fed)] == ["joint_secretariat"]
    assert counted(fed) == 1
    with fed.database.read() as connection:
        cases = [read_case(connection, one) for one in connection.execute(sa.select(tables.cases.c.state)).scalars()]
    assert {f"{one.duty}/" == key[: len(one.duty) + 1] for case in cases for key, one in case.scheduled.items()} == {
        True
    }
