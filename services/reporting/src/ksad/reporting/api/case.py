"""The route of a printed cooperation: what an office may see of it, on paper."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import Response

from ksad.chassis.clock import today
from ksad.chassis.transfer import download
from ksad.ledger.figures.case import CaseOrder, case
from ksad.ledger.figures.prefix import Prefix
from ksad.ledger.printing.case import render_case_apart
from ksad.ledger.printing.pdf import MEDIA_TYPE
from ksad.reporting.reports.selected import SelectedStreams

if TYPE_CHECKING:
    from collections.abc import Sequence

    import sqlalchemy as sa

    from ksad.ledger.figures.content.case import CaseContent
    from ksad.reporting.parts import Parts


def written(
    parts: Parts, connection: sa.Connection, office: str, row: dict[str, Any], entries: Sequence[dict[str, Any]]
) -> CaseContent:
    """What is printed of a cooperation, from its row and timeline as an office may see them."""
    source, day = SelectedStreams(parts.journal, connection), today(parts.clock)
    return case(Prefix(source, day), row, entries, CaseOrder(office, day, source.size))


def printed(content: CaseContent) -> Response:
    """The print as a download with the name of the cooperation and the day."""
    name = f"kerja-sama-{content.registration}-{content.printed_on.isoformat()}"
    return download(render_case_apart(content), name, MEDIA_TYPE)
