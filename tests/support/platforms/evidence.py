"""What a platform holds, read from its databases and its stream, and held against what was sent to it."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import httpx
import orjson
import sqlalchemy as sa

from ksad.chassis.broker import LOG_STREAM
from ksad.chassis.client import Client, ProblemError
from ksad.chassis.database import Database
from ksad.chassis.places import SERVICES
from ksad.contracts.identifiers import cooperation_id
from ksad.ledger.folds.tasks import TASKS
from ksad.local.machine.folder import Folder
from ksad.local.machine.platform import wait_settled
from ksad.reporting.projections.register_list import RegisterList, RegisterReader, RegisterWanted
from ksad.reporting.projections.views import Views
from tests.support.histories.load import Sent, recapitulated
from tests.support.platforms.published import published
from tests.support.servers.processes import wait_until

SETTLE_SECONDS = 120


def settle(endpoints: Mapping[str, Any]) -> None:
    """Wait until all services have seen every fact, however often they still have to be started again."""

    def settled() -> bool:
        with Client(dict(endpoints), attempts=1) as client:
            try:
                wait_settled(client, seconds=2)
            except (TimeoutError, ProblemError, httpx.TransportError):
                return False
            return True

    wait_until(settled, seconds=SETTLE_SECONDS, every=0.1, what="a platform that has settled")


def selected(url: str, query: str) -> list[bytes]:
    """The first column of a query's rows."""
    database = Database(url)
    try:
        with database.read() as connection:
            return [bytes(row[0]) for row in connection.execute(sa.text(query))]
    finally:
        database.close()


def stored(folder: Folder, service: str) -> list[bytes]:
    """A service's own events, in order."""
    return selected(folder.database_url(service), "SELECT state FROM stored_events ORDER BY notification_id")


def journal(folder: Folder) -> list[bytes]:
    """The journal's entries, in order."""
    return selected(folder.database_url("reporting"), "SELECT raw FROM journal ORDER BY entry")


def streamed(folder: Folder, nats_url: str) -> dict[str, list[bytes]]:
    """What the stream holds of each service, in order."""
    found: dict[str, list[bytes]] = {service: [] for service in SERVICES}
    for message in published(folder, nats_url, LOG_STREAM):
        found[message.subject.split(".")[2]].append(message.raw)
    return found


def assert_each_once(folder: Folder, nats_url: str) -> None:
    """Stores, stream and journal hold the same bytes, each once; streams have no gap, causes come before effects."""
    stores = {service: stored(folder, service) for service in SERVICES}
    assert streamed(folder, nats_url) == stores
    assert_journal_holds(folder, [raw for states in stores.values() for raw in states])


def assert_journal_holds(folder: Folder, events: Iterable[bytes]) -> None:
    """The journal holds exactly these events, streams without a gap and causes before effects."""
    entries = journal(folder)
    assert sorted(entries) == sorted(events)
    versions: Counter[str] = Counter()
    seen: set[str] = set()
    for raw in entries:
        event = orjson.loads(raw)
        versions[event["subject"]] += 1
        assert event["streamversion"] == versions[event["subject"]], event["subject"]
        assert event.get("causationid") is None or event["causationid"] in seen, event["id"]
        seen.add(event["id"])


def assert_shows(folder: Folder, sent: list[Sent], on: date) -> None:
    """Every projection shows what was sent, and of cooperations nothing else; the registry has just those events."""
    own = [orjson.loads(raw) for raw in stored(folder, "registry")]
    events: dict[str, list[str]] = {}
    for event in own:
        if event["subject"].startswith("cooperation/"):
            events.setdefault(event["subject"].partition("/")[2], []).append(event["id"])
    assert events == {one.identity: one.events for one in sent}
    database = Database(folder.database_url("reporting"))
    try:
        with database.read() as connection:
            views = Views(connection)
            rows = RegisterList(views, connection, RegisterReader()).page(RegisterWanted(), "key", None, 1_000_000)
            assert {row["key"]: _said(row) for row in rows} == {one.key: one.shown() for one in sent}
            assert views.recap(None) == recapitulated(sent)
            tasks: dict[str, Counter[tuple[str, ...]]] = {one.identity: Counter() for one in sent}
            for row in views.rows(sa.select(views.table("tasks", TASKS))):
                tasks[row.cooperation_id][_owed(row._asdict())] += 1
            for one in sent:
                assert tasks[one.identity] == one.owed(on), one.key
                lines = views.timeline(cooperation_id(one.key), 0, 1_000_000)
                told = [event["id"] for _, event, _ in lines if event["subject"] == f"cooperation/{one.identity}"]
                assert told == one.events
    finally:
        database.close()


def _said(row: dict[str, Any]) -> dict[str, Any]:
    """What a row of the register says of what clerks can send."""
    plain = ("cooperation_id", "title", "stage", "status", "parties", "tier", "supervising_body")
    return {
        **{name: row[name] for name in plain},
        "problems": {key: one["outcome"] for key, one in row["problems"].items()},
        "disputes": {key: one["status"] for key, one in row["disputes"].items()},
    }


def _owed(row: dict[str, Any]) -> tuple[str, ...]:
    return (row["duty"], row["clause"], row["body"], row["status"], str(row["due_on"]))
