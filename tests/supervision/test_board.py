"""The list of tasks as a work list: SQL chooses what the rule of sight says, by an index; it is counted and named."""

import uuid
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from ksad.chassis.database import Database
from ksad.contracts import registry
from ksad.contracts.catalogue import Audience
from ksad.contracts.registry import Stage
from ksad.supervision import selecting, tables
from ksad.supervision.api.reading import seen_by
from ksad.supervision.domain.permissions import sight_of
from ksad.supervision.queries import Queries
from ksad.supervision.querying_tasks import SeenTasks, TasksWanted, counted, page, tasks
from tests.support.histories.newest import fact_of
from tests.support.platforms.fed_supervision import FedSupervision
from tests.support.platforms.pair import Pair

OFFICES = ["region:33.72", "region:34.71", "region:33.11", "region:35.78", "tkksd:33", "governor:34", "tkksd:35"]
SOLO, SUKOHARJO, YOGYA = "33.72", "33.11", "34.71"
TODAY = date(2026, 3, 2)


@pytest.fixture
def fed(database: Database, tmp_path: Path) -> FedSupervision:
    """Two provinces' cooperation that one party has left, one that it joined again, and one inside a province."""
    made = FedSupervision(database, tmp_path).adopt()
    made.register("lama", (SOLO, SUKOHARJO, YOGYA), date(2026, 1, 5))
    made.register("kembali", (SOLO, YOGYA, "35.78"), date(2026, 1, 5))
    made.register("dalam", (SOLO, SUKOHARJO), date(2026, 1, 6))
    for key, left in (("lama", (SOLO, SUKOHARJO)), ("kembali", (SOLO, "35.78"))):
        gone = fact_of(registry.PartyWithdrew, region=YOGYA, reason=None, parties=list(left))
        made.tell(key, gone, date(2026, 1, 12))
    for key in ("lama", "dalam", "kembali"):
        entered = fact_of(registry.StageEntered, stage=Stage.NEGOTIATION, left=Stage.EXPLORATION)
        made.tell(key, entered, date(2026, 1, 20))
    joined = fact_of(registry.PartyJoined, region=YOGYA, reason=None, parties=[SOLO, "35.78", YOGYA])
    made.tell("kembali", joined, date(2026, 2, 2))
    made.pass_days(date(2026, 2, 27), date(2026, 3, 1))
    return made


def test_what_is_listed_and_counted_is_what_may_be_seen(fed: FedSupervision) -> None:
    """For every office SQL chooses exactly the tasks that the rule of sight admits, and counts as many."""
    with fed.database.read() as connection:
        reference = fed.reference_cache.reference(connection)
        assert reference is not None
        every = tasks(connection, TasksWanted(), None, 10_000)
        cases = Queries(connection).cases({one.cooperation_id for one in every if one.cooperation_id is not None})
        assert len(every) > 30
        for office in OFFICES:
            seen = seen_by(office, reference, TODAY)
            listed = tasks(connection, TasksWanted(seen=seen), None, 10_000)
            may = {
                one.id
                for one in every
                if sight_of(office, one, cases.get(one.cooperation_id or one.id), reference.regions, TODAY)
                is not Audience.PUBLIC
            }
            assert {one.id for one in listed} == may, office
            count = counted(connection, TasksWanted(seen=seen), TODAY)
            assert (count.total, sum(count.due.values())) == (len(may), len([one for one in listed if one.open]))


def test_what_an_older_release_stored_is_filled_in(fed: FedSupervision) -> None:
    """Rows that are there without what lists are selected by get it from their states."""

    def rows(connection: sa.Connection) -> list[list[Any]]:
        chosen = (tables.case_parties, tables.asked_regions)
        return [sorted(map(str, connection.execute(sa.select(table)))) for table in chosen]

    with fed.database.write() as connection:
        before = rows(connection)
        assert all(before)
        for table in (tables.case_parties, tables.asked_regions):
            connection.execute(sa.delete(table))
        reference = fed.reference_cache.reference(connection)
        selecting.fill(connection, reference)
        assert rows(connection) == before


CASES = 4_000
LISTS = {
    "the board of a body": (TasksWanted(bodies=("tkksd:33", "governor:33"), open=True), "tasks_work"),
    "the tasks of an officer": (TasksWanted(assignee="petugas-1", open=True), "tasks_assignee"),
    "what is asked of a region": (TasksWanted(asks=("33.01",), seen=SeenTasks(("33.01",))), "asked_regions"),
    "what a region sees": (TasksWanted(seen=SeenTasks(("33.01",))), "case_parties"),
    "all": (TasksWanted(), "tasks_page"),
}


def test_no_list_reads_all_tasks(database: Database, tables_filled: None) -> None:
    """With 4,000 cooperations each list is found by an index on either database; nothing sorts or reads them all."""
    del tables_filled
    explain = "EXPLAIN QUERY PLAN " if database.dialect == "sqlite" else "EXPLAIN "
    with database.read() as connection:
        for name, (wanted, index) in LISTS.items():
            query = page(wanted, None, 100).compile(
                dialect=connection.dialect, compile_kwargs={"literal_binds": True, "render_postcompile": True}
            )
            plan = "\n".join(str(row) for row in connection.exec_driver_sql(explain + str(query).replace("%", "%%")))
            assert index in plan, (name, plan)
            assert "Seq Scan on tasks" not in plan, (name, plan)
            assert "SCAN tasks\\n" not in plan, (name, plan)


@pytest.fixture
def tables_filled(database: Database) -> None:
    """4,000 cooperations, each with two tasks of which one is open, as their rows are."""

    def row(number: int, closed: int) -> dict[str, Any]:
        return {
            "task_id": uuid.UUID(int=2 * number + closed),
            "cooperation_id": uuid.UUID(int=number),
            "duty": "a.2",
            "clause": "P10.a.2",
            "body": f"tkksd:{11 + number % 38}",
            "stage": "exploration",
            "status": "completed" if closed else "open",
            "open": not closed,
            "due_on": TODAY + timedelta(days=number % 400),
            "next_step": None,
            "state": "{}",
            "assignee": f"petugas-{number % 200}",
            "agreement": None,
            "scheduled_on": TODAY,
        }

    made = [row(number, closed) for number in range(CASES) for closed in (0, 1)]
    pairs = [(f"{11 + number % 38}.{code:02}", number) for number in range(CASES) for code in (1 + number % 9, 72)]
    parties = [
        {"lineage": lineage, "cooperation_id": uuid.UUID(int=number), "agreement": "", "until": None}
        for lineage, number in pairs
    ]
    asked = [{"lineage": lineage, "task_id": uuid.UUID(int=2 * number)} for lineage, number in pairs]
    with database.write() as connection:
        connection.execute(sa.insert(tables.tasks), made)
        connection.execute(sa.insert(tables.case_parties), parties)
        connection.execute(sa.insert(tables.asked_regions), asked)
    with database.write() as connection:
        connection.exec_driver_sql("ANALYZE")


def test_a_work_list_comes_in_one_call(pair: Pair) -> None:
    """Mine, by party and day, sorted, with totals and with names; a misspelt filter is refused, not ignored."""
    name = f"papan-{uuid.uuid4().hex[:8]}"
    identity = pair.register(name)
    mine = pair.read("/tasks", "tkksd:33", mine="true", open="true", region="33.72", counts="true", limit=500)
    theirs = [one for one in mine["items"] if one["cooperation_id"] == identity]
    assert {(one["key"], one["title"], one["body_name"]) for one in theirs} == {
        (name, "Sampah", "TKKSD Provinsi Jawa Tengah")
    }
    assert [one["name"] for one in theirs[0]["parties"]] == ["Kota Surakarta", "Kabupaten Sukoharjo"]
    assert mine["counts"]["total"] == len(mine["items"]) == sum(mine["counts"]["due"].values())
    days = [one["due_on"] for one in pair.read("/tasks", "tkksd:33", sort="-due_on", limit=500)["items"]]
    assert days == sorted(days, reverse=True)
    first = pair.read("/tasks", "tkksd:33", sort="-due_on", limit=1)
    second = pair.read("/tasks", "tkksd:33", sort="-due_on", limit=1, after=first["next"])
    assert second["items"][0]["due_on"] <= first["items"][0]["due_on"]
    assert second["items"][0]["task_id"] != first["items"][0]["task_id"]
    today = (datetime.now(UTC) + timedelta(hours=7)).date()
    late = pair.read("/tasks", "tkksd:33", due_until=str(today - timedelta(days=1)), cooperation_id=identity)
    assert late["items"] == []
    asked = pair.read("/tasks", "region:33.72", mine="true", cooperation_id=identity)["items"]
    assert asked
    assert all("33.72" in one["remaining"] for one in asked)
    assert pair.read("/tasks", "region:34.71", cooperation_id=identity, counts="true")["counts"]["total"] == 0
    assert pair.read("/tasks", "auditor", province="34", cooperation_id=identity)["items"] == []
    assert pair.read("/tasks", "auditor", tier="minister", cooperation_id=identity)["items"] == []
    assert pair.ask("/tasks", "tkksd:33", mien="true").status_code == 422
    task = theirs[0]
    pair.do(task, "assign", "tkksd:33", {"assignee": "petugas-7"})
    assigned = pair.read("/tasks", "tkksd:33", assignee="petugas-7", cooperation_id=identity)["items"]
    assert [one["task_id"] for one in assigned] == [task["task_id"]]
    unassigned = pair.read("/tasks", "tkksd:33", assigned="false", cooperation_id=identity)["items"]
    assert task["task_id"] not in {one["task_id"] for one in unassigned}
