"""What operators do: look at the platform, rebuild its projections, try parked events again."""

from __future__ import annotations

import signal
import threading
import time
from typing import TYPE_CHECKING, Any

from chassis.database import Database
from ksad.folder import SERVICES
from ksad.output import console, show_table
from reporting.journal import Journal
from reporting.projections.runner import Runner

if TYPE_CHECKING:
    from collections.abc import Callable

    from ksad.client import Client
    from ksad.folder import Folder


def wait_for_the_end() -> None:
    """Return on Ctrl-C or SIGTERM."""
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    while not ended.wait(0.5):
        pass


def status(client: Client) -> dict[str, Any]:
    """The status of all three services in one object; ``attention`` lists what needs care."""
    services = {name: client.get(name, "/status", "operator") for name in SERVICES}
    late = len(client.get("supervision", "/tasks", "operator", status="overdue", limit=500)["items"])
    attention = [
        f"{name}: {count} {what}"
        for name, one in services.items()
        for what in ("held", "parked", "quarantined")
        if (count := one.get(what, 0))
    ]
    attention += [f"{name}: {one['behind']}" for name, one in services.items() if one.get("behind")]
    head = services["reporting"].get("journal", {})
    return {"head": head, "services": services, "tasks_late": late, "attention": attention}


def show_status(report: dict[str, Any]) -> None:
    """The status as tables."""
    rows = [
        [name, one["head"], one["relayed"], one["followed"], one["lag_events"], one["lag_seconds"]]
        for name, one in report["services"].items()
    ]
    show_table("Services", ("service", "events", "relayed", "followed", "lag events", "lag seconds"), rows)
    projections = report["services"]["reporting"].get("projections", [])
    columns = ("projection", "generation", "status", "position", "lag events")
    show_table("Projections", columns, [[one[name.replace(" ", "_")] for name in columns] for one in projections])
    console.print(f"journal: {report['head'].get('size', 0):,} entries, root {report['head'].get('root', '')[:16]}…")
    console.print(f"tasks late: {report['tasks_late']:,}")
    for line in report["attention"]:
        console.print(f"[bold yellow]attention:[/] {line}")


def rebuild(
    folder: Folder,
    projection: str | None,
    *,
    switch: bool = True,
    cancel: threading.Event | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> dict[str, Any]:
    """Rebuild one projection or all of them; works beside running services and without them.

    :raises LookupError: no projection of that name.
    """
    database = Database(folder.database_url("reporting"))
    try:
        runner = Runner(database, Journal(database))
        if projection is not None and projection not in runner.projections:
            message = f"no projection {projection}: one of {', '.join(runner.projections)}"
            raise LookupError(message)
        started = time.perf_counter()
        done = runner.rebuild([projection] if projection else [], cancel=cancel, progress=progress, switch=switch)
        seconds = time.perf_counter() - started
    finally:
        database.close()
    if done is None:
        raise KeyboardInterrupt
    return {
        "events": done.events,
        "seconds": round(seconds, 3),
        "events_per_second": round(done.events / seconds) if seconds else 0,
        "identical": done.identical,
        "differing": done.differing,
        "switched": done.switched,
    }


def parked(client: Client) -> list[dict[str, Any]]:
    """What every follower and projection has parked."""
    rows: list[dict[str, Any]] = []
    for service in ("supervision", "reporting"):
        rows += [{"where": service, **row} for row in client.get(service, "/parked", "operator")["items"]]
    return rows


def retry_parked(client: Client) -> dict[str, dict[str, int]]:
    """Have every follower and projection try what it parked again."""
    moment = time.time_ns()
    return {
        service: client.post(service, "/parked/retry", "operator", f"retry-{moment}")
        for service in ("supervision", "reporting")
    }
