"""Stream and store are lost at once: the journal alone knows what was decided, and nothing is decided twice."""

import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ksad.chassis.client import Client
from ksad.chassis.places import DataFolder
from ksad.chassis.store import EventStore
from ksad.contracts.envelope import seal
from ksad.contracts.identifiers import cooperation_id
from ksad.local.machine.calling import VerbFailedError
from ksad.local.machine.folder import Folder
from ksad.local.machine.keeping import refill_stores
from ksad.local.machine.platform import pass_days, running, wait_settled
from ksad.reporting.journal import Arrival, Journal
from ksad.reporting.keeping.reconcile import reconcile
from tests.support.histories.histories import origin, registered
from tests.support.platforms.started import mostly_on
from tests.support.servers.schemas import opened
from tests.support.servers.stores import copied, leave_gap

HEAD = {"title": "Kerja sama", "object": "sampah", "affair": "lingkungan_hidup", "parties": ["33.72", "33.11"]}


def register(client: Client, key: str) -> dict[str, Any]:
    """A cooperation enters the register."""
    return client.post("registry", "/cooperations", "region:33.72", key, {"key": key, **HEAD})


@mostly_on("postgresql")
@pytest.mark.timeout(180)
def test_an_old_store_is_refilled_from_the_journal_when_the_stream_is_gone_too(folder: Folder, tmp_path: Path) -> None:
    """Old copies of two stores and no stream: the next start puts everything back, and new commands go behind it."""
    with running(folder, starts_on=date(2026, 1, 5)) as platform, platform.client() as client:
        register(client, "alfa")
        wait_settled(client)
        put_back = [copied(folder, service, tmp_path / service) for service in ("registry", "supervision")]
        with folder.database("registry") as registry:
            leave_gap(registry)
        beta = register(client, "beta")
        pass_days(folder, client, date(2026, 1, 6))
        wait_settled(client)
    for one in put_back:
        one()
    shutil.rmtree(folder.nats)

    with running(folder) as platform, platform.client() as client:
        assert platform.put_back["registry"] >= 2
        assert platform.put_back["supervision"] > 0
        again = register(client, "beta")
        assert (again["events"], again["position"]) == (beta["events"], beta["position"])
        register(client, "gamma")
        wait_settled(client)
        tasks = client.get("supervision", "/tasks", cooperation_id=again["cooperation_id"])["items"]
        assert len({task["task_id"] for task in tasks}) == len(tasks) > 0

    assert reconcile(DataFolder(folder.root)).findings == []
    assert refill_stores(folder) == {}


def test_a_store_that_went_another_way_is_not_started_on(tmp_path: Path) -> None:
    """Where store and journal hold different events in one place, nothing starts, and the way out is told."""
    folder = Folder(tmp_path / "data")
    folder.make()
    subject = f"cooperation/{cooperation_id('alfa')}"
    told, other = (seal(registered("alfa", (code, "33.13")), subject, 1, origin()) for code in ("33.72", "33.11"))
    with opened(folder.database_url("reporting"), "reporting") as database:
        journal = Journal(database)
        with database.write() as connection:
            journal.admit(connection, [Arrival(told.to_bytes(), "registry", 1)])
    with opened(folder.database_url("registry"), "registry") as database:
        store = EventStore(database)
        with database.write() as connection:
            store.append(connection, [other])

    with pytest.raises(VerbFailedError, match=r"registry: .*reconcile"):
        refill_stores(folder)
