"""The route that prints a list: what a page has chosen and worded, on paper."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from fastapi import Depends, Response
from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from ksad.chassis.auth import Caller
from ksad.chassis.clock import today
from ksad.chassis.requests import Received, Router
from ksad.chassis.transfer import download
from ksad.chassis.waiting import require_current
from ksad.contracts.strict import Strict
from ksad.ledger.figures.case import reader
from ksad.ledger.figures.content.listing import COLUMNS_MAX, ROWS_MAX, ListContent
from ksad.ledger.figures.content.values import Text
from ksad.ledger.figures.prefix import Prefix
from ksad.ledger.printing.listing import render_list_apart
from ksad.ledger.printing.pdf import MEDIA_TYPE
from ksad.reporting.parts import Running
from ksad.reporting.reports.selected import SelectedStreams

Reader = Annotated[Caller, Depends(require_current("read"))]


class PrintList(Strict):
    """A list to be printed: its title, what it was chosen by, its columns' names, and as many texts in each row."""

    title: Text
    about: Text
    columns: Annotated[list[Text], Field(min_length=1, max_length=COLUMNS_MAX)]
    rows: Annotated[list[list[Text]], Field(max_length=ROWS_MAX)]
    language: Literal["id", "en"] = "id"

    @model_validator(mode="after")
    def _rectangular(self) -> Self:
        if any(len(row) != len(self.columns) for row in self.rows):
            raise PydanticCustomError("row_length", "a row does not have one text for each column")
        return self


def router() -> Router:
    """The route of printed lists."""
    routes = Router(tags=["cooperations"])

    @routes.post("/lists/print", response_class=Response)
    def print_list(caller: Reader, parts: Running, asked: Received[PrintList]) -> Response:
        """A list as PDF, with the day and the office that asks. Nothing is recorded, and what it says is not checked.

        422 if it has more than 2,000 rows or 12 columns, or a row without a text for each column.
        """
        with parts.journal.database.read() as connection:
            day = today(parts.clock)
            prefix = Prefix(SelectedStreams(parts.journal, connection), day)
            content = ListContent(
                title=asked.title,
                about=asked.about,
                columns=tuple(asked.columns),
                rows=tuple(map(tuple, asked.rows)),
                language=asked.language,
                printed_on=day,
                printed_for=reader(prefix, caller.office),
                training=prefix.training,
            )
        return download(render_list_apart(content), f"daftar-{day.isoformat()}", MEDIA_TYPE)

    return routes
