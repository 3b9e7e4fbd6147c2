"""The list of reports as a work list: chosen, sorted and counted in one call, with the names of who sends to whom."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple

import orjson
import sqlalchemy as sa
from fastapi import Depends, Query, Response
from pydantic import BaseModel, Field

from ksad.chassis.auth import Caller
from ksad.chassis.clock import today
from ksad.chassis.openapi import answers
from ksad.chassis.transfer import repeated
from ksad.chassis.waiting import require_current
from ksad.contracts.regions import office_name
from ksad.contracts.reporting import ReportKind
from ksad.ledger.folds.reports import REPORTS
from ksad.reporting.api import answering_reports as answering
from ksad.reporting.domain.permissions import own_chain
from ksad.reporting.parts import Running
from ksad.reporting.projections.views import Views

if TYPE_CHECKING:
    from ksad.chassis.requests import Router

PAGE_MAX = 500
Reader = Annotated[Caller, Depends(require_current("read-report"))]
State = Literal["compiled", "discarded", "submitted", "accepted", "returned"]


class ReportQuery(BaseModel):
    """Which reports. ``office`` owes them, ``to`` receives them; ``turn``: the next step is the caller's office's.

    ``after`` is a report id, in the order of ids, or begins with a period where the newest periods come first.
    """

    kind: ReportKind | None = None
    office: Annotated[str | None, Field(max_length=30)] = None
    to: Annotated[str | None, Field(max_length=30)] = None
    period: Annotated[str | None, Field(max_length=10)] = None
    state: State | None = None
    turn: bool | None = None
    sort: Literal["report_id", "-period"] = "report_id"
    counts: bool = False
    limit: Annotated[int, Field(ge=1, le=PAGE_MAX)] = 100
    after: Annotated[str | None, Field(max_length=47)] = None


class FoundReports(NamedTuple):
    """A page of rows, the mark of the next page if there is one, and the counts if they were asked for."""

    rows: list[dict[str, Any]]
    next: str | None
    counts: dict[str, Any] | None


def add_report_list(routes: Router) -> None:
    """Adds the route of the list."""

    @routes.get("/reports", **answers(answering.ReportPage))
    def list_reports(caller: Reader, parts: Running, asked: Annotated[ReportQuery, Query()]) -> Response:
        """A page of reports in the order of ids, or the newest periods first, with their steps.

        The Governor and the team of a province see the reports of their own province.
        """
        with parts.journal.database.read() as connection:
            regions, day = parts.references.table(connection), today(parts.clock)
            found = page(connection, asked, caller.office)
        items = [
            {
                **{name: value for name, value in row.items() if name != "place"},
                "detail": orjson.loads(row["detail"]),
                "from_name": office_name(row["from_office"], regions, day),
                "to_name": office_name(row["to_office"], regions, day),
            }
            for row in found.rows
        ]
        return repeated({"items": items, "next": found.next, "counts": found.counts})


def page(connection: sa.Connection, asked: ReportQuery, office: str) -> FoundReports:
    """The reports that an office asks for, as far as it may read them."""
    table = Views(connection).table("reports", REPORTS)
    matching, newest = _matching(table, asked, office), asked.sort == "-period"
    # The order of bytes on both databases. A period is text, and of equal length within a kind.
    order = "C" if connection.dialect.name == "postgresql" else "BINARY"
    place = (table.c.period + "~" + table.c.report_id).collate(order)
    query = sa.select(table, place.label("place")).where(*matching)
    if asked.after is not None:
        query = query.where(place < asked.after if newest else table.c.report_id > asked.after)
    ordered = query.order_by(place.desc() if newest else table.c.report_id).limit(asked.limit)
    rows = [dict(row) for row in connection.execute(ordered).mappings()]
    counts = None
    if asked.counts:
        grouped = sa.select(table.c.state, sa.func.count()).where(*matching).group_by(table.c.state)
        by_state = {row[0]: row[1] for row in connection.execute(grouped)}
        counts = {"total": sum(by_state.values()), "state": by_state}
    last = rows[-1]["place" if newest else "report_id"] if len(rows) == asked.limit else None
    return FoundReports(rows, last, counts)


def _matching(table: sa.Table, asked: ReportQuery, office: str) -> list[sa.ColumnElement[bool]]:
    wanted = {
        table.c.kind: asked.kind and asked.kind.value,
        table.c.from_office: asked.office,
        table.c.to_office: asked.to,
        table.c.period: asked.period,
        table.c.state: asked.state,
    }
    found: list[sa.ColumnElement[bool]] = [column == value for column, value in wanted.items() if value is not None]
    own = own_chain(office)
    if own is not None:
        found.append(table.c.from_office.in_(own))
    if asked.turn is not None:
        # As domain.affording: whoever owes it goes on with all but what is submitted or accepted.
        writing = sa.and_(table.c.from_office == office, table.c.state.not_in(("submitted", "accepted")))
        mine = sa.or_(writing, sa.and_(table.c.to_office == office, table.c.state == "submitted"))
        found.append(mine if asked.turn else ~mine)
    return found
