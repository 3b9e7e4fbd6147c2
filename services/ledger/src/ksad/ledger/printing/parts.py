"""The parts that printed pages are made of, as plain values that the form ``parts.typ`` sets."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ksad.ledger.printing.tables import SHEET_ONLY, Cell, DifferenceCell, MeanCell, MoneyCell, ReportTable, text_of

if TYPE_CHECKING:
    from collections.abc import Iterable

TRAINING = "LATIHAN"
"""The mark of what a platform for training prints."""
Part = dict[str, Any]
"""A heading, paragraph, note, numbered list or table; the field ``kind`` says which."""

# What the embedded fonts of the form can show, besides letters below U+0370 (Latin with all its accents).
_COVERED = (
    range(0x1E00, 0x1F00),
    range(0x2010, 0x2028),
    range(0x2030, 0x203B),
    range(0x20A0, 0x20C0),
    range(0x2190, 0x2194),
    range(0x2260, 0x2266),
)
_SIGNS = {"\n", "−", "≈"}
# A repeated text of more letters than this is replaced by "s.d.a." (sama dengan di atas).
_DITTO_FROM = 60
# A longer word may be broken after every eighth letter: no column is wide enough for a whole hash.
_WORD_MAX = 24
_WORD_PART = 8
_WIDEST_WORDS = 5
_CITED = re.compile(r"\b(Pasal|huruf|angka|ayat) (?=\(?[a-z0-9]{1,3}\b)")
# A row may break over two pages only where a cell is so long that it might not fit on one.
_LONG_CELL = 900
_LONG_LINES = 18


def _covered(character: str) -> bool:
    number = ord(character)
    return (
        (number < 0x370 and unicodedata.category(character) != "Cc")  # noqa: PLR2004 - the end of the Latin blocks
        or character in _SIGNS
        or any(number in block for block in _COVERED)
    )


def _fit(character: str) -> str:
    if _covered(character):
        return character
    bare = "".join(one for one in unicodedata.normalize("NFKD", character) if _covered(one))
    return bare or f"[U+{ord(character):04X}]"


def shown(text: str) -> str:
    """Text in characters that the fonts have; others become their base letter or ``[U+XXXX]``, and none is dropped."""
    return text if text.isascii() and text.isprintable() else "".join(map(_fit, text))


def _breakable(word: str) -> str:
    if len(word) <= _WORD_MAX:
        return word
    return "\u200b".join(word[i : i + _WORD_PART] for i in range(0, len(word), _WORD_PART))


def _narrow(text: str) -> str:
    """Text for a column: a line may break after a slash, and within a word too long for any column.

    It does not break between the parts of a citation and their names: ``huruf d``, ``angka 4``.
    """
    kept = _CITED.sub("\\1\u00a0", shown(text).replace("/", "/\u200b"))
    return re.sub(r"[^\s-]+", lambda found: _breakable(found[0]), kept)


def section(title: str) -> Part:
    """The heading of a section."""
    return {"kind": "section", "text": shown(title)}


def paragraph(text: str) -> Part:
    """A paragraph of plain text."""
    return {"kind": "paragraph", "text": shown(text)}


def note(text: str) -> Part:
    """A remark on the part above it, in small print."""
    return {"kind": "note", "text": shown(text)}


def numbered(lines: Iterable[str], *, empty: str = "Nihil.") -> Part:
    """Numbered paragraphs; ``empty`` if there are none."""
    items = [shown(line) for line in lines]
    return {"kind": "list", "items": items} if items else paragraph(empty)


def table(content: ReportTable, day: str | None = None, *, attachment: bool = False) -> Part:
    """A table with its heading on each page; the paragraph ``Nihil.`` if it has no rows.

    :param day: what day it speaks of, in the words that stand above it; ``None`` where a heading says it.

    The columns of an attachment are numbered below the heading, as in matrices of Indonesian offices. In a chapter, a
    long text equal to the one above is written ``s.d.a.``; in an attachment every row is complete.
    """
    if not content.rows:
        return paragraph("Nihil." if day is None else f"Nihil, {day[:1].lower()}{day[1:]}.")
    content = _on_a_page(content)
    numeric = [any(map(_is_number, cells)) for cells in zip(*content.rows, strict=True)]
    rows: list[list[str]] = []
    above: tuple[Cell, ...] = ()
    last = len(content.rows) - 1 if content.totalled else None
    for position, row in enumerate(content.rows):
        rows.append(_texts(row, above, total=position == last))
        above = () if attachment else row
    words = [_widest(texts) for texts in zip(*rows, strict=True)]
    return {
        "kind": "table",
        "day": None if day is None else shown(day),
        "columns": [
            {
                "label": _narrow(column.label),
                "share": column.share,
                "words": [*found, *_widest((_narrow(column.label),))],
            }
            for column, found in zip(content.columns, words, strict=True)
        ],
        "rows": [
            {"cells": list(zip(texts, numeric, strict=True)), "breakable": any(map(_is_long, texts))} for texts in rows
        ],
        "totalled": content.totalled,
        "numbered": attachment,
    }


def _on_a_page(content: ReportTable) -> ReportTable:
    kept = [i for i, column in enumerate(content.columns) if column.share != SHEET_ONLY]
    rows = tuple(tuple(row[i] for i in kept) for row in content.rows)
    return replace(content, columns=tuple(content.columns[i] for i in kept), rows=rows)


def _is_number(cell: Cell) -> bool:
    return isinstance(cell, int | MoneyCell | DifferenceCell | MeanCell)


def _is_long(text: str) -> bool:
    return len(text) > _LONG_CELL or text.count("\n") > _LONG_LINES


def _texts(row: tuple[Cell, ...], above: tuple[Cell, ...], *, total: bool) -> list[str]:
    found = ["" if total and cell == "" else _narrow(text_of(cell)) for cell in row]
    repeated = [cell == before for cell, before in zip(row, above, strict=False)]
    for i, same in enumerate(repeated):
        if same and len(found[i]) > _DITTO_FROM:
            found[i] = "s.d.a."
    return found


def _widest(texts: Iterable[str]) -> list[str]:
    """The five longest words of a column; their width is measured by the form, which knows the fonts."""
    words = {word for text in texts for word in re.split(r"[ \n\u200b]|(?<=-)(?=[^\W\d])", text)}
    return sorted(words, key=lambda word: (-len(word), word))[:_WIDEST_WORDS]
