"""Operators' tasks: status, rebuilding projections, and parked events."""

from __future__ import annotations

import shutil
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from ksad.chassis.client import ProblemError, SilentError
from ksad.chassis.places import DRILL, SERVICES
from ksad.chassis.storage import ROOM_BYTES_CARE
from ksad.chassis.terminal import say, show_table, warn
from ksad.local.machine.calling import ask
from ksad.local.machine.drill import Drill, recorded, said
from ksad.local.machine.folder import NoPlatformError
from ksad.local.machine.ownership import owner

if TYPE_CHECKING:
    from ksad.chassis.client import Client
from ksad.local.machine.folder import Folder

COUNTED = ("held", "parked", "quarantined", "contradictions")
LATE = ("overdue", "escalated")


def wait_for_the_end() -> None:
    """Waits for Ctrl-C, or another signal that ends a command (:mod:`ksad.local.machine.signals`).

    A signal that the system delivers to another thread does not end this thread's sleep, so it sleeps briefly and
    repeatedly.
    """
    with suppress(KeyboardInterrupt):
        while True:
            time.sleep(0.5)


def status(client: Client, folder: Folder) -> dict[str, Any]:
    """The status of all services; ``attention`` lists what an operator should look at.

    A service that does not answer has ``down``, with the reason.

    :raises NoPlatformError: no service answers.
    """
    services = {name: _service(client, name) for name in SERVICES}
    if all("down" in one for one in services.values()):
        raise NoPlatformError(
            f"nothing answers on {folder.root}, whose platform was killed: `ksad up --data-dir {folder.root}`"
        )
    attention = [f"{name}: {found}" for name, one in services.items() for found in _concerns(one, folder, name)]
    if owner(folder) is None:
        attention.append(f"`ksad up` was killed, nothing restarts what dies: `ksad up --data-dir {folder.root}`")
    attention += _narrow(folder)
    late = None if "down" in services["supervision"] else _late(client)
    head = services["reporting"].get("journal", {})
    return {
        "head": head,
        "services": services,
        "tasks_late": late,
        "backfills": services["supervision"].get("backfills"),
        "texts_provisional": None if "down" in services["registry"] else _provisional(client),
        "restore_drill": next((one._asdict() for one in recorded(folder.root / DRILL)), None),
        "attention": attention,
    }


def _narrow(folder: Folder) -> list[str]:
    """The disks of a folder with little room left; logs or the broker's store may be on one of their own."""
    disks = {path.stat().st_dev: path for path in (folder.nats, folder.logs, folder.root) if path.exists()}
    free = {path: shutil.disk_usage(path).free for path in disks.values()}
    return [f"{room // 2**20} MiB free at {path}" for path, room in free.items() if room < ROOM_BYTES_CARE]


def _service(client: Client, name: str) -> dict[str, Any]:
    try:
        found: dict[str, Any] = client.get(name, "/status", "operator")
        found["not_ready"] = _failing(client, name)
    except SilentError:
        return {"service": name, "down": f"does not answer at {client.endpoints[name]}"}
    except ProblemError as error:
        return {"service": name, "down": f"answers {error.status}: {error}"}
    return found


def _failing(client: Client, name: str) -> list[str]:
    """The failing checks of ``/readyz``, with their details."""
    try:
        client.get(name, "/readyz", "operator")
    except ProblemError as error:
        checks: dict[str, str] = error.problem.get("checks", {})
        return [f"{check} {said}" for check, said in checks.items() if said.startswith("FAILED")]
    return []


def _concerns(one: dict[str, Any], folder: Folder, name: str) -> list[str]:
    if "down" in one:
        return [f"down: {one['down']}; see {folder.logs / name}.log"]
    found = [f"{count} {what}" for what in COUNTED if (count := one.get(what, 0))]
    found += [f"not ready: {check}" for check in one["not_ready"]]
    found += [f"cooperation {fault['cooperation_id']}: {fault['reason']}" for fault in one.get("faults", [])]
    refused = one.get("signed", {}).get("refused")
    return [*found, *[text for text in (one.get("behind"), refused and f"signs nothing: {refused}") if text]]


def _late(client: Client) -> int:
    bodies = client.get("supervision", "/bodies", "auditor")["items"]
    return sum(body["tasks"].get(state, 0) for body in bodies for state in LATE)


def _provisional(client: Client) -> list[str]:
    """The names of the reference texts that nobody has adopted."""
    items = client.get("registry", "/references", "operator")["items"]
    return [one["name"] for one in items if one["provisional"]]


def show_status(report: dict[str, Any]) -> None:
    """Writes the status as tables; what needs attention goes to stderr."""
    columns = ("service", "events", "relayed", "followed", "lag events", "lag seconds", "held", "parked")
    names = ("service", "head", "relayed", "followed", "lag_events", "lag_seconds", "held", "parked")
    services = report["services"].values()
    rows = [[one.get(name, "DOWN" if name == "head" and "down" in one else "-") for name in names] for one in services]
    show_table("Services", columns, rows)
    projections = report["services"]["reporting"].get("projections", [])
    shown = ("projection", "generation", "status", "position", "lag events")
    show_table("Projections", shown, [[one[name.replace(" ", "_")] for name in shown] for one in projections])
    if report["head"]:
        say(f"journal: {report['head']['size']:,} entries, root {report['head']['root']}")
    if report["tasks_late"] is not None:
        say(f"tasks late: {report['tasks_late']:,}")
    if report["backfills"] is not None:
        say(f"backfills open: {report['backfills']:,}")
    if report["texts_provisional"]:
        say(f"reference texts that nobody has adopted: {', '.join(report['texts_provisional'])}")
    drill = report["restore_drill"]
    say("no restore was tried yet: `ksad restore-drill`" if drill is None else said(Drill(**drill)))
    for line in report["attention"]:
        warn("attention", line)


def rebuild(folder: Folder, projection: str | None, *, switch: bool = True, quiet: bool = True) -> dict[str, Any]:
    """Rebuilds one projection or all, with the services running or stopped.

    :param switch: make the new rows live; otherwise only compare.
    :param quiet: show no progress, even on a terminal.
    :raises NoPlatformError: no platform was ever started in the folder.
    :raises ksad.local.machine.calling.VerbFailedError: there is no such projection, an entry cannot be folded, or the
        command was interrupted; calling it again continues.
    """
    words = [*([projection] if projection else []), *([] if switch else ["--check"])]
    report: dict[str, Any] = ask(folder.made(), "reporting", "rebuild", *words, quiet=quiet)
    return report


def switch_back(folder: Folder, projection: str) -> dict[str, Any]:
    """Brings the generation before the last rebuild up to date and makes it live again.

    :raises NoPlatformError: no platform was ever started in the folder.
    :raises ksad.local.machine.calling.VerbFailedError: there is no such projection, or none to return to.
    """
    report: dict[str, Any] = ask(folder.made(), "reporting", "rebuild", projection, "--back")
    return report


def parked(client: Client) -> list[dict[str, Any]]:
    """All events and streams that followers and projections have parked, and quarantined messages."""
    rows: list[dict[str, Any]] = []
    for service in ("supervision", "reporting"):
        rows += [{"where": service, **row} for row in client.get(service, "/parked", "operator")["items"]]
    return rows


def dismiss_quarantined(client: Client) -> dict[str, int]:
    """Makes every follower delete its records of quarantined messages; returns their numbers."""
    moment = time.time_ns()
    return {
        service: client.post(service, "/parked/dismiss", "operator", f"dismiss-{moment}")["dismissed"]
        for service in ("supervision", "reporting")
    }


def retry_parked(client: Client) -> dict[str, dict[str, int]]:
    """Makes every follower try its parked events again; returns the results."""
    moment = time.time_ns()
    return {
        service: client.post(service, "/parked/retry", "operator", f"retry-{moment}")
        for service in ("supervision", "reporting")
    }
