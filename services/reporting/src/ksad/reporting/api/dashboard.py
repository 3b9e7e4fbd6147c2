"""Routes of dashboards: the counts of a scope, and the cooperations behind each of them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import Depends, Query, Response

from ksad.chassis.auth import Caller
from ksad.chassis.clock import today
from ksad.chassis.openapi import answers
from ksad.chassis.requests import Router
from ksad.chassis.transfer import repeated
from ksad.chassis.waiting import require_current
from ksad.reporting.api import answering
from ksad.reporting.api.narrowing import narrowed, register_row
from ksad.reporting.domain.permissions import sight_of
from ksad.reporting.parts import Running
from ksad.reporting.projections.counting import MATTERS, RegisterCounts, is_open
from ksad.reporting.projections.views import Views

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import date

    from ksad.contracts.law import Affairs
    from ksad.contracts.regions import RegionTable

Reader = Annotated[Caller, Depends(require_current("read"))]
Scope = Annotated[str, Query(pattern=r"^(nation|[1-9][0-9])$")]
By = Literal["status", "stage", "tier", "affair", "region", "term", "matter"]
PAGE_MAX = 500
NATION = "nation"


def router() -> Router:
    """The routes of dashboards."""
    routes = Router(tags=["dashboard"])

    @routes.get("/dashboard", **answers(answering.DashboardResponse))
    def get_dashboard(caller: Reader, parts: Running, scope: Scope = NATION) -> Response:
        """Counts for the nation or for a province: by status, stage, tier, affair and region, what ends, what is open.

        Problems and disputes count as far as the caller may see them.
        """
        with parts.journal.database.read() as connection:
            regions, day = parts.references.table(connection), today(parts.clock)
            counting = _counting(Views(connection), scope, regions, day)
            seen = _seeing(caller.office, regions, day)
            answer = {
                "scope": scope,
                "day": day,
                "statuses": counting.statuses(),
                "stages": counting.of_each("stage"),
                "tiers": counting.of_each("tier"),
                "affairs": _named(counting.of_each("affair"), parts.references.affairs(connection)),
                "regions": _within(scope, counting.regions(regions, provinces=scope == NATION)),
                "passed": len(list(_ending(counting, "passed", seen, day))),
                "ending": len(list(_ending(counting, "ending", seen, day))),
                "problems": len(list(_open(counting, "problem", seen))),
                "disputes": len(list(_open(counting, "dispute", seen))),
            }
        return repeated(answer)

    @routes.get("/dashboard/cooperations", **answers(answering.CooperationPage))
    def list_counted(
        caller: Reader,
        parts: Running,
        by: By,
        value: Annotated[str, Query(max_length=64)],
        scope: Scope = NATION,
        limit: Annotated[int, Query(ge=1, le=PAGE_MAX)] = 100,
        after: Annotated[str | None, Query(max_length=64)] = None,
    ) -> dict[str, Any]:
        """A page of the cooperations behind a count: as many as it says.

        ``value`` is a status, stage, tier or affair (``none`` for those without), a region's code, ``passed`` or
        ``ending``, ``problem`` or ``dispute``.
        """
        with parts.journal.database.read() as connection:
            regions, day = parts.references.table(connection), today(parts.clock)
            counting = _counting(Views(connection), scope, regions, day)
            seen = _seeing(caller.office, regions, day)
            affairs = parts.references.affairs(connection)
            if by == "term":
                rows = _after(_ending(counting, value, seen, day), after, limit)
            elif by == "matter":
                rows = _after(_open(counting, value, seen), after, limit)
            elif by == "region":
                codes = regions.codes_in(value, day) if scope == NATION else _same(regions, value, day)
                rows = counting.taking_part(codes, after, limit)
            else:
                rows = counting.listed(by, _values(by, value, affairs), after, limit)
        items = [register_row(row, caller.office, regions, day, affairs) for row in rows]
        return {"items": items, "next": items[-1]["key"] if len(items) == limit else None, "counts": None}

    return routes


def _counting(views: Views, scope: str, regions: RegionTable, day: date) -> RegisterCounts:
    return RegisterCounts(views, None if scope == NATION else regions.codes_in(scope, day), day)


def _within(scope: str, counts: dict[str, int]) -> dict[str, int]:
    """Without the regions of other provinces, which are parties of the same cooperations."""
    return {code: number for code, number in counts.items() if scope in {NATION, code[:2]}}


def _named(counts: dict[str, int], affairs: Affairs) -> dict[str, int]:
    """Counts by affair, those of older keys under the key of today."""
    found: Counter[str] = Counter()
    for key, number in counts.items():
        found[affairs.key(key)] += number
    return dict(sorted(found.items()))


def _values(by: str, value: str, affairs: Affairs) -> set[str]:
    """What the register may say of a value: of an affair any of its keys."""
    known = affairs.find(value) if by == "affair" else None
    return {value} if known is None else {known.key, *known.aliases}


def _same(regions: RegionTable, code: str, day: date) -> frozenset[str]:
    """All codes of the region that has a code on a day."""
    return frozenset(one.code for one in regions.regions if regions.code_on(one.code, day) == code)


def _seeing(office: str, regions: RegionTable, day: date) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Gives of a row what an office may see."""
    return lambda row: narrowed(row, sight_of(office, row, regions, day))


def _ending(
    counting: RegisterCounts, value: str, seen: Callable[[dict[str, Any]], dict[str, Any]], day: date
) -> Iterator[dict[str, Any]]:
    """The running cooperations whose end has passed, or comes soon, as far as it may be known."""
    last = counting.soon
    for row in counting.ending():
        end = seen(row)["ends_on"]
        if end is not None and (end < day.isoformat() if value == "passed" else day.isoformat() <= end <= last):
            yield row


def _open(
    counting: RegisterCounts, matter: str, seen: Callable[[dict[str, Any]], dict[str, Any]]
) -> Iterator[dict[str, Any]]:
    """The living cooperations with an open problem or dispute that may be known."""
    for row in counting.with_matters(matter):
        if any(is_open(one) for one in (seen(row).get(MATTERS[matter]) or {}).values()):
            yield row


def _after(rows: Iterable[dict[str, Any]], after: str | None, limit: int) -> list[dict[str, Any]]:
    return [row for row in rows if after is None or row["key"] > after][:limit]
