"""What of tasks a caller may read: which tasks, which of one task's fields, and the reference data that say so."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ksad.chassis.clock import today
from ksad.chassis.problems import Problem
from ksad.contracts.catalogue import Audience
from ksad.contracts.rules import RefusalKind
from ksad.supervision.domain.permissions import own_regions, sight_of
from ksad.supervision.domain.task import Task
from ksad.supervision.queries import Queries
from ksad.supervision.querying_tasks import SeenTasks

if TYPE_CHECKING:
    from datetime import date
    from uuid import UUID

    import sqlalchemy as sa

    from ksad.chassis.auth import Caller
    from ksad.supervision.domain.case import Case
    from ksad.supervision.domain.reference import Reference
    from ksad.supervision.parts import Parts


class Readable(NamedTuple):
    """A task that the caller may read, its case, and the widest audience of the task that the caller belongs to."""

    task: Task
    case: Case | None
    reference: Reference
    seen: Audience


def reference_of(parts: Parts, connection: sa.Connection) -> Reference:
    """The reference data.

    :raises Problem: 503, they have not been adopted, or have not arrived.
    """
    found = parts.reference_cache.reference(connection)
    if found is None:
        detail = "Data acuan belum ada. Platform dibuka lebih dahulu."
        raise Problem(RefusalKind.UNAVAILABLE, "reference-adopted", detail, headers={"Retry-After": "1"})
    return found


def seen_by(office: str, reference: Reference, day: date) -> SeenTasks | None:
    """Whose tasks an office sees; ``None`` for one that may see all."""
    role, _, code = office.partition(":")
    regions = reference.regions
    if role == "region":
        return SeenTasks((regions.lineage(code),))
    if role in {"governor", "tkksd"}:
        inside = [region.lineage for region in regions.within(code, day)]
        return SeenTasks((*inside, regions.lineage(code)), (f"tkksd:{code}", f"governor:{code}"))
    return None


def readable(parts: Parts, caller: Caller, identity: UUID) -> Readable:
    """A task that the caller may read.

    :raises Problem: 404, there is no such task, or the caller may not know of it.
    """
    day = today(parts.clock)
    with parts.database.read() as connection:
        reference = reference_of(parts, connection)
        queries = Queries(connection)
        task = queries.task(identity)
        if task is None:
            raise unknown()
        case = queries.case(task.cooperation_id) if task.cooperation_id else None
    seen = sight_of(caller.office, task, case, reference.regions, day)
    if seen is Audience.PUBLIC:
        raise unknown()
    return Readable(task, case, reference, seen)


def own(found: Readable, caller: Caller, day: date) -> tuple[str, ...] | None:
    """The parties for which a caller reads a task; ``None`` for the supervising side."""
    if found.seen is Audience.SUPERVISOR:
        return None
    return own_regions(caller.office, found.task.for_parties, found.reference.regions, day)


def unknown() -> Problem:
    """The refusal of a task that is not there, or of which the caller may not know."""
    return Problem(RefusalKind.UNKNOWN, "task-known", "Tugas ini tidak ada.")
