"""A list of a page as a file: CSV and XLSX are written here, a PDF is set by the service that prints reports."""

from __future__ import annotations

from typing import Literal

from fastapi import Response

from ksad.chassis.problems import Problem
from ksad.contracts.rules import RefusalKind
from ksad.portal.sheets import MEDIA_TYPES, WRITERS, Listed
from ksad.portal.visits import Visit

ListForm = Literal["csv", "xlsx", "pdf"]
PRINTED_MAX = 2_000
"""The most rows of a PDF; those of a file for a spreadsheet may be ten times as many."""


def list_file(visit: Visit, listed: Listed, form: ListForm, name: str) -> Response:
    """The list as a download.

    :param name: the name of the file, without its ending.
    :raises Problem: 422, it has more rows than can be printed; or the service that prints refused or does not answer.
    """
    headers = {"Content-Disposition": f'attachment; filename="{name}.{form}"'}
    if form != "pdf":
        return Response(WRITERS[form](listed), 200, headers, MEDIA_TYPES[form])
    if len(listed.rows) > PRINTED_MAX:
        detail = f"Daftar ini lebih dari {PRINTED_MAX} baris. Persempit saringannya, atau unduh sebagai Excel."
        raise Problem(RefusalKind.INVALID, "print-fits", detail)
    asked = {
        "title": listed.title,
        "about": listed.about,
        "columns": [*listed.columns],
        "rows": [[text or "–" for text in row] for row in listed.rows],
        "language": visit.language.code,
    }
    made = visit.parts.gateway.made("reporting", "/lists/print", visit.credential, asked)
    return Response(made.content, 200, headers, made.headers["content-type"])
