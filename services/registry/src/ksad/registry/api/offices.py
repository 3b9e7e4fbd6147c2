"""Routes that tell who is who: the platform, the caller, regions with all their codes, offices with their names."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated

from fastapi import Depends, Query, Response

from ksad.chassis.access import require
from ksad.chassis.auth import Caller
from ksad.chassis.openapi import ResponseModel, answers
from ksad.chassis.requests import Router
from ksad.chassis.transfer import lasting
from ksad.contracts.law import OfficeEntry
from ksad.contracts.regions import RegionKind, office_name, region_name
from ksad.contracts.sight import team_of
from ksad.contracts.supervision import Tier
from ksad.registry.parts import Running

if TYPE_CHECKING:
    from ksad.contracts.regions import Region, RegionTable
    from ksad.registry.domain.reference import Adopted

Reader = Annotated[Caller, Depends(require("read-reference"))]
ALONE = ("minister", "joint_secretariat", "auditor", "operator")
HEADED = {
    "minister": Tier.MINISTER,
    "joint_secretariat": Tier.MINISTER,
    "governor": Tier.GOVERNOR,
    "tkksd": Tier.GOVERNOR,
}
CLAUSES = {Tier.MINISTER: "P2", Tier.GOVERNOR: "P3"}


class RegionCodeUse(ResponseModel):
    """A code of a region, in use from ``valid_from`` until the day before ``valid_to``; null means without limit."""

    code: str
    valid_from: date | None
    valid_to: date | None


class ListedRegion(ResponseModel):
    """A region under its code of a day. ``name`` is bare, ``label`` as people say it; ``autonomous`` may be a party.

    ``codes`` are all that it has had, the oldest first, the present one too; ``lineage`` stays through all of them.
    """

    code: str
    name: str
    label: str
    kind: RegionKind
    province: str
    province_label: str
    autonomous: bool
    lineage: str
    codes: list[RegionCodeUse]


class RegionListing(ResponseModel, title="Regions"):
    """The regions that exist on a day, provinces before what lies in them."""

    on: date
    items: list[ListedRegion]


class ListedOffice(ResponseModel):
    """An office on a day: how requests name it, its role, its name, and what was adopted for its letters."""

    office: str
    role: str
    name: str
    region: str | None
    entry: OfficeEntry


class OfficeListing(ResponseModel, title="Offices"):
    """The offices that exist on a day."""

    on: date
    items: list[ListedOffice]


class Supervising(ResponseModel):
    """What an office supervises, by which clause, and the body that assists; ``province`` is null for all of them."""

    tier: Tier
    body: str
    body_name: str
    clause: str
    province: str | None


class Myself(ResponseModel, title="Me"):
    """Who asks: the office with its role and name of today, the pseudonym of its officer, and its region.

    ``tasks_of`` are the bodies whose tasks are its own: a head of government has those of the team, too.
    """

    office: str
    role: str
    name: str
    actor_id: str
    on: date
    region: ListedRegion | None
    tasks_of: list[str]
    supervises: Supervising | None


class OpeningRecorded(ResponseModel, title="PlatformOpening"):
    """The day on which the platform was opened, null before, and whether it is one for training."""

    opened_on: date | None
    training: bool


def router() -> Router:
    """The routes of who is who."""
    routes = Router(tags=["reference"])

    @routes.get("/platform")
    def get_platform(parts: Running) -> OpeningRecorded:
        """When the platform was opened, and whether it is one for training; told to anybody, for every page."""
        state = parts.registry.opening()
        return OpeningRecorded(opened_on=state.opened_on, training=state.training)

    @routes.get("/me", **answers(Myself))
    def get_caller(caller: Reader, parts: Running) -> Response:
        """The caller's office: role, name, region, the bodies whose tasks it has, and what it supervises."""
        context = parts.registry.today()
        role, _, code = caller.office.partition(":")
        adopted, day = context.adopted, context.today
        known = code and adopted.regions.known_lineage(code) is not None
        region = adopted.regions.known(adopted.regions.code_on(code, day)) if known else None
        return lasting(
            Myself(
                office=caller.office,
                role=role,
                name=office_name(caller.office, adopted.regions, day),
                actor_id=caller.actor_id,
                on=day,
                region=None if region is None else _region(region, adopted.regions, day),
                tasks_of=_bodies(caller.office),
                supervises=_supervised(caller.office, adopted, day),
            )
        )

    @routes.get("/regions", **answers(RegionListing))
    def list_regions(
        _: Reader,
        parts: Running,
        on: date | None = None,
        province: Annotated[str | None, Query(pattern=r"^[1-9][0-9]$")] = None,
        kind: RegionKind | None = None,
    ) -> Response:
        """The regions that exist on a day (default: today), with every code that each has had."""
        context = parts.registry.today()
        regions, day = context.adopted.regions, on or context.today
        found = [one for one in regions.existing(day) if province in (None, one.province) and kind in (None, one.kind)]
        found.sort(key=lambda one: (one.province, one.code))
        return lasting(RegionListing(on=day, items=[_region(one, regions, day) for one in found]))

    @routes.get("/offices", **answers(OfficeListing))
    def list_offices(
        _: Reader,
        parts: Running,
        on: date | None = None,
        role: Annotated[str | None, Query(pattern="^(governor|tkksd|region|minister|joint_secretariat)$")] = None,
    ) -> Response:
        """The offices that exist on a day (default: today), with their names and their adopted letterheads."""
        context = parts.registry.today()
        adopted, day = context.adopted, on or context.today
        existing = adopted.regions.existing(day)
        provinces = [one.code for one in existing if one.kind is RegionKind.PROVINCE]
        named = [
            *ALONE,
            *(f"{kind}:{code}" for code in provinces for kind in ("governor", "tkksd")),
            *(f"region:{one.code}" for one in existing if one.autonomous),
        ]
        items = [_office(one, adopted, day) for one in named if role in (None, one.partition(":")[0])]
        return lasting(OfficeListing(on=day, items=items))

    return routes


def _region(region: Region, regions: RegionTable, day: date) -> ListedRegion:
    return ListedRegion(
        code=region.code,
        name=region.name,
        label=region_name(region.code, regions, day),
        kind=region.kind,
        province=region.province,
        province_label=region_name(region.province, regions, day),
        autonomous=region.autonomous,
        lineage=region.lineage,
        codes=[
            RegionCodeUse(code=one.code, valid_from=one.valid_from, valid_to=one.valid_to)
            for one in regions.codes_of(region.lineage)
        ],
    )


def _office(office: str, adopted: Adopted, day: date) -> ListedOffice:
    role, _, code = office.partition(":")
    return ListedOffice(
        office=office,
        role=role,
        name=office_name(office, adopted.regions, day),
        region=code or None,
        entry=adopted.offices.entry(office),
    )


def _bodies(office: str) -> list[str]:
    role, _, code = office.partition(":")
    assisting = {"governor": f"tkksd:{code}", "minister": "joint_secretariat"}.get(role)
    if assisting is not None:
        return [office, assisting]
    return [office] if role in HEADED else []


def _supervised(office: str, adopted: Adopted, day: date) -> Supervising | None:
    """What an office, or the team that assists it, supervises (P2, P3); None for one that supervises nothing."""
    role, _, code = office.partition(":")
    tier = HEADED.get(role)
    if tier is None:
        return None
    body = team_of(office)
    name = office_name(body, adopted.regions, day)
    return Supervising(tier=tier, clause=CLAUSES[tier], body=body, body_name=name, province=code or None)
