"""Runs the demonstration and prints what the platform then knows, all of it read back through its own interfaces."""

from __future__ import annotations

import hashlib
import time
from collections import Counter
from datetime import date, timedelta
from importlib import resources
from typing import TYPE_CHECKING, Any, NamedTuple

from ksad.chassis.terminal import Exit, complain, progress_bar, say, show_json, show_table, warn
from ksad.contracts.identifiers import cooperation_id
from ksad.contracts.law import packaged
from ksad.contracts.supervision import Tier
from ksad.local.demo.evenings import Evenings
from ksad.local.demo.lifecycles import acts
from ksad.local.demo.officers import Officers
from ksad.local.history import reading as history
from ksad.local.history.importing import Imported, Importer
from ksad.local.machine import operations
from ksad.local.machine.platform import pass_days, running, wait_settled

if TYPE_CHECKING:
    from ksad.chassis.client import Client
    from ksad.local.demo.lifecycles import Act
    from ksad.local.machine.folder import Folder

FIRST_DAY = date(2025, 11, 3)
IMPORT_OFFICE = "joint_secretariat"
PAGE = 500
MONDAY = 0


class DemoOptions(NamedTuple):
    """What ``ksad demo`` was asked for."""

    as_json: bool
    keep_running: bool
    days: int


def run_demo(folder: Folder, options: DemoOptions) -> Exit:
    """Play the demonstration; the exit code says whether the rebuild was identical."""
    started = time.perf_counter()
    with running(folder, name="demo", starts_on=FIRST_DAY) as platform:
        with platform.client() as client:
            imported = _import(client, quiet=options.as_json)
            if imported.failures:
                for failure in imported.failures:
                    complain(f"{failure.file}:{failure.line}: {failure.key}: {failure.detail}")
                return Exit.REFUSED
            with Evenings(folder, client) as evenings:
                _year(folder, client, evenings, options)
            wait_settled(client)
            summary = _summary(client, folder)
        summary["rebuild"] = operations.rebuild(folder, None, quiet=options.as_json)
        summary["seconds"] = round(time.perf_counter() - started, 1)
        if options.as_json:
            show_json(summary)
        else:
            _show(summary)
        if options.keep_running:
            warn("running", f"{folder.endpoints}; Ctrl-C or `ksad down --data-dir {folder.root}` ends it")
            operations.wait_for_the_end()
    return Exit.DONE if summary["rebuild"]["identical"] else Exit.DIFFERENT


def _import(client: Client, *, quiet: bool) -> Imported:
    with resources.as_file(resources.files("ksad.local.demo") / "cooperations.yaml") as file:
        real = history.read(file)
    with progress_bar("import", quiet=quiet) as progress:
        return Importer(client, real, IMPORT_OFFICE, check=False).play(progress)


def _year(folder: Folder, client: Client, evenings: Evenings, options: DemoOptions) -> None:
    """Let the days pass: the two illustrative lives go on, on Mondays the officers work, every evening is noted.

    Nights are long: what a day made due is there before the next one begins.
    """
    script = acts(FIRST_DAY.year)
    officers = Officers(client)
    last = FIRST_DAY + timedelta(days=options.days - 1)
    position: list[str | None] = [None]
    with progress_bar("days", quiet=options.as_json) as progress:

        def on_day(day: date) -> None:
            wait_settled(client)
            for act in script.get(day, ()):
                position[0] = _act(client, act)["position"]
            if day.weekday() == MONDAY:
                officers.work(day, position[0])
            if day in script or day.weekday() == MONDAY:
                wait_settled(client)
            evenings.note(day)
            progress((day - FIRST_DAY).days, options.days)

        _establish(client)
        wait_settled(client)
        evenings.note(FIRST_DAY)
        client.post("registry", "/days", "operator", f"day-{FIRST_DAY}", {"day": FIRST_DAY.isoformat()})
        pass_days(folder, client, last, on_day)


def _establish(client: Client) -> None:
    """The bodies of Pasal 5 and 9 are established by decision; numbers and days are made up."""
    profile = packaged().profile("ksad-2009")
    for body, office, tier in (
        ("joint_secretariat", "minister", Tier.MINISTER),
        ("tkksd:33", "governor:33", Tier.GOVERNOR),
    ):
        words = profile.body(tier)
        fields = {
            "body": body,
            "decision_number": f"{words.decision} 1/2025 (ilustrasi)",
            "decided_on": FIRST_DAY.isoformat(),
            "seat": words.seat_today or words.seat,
            "members": list(words.members),
        }
        client.post("registry", "/bodies", office, f"demo-{body}", fields)


def _act(client: Client, act: Act) -> dict[str, Any]:
    identity = cooperation_id(act.key)
    path = "/cooperations" if act.command == "register" else f"/cooperations/{identity}/{act.command.replace('_', '-')}"
    key = f"demo-{act.key}-{act.day}-{act.command}-{hash_of(act.fields)}"
    return client.post("registry", path, act.office, key, act.fields)


def hash_of(fields: dict[str, Any]) -> str:
    """A short digest that tells two acts of one day apart."""
    return hashlib.sha256(repr(sorted(fields.items())).encode()).hexdigest()[:12]


def _pages(client: Client, service: str, path: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    after = None
    while True:
        page = client.get(service, path, "auditor", limit=PAGE, after=after)
        found += page["items"]
        after = page.get("next")
        if not after:
            return found


def _summary(client: Client, folder: Folder) -> dict[str, Any]:
    cooperations = _pages(client, "reporting", "/cooperations")
    tasks = _pages(client, "supervision", "/tasks")
    reports = _pages(client, "reporting", "/reports")
    status = operations.status(client, folder)
    return {
        "cooperations": len(cooperations),
        "cooperations_by_stage": dict(sorted(Counter(one["stage"] for one in cooperations).items())),
        "cooperations_by_tier": dict(sorted(Counter(str(one["tier"]) for one in cooperations).items())),
        "tasks": len(tasks),
        "tasks_by_status": dict(sorted(Counter(one["status"] for one in tasks).items())),
        "tasks_by_duty": {
            duty: dict(sorted(Counter(one["status"] for one in tasks if one["duty"] == duty).items()))
            for duty in sorted({one["duty"] for one in tasks})
        },
        "reports": len(reports),
        "reports_by_state": dict(sorted(Counter(f"{one['kind']} {one['state']}" for one in reports).items())),
        "events": sum(one["head"] for one in status["services"].values()),
        "events_by_service": {name: one["head"] for name, one in status["services"].items()},
        "head": status["head"],
    }


def _show(summary: dict[str, Any]) -> None:
    show_table("Kerja sama menurut tahap", ("tahap", "jumlah"), list(summary["cooperations_by_stage"].items()))
    show_table("Kerja sama menurut tingkat", ("tingkat", "jumlah"), list(summary["cooperations_by_tier"].items()))
    states = sorted(summary["tasks_by_status"])
    rows = [[duty, *[counts.get(state, 0) for state in states]] for duty, counts in summary["tasks_by_duty"].items()]
    show_table("Tugas menurut kewajiban dan keadaan", ("kewajiban", *states), rows)
    show_table("Laporan menurut keadaan", ("laporan", "jumlah"), list(summary["reports_by_state"].items()))
    show_table("Kejadian menurut layanan", ("layanan", "jumlah"), list(summary["events_by_service"].items()))
    head = summary["head"]
    say(f"head of the log: {head['size']:,} entries, root {head['root']}")
    rebuild = summary["rebuild"]
    say(f"rebuilt {rebuild['events']:,} events at {rebuild['events_per_second']:,} events/s")
    say(f"identical: {'yes' if rebuild['identical'] else 'NO ' + str(rebuild['differing'])}")
    say(f"{summary['seconds']} s")
