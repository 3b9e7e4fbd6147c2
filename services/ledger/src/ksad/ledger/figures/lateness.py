"""The tasks that were not done by their due day, and what has been done about it."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from ksad.ledger.figures import offices, tables
from ksad.ledger.figures.content import indonesian
from ksad.ledger.figures.content.values import CitedClause, DueDate, Late

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ksad.ledger.figures.prefix import Prefix, Row
    from ksad.ledger.figures.scope import ReportScope


def late(scope: ReportScope, addressee: str) -> Iterator[Late]:
    """The tasks that were due on the day and not done.

    :param addressee: the office that the report goes to: it need not be told whom it is.
    """
    for share in scope.gathered.shares:
        row = share.row
        if share.left == "not_done":
            yield Late(
                what=f"{scope.called(row)}: {scope.title(row)}",
                clause=CitedClause(id=share.clause, basis="text"),
                office=offices.written(share.body, scope.prefix).label,
                due=DueDate(on=date.fromisoformat(row["due_on"]), basis="policy"),
                days=tables.days_late(row["due_on"], scope.prefix.day),
                escalation=_reminded(scope.prefix, row, addressee),
            )


def _reminded(prefix: Prefix, task: Row, addressee: str) -> str:
    """What has been done about a task that is late."""
    escalated = task["detail"].get("escalated")
    if escalated is not None:
        to = "" if escalated["to"] == addressee else f" kepada {offices.written(escalated['to'], prefix).label}"
        return f"dilaporkan{to} pada {indonesian.day(escalated['on'])}"
    return "diingatkan" if task["status"] == "overdue" else "belum diingatkan"
