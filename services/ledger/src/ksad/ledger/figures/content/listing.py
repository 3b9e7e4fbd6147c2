"""The content of a print of a list: what a page shows, as it shows it."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from ksad.ledger.figures.content.values import ForTraining, Printed, Text

ROWS_MAX = 2_000
"""The most rows of one print."""
COLUMNS_MAX = 12


class ListContent(Printed):
    """A list: its title, what it was chosen by and when it was read, the names of its columns, and its rows of texts.

    It is no statement of the platform: the page that asked for it has chosen and worded it.
    """

    title: Text
    about: Text
    columns: Annotated[tuple[Text, ...], Field(min_length=1, max_length=COLUMNS_MAX)]
    rows: Annotated[tuple[tuple[Text, ...], ...], Field(max_length=ROWS_MAX)]
    language: Literal["id", "en"]
    printed_on: date
    printed_for: Text
    training: ForTraining = False
