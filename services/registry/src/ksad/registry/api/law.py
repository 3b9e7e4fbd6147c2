"""Routes of the adopted law as forms and pages need it: profiles, clauses, duties, grounds, affairs, holidays."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import Depends, Query, Response

from ksad.chassis.access import require
from ksad.chassis.openapi import ResponseModel, answers
from ksad.chassis.problems import Problem
from ksad.chassis.requests import Router
from ksad.chassis.transfer import lasting
from ksad.contracts.registry import Stage
from ksad.contracts.rules import RefusalKind
from ksad.contracts.supervision import Tier
from ksad.registry.parts import Parts, Running

if TYPE_CHECKING:
    from ksad.contracts.law import Duty, Policy, Profile

Named = Annotated[str | None, Query(max_length=64)]


class ListedProfile(ResponseModel):
    """A legal profile: from when until when it holds, how it stands, and whether it is in force on the day."""

    profile: str
    title: str
    valid_from: date
    valid_to: date | None
    status: str
    certainty: str
    basis: str
    in_force: bool


class ProfileListing(ResponseModel, title="Profiles"):
    """The adopted profiles, the oldest first."""

    on: date
    items: list[ListedProfile]


class ListedClause(ResponseModel):
    """A clause of the regulation, verbatim; ``parent`` is the clause that contains it."""

    clause: str
    parent: str | None
    text: str


class ClauseListing(ResponseModel, title="Clauses"):
    """The clauses of a profile, in the order of the articles."""

    profile: str
    items: list[ListedClause]


class DutyWording(ResponseModel):
    """A duty in the article of a tier: its clause and the words, verbatim and with the names of today."""

    tier: Tier
    clause: str
    text: str
    text_today: str


class DutyRule(ResponseModel):
    """When a duty arises or is fulfilled: in words, by source and basis, and the events that show it."""

    kind: str
    says: str
    source: str
    basis: str
    events: list[str]


class ListedDuty(ResponseModel):
    """A duty of the catalogue. ``due`` is the adopted policy's term in words: the regulation sets none."""

    duty: str
    label: str
    gloss: str
    kind: str
    mode: str | None
    stage: Stage | None
    stage_name: str | None
    wording: list[DutyWording]
    arises: DutyRule
    closes: DutyRule
    addressee: str
    per_party: bool
    due: str | None
    recurs: str | None
    acceptance: list[str]


class DutyListing(ResponseModel, title="Duties"):
    """The duties of a profile, in the order of the catalogue."""

    profile: str
    items: list[ListedDuty]


class ListedGround(ResponseModel):
    """A ground on which a cooperation ends, with its source and basis; ``early``: notice of it can be given before."""

    ground: str
    label: str
    gloss: str
    early: bool
    open_items: bool
    open_items_because: str | None
    source: str
    basis: str


class GroundListing(ResponseModel, title="Grounds"):
    """The ending grounds of a profile."""

    profile: str
    items: list[ListedGround]


class ListedAffair(ResponseModel):
    """An affair of UU 23/2014 Pasal 12, with the keys that older records use for it."""

    affair: str
    name: str
    group: Literal["wajib_pelayanan_dasar", "wajib_non_pelayanan_dasar", "pilihan"]
    aliases: list[str]


class AffairListing(ResponseModel, title="Affairs"):
    """The affairs of the adopted list; none while no list is adopted."""

    items: list[ListedAffair]


class ListedHoliday(ResponseModel):
    """A public holiday."""

    date: date
    name: str


class HolidayListing(ResponseModel, title="Holidays"):
    """The adopted holidays. ``years`` are those of which any were adopted: of others weekends alone are known."""

    years: list[int]
    items: list[ListedHoliday]


def router() -> Router:
    """The routes of the adopted law."""
    routes = Router(tags=["reference"], dependencies=[Depends(require("read-reference"))])
    _add_regulation(routes)

    @routes.get("/affairs", **answers(AffairListing))
    def list_affairs(parts: Running) -> Response:
        """The affairs that a cooperation can be about, in the order of the law."""
        affairs = parts.registry.today().adopted.affairs
        items = [
            ListedAffair(affair=one.key, name=one.name, group=one.group, aliases=list(one.aliases))
            for one in (affairs.affairs if affairs is not None else ())
        ]
        return lasting(AffairListing(items=items))

    @routes.get("/holidays", **answers(HolidayListing))
    def list_holidays(parts: Running, year: Annotated[int | None, Query(ge=1900, le=2999)] = None) -> Response:
        """The adopted public holidays, of one year or of all."""
        calendar = parts.registry.today().adopted.calendar
        items = [
            ListedHoliday(date=day, name=name)
            for day, name in sorted(calendar.holidays.items())
            if year in (None, day.year)
        ]
        return lasting(HolidayListing(years=sorted(calendar.years), items=items))

    return routes


def _add_regulation(routes: Router) -> None:
    @routes.get("/profiles", **answers(ProfileListing))
    def list_profiles(parts: Running, on: date | None = None) -> Response:
        """The adopted legal profiles, and which of them is in force on a day (default: today)."""
        context = parts.registry.today()
        law, day = context.adopted.law, on or context.today
        current = law.in_force(day)
        items = [
            ListedProfile(
                profile=one.id,
                title=one.title,
                valid_from=one.valid_from,
                valid_to=one.valid_to,
                status=one.status.label,
                certainty=one.status.certainty,
                basis=one.status.basis,
                in_force=one is current,
            )
            for one in law.profiles.values()
        ]
        return lasting(ProfileListing(on=day, items=items))

    @routes.get("/clauses", **answers(ClauseListing))
    def list_clauses(parts: Running, on: date | None = None, profile: Named = None) -> Response:
        """The regulation clause by clause, verbatim, of a profile or of the one in force on a day."""
        found = _profile(parts, on, profile)
        items = [ListedClause(clause=one.id, parent=one.parent, text=one.text) for one in found.clauses.values()]
        return lasting(ClauseListing(profile=found.id, items=items))

    @routes.get("/duties", **answers(DutyListing))
    def list_duties(
        parts: Running, on: date | None = None, profile: Named = None, tier: Tier | None = None
    ) -> Response:
        """The duties of a profile, or of the one in force on a day, with the words of each tier, verbatim."""
        found, policy = _profile(parts, on, profile), parts.registry.today().adopted.policy
        some = found.duties if tier is None else found.duties_of(tier)
        return lasting(DutyListing(profile=found.id, items=[_duty(one, found, policy) for one in some]))

    @routes.get("/grounds", **answers(GroundListing))
    def list_grounds(parts: Running, on: date | None = None, profile: Named = None) -> Response:
        """The grounds on which a cooperation ends, of a profile or of the one in force on a day."""
        found = _profile(parts, on, profile)
        items = [ListedGround(ground=one.key, **one.model_dump(exclude={"key"})) for one in found.endings]
        return lasting(GroundListing(profile=found.id, items=items))


def _profile(parts: Parts, on: date | None, name: str | None) -> Profile:
    """The profile with a name, else the one in force on a day, else the one of today.

    :raises Problem: none was adopted under the name.
    """
    context = parts.registry.today()
    law = context.adopted.law
    if name is None:
        return law.in_force(on or context.today)
    if name not in law.profiles:
        raise Problem(RefusalKind.UNKNOWN, "profile-known", "Profil hukum ini belum ditetapkan.")
    return law.profile(name)


def _duty(duty: Duty, profile: Profile, policy: Policy | None) -> ListedDuty:
    wording = [
        DutyWording(
            tier=tier,
            clause=clause,
            text=duty.wording(tier),
            text_today=profile.in_present_names(duty.wording(tier)),
        )
        for tier in Tier
        if (clause := duty.id(tier))
    ]
    term = None if policy is None else policy.terms.get(duty.due)
    cadence = None if policy is None or duty.cadence is None else policy.cadences.get(duty.cadence)
    arises, closes = profile.triggers[duty.trigger], profile.closings[duty.closes]
    return ListedDuty(
        duty=duty.key,
        label=profile.in_present_names(duty.label),
        gloss=duty.gloss,
        kind=duty.kind,
        mode=duty.mode,
        stage=duty.stage,
        stage_name=None if duty.stage is None else profile.stage_name(duty.stage),
        wording=wording,
        arises=_rule(duty.trigger, arises.model_dump()),
        closes=_rule(duty.closes, closes.model_dump()),
        addressee=duty.addressee,
        per_party=duty.per_party,
        due=None if term is None else term.says,
        recurs=None if cadence is None else cadence.says,
        acceptance=list(map(profile.in_present_names, duty.acceptance)),
    )


def _rule(kind: str, values: dict[str, Any]) -> DutyRule:
    return DutyRule(kind=kind, **{name: values[name] for name in ("says", "source", "basis", "events")})
