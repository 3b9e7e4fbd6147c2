"""Runs the demonstration, and prints what the platform then contains, read through its own interfaces."""

from __future__ import annotations

import hashlib
import time
from datetime import date, timedelta
from importlib import resources
from typing import TYPE_CHECKING, Any, NamedTuple

from ksad.chassis.terminal import Exit, complain, progress_bar, show_json, warn
from ksad.contracts.identifiers import cooperation_id
from ksad.contracts.law import packaged
from ksad.contracts.regions import sha256
from ksad.contracts.supervision import Tier
from ksad.contracts.texts import packaged_texts
from ksad.local.demo.evenings import Evenings
from ksad.local.demo.lifecycles import acts
from ksad.local.demo.officers import Officers
from ksad.local.demo.paper import page_of
from ksad.local.demo.summary import show, summarized
from ksad.local.history import reading as history
from ksad.local.history.importing import Imported, Importer
from ksad.local.machine import operations
from ksad.local.machine.folder import PORTAL
from ksad.local.machine.platform import pass_days, running, set_clock, wait_settled

if TYPE_CHECKING:
    from ksad.chassis.client import Client
    from ksad.local.demo.act import Act
    from ksad.local.machine.folder import Folder

FIRST_DAY = date(2025, 11, 3)
IMPORT_OFFICE = "joint_secretariat"
PAGE = 500
MONDAY = 0


class DemoOptions(NamedTuple):
    """The options of ``ksad demo``."""

    as_json: bool
    keep_running: bool
    days: int


def run_demo(folder: Folder, options: DemoOptions) -> Exit:
    """Runs the demonstration; returns the exit code, which says whether the rebuild was identical."""
    started = time.perf_counter()
    with running(folder, name="demo", starts_on=FIRST_DAY, portal=options.keep_running) as platform:
        with platform.client() as client:
            _adopt(client)
            imported = _import(client, quiet=options.as_json)
            if imported.failures:
                for failure in imported.failures:
                    complain(f"{failure.file}:{failure.line}: {failure.key}: {failure.detail}")
                return Exit.REFUSED
            with Evenings(folder, client) as evenings:
                _year(folder, client, evenings, options)
            wait_settled(client)
            summary = summarized(client, folder)
        summary["rebuild"] = operations.rebuild(folder, None, quiet=options.as_json)
        summary["seconds"] = round(time.perf_counter() - started, 1)
        if options.as_json:
            show_json(summary)
        else:
            show(summary)
        if options.keep_running:
            address = platform.endpoints[PORTAL]
            warn("running", f"open {address} in a browser; Ctrl-C or `ksad down --data-dir {folder.root}` ends it")
            operations.wait_for_the_end()
    return Exit.DONE if summary["rebuild"]["identical"] else Exit.DIFFERENT


def _adopt(client: Client) -> None:
    """The Minister adopts the texts of the software and letterheads by decision; its number is made up."""
    decision = {"number": "100.2.1-1/2025 (ilustrasi)", "date": FIRST_DAY.isoformat(), "office": "minister"}
    for text in packaged_texts():
        body = {**text.model_dump(mode="json"), "decision": decision}
        client.post("registry", "/references", "minister", f"demo-adopt-{text.name}", body)
    content = (resources.files("ksad.local.demo") / "offices.toml").read_text()
    offices = {"kind": "offices", "name": "offices", "content": content, "sha256": sha256(content)}
    body = {**offices, "source": "peragaan (ilustrasi)", "decision": decision}
    client.post("registry", "/references", "minister", "demo-adopt-offices", body)


def _import(client: Client, *, quiet: bool) -> Imported:
    with resources.as_file(resources.files("ksad.local.demo") / "cooperations.yaml") as file:
        real = history.read(file)
    with progress_bar("import", quiet=quiet) as progress:
        return Importer(client, real, IMPORT_OFFICE, check=False).play(progress)


def _year(folder: Folder, client: Client, evenings: Evenings, options: DemoOptions) -> None:
    """Passes the days: commands of the illustrative cooperations, officers' work on Mondays, and a digest each evening.

    Everything that a day makes due is recorded before the next day begins.
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
        # The first day is passed here, since `pass_days` continues after the last one that passed.
        set_clock(folder, FIRST_DAY + timedelta(days=1))
        client.post("registry", "/days", "operator", f"day-{FIRST_DAY}", {"day": FIRST_DAY.isoformat()})
        pass_days(folder, client, last, on_day)


def _establish(client: Client) -> None:
    """Records the decisions that established bodies (Pasal 5 and 9); numbers and days are invented."""
    profile, today = packaged().profile("ksad-2009"), packaged().in_force(FIRST_DAY)
    for body, office, tier in (
        ("joint_secretariat", "minister", Tier.MINISTER),
        ("tkksd:33", "governor:33", Tier.GOVERNOR),
    ):
        words = profile.body(tier)
        fields = {
            "body": body,
            "decision_number": f"{words.decision} 1/2025 (ilustrasi)",
            "decided_on": FIRST_DAY.isoformat(),
            "seat": today.in_present_names(words.seat),
            "members": list(map(today.in_present_names, words.members)),
        }
        client.post("registry", "/bodies", office, f"demo-{body}", fields)


def _act(client: Client, act: Act) -> dict[str, Any]:
    identity = cooperation_id(act.key)
    path = "/cooperations" if act.command == "register" else f"/cooperations/{identity}/{act.command.replace('_', '-')}"
    key = f"demo-{act.key}-{act.day}-{act.command}-{hash_of(act.fields)}"
    proof = {}
    if act.paper is not None:
        proof = {"document": client.upload("registry", page_of(act.paper), "application/pdf", act.office)}
    answer = client.post("registry", path, act.office, key, act.fields | proof)
    if act.refused_by is not None:
        said = {"proposal": answer["proposal"], "reason": "biaya belum disepakati (ilustrasi)"}
        path = f"/cooperations/{identity}/refuse-act"
        return client.post("registry", path, f"region:{act.refused_by}", f"{key}-refused", said)
    for region in answer["awaiting"]:
        said = {"proposal": answer["proposal"]}
        path = f"/cooperations/{identity}/confirm-act"
        answer = client.post("registry", path, f"region:{region}", f"{key}-{region}", said)
    return answer


def hash_of(fields: dict[str, Any]) -> str:
    """A short digest that distinguishes two commands of one day."""
    return hashlib.sha256(repr(sorted(fields.items())).encode()).hexdigest()[:12]
