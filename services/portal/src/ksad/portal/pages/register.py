"""The register: all cooperations, with the filters that reporting has."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlencode

from fastapi import Depends, Query, Response
from fastapi.responses import RedirectResponse
from pydantic import AfterValidator, BaseModel, Field, ValidationError

from ksad.chassis.problems import Problem
from ksad.chassis.requests import Router
from ksad.contracts.registry import Stage
from ksad.contracts.rules import RefusalKind
from ksad.portal.guarding import sent_from_here
from ksad.portal.languages import noted
from ksad.portal.naming import STAGES, STATUSES, TRAINING
from ksad.portal.offers import may_register
from ksad.portal.pages.list_files import ListForm, list_file
from ksad.portal.sheets import Listed
from ksad.portal.visits import Officer, Posted, officer

if TYPE_CHECKING:
    from ksad.portal.visits import Visit

CHOICES = {
    "milik": ("mine", noted("Kerja sama kami")),
    "konfirmasi": ("awaiting", noted("Menunggu konfirmasi kami")),
    "verifikasi": ("unverified", noted("Belum diverifikasi")),
    "masalah": ("has_problem", noted("Ada permasalahan")),
    "selisih": ("has_dispute", noted("Ada perselisihan")),
}
"""What a list can be narrowed to: the filter of reporting, and what it is called."""
DAYS = ("30", "60", "90", "180")
ORDERS = {"title": noted("Judul"), "ends_on": noted("Tanggal berakhir"), "-changed": noted("Terakhir berubah")}
ROWS = 50
VIEWS = "/register/tampilan"
ROWS_IN_FILE = 500
FILE_MAX = 20_000
COLUMNS = (
    noted("Kerja sama"),
    noted("Para pihak"),
    noted("Tahap"),
    noted("Keadaan"),
    noted("Berakhir"),
    noted("Dibina oleh"),
)
VIEW_MAX = 60
"""The longest name of a view."""


def _filled(text: str | None) -> str | None:
    """An empty field of a form is one that was not filled in."""
    return text or None


Word = Annotated[str | None, Field(max_length=100), AfterValidator(_filled)]


class Wanted(BaseModel):
    """The filters, as a form sends them: a field that was left empty filters nothing."""

    q: Word = None
    provinsi: Annotated[str | None, Field(pattern=r"^([1-9][0-9])?$"), AfterValidator(_filled)] = None
    tahap: Annotated[Stage | str | None, AfterValidator(_filled)] = None
    urusan: Annotated[str | None, Field(max_length=64), AfterValidator(_filled)] = None
    keadaan: Annotated[str | None, Field(pattern="^(proposed|running|ended|withdrawn)?$"), AfterValidator(_filled)] = (
        None
    )
    pilih: Annotated[
        str | None, Field(pattern="^(milik|konfirmasi|verifikasi|masalah|selisih)?$"), AfterValidator(_filled)
    ] = None
    berakhir: Annotated[str | None, Field(pattern="^(30|60|90|180)?$"), AfterValidator(_filled)] = None
    urut: Annotated[str | None, Field(pattern="^(title|ends_on|-changed)?$"), AfterValidator(_filled)] = None
    setelah: Annotated[str | None, Field(max_length=600), AfterValidator(_filled)] = None


def router() -> Router:
    """The route of the register."""
    routes = Router(dependencies=[Depends(officer)])

    @routes.get("/register", response_class=Response)
    def get_register(visit: Officer, wanted: Annotated[Wanted, Query()]) -> Response:
        """A page of the register."""
        found = _read(visit, wanted, ROWS)
        names = visit.names
        provinces = sorted((one.name, one.code) for one in names.regions.provinces(names.today))
        return visit.page(
            "register.html",
            rows=found["items"],
            counts=found["counts"],
            choices={one: called for one, (_, called) in CHOICES.items()},
            days=DAYS,
            orders=ORDERS,
            following_page=found["next"],
            wanted=wanted,
            filtered=bool(wanted.model_dump(exclude={"setelah"}, exclude_none=True)),
            provinces=provinces,
            stages=STAGES,
            statuses=STATUSES,
            affairs=sorted(names.affairs.affairs, key=lambda one: one.name),
            may_register=may_register(visit.office),
            kept=_kept(wanted),
            query=urlencode(_kept(wanted)),
            views=visit.parts.views.of(visit.office),
            form_key=visit.form_key(VIEWS),
        )

    @routes.get("/register/unduh.{bentuk}", response_class=Response)
    def get_register_file(visit: Officer, bentuk: ListForm, wanted: Annotated[Wanted, Query()]) -> Response:
        """All that the filters of the register find, with its columns, as CSV, XLSX or PDF."""
        return list_file(visit, _listed(visit, wanted), bentuk, "register")

    @routes.get("/register/cetak", response_class=Response)
    def get_register_print(visit: Officer, wanted: Annotated[Wanted, Query()]) -> Response:
        """All that the filters of the register find, as a page to print."""
        back = f"/register?{urlencode(_kept(wanted))}"
        return visit.page("listing.html", listed=_listed(visit, wanted), back=back)

    @routes.post(VIEWS, response_class=Response, dependencies=[Depends(sent_from_here)])
    def save_view(visit: Officer, form: Posted) -> Response:
        """Keeps the filters under a name, or forgets those that have it."""
        visit.check_key(str(form.get("kunci_formulir", "")))
        name = " ".join(str(form.get("nama", "")).split())[:VIEW_MAX]
        given = {one: str(form.get(one, "")) for one in Wanted.model_fields if one != "setelah" and form.get(one)}
        query = urlencode(_kept(_wanted(given)))
        if name and form.get("lupakan"):
            visit.parts.views.forget(visit.office, name)
        elif name:
            visit.parts.views.save(visit.office, name, query)
        return RedirectResponse(f"/register?{query}", 303)

    return routes


def _wanted(given: dict[str, str]) -> Wanted:
    """The filters of a form.

    :raises Problem: one of them is none that there is.
    """
    try:
        return Wanted.model_validate(given)
    except ValidationError as error:
        raise Problem(RefusalKind.INVALID, "filters-valid", "Saringan ini tidak dikenal.") from error


def _read(visit: Visit, wanted: Wanted, limit: int, after: str | None = None) -> dict[str, Any]:
    """A page of what the filters find."""
    today = visit.names.today
    chosen = {CHOICES[wanted.pilih][0]: True} if wanted.pilih else {}
    until = today + timedelta(days=int(wanted.berakhir or 0))
    ending = {"ends_from": today.isoformat(), "ends_until": until.isoformat()} if wanted.berakhir else {}
    found: dict[str, Any] = visit.read(
        "reporting",
        "/cooperations",
        limit=limit,
        counts=after is None,
        q=wanted.q,
        province=wanted.provinsi,
        stage=wanted.tahap,
        affair=wanted.urusan,
        status=wanted.keadaan,
        sort=wanted.urut or "title",
        after=after or wanted.setelah,
        **chosen,
        **ending,
    )
    return found


def _listed(visit: Visit, wanted: Wanted) -> Listed:
    """All that the filters find, with the columns of the page."""
    names, gettext = visit.names, visit.language.gettext
    items: list[dict[str, Any]] = []
    following: str | None = None
    while not items or following:
        page = _read(visit, wanted, ROWS_IN_FILE, following)
        items += page["items"]
        following = page["next"]
        if len(items) > FILE_MAX or not page["items"]:
            break
    if len(items) > FILE_MAX:
        detail = f"Daftar ini lebih dari {FILE_MAX} baris. Persempit saringannya."
        raise Problem(RefusalKind.INVALID, "file-fits", detail)
    rows = [
        (
            one["title"],
            names.listed(one["parties"]),
            names.stage(one["stage"]),
            gettext(STATUSES[one["status"]]),
            names.day(one["ends_on"]),
            names.office(one["supervising_body"]) if one["supervising_body"] else "–",
        )
        for one in items
    ]
    title = gettext("Register kerja sama")
    title = f"{TRAINING} – {title}" if visit.parts.lookups.training else title
    return Listed(title, _about(visit, wanted), [gettext(one) for one in COLUMNS], rows)


def _about(visit: Visit, wanted: Wanted) -> str:
    """The filters in words, and when the list was read."""
    names, gettext = visit.names, visit.language.gettext
    said = [wanted.q] if wanted.q else []
    said += [f"Provinsi {names.regions.names([wanted.provinsi])}"] if wanted.provinsi else []
    said += [names.stage(wanted.tahap)] if wanted.tahap else []
    said += [gettext(STATUSES[wanted.keadaan])] if wanted.keadaan else []
    said += [names.affairs.name(wanted.urusan)] if wanted.urusan else []
    said += [gettext(CHOICES[wanted.pilih][1])] if wanted.pilih else []
    said += [gettext("berakhir dalam %(days)s hari") % {"days": wanted.berakhir}] if wanted.berakhir else []
    moment = visit.moment(visit.parts.clock.now().timestamp())
    return gettext("Saringan: %(filters)s. Keadaan pada %(moment)s WIB.") % {
        "filters": ", ".join(said) or gettext("tanpa saringan"),
        "moment": moment,
    }


def _kept(wanted: Wanted) -> dict[str, Any]:
    """The filters that the next page has as well."""
    return wanted.model_dump(mode="json", exclude={"setelah"}, exclude_none=True)
