"""The documents behind a report."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ksad.contracts.law import citation
from ksad.ledger.figures.content import indonesian
from ksad.ledger.figures.content.values import Evidence
from ksad.ledger.figures.tables import instrument_name, partial, region
from ksad.ledger.figures.timeliness import DONE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ksad.ledger.figures.scope import ReportScope
    from ksad.ledger.figures.timeliness import TaskShare

Used = tuple[dict[str, Any], str]
"""A document, and what it is called where it is used."""


def evidence(scope: ReportScope) -> tuple[Evidence, ...]:
    """The documents behind the report, each once for every use of it, by what they are called."""
    used = [*_instruments(scope), *(one for share in scope.gathered.shares for one in _of_task(scope, share))]
    found = {(what, document["sha256"], document["media_type"]) for document, what in used}
    return tuple(Evidence(sha256=sha256, media_type=media, what=what) for what, sha256, media in sorted(found))


def _instruments(scope: ReportScope) -> Iterator[Used]:
    for row in scope.cooperations.values():
        for one in row["detail"]["instruments"]:
            if one["document"]:
                signed = indonesian.day(partial(one["on"], one["precision"]))
                yield one["document"], f"{instrument_name(scope.prefix, row, one['kind'])} {signed}: {row['title']}"


def _of_task(scope: ReportScope, share: TaskShare) -> Iterator[Used]:
    """What was given to a party within the period, and what a task was completed with."""
    detail = share.row["detail"]
    if not detail.get("documents") and not any(given["documents"] for given in detail["delivered"].values()):
        return
    called = f"{scope.called(share.row)} ({citation(share.clause)})"
    for code, given in detail["delivered"].items():
        if given["by"] in {None, share.body} and scope.span.has(given["on"]):
            party = region(scope.prefix, code).name
            for document in given["documents"]:
                yield document, f"{called} untuk {party}: {scope.title(share.row)}"
    if share.left in DONE:
        for document in detail.get("documents", ()):
            yield document, f"{called}: {scope.title(share.row)}"
