"""Counts of the register for dashboards: whatever is counted is listed by the same condition."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from ksad.ledger.folds.register import COOPERATIONS, JURISDICTIONS, PARTIES

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from datetime import date

    from ksad.contracts.regions import RegionTable
    from ksad.reporting.projections.views import Item, Views

ALIVE = ("proposed", "running")
ENDING_DAYS = 180
"""Within so many days the end of a cooperation is told on a dashboard."""
MATTERS = {"problem": "problems", "dispute": "disputes"}
CLOSED = ("resolved_on", "settled_on")


class RegisterCounts:
    """Counts cooperations of one scope on a day: all of the nation, or those with a party in a province."""

    def __init__(self, views: Views, inside: Collection[str] | None, day: date) -> None:
        self._views = views
        self._day = day
        self.soon = (day + timedelta(days=ENDING_DAYS)).isoformat()
        self._rows = views.table("register", COOPERATIONS)
        self._homes = views.table("register", JURISDICTIONS)
        self._members = views.table("register", PARTIES)
        self._scope: list[sa.ColumnElement[bool]] = [self._rows.c.key.is_not(None)]
        if inside is not None:
            self._scope.append(self._between(inside))

    def statuses(self) -> dict[str, int]:
        """The number of cooperations of each status."""
        return self._grouped(self._rows.c.status)

    def of_each(self, by: str) -> dict[str, int]:
        """The number of living cooperations of each stage, affair or tier; those without one under ``none``."""
        return self._grouped(self._column(by), self._alive())

    def regions(self, regions: RegionTable, *, provinces: bool) -> dict[str, int]:
        """The number of living cooperations that a party takes part in, by its code today or that of its province."""
        query = sa.select(self._members.c.region, self._members.c.cooperation_id)
        query = query.join(self._rows, self._rows.c.cooperation_id == self._members.c.cooperation_id)
        found: dict[str, set[str]] = {}
        for code, identity in self.execute(query.where(self._members.c.member == "yes", self._alive(), *self._scope)):
            today = regions.code_on(code, self._day)
            found.setdefault(today[:2] if provinces else today, set()).add(identity)
        return {code: len(identities) for code, identities in sorted(found.items())}

    def listed(self, by: str, values: Collection[str], after: str | None, limit: int) -> list[Item]:
        """A page of what :meth:`statuses` or :meth:`of_each` counts under any of these, in the order of keys."""
        matching = self._rows.c.status.in_(values) if by == "status" else self._has(by, values)
        return self._page([matching, *self._scope], after, limit)

    def taking_part(self, codes: Collection[str], after: str | None, limit: int) -> list[Item]:
        """A page of the living cooperations with a party that was recorded under one of these codes."""
        return self._page([self._between(codes), self._alive(), *self._scope], after, limit)

    def ending(self) -> Iterator[Item]:
        """The running cooperations whose end, as far as anybody knows it, has passed or comes soon.

        Who may not know of a notice sees a later end: whoever shows them looks at the end that is shown.
        """
        near = self._rows.c.ends_on <= self.soon
        yield from self._page([self._rows.c.status == "running", near, *self._scope], None, None)

    def with_matters(self, matter: str) -> Iterator[Item]:
        """The living cooperations that had a problem or a dispute, open or not."""
        empty = f'%"{MATTERS[matter]}":{{}}%'
        yield from self._page([self._rows.c.detail.not_like(empty), self._alive(), *self._scope], None, None)

    def execute(self, query: sa.Select[Any]) -> list[sa.Row[*tuple[Any, ...]]]:
        """The rows of a query in this view."""
        return self._views.rows(query)

    def _column(self, by: str) -> sa.ColumnElement[Any]:
        return self._homes.c.tier if by == "tier" else self._rows.c[by]

    def _has(self, by: str, values: Collection[str]) -> sa.ColumnElement[bool]:
        column = self._column(by)
        return sa.and_(column.is_(None) if "none" in values else column.in_(sorted(values)), self._alive())

    def _alive(self) -> sa.ColumnElement[bool]:
        return self._rows.c.status.in_(ALIVE)

    def _between(self, codes: Collection[str]) -> sa.ColumnElement[bool]:
        members = sa.select(self._members.c.cooperation_id)
        members = members.where(self._members.c.region.in_(sorted(codes)), self._members.c.member == "yes")
        return self._rows.c.cooperation_id.in_(members)

    def _grouped(self, column: sa.ColumnElement[Any], *matching: sa.ColumnElement[bool]) -> dict[str, int]:
        query = sa.select(column, sa.func.count()).select_from(self._joined()).where(*matching, *self._scope)
        return {value or "none": number for value, number in self.execute(query.group_by(column))}

    def _joined(self) -> sa.Join:
        same = self._rows.c.cooperation_id == self._homes.c.cooperation_id
        return sa.join(self._rows, self._homes, same, isouter=True)

    def _page(self, matching: list[sa.ColumnElement[bool]], after: str | None, limit: int | None) -> list[Item]:
        return self._views.chosen(matching, after, limit)


def is_open(matter: dict[str, Any]) -> bool:
    """Whether a problem or a dispute of a cooperation is open."""
    return not any(matter.get(name) for name in CLOSED)
