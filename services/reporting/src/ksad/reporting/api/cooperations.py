"""Routes of the register, the timelines and the recapitulation, answered from the projections."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

from fastapi import Depends, Query, Response

from ksad.chassis.auth import Caller
from ksad.chassis.clock import today
from ksad.chassis.openapi import answers
from ksad.chassis.problems import Problem
from ksad.chassis.requests import Router
from ksad.chassis.transfer import repeated
from ksad.chassis.waiting import require_current
from ksad.contracts.catalogue import Audience
from ksad.contracts.rules import RefusalKind
from ksad.contracts.sight import proposal_of
from ksad.reporting.api import answering, case
from ksad.reporting.api.as_of import add_as_of
from ksad.reporting.api.choosing import RegisterQuery, Watcher, reader_of, wanted_of
from ksad.reporting.api.entries import add_entries
from ksad.reporting.api.narrowing import mark, register_row
from ksad.reporting.domain.permissions import former_of, sight_of, visible
from ksad.reporting.domain.waiting import asks, told
from ksad.reporting.parts import Parts, Running
from ksad.reporting.projections.register_list import RegisterList
from ksad.reporting.projections.views import Views

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ksad.reporting.projections.views import Item

READ = require_current("read")
Reader = Annotated[Caller, Depends(READ)]
PAGE_MAX = 500


def router() -> Router:
    """The routes of the register."""
    routes = Router(tags=["cooperations"], dependencies=[Depends(READ)])

    @routes.get("/cooperations", **answers(answering.CooperationPage))
    def list_cooperations(caller: Reader, parts: Running, asked: Annotated[RegisterQuery, Query()]) -> Response:
        """A page of the register, in the order of keys unless another is asked for, chosen by all filters together.

        The fields of each row depend on the caller's office.
        """
        with parts.journal.database.read() as connection:
            watcher = Watcher(caller.office, parts.references.table(connection), today(parts.clock))
            affairs = parts.references.affairs(connection)
            listing = RegisterList(Views(connection), connection, reader_of(watcher))
            wanted = wanted_of(asked, watcher, affairs)
            rows = listing.page(wanted, asked.sort, asked.after, asked.limit)
            counts = listing.counted(wanted) if asked.counts else None
        last = rows[-1]["mark"] if len(rows) == asked.limit else None
        items = [register_row(row, *watcher, affairs) for row in rows]
        return repeated({"items": items, "next": last, "counts": counts})

    @routes.get("/cooperations/{cooperation_id}", **answers(answering.CooperationRow))
    def get_cooperation(caller: Reader, parts: Running, cooperation_id: UUID) -> dict[str, Any]:
        """One cooperation with its instruments, problems, disputes and the history of its supervision.

        The fields depend on the caller's office. 404 if it is not in the register.
        """
        with parts.journal.database.read() as connection:
            item = _known(Views(connection), cooperation_id)
            watcher = Watcher(caller.office, parts.references.table(connection), today(parts.clock))
            affairs = parts.references.affairs(connection)
        return register_row(item, *watcher, affairs)

    @routes.get("/cooperations/{cooperation_id}/timeline", **answers(answering.TimelinePage))
    def get_timeline(
        caller: Reader,
        parts: Running,
        cooperation_id: UUID,
        after: Annotated[int, Query(ge=0, le=2**53 - 1)] = 0,
        limit: Annotated[int, Query(ge=1, le=PAGE_MAX)] = 200,
    ) -> dict[str, Any]:
        """The log's entries on a cooperation, from index ``after`` on, that the caller may see; in the log's order.

        Whoever is asked to confirm an act without being a party sees what is said of that proposal.
        """
        with parts.journal.database.read() as connection:
            views = Views(connection)
            reader = Watcher(caller.office, parts.references.table(connection), today(parts.clock))
            known = _known(views, cooperation_id)
            rows = views.timeline(cooperation_id, after, limit)
            items = _told(views, reader, known, rows)
        return {"items": items, "next": rows[-1][0] + 1 if len(rows) == limit else None}

    @routes.get("/recap")
    def get_recap(
        parts: Running, scope: Annotated[str | None, Query(pattern=r"^(nation|[1-9][0-9](\.[0-9]{2})?)$")] = None
    ) -> dict[str, Any]:
        """Counts for the nation, for a province and its regions, or for one region; all scopes without ``scope``.

        A region may be named by any of its codes and counts under the present one. ``position`` is the number of log
        entries that the counts cover.
        """
        with parts.journal.database.read() as connection:
            views = Views(connection)
            if scope is not None:
                scope = parts.references.table(connection).code_on(scope, today(parts.clock))
            return {"scopes": views.recap(scope), "position": min(views.positions.values(), default=0)}

    _add_single(routes)
    return routes


def _add_single(routes: Router) -> None:
    add_entries(routes, _visible)
    add_as_of(routes, _seen)

    @routes.get("/cooperations/{cooperation_id}/print", response_class=Response)
    def print_cooperation(caller: Reader, parts: Running, cooperation_id: UUID) -> Response:
        """One cooperation as PDF: facts, parties, instruments, agreements and history, as the caller may see them.

        404 if it is not in the register.
        """
        with parts.journal.database.read() as connection:
            views = Views(connection)
            reader = Watcher(caller.office, parts.references.table(connection), today(parts.clock))
            known = _known(views, cooperation_id)
            row = register_row(known, *reader, parts.references.affairs(connection))
            entries = list(_whole(views, reader, known, cooperation_id))
            content = case.written(parts, connection, caller.office, row, entries)
        return case.printed(content)


def _visible(parts: Parts, views: Views, caller: Caller, identity: UUID, index: int) -> bool:
    """Whether an entry of a cooperation's timeline is shown to a caller."""
    reader = Watcher(caller.office, parts.references.table(views.connection), today(parts.clock))
    rows = views.timeline(identity, index, 1)
    return any(item["index"] == index for item in _told(views, reader, _known(views, identity), rows))


def _seen(parts: Parts, views: Views, caller: Caller, identity: UUID) -> Audience:
    """What a caller may see of a cooperation, by what it is today."""
    regions = parts.references.table(views.connection)
    return sight_of(caller.office, _known(views, identity), regions, today(parts.clock))


def _told(views: Views, reader: Watcher, known: Item, rows: Sequence[tuple[int, Item, str | None]]) -> list[Item]:
    """The entries of a timeline that an office may see, those of consent in words."""
    about = {event["id"]: proposal_of(event["id"], event["type"], event["data"]) for _, event, _ in rows}
    targets = {target for _, _, target in rows}
    named = views.events({one for one in targets.union(about.values()) if one is not None})
    seen, former = sight_of(reader.office, known, *reader[1:]), former_of(reader.office, known, *reader[1:])
    items = []
    for index, event, target in rows:
        proposal = named.get(about[event["id"]] or "")
        invited = proposal is not None and asks(reader.office, proposal["data"]["asked"], *reader[1:])
        some = (one for one in (event, named.get(target or "")) if one is not None)
        if invited or any(visible(one, seen, former) for one in some):
            said = None if proposal is None else told(event, proposal, reader.regions)
            marked = mark(known, event["id"], seen)
            items.append({"index": index, "corrects": target, "event": event, "says": said, "verification": marked})
    return items


def _whole(views: Views, reader: Watcher, known: Item, identity: UUID) -> Iterator[Item]:
    """The whole timeline that an office may see."""
    after = 0
    while rows := views.timeline(identity, after, PAGE_MAX):
        yield from _told(views, reader, known, rows)
        after = rows[-1][0] + 1


def _known(views: Views, identity: UUID) -> dict[str, Any]:
    item = views.cooperation(identity)
    if item is None:
        raise Problem(RefusalKind.UNKNOWN, "cooperation-known", "Kerja sama ini tidak ada dalam register.")
    return item
