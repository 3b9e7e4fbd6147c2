"""What operators do: look at the platform, rebuild its projections, try parked events again."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from ksad.chassis.client import ProblemError, SilentError
from ksad.chassis.places import SERVICES
from ksad.chassis.terminal import say, show_table, warn
from ksad.local.machine.calling import ask
from ksad.local.machine.folder import NoPlatformError
from ksad.local.machine.ownership import owner

if TYPE_CHECKING:
    from ksad.chassis.client import Client
from ksad.local.machine.folder import Folder

COUNTED = ("held", "parked", "quarantined", "contradictions")
LATE = ("overdue", "escalated")


def wait_for_the_end() -> None:
    """Return on Ctrl-C, or on another signal that ends a command (:mod:`ksad.local.machine.signals`).

    A signal that the system gives to another thread does not end this one's sleep, so it sleeps but a moment at a time.
    """
    with suppress(KeyboardInterrupt):
        while True:
            time.sleep(0.5)


def status(client: Client, folder: Folder) -> dict[str, Any]:
    """The status of all three services in one object; ``attention`` lists what needs care.

    A service that does not answer is among them with ``down`` and the reason.

    :raises NoPlatformError: nothing answers at all.
    """
    services = {name: _service(client, name) for name in SERVICES}
    if all("down" in one for one in services.values()):
        raise NoPlatformError(
            f"nothing answers on {folder.root}, whose platform was killed: `ksad up --data-dir {folder.root}`"
        )
    attention = [f"{name}: {found}" for name, one in services.items() for found in _concerns(one, folder, name)]
    if owner(folder) is None:
        attention.append(f"`ksad up` was killed, nothing restarts what dies: `ksad up --data-dir {folder.root}`")
    late = None if "down" in services["supervision"] else _late(client)
    head = services["reporting"].get("journal", {})
    return {"head": head, "services": services, "tasks_late": late, "attention": attention}


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
    """The checks of ``/readyz`` that fail, with what they say."""
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


def show_status(report: dict[str, Any]) -> None:
    """The status as tables; what needs care goes to stderr."""
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
    for line in report["attention"]:
        warn("attention", line)


def rebuild(folder: Folder, projection: str | None, *, switch: bool = True, quiet: bool = True) -> dict[str, Any]:
    """Rebuild one projection or all of them; works beside running services and without them.

    :param switch: make the new rows live; else compare them only.
    :param quiet: show no progress, even on a terminal.
    :raises NoPlatformError: no platform was ever started on the folder.
    :raises ksad.local.machine.calling.VerbFailedError: no projection of that name, an entry that cannot be folded, or
        interrupted: the same call goes on from there.
    """
    words = [*([projection] if projection else []), *([] if switch else ["--check"])]
    report: dict[str, Any] = ask(folder.made(), "reporting", "rebuild", *words, quiet=quiet)
    return report


def switch_back(folder: Folder, projection: str) -> dict[str, Any]:
    """Make the generation before the last rebuild live again, once it has caught up; nothing is lost by it.

    :raises NoPlatformError: no platform was ever started on the folder.
    :raises ksad.local.machine.calling.VerbFailedError: no projection of that name, or none to switch back to.
    """
    report: dict[str, Any] = ask(folder.made(), "reporting", "rebuild", projection, "--back")
    return report


def parked(client: Client) -> list[dict[str, Any]]:
    """What every follower and projection has parked."""
    rows: list[dict[str, Any]] = []
    for service in ("supervision", "reporting"):
        rows += [{"where": service, **row} for row in client.get(service, "/parked", "operator")["items"]]
    return rows


def dismiss_quarantined(client: Client) -> dict[str, int]:
    """Have every follower count its quarantined messages no more."""
    moment = time.time_ns()
    return {
        service: client.post(service, "/parked/dismiss", "operator", f"dismiss-{moment}")["dismissed"]
        for service in ("supervision", "reporting")
    }


def retry_parked(client: Client) -> dict[str, dict[str, int]]:
    """Have every follower and projection try what it parked again."""
    moment = time.time_ns()
    return {
        service: client.post(service, "/parked/retry", "operator", f"retry-{moment}")
        for service in ("supervision", "reporting")
    }
