"""The tasks that an office may see: narrowed, counted, and taken along as a file or a print."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlencode

from fastapi import Depends, Query, Response
from pydantic import AfterValidator, BaseModel, Field

from ksad.chassis.problems import Problem
from ksad.chassis.requests import Router
from ksad.contracts.rules import RefusalKind
from ksad.contracts.supervision import Tier
from ksad.portal.languages import noted
from ksad.portal.pages.list_files import ListForm, list_file
from ksad.portal.sheets import Listed
from ksad.portal.visits import Officer, officer
from ksad.portal.work import task_row

if TYPE_CHECKING:
    from ksad.portal.visits import Visit

ROWS = 50
ROWS_IN_FILE, FILE_MAX = 500, 20_000
SHOWN: dict[str, tuple[dict[str, object], str]] = {
    "terbuka": ({"open": True}, noted("Belum selesai")),
    "terlambat": ({"overdue": True, "open": True}, noted("Terlambat")),
    "selesai": ({"status": "completed"}, noted("Selesai")),
    "dibatalkan": ({"status": "cancelled"}, noted("Dibatalkan")),
    "semua": ({}, noted("Semua keadaan")),
}
"""How tasks may stand: what supervision is asked, and what it is called; the first if nothing was chosen."""
WHOSE: dict[str, tuple[dict[str, object], str]] = {
    "milik": ({"mine": True}, noted("Tugas kami")),
    "belum": ({"mine": True, "assigned": False}, noted("Tugas kami tanpa petugas")),
}
TIERS = {
    Tier.GOVERNOR.value: noted("Gubernur dan TKKSD provinsi"),
    Tier.MINISTER.value: noted("Menteri dan Sekretariat Bersama"),
}
ORDERS = {"due_on": noted("Jatuh tempo terdekat"), "-due_on": noted("Jatuh tempo terjauh")}
COLUMNS = (
    noted("Tugas"),
    noted("Kerja sama"),
    noted("Para pihak"),
    noted("Jatuh tempo"),
    noted("Keadaan"),
    noted("Petugas"),
    noted("Dibina oleh"),
)
JOINT = "joint_secretariat"


def _filled(text: str | None) -> str | None:
    """An empty field of a form is one that was not filled in."""
    return text or None


def _a_day(text: str | None) -> str | None:
    if text:
        date.fromisoformat(text)
    return text or None


Day = Annotated[str | None, Field(pattern=r"^(\d{4}-\d{2}-\d{2})?$"), AfterValidator(_a_day)]


Whose = Annotated[str | None, Field(pattern="^(milik|belum)?$"), AfterValidator(_filled)]
Shown = Annotated[str | None, Field(pattern="^(terbuka|terlambat|selesai|dibatalkan|semua)?$"), AfterValidator(_filled)]
OfTier = Annotated[str | None, Field(pattern="^(governor|minister)?$"), AfterValidator(_filled)]
Order = Annotated[str | None, Field(pattern="^(-?due_on)?$"), AfterValidator(_filled)]


class WantedTasks(BaseModel):
    """The filters, as a form sends them: a field that was left empty filters nothing."""

    pilih: Whose = None
    keadaan: Shown = None
    petugas: Annotated[str | None, Field(max_length=64), AfterValidator(_filled)] = None
    dari: Day = None
    sampai: Day = None
    daerah: Annotated[str | None, Field(max_length=100), AfterValidator(_filled)] = None
    provinsi: Annotated[str | None, Field(pattern=r"^([1-9][0-9])?$"), AfterValidator(_filled)] = None
    pembina: Annotated[str | None, Field(pattern=r"^(bersama|[1-9][0-9])?$"), AfterValidator(_filled)] = None
    tingkat: OfTier = None
    urut: Order = None
    setelah: Annotated[str | None, Field(max_length=60), AfterValidator(_filled)] = None


def router() -> Router:
    """The routes of the list."""
    routes = Router(dependencies=[Depends(officer)])

    @routes.get("/tugas", response_class=Response)
    def get_tasks(visit: Officer, wanted: Annotated[WantedTasks, Query()]) -> Response:
        """The tasks that the office may see, as filters narrow them, with their number."""
        found = _read(visit, wanted, ROWS)
        names = visit.names
        existing = [one for one in names.regions.existing(names.today) if one.autonomous]
        return visit.page(
            "work_list.html",
            rows=[(task_row(names, one), one) for one in found["items"]],
            counts=found["counts"],
            following_page=found["next"],
            wanted=wanted,
            kept=_kept(wanted),
            query=urlencode(_kept(wanted)),
            whose={one: called for one, (_, called) in WHOSE.items()},
            shown={one: called for one, (_, called) in SHOWN.items()},
            tiers=TIERS,
            orders=ORDERS,
            provinces=sorted((one.name, one.code) for one in names.regions.provinces(names.today)),
            regions=[names.region(one.code) for one in existing],
        )

    @routes.get("/tugas/unduh.{bentuk}", response_class=Response)
    def get_tasks_file(visit: Officer, bentuk: ListForm, wanted: Annotated[WantedTasks, Query()]) -> Response:
        """All that the filters of the tasks find, with their columns, as CSV, XLSX or PDF."""
        return list_file(visit, _listed(visit, wanted), bentuk, "tugas")

    @routes.get("/tugas/cetak", response_class=Response)
    def get_tasks_print(visit: Officer, wanted: Annotated[WantedTasks, Query()]) -> Response:
        """All that the filters of the tasks find, as a page to print."""
        return visit.page("listing.html", listed=_listed(visit, wanted), back=f"/tugas?{urlencode(_kept(wanted))}")

    return routes


def _read(visit: Visit, wanted: WantedTasks, limit: int, after: str | None = None) -> dict[str, Any]:
    """A page of what the filters find."""
    body = None
    if wanted.pembina is not None:
        body = JOINT if wanted.pembina == "bersama" else f"tkksd:{wanted.pembina}"
    found: dict[str, Any] = visit.read(
        "supervision",
        "/tasks",
        limit=limit,
        counts=after is None,
        after=after or wanted.setelah,
        assignee=wanted.petugas,
        due_from=wanted.dari,
        due_until=wanted.sampai,
        region=_region(visit, wanted),
        province=wanted.provinsi,
        body=body,
        tier=wanted.tingkat,
        sort=wanted.urut or "due_on",
        **SHOWN[wanted.keadaan or "terbuka"][0],
        **(WHOSE[wanted.pilih][0] if wanted.pilih else {}),
    )
    return found


def _region(visit: Visit, wanted: WantedTasks) -> str | None:
    """The code of the region that was named.

    :raises Problem: 422, there is none of this name today.
    """
    if wanted.daerah is None:
        return None
    names = visit.names
    said = " ".join(wanted.daerah.split()).casefold()
    found = [one.code for one in names.regions.existing(names.today) if names.region(one.code).casefold() == said]
    if not found:
        detail = "Tidak ada daerah bernama demikian. Tulis seperti Kota Surakarta, atau pilih dari daftarnya."
        raise Problem(RefusalKind.INVALID, "region-named", detail)
    return found[0]


def _listed(visit: Visit, wanted: WantedTasks) -> Listed:
    """All that the filters find, with the columns of the page.

    :raises Problem: 422, it is more than a file should hold.
    """
    names, gettext = visit.names, visit.language.gettext
    found = _read(visit, wanted, ROWS_IN_FILE)
    if found["counts"]["total"] > FILE_MAX:
        detail = f"Daftar ini lebih dari {FILE_MAX} baris. Persempit saringannya."
        raise Problem(RefusalKind.INVALID, "file-fits", detail)
    items: list[dict[str, Any]] = [*found["items"]]
    while found["next"] is not None:
        found = _read(visit, wanted, ROWS_IN_FILE, found["next"])
        items += found["items"]
    rows = [
        (
            one["label"],
            one["title"] or "–",
            names.listed(party["code"] for party in one["parties"]) or "–",
            names.day(one["due_on"]),
            task_row(names, one).state,
            one["assignee"] or "–",
            names.office(one["body"]),
        )
        for one in items
    ]
    return Listed(gettext("Tugas pembinaan"), _about(visit, wanted), [gettext(one) for one in COLUMNS], rows)


def _about(visit: Visit, wanted: WantedTasks) -> str:
    """The filters in words, and when the list was read."""
    names, gettext = visit.names, visit.language.gettext
    said = [gettext(SHOWN[wanted.keadaan or "terbuka"][1])]
    said += [gettext(WHOSE[wanted.pilih][1])] if wanted.pilih else []
    said += [gettext("petugas %(code)s") % {"code": wanted.petugas}] if wanted.petugas else []
    said += [gettext("jatuh tempo sejak %(day)s") % {"day": names.day(wanted.dari)}] if wanted.dari else []
    said += [gettext("jatuh tempo sampai dengan %(day)s") % {"day": names.day(wanted.sampai)}] if wanted.sampai else []
    said += [wanted.daerah] if wanted.daerah else []
    said += [names.region(wanted.provinsi)] if wanted.provinsi else []
    if wanted.pembina:
        said.append(names.office(JOINT if wanted.pembina == "bersama" else f"tkksd:{wanted.pembina}"))
    said += [gettext(TIERS[wanted.tingkat])] if wanted.tingkat else []
    moment = visit.moment(visit.parts.clock.now().timestamp())
    return gettext("Saringan: %(filters)s. Keadaan pada %(moment)s WIB.") % {
        "filters": ", ".join(said),
        "moment": moment,
    }


def _kept(wanted: WantedTasks) -> dict[str, Any]:
    """The filters that the next page has as well."""
    return wanted.model_dump(mode="json", exclude={"setelah"}, exclude_none=True)
