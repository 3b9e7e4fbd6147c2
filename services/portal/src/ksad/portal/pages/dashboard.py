"""The dashboard of a Governor, the Minister and their bodies: what needs them, where cooperation is, what is late."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import Depends, Query, Response

from ksad.chassis.requests import Router
from ksad.contracts.access import reporting
from ksad.contracts.registry import Stage
from ksad.portal.drawing import Symbol, bars, symbols
from ksad.portal.languages import noted
from ksad.portal.naming import STAGES, STATUSES
from ksad.portal.visits import Officer, officer
from ksad.portal.work import TaskRow, task_row

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ksad.portal.naming import Names
    from ksad.portal.visits import Visit

ROWS = 100
PAGE, PAGES_MAX = 500, 10
LATE = ("overdue", "escalated")
NATION = "nation"
PERIODS = 4
TREND = {"tasks_on_time": "v-on", "tasks_done_late": "v-late", "tasks_not_done": "v-open"}
"""The figures of a report that the chart shows, from the top, and how each is drawn."""
TREND_NAMES = {
    "tasks_on_time": noted("dilaksanakan tepat waktu"),
    "tasks_done_late": noted("dilaksanakan terlambat"),
    "tasks_not_done": noted("tidak dilaksanakan sampai jatuh tempo"),
}
TREND_ROWS = {
    "cooperations": noted("Kerja sama terdaftar"),
    "running": noted("Kerja sama berjalan"),
    "ended": noted("Kerja sama berakhir"),
    **{name: label[0].upper() + label[1:] for name, label in TREND_NAMES.items()},
}
TIERS = {
    "minister": noted("Dibina Menteri Dalam Negeri"),
    "governor": noted("Dibina Gubernur"),
    "none": noted("Pembina belum ditetapkan"),
}
ISLANDS = {
    "12": noted("Sumatera"),
    "3": noted("Jawa"),
    "5": noted("Bali dan Nusa Tenggara"),
    "6": noted("Kalimantan"),
    "7": noted("Sulawesi"),
    "8": noted("Maluku"),
    "9": noted("Papua"),
}
"""The groups of islands by the first digits that codes of their provinces have."""
KINDS = {"kota": noted("Kota"), "kabupaten": noted("Kabupaten"), "provinsi": noted("Provinsi")}
TERMS = {"passed": noted("Jangka waktu lewat"), "ending": noted("Berakhir dalam 180 hari")}
MATTERS = {"problem": noted("Permasalahan terbuka"), "dispute": noted("Perselisihan terbuka")}
By = Literal["status", "stage", "tier", "affair", "region", "term", "matter"]


def router() -> Router:
    """The routes of the dashboard."""
    routes = Router(dependencies=[Depends(officer)])

    @routes.get("/dasbor", response_class=Response)
    def get_dashboard(visit: Officer) -> Response:
        """Counts of the nation, or of the office's own province, each of which opens what it counts."""
        scope, names = _scope(visit), visit.names
        counts = visit.read("reporting", "/dashboard", scope=scope)
        late, complete = _late(visit, scope)
        places = _places(names, scope, counts["regions"])
        every = [one for _, group in places for one in group]
        trend = _trend(visit, scope)
        return visit.page(
            "dashboard.html",
            nation=scope == NATION,
            where=None if scope == NATION else names.region(scope),
            counts=counts,
            registered=sum(number for status, number in counts["statuses"].items() if status != "withdrawn"),
            late=late,
            complete=complete,
            bodies=_bodies(late),
            places=places,
            ranked=sorted((one for one in every if one.number), key=lambda one: (-one.number, one.label)),
            blank=[one for one in every if not one.number],
            places_count=len(every),
            late_in=_late_in(late),
            trend=trend,
            chart=bars([(one["label"], {name: one["figures"].get(name, 0) for name in TREND}) for one in trend]),
            drawn=TREND,
            trend_names=TREND_NAMES,
            trend_rows=TREND_ROWS,
            stages=STAGES,
            statuses=STATUSES,
            tiers=TIERS,
        )

    @routes.get("/dasbor/kerja-sama", response_class=Response)
    def get_counted(
        visit: Officer,
        menurut: By = "status",
        nilai: Annotated[str, Query(max_length=64)] = "running",
        setelah: Annotated[str | None, Query(max_length=64)] = None,
    ) -> Response:
        """The cooperations behind a figure of the dashboard."""
        scope = _scope(visit)
        found = visit.read(
            "reporting", "/dashboard/cooperations", scope=scope, by=menurut, value=nilai, after=setelah, limit=ROWS
        )
        return visit.page(
            "counted.html",
            title=_title(visit.names, menurut, nilai),
            where=None if scope == NATION else visit.names.region(scope),
            rows=found["items"],
            following_page=found["next"],
            by=menurut,
            value=nilai,
            statuses=STATUSES,
        )

    @routes.get("/dasbor/terlambat", response_class=Response)
    def get_late(visit: Officer, badan: Annotated[str | None, Query(max_length=30)] = None) -> Response:
        """The late tasks behind a figure of the dashboard, those that are late longest first."""
        late, complete = _late(visit, _scope(visit))
        chosen = [one for one in late if badan is None or one.body == badan]
        return visit.page("late.html", rows=chosen, body=badan, complete=complete)

    return routes


def _scope(visit: Visit) -> str:
    """The own province of an office of a province, and the nation for any other."""
    role, _, code = visit.office.partition(":")
    return code if role in {"governor", "tkksd"} else NATION


def _late(visit: Visit, scope: str) -> tuple[list[TaskRow], bool]:
    """The late tasks that the office may see, the oldest first, and whether these are all."""
    wanted: list[dict[str, str]] = [{}]
    if scope != NATION:
        wanted = [{"body": f"tkksd:{scope}"}, {"body": f"governor:{scope}"}]
    found: list[dict[str, Any]] = []
    complete = True
    for one in wanted:
        for status in LATE:
            after = None
            for _ in range(PAGES_MAX):
                page = visit.read("supervision", "/tasks", status=status, limit=PAGE, after=after, **one)
                found += page["items"]
                after = page["next"]
                if after is None:
                    break
            complete = complete and after is None
    return sorted((task_row(visit.names, one) for one in found), key=lambda one: one.days), complete


def _bodies(late: Iterable[TaskRow]) -> list[tuple[str, int, int]]:
    """Each body with late tasks: how many, and the days of the longest; the most first."""
    found: dict[str, list[int]] = {}
    for one in late:
        found.setdefault(one.body, []).append(-one.days)
    return sorted(((body, len(days), max(days)) for body, days in found.items()), key=lambda one: (-one[1], one[0]))


def _late_in(late: Iterable[TaskRow]) -> dict[str, int]:
    """The number of late tasks of the bodies of each province."""
    found: dict[str, int] = {}
    for one in late:
        code = one.body.partition(":")[2]
        found[code] = found.get(code, 0) + 1
    return found


def _places(names: Names, scope: str, counts: dict[str, int]) -> list[tuple[str, list[Symbol]]]:
    """The places of a scope in groups: provinces by island, or the regions of a province by kind."""
    existing = [one for one in names.regions.existing(names.today) if one.autonomous]
    if scope == NATION:
        provinces = [(one.code, one.name) for one in existing if "." not in one.code]
        drawn = symbols(provinces, counts)
        return [(name, [one for one in drawn if one.code[0] in digits]) for digits, name in ISLANDS.items()]
    inside = [(one.code, names.region(one.code)) for one in existing if one.code[:2] == scope]
    drawn = symbols(inside, counts)
    grouped = {kind: [one for one in drawn if one.label.lower().startswith(kind)] for kind in KINDS}
    return [(KINDS[kind], group) for kind, group in grouped.items() if group]


def _trend(visit: Visit, scope: str) -> list[dict[str, Any]]:
    """The last accepted reports of the scope with their frozen figures, the oldest first."""
    if not reporting.TABLE.grants_for(visit.office, "read-report"):
        return []
    wanted = {"kind": "overview"} if scope == NATION else {"kind": "R2", "office": f"tkksd:{scope}"}
    listed = visit.read("reporting", "/reports", state="accepted", limit=PAGE, **wanted)["items"]
    halves = sorted((one for one in listed if "-S" in one["period"]), key=lambda one: one["period"])[-PERIODS:]
    found = []
    for one in halves:
        version = visit.read("reporting", f"/reports/{one['report_id']}")["versions"][-1]
        label = visit.names.period(one["period"])
        address = f"/laporan/{one['report_id']}"
        found.append({"label": label, "address": address, "version": version["version"], "figures": version["figures"]})
    return found


def _title(names: Names, by: str, value: str) -> str:
    """What a figure of the dashboard counts, in words."""
    language = names.language
    told = {"status": STATUSES, "tier": TIERS, "term": TERMS, "matter": MATTERS}
    if by in told:
        label = language.gettext(told[by].get(value, value))
        return label[:1].upper() + label[1:]
    if by == "stage":
        return names.stage(value) if value in {one.value for one in Stage} else language.gettext("Tahap belum tercatat")
    return names.region(value) if by == "region" else names.affairs.name(value)
