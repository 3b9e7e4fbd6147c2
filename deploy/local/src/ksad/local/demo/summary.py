"""What the platform contains after the demonstration, read through its own interfaces, and told to people in words."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from ksad.chassis.terminal import say, show_table
from ksad.contracts.identifiers import cooperation_id
from ksad.contracts.regions import RegionTable, load_text
from ksad.ledger.figures.content import indonesian as words
from ksad.local.demo.lifecycles import GOVERNOR_TIER
from ksad.local.machine import operations

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ksad.chassis.client import Client
    from ksad.local.machine.folder import Folder

PAGE = 500
Events = list[dict[str, Any]]
TASKS = {
    "open": "belum selesai",
    "in_progress": "sedang dikerjakan",
    "overdue": "terlambat",
    "escalated": "dilaporkan ke atas",
    "completed": "selesai",
    "cancelled": "dibatalkan",
}
REPORTS = {
    "compiled": "disusun",
    "submitted": "disampaikan",
    "accepted": "diterima",
    "returned": "dikembalikan",
    "discarded": "dibatalkan",
}
SERVICES = {"registry": "register", "supervision": "pembinaan dan pengawasan", "reporting": "pelaporan"}
DUTIES = {"oversight": "pengawasan"}
STATES = {"closed": "selesai", "settling": "dalam penyelesaian"}
PLAYED = {
    "several_agreements": "satu payung dengan tiga perjanjian atau lebih",
    "joined_by_consent": "daerah bergabung setelah para pihak mengonfirmasi",
    "refused": "konfirmasi yang ditolak",
    "dispute_after_expiry": "berakhir demi hukum, lalu perselisihan tentang pembagian",
    "workbook_closed": "lembar kerja pengakhiran yang jumlahnya tertutup",
}
"""What the demonstration is to show, in words."""
DIVISION = "pembagian"
"""What a dispute is about that shall be one about the division of what an agreement leaves."""


def summarized(client: Client, folder: Folder) -> dict[str, Any]:
    """Counts by state, what was played in which cooperation, the workbook that closed, and the head of the log."""
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
        "played": _played(client, cooperations),
        "settlements": _settlements(client, cooperations),
        "events": sum(one["head"] for one in status["services"].values()),
        "events_by_service": {name: one["head"] for name, one in status["services"].items()},
        "head": status["head"],
    }


def _pages(client: Client, service: str, path: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    after = None
    while True:
        page = client.get(service, path, "auditor", limit=PAGE, after=after)
        found += page["items"]
        after = page.get("next")
        if not after:
            return found


def _played(client: Client, cooperations: list[dict[str, Any]]) -> dict[str, list[str]]:
    """For each thing that is to be shown, the titles of the cooperations whose events show it."""
    found: dict[str, list[str]] = {name: [] for name in SHOWN}
    for one in cooperations:
        path = f"/cooperations/{one['cooperation_id']}/events"
        events = client.get("registry", path, "auditor")["items"]
        for name, shows in SHOWN.items():
            if shows(events):
                found[name].append(one["title"])
    return found


def _of(events: Events, name: str) -> Iterator[dict[str, Any]]:
    return (one for one in events if one["type"].split(".")[2] == name)


def _several(events: Events) -> bool:
    return len({one["data"]["agreement"] for one in _of(events, "agreement_signed")}) > 2  # noqa: PLR2004 - three or more


def _joined(events: Events) -> bool:
    return any((one["data"].get("standing") or {}).get("by") == "parties" for one in _of(events, "party_joined"))


def _disputed(events: Events) -> bool:
    """An agreement ended by its term, and later its parties disputed the division: the dispute names it."""
    expired = {
        one["data"]["key"]: one["occurredon"]
        for one in _of(events, "ended")
        if one["data"].get("of") == "agreement" and one["data"].get("rests_on")
    }
    disputes = [one for one in _of(events, "dispute_raised") if one["data"]["agreement"] in expired]
    return any(
        DIVISION in one["data"]["description"].lower() and one["occurredon"] > expired[one["data"]["agreement"]]
        for one in disputes
    )


SHOWN: dict[str, Callable[[Events], bool]] = {
    "several_agreements": _several,
    "joined_by_consent": _joined,
    "refused": lambda events: any(_of(events, "act_refused")),
    "dispute_after_expiry": _disputed,
    "workbook_closed": lambda events: any(_of(events, "settlement_closed")) and any(_of(events, "division_agreed")),
}
"""Whether the events of a cooperation show a thing."""


def _settlements(client: Client, cooperations: list[dict[str, Any]]) -> dict[str, Any]:
    """The workbook of the illustrative agreement that ended: what it divides, and each share; none before it begins."""
    identity = str(cooperation_id(GOVERNOR_TIER))
    if all(one["cooperation_id"] != identity for one in cooperations):
        return {}
    found = client.get("registry", f"/cooperations/{identity}", "auditor")
    return {
        f"{GOVERNOR_TIER}/{key}": {
            "title": found["agreements"][key]["title"] or found["title"],
            "state": found["agreements"][key]["state"],
            "open": one["open"],
            **{name: one["division"][name] for name in ("value_idr", "owed_idr", "net_idr", "shares")},
        }
        for key, one in found.get("settlements", {}).items()
        if one["division"] is not None
    }


def show(summary: dict[str, Any]) -> None:
    """Prints a summary, in words."""
    stages = {
        f"{stage}_and_termination" if stage == "implementation" else stage: name for stage, name in words.STAGES.items()
    }
    _counted("Kerja sama menurut tahap", "tahap", summary["cooperations_by_stage"], stages)
    _counted("Kerja sama menurut pembina dan pengawas", "pembina", summary["cooperations_by_tier"], words.TIERS)
    states = [state for state in TASKS if state in summary["tasks_by_status"]]
    rows = [
        [DUTIES.get(duty, duty), *[counts.get(state, 0) for state in states]]
        for duty, counts in summary["tasks_by_duty"].items()
    ]
    show_table("Tugas menurut kewajiban dan keadaan", ("kewajiban", *[TASKS[state] for state in states]), rows)
    reports = {
        name: f"{words.KINDS[name.split()[0]]} {REPORTS[name.split()[1]]}" for name in summary["reports_by_state"]
    }
    _counted("Laporan menurut keadaan", "laporan", summary["reports_by_state"], reports)
    _counted("Kejadian menurut layanan", "layanan", summary["events_by_service"], SERVICES)
    rows = [[PLAYED[name], "; ".join(titles) or "belum"] for name, titles in summary["played"].items()]
    show_table("Yang dimainkan", ("peristiwa", "kerja sama"), rows)
    for one in summary["settlements"].values():
        _show_settlement(one)
    head = summary["head"]
    say(f"head of the log: {head['size']:,} entries, root {head['root']}")
    rebuild = summary["rebuild"]
    say(f"rebuilt {rebuild['events']:,} events at {rebuild['events_per_second']:,} events/s")
    say(f"identical: {'yes' if rebuild['identical'] else 'NO ' + str(rebuild['differing'])}")
    say(f"{summary['seconds']} s")


def _counted(title: str, what: str, counts: dict[str, int], names: dict[str, str]) -> None:
    show_table(title, (what, "jumlah"), [[names[name], count] for name, count in counts.items()])


def _show_settlement(one: dict[str, Any]) -> None:
    regions = RegionTable.from_csv(load_text())
    shares = [[s["goods_idr"], s["money_idr"], s["share_idr"]] for s in one["shares"]]
    who = [regions.names([s["region"]]) for s in one["shares"]]
    total = [sum(amounts) for amounts in zip(*shares, strict=True)]
    rows = [
        [name, *map(words.rupiah, amounts)] for name, amounts in zip([*who, "jumlah"], [*shares, total], strict=True)
    ]
    sums = f"nilai {words.rupiah(one['value_idr'])}, kewajiban {words.rupiah(one['owed_idr'])}"
    heading = f"Penyelesaian {one['title']} ({STATES.get(one['state'], one['state'])}): {sums}"
    show_table(heading, ("pihak", "barang", "uang", "bagian"), rows)
