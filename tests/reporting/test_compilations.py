"""Compiling is a worker's job: what was asked for is compiled once, in one pass, and a refusal stands at its place."""

import asyncio
import multiprocessing
import os
import signal
import time
from datetime import datetime
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from ksad.chassis.auth import LocalIssuer
from ksad.chassis.broker import Broker
from ksad.chassis.clock import SimulatedClock
from ksad.chassis.database import Database
from ksad.chassis.documents import Documents
from ksad.chassis.store import CommandReusedError, EventStore
from ksad.contracts.dates import JAKARTA
from ksad.contracts.envelope import seal
from ksad.contracts.identifiers import cooperation_id, report_id
from ksad.contracts.reporting import ReportKind
from ksad.ledger.figures.content import model
from ksad.reporting.journal import Journal
from ksad.reporting.projections import generations
from ksad.reporting.reports import queue as queue_module
from ksad.reporting.reports.application import Reporting
from ksad.reporting.reports.compiling import Compiler
from ksad.reporting.reports.passes import CompilationWorker
from ksad.reporting.reports.queue import CompilationOrder, CompilationQueue, CompilationState
from tests.reporting.test_app import served
from tests.support.histories.events import message
from tests.support.histories.histories import origin as made_by
from tests.support.histories.histories import registered
from tests.support.histories.report_chain import (
    GOVERNOR,
    MOMENT,
    PERIOD,
    SECRETARIAT,
    TEAM,
    Chain,
    asked,
    life,
    ordered,
)
from tests.support.platforms.fed_supervision import reference_facts
from tests.support.servers.processes import wait_until

OTHER = "tkksd:32"
CASE = cooperation_id("satu")
KILLED = ("printing", "recorded")
"""Where a worker is killed: before the version is recorded, and after it was."""


def never() -> bool:
    """The service goes on."""
    return False


def test_what_waits_is_compiled_in_one_pass(chain: Chain) -> None:
    """All that waits is compiled from one snapshot; a refusal says why and stops nobody; a repeat adds nothing."""
    chain.admit(life("a", TEAM) + life("b", OTHER))
    queue = CompilationQueue(chain.journal.database)
    wanted = [(ReportKind.R2, TEAM), (ReportKind.R3, GOVERNOR), (ReportKind.R2, OTHER), (ReportKind.R1, SECRETARIAT)]
    for kind, office in wanted:
        chain.owe(kind, office, PERIOD)
    orders = [ordered(queue, kind, office, after) for after, (kind, office) in enumerate(wanted)]
    second = queue.find(orders[-1].submission.command_id)
    assert second is not None
    assert (second.state, second.ahead) == (CompilationState.WAITING, 3)

    assert CompilationWorker(queue, chain.cases, never).step() == len(orders)
    found = [queue.find(one.submission.command_id) for one in orders]
    assert [one and one.state.value for one in found] == ["done", "refused", "done", "done"]
    assert found[1] is not None
    assert found[1].problem is not None
    assert found[1].problem["status"] == 422
    assert found[1].problem["detail"]
    made = [chain.cases.compiled_before(one) for one in orders]
    sizes = {one.report.versions[0].compiled["prefix_size"] for one in made if one is not None}
    assert len(sizes) == 1

    assert ordered(queue, ReportKind.R2, TEAM) == orders[0]
    assert CompilationWorker(queue, chain.cases, never).step() == 0
    again = CompilationOrder(orders[0].submission._replace(digest="0" * 64), ReportKind.R2, TEAM, PERIOD)
    with pytest.raises(CommandReusedError):
        queue.add(again, MOMENT)


def test_a_pass_gives_what_each_report_gives_alone(chain: Chain) -> None:
    """Contents are the same, byte for byte, in one pass over one snapshot as one by one."""
    chain.admit([one for number in range(12) for one in life(f"k{number}", (TEAM, OTHER, SECRETARIAT)[number % 3])])
    wanted = [(ReportKind.R2, TEAM), (ReportKind.R2, OTHER), (ReportKind.R1, SECRETARIAT)]
    wanted.append((ReportKind.OVERVIEW, SECRETARIAT))
    orders = [CompilationOrder(asked(office, f"{kind}"), kind, office, PERIOD) for kind, office in wanted]
    for kind, office in wanted:
        chain.owe(kind, office, PERIOD)
    _, together = chain.cases.begin()
    with together as compile_one:
        pass_made = [compile_one(one.kind, one.office, chain.cases.check_order(one)) for one in orders]
    for order, made in zip(orders, pass_made, strict=True):
        _, apart = chain.cases.begin()
        with apart as compile_one:
            alone = compile_one(order.kind, order.office, chain.cases.check_order(order))
        assert model.encode(made.content) == model.encode(alone.content)
        assert made.events() == alone.events()


def test_what_a_stopping_service_leaves_is_taken_at_once(chain: Chain) -> None:
    """A service that ends leaves what it has not recorded, and the next does not wait for it."""
    chain.admit(life("a", TEAM))
    chain.owe(ReportKind.R2, TEAM, PERIOD)
    queue = CompilationQueue(chain.journal.database)
    order = ordered(queue, ReportKind.R2, TEAM)
    asked_often = iter([False, False, True])
    CompilationWorker(queue, chain.cases, lambda: next(asked_often)).step()
    assert chain.cases.compiled_before(order) is None
    next_one = CompilationQueue(chain.journal.database)
    assert CompilationWorker(next_one, chain.cases, never).step() == 1
    assert chain.cases.compiled_before(order) is not None


def _work(url: str, folder: Path, where: str, here: Connection) -> None:
    """A worker in a process of its own, which stops for ever at a place and says that it is there."""
    queue_module.HELD_SECONDS = 0.5
    database = Database(url)
    documents, journal = Documents(folder / "documents" / "reporting"), Journal(database)
    clock = SimulatedClock(folder / "clock")
    cases = Reporting(EventStore(database), Compiler(journal, documents, "test"), clock, "urn:ksad:test:reporting")

    class Stuck(CompilationQueue):
        """A queue that is told no further than a place."""

        def tell(self, *told: Any, **more: Any) -> None:
            """Stops there."""
            if told[1].value == {"recorded": "done"}.get(where, where):
                here.send(where)
                time.sleep(3_600)
            super().tell(*told, **more)

    worker = CompilationWorker(Stuck(database), cases, never)
    # What a killed one held is free a little later.
    wait_until(lambda: worker.step() > 0, what="the order")


def test_what_a_killed_worker_held_is_compiled_once(
    chain: Chain, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed anywhere, also right after the version was recorded: the next worker ends it; there is one version."""
    monkeypatch.setattr(queue_module, "HELD_SECONDS", 0.5)
    chain.admit(life("a", TEAM))
    chain.owe(ReportKind.R2, TEAM, PERIOD)
    queue = CompilationQueue(chain.journal.database)
    order = ordered(queue, ReportKind.R2, TEAM)
    # Its server has imported everything once: a process that starts by itself takes seconds.
    spawning = multiprocessing.get_context("forkserver")
    spawning.set_forkserver_preload([__name__])
    for where in KILLED:
        there, here = spawning.Pipe(duplex=False)
        worker = spawning.Process(target=_work, args=(database_url, tmp_path, where, here))
        worker.start()
        assert there.poll(30)
        assert there.recv() == where
        assert worker.pid is not None
        os.kill(worker.pid, signal.SIGKILL)
        worker.join()
        status = queue.find(order.submission.command_id)
        assert status is not None
        assert status.state is not CompilationState.DONE
    assert len(chain.store.stream(f"report/{report_id('R2', TEAM, PERIOD)}")) == 1
    wait_until(lambda: CompilationWorker(queue, chain.cases, never).step() == 1, what="what the killed worker held")
    status = queue.find(order.submission.command_id)
    assert status is not None
    assert status.state is CompilationState.DONE
    assert len(chain.store.stream(f"report/{report_id('R2', TEAM, PERIOD)}")) == 1


async def _adopted(nats_url: str) -> None:
    """The log has reference data."""
    facts = [seal(fact, "reference/adopted", number, made_by()) for number, fact in enumerate(reference_facts(), 1)]
    facts.append(seal(registered("satu", ("33.72", "33.13")), f"cooperation/{CASE}", 1, made_by()))
    async with Broker(nats_url, "registry") as broker:
        await broker.wait_connected()
        await broker.open_stream()
        await broker.publish_batch([message(one, at) for at, one in enumerate(facts, 1)], "ksad.log.registry.>", 0)


def _projected(client: TestClient) -> int:
    app: Any = client.app
    with app.parts.database.read() as connection:
        return min(one.position for one in generations.live(connection))


def test_a_list_is_printed_as_it_is_given(tmp_path: Path, nats_url: str) -> None:
    """Whatever was typed is set, and a list that is none is refused; only who is known prints."""
    listed: dict[str, object] = {
        "title": "Daftar",
        "about": "semua",
        "columns": ["Satu", "Dua"],
        "rows": [["=1+1", "€ ☃ \u202e"]],
    }
    wrong: list[dict[str, object]] = [{"rows": [["1"]]}, {"rows": [["", ""]]}, {"columns": []}, {"language": "fr"}]
    wrong.append({"day": "2020"})
    with served(tmp_path, nats_url) as client:
        wait_until(lambda: client.get("/readyz").is_success, what="reporting")
        asyncio.run(_adopted(nats_url))
        wait_until(lambda: _projected(client) > len(reference_facts()), what="reference data")
        headers = {"Authorization": f"Bearer {LocalIssuer(tmp_path / 'issuer').issue(TEAM)}"}
        paper = client.post("/lists/print", json=listed, headers=headers)
        assert (paper.status_code, paper.content[:5]) == (200, b"%PDF-"), paper.text
        assert "daftar-20" in paper.headers["content-disposition"]
        for one in wrong:
            assert client.post("/lists/print", json=listed | one, headers=headers).status_code == 422, one
        assert client.post("/lists/print", json=listed).status_code == 401


def test_a_request_is_answered_with_a_place(tmp_path: Path, nats_url: str) -> None:
    """202 with a place, the same for a repeat; the place tells how far it is, and then the version or why not."""
    today = datetime.now(JAKARTA).date()
    period = f"{today.year}-S{1 if today.month <= 6 else 2}"

    def headers(client: TestClient, office: str, key: str = "k") -> dict[str, str]:
        wait_until(lambda: client.get("/readyz").is_success, what="reporting")
        return {"Authorization": f"Bearer {LocalIssuer(tmp_path / 'issuer').issue(office)}", "Idempotency-Key": key}

    def ended(client: TestClient, place: str, office: str) -> Any:
        return client.get(place, headers=headers(client, office)).json()["state"] in {"done", "refused"}

    with served(tmp_path, nats_url) as client:
        headers(client, TEAM)
        asyncio.run(_adopted(nats_url))
        wait_until(lambda: _projected(client) > len(reference_facts()), what="reference data, and a cooperation")
        paper = client.get(f"/cooperations/{CASE}/print", headers=headers(client, TEAM))
        assert (paper.content[:5], paper.headers["content-type"]) == (b"%PDF-", "application/pdf")
        assert f'filename="kerja-sama-satu-{today}.pdf"' in paper.headers["content-disposition"]
        asking = {"kind": "R2", "office": TEAM, "period": period}
        first = client.post("/reports", json=asking, headers=headers(client, TEAM))
        place = first.headers["Location"]
        assert (first.status_code, first.json()["place"]) == (202, place)
        wait_until(lambda: ended(client, place, TEAM), what="the report")
        done = client.get(place, headers=headers(client, TEAM)).json()
        assert (done["state"], done["problem"], done["report"]["state"]) == ("done", None, "compiled")
        repeated = client.post("/reports", json=asking, headers=headers(client, TEAM))
        assert (repeated.status_code, repeated.json()) == (202, first.json())
        assert client.get(place, headers=headers(client, TEAM)).json() == done
        assert client.post("/reports", json=asking, headers=headers(client, TEAM, "other")).status_code == 409
        assert client.get(place, headers=headers(client, "tkksd:34")).status_code == 403
        unknown = client.get(f"/reports/compilations/{report_id('R2', TEAM, period)}", headers=headers(client, TEAM))
        assert (unknown.status_code, unknown.json()["rule"]) == (404, "compilation-known")

        year = {"kind": "R3", "office": GOVERNOR, "period": str(today.year)}
        place = client.post("/reports", json=year, headers=headers(client, GOVERNOR)).json()["place"]
        wait_until(lambda: ended(client, place, GOVERNOR), what="the refusal")
        refused = client.get(place, headers=headers(client, GOVERNOR)).json()
        assert (refused["state"], refused["report"], refused["problem"]["status"]) == ("refused", None, 422)
        assert refused["problem"]["instance"] == place

        app: Any = client.app
        with app.parts.database.write() as connection:
            connection.execute(queue_module.compilations.update().values(state="parked", reason="OSError: disk"))
        told = client.get(place, headers=headers(client, GOVERNOR)).json()
        assert (told["state"], told["problem"]["rule"], told["problem"]["status"]) == (
            "parked",
            "compilation-parked",
            503,
        )
        operator = headers(client, "operator", "park")
        assert "OSError: disk" in client.get("/parked", headers=operator).json()["items"][0]["reason"]
        assert client.get("/status", headers=operator).json()["parked"] == 2
        assert client.get("/readyz").json()["checks"]["compilations"] == "care: 2 reports could not be compiled"
        assert 'ksad_compilations_parked{service="reporting"} 2.0' in client.get("/metrics").text
        assert client.post("/parked/retry", headers=operator).json()["ordered"] == 2
        wait_until(lambda: ended(client, place, GOVERNOR), what="the refusal, again")
