"""The register: all cooperations, with the filters that reporting has."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, Query, Response
from pydantic import AfterValidator, BaseModel, Field

from ksad.chassis.requests import Router
from ksad.contracts.registry import Stage
from ksad.portal.naming import STAGES, STATUSES
from ksad.portal.offers import may_register
from ksad.portal.visits import Officer, officer

ROWS = 50


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
    setelah: Annotated[str | None, Field(max_length=64), AfterValidator(_filled)] = None


def router() -> Router:
    """The route of the register."""
    routes = Router(dependencies=[Depends(officer)])

    @routes.get("/register", response_class=Response)
    def get_register(visit: Officer, wanted: Annotated[Wanted, Query()]) -> Response:
        """A page of the register."""
        found = visit.read(
            "reporting",
            "/cooperations",
            limit=ROWS,
            q=wanted.q,
            province=wanted.provinsi,
            stage=wanted.tahap,
            affair=wanted.urusan,
            status=wanted.keadaan,
            after=wanted.setelah,
        )
        names = visit.names
        provinces = sorted((one.name, one.code) for one in names.regions.provinces(names.today))
        return visit.page(
            "register.html",
            rows=found["items"],
            following_page=found["next"],
            wanted=wanted,
            filtered=bool(wanted.model_dump(exclude={"setelah"}, exclude_none=True)),
            provinces=provinces,
            stages=STAGES,
            statuses=STATUSES,
            affairs=sorted(names.affairs.affairs, key=lambda one: one.name),
            may_register=may_register(visit.office),
            kept=_kept(wanted),
        )

    return routes


def _kept(wanted: Wanted) -> dict[str, Any]:
    """The filters that the next page has as well."""
    return wanted.model_dump(mode="json", exclude={"setelah"}, exclude_none=True)
