"""What a report says on paper and in its workbook, and which words of it belong to programs."""

import io
import re
import typing
from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from functools import cache
from importlib import import_module
from pkgutil import walk_packages
from types import ModuleType

import openpyxl
import pypdf
from pydantic import BaseModel

import ksad.contracts
import ksad.ledger.figures.content
from ksad.contracts.catalogue import DECLARATIONS
from ksad.contracts.law import packaged
from ksad.ledger.figures.content.model import ReportContent, content_hash
from ksad.ledger.figures.content.values import LetterSent
from ksad.ledger.printing import pdf, xlsx

ON_PAPER: dict[tuple[str, LetterSent | None], tuple[pypdf.PdfReader, list[str]]] = {}
SENT = LetterSent(number="100.2.2.3/9/2026", on=date(2026, 7, 9), capacity="plh")
IDENTITY = "VERIFIKASI"
"""The one place where ids and hashes stand: the box at the end of the print, and the sheet of that name."""
INDONESIAN = {
    "data", "definitif", "final", "monitoring", "nihil", "platform", "rupiah", "semester",
}  # fmt: skip
"""Values of contracts that are words of the language, too."""
SHAPES = {
    "day": r"\b\d{4}-\d\d(-\d\d)?\b",
    "period": r"\b\d{4}-[SQ]\d\b",
    "office": r"\b(tkksd|governor|region|province):\d\d",
    "clause": r"\bP\d+(\(\d\))?(\.[a-d0-9])+\b",
    "duty": r"(?<![\w.])[a-d]\.\d(\.[a-d])?(?![\w.])",
    "name": r"\b[a-z]+(_[a-z]+)+\b",
    "key": r"(?<![\w.-])(?!ke-)[a-z]+(-[a-z0-9]+)*-[1-9]\d*(?![\w-])",
    "media type": r"\b(application|text|image)/[a-z]",
    "id": r"\b[0-9a-f]{8}-[0-9a-f]{4}-|\b[0-9a-f]{40,}\b",
    "report": r"\bR[123]\b",
    "event": r"\bksad\.[a-z]+",
    "python": r"\bNone\b|\bTrue\b|\bFalse\b|\[\]|\{\}",
}


def _modules(package: ModuleType) -> Iterator[ModuleType]:
    yield package
    for found in walk_packages(package.__path__, f"{package.__name__}."):
        yield import_module(found.name)


def _strings(annotation: object) -> Iterator[str]:
    """The texts that a type spells out."""
    for one in typing.get_args(annotation):
        if isinstance(one, str) and typing.get_origin(annotation) is typing.Literal:
            yield one
        else:
            yield from _strings(one)


@cache
def programs_words() -> frozenset[str]:
    """Every value of an enumeration, each spelt-out value, field and key of contracts and contents."""
    found: set[str] = set()
    for package in (ksad.contracts, ksad.ledger.figures.content):
        for module in _modules(package):
            for one in vars(module).values():
                if isinstance(one, type) and issubclass(one, StrEnum):
                    found |= {each.value for each in one}
                elif isinstance(one, type) and issubclass(one, BaseModel):
                    found |= set(one.model_fields)
                    found |= {text for field in one.model_fields.values() for text in _strings(field.annotation)}
                else:
                    found |= set(_strings(one))
    found |= {part for name in DECLARATIONS for part in name.split(".")}
    for profile in packaged().profiles.values():
        found |= {profile.id, *(one.key for one in profile.endings), *(one.key for one in profile.duties)}
    return frozenset(word for word in found if re.fullmatch(r"[a-z][a-z0-9_.-]{2,}", word) and word not in INDONESIAN)


@cache
def _spelt() -> re.Pattern[str]:
    words = sorted(programs_words(), key=len, reverse=True)
    return re.compile(rf"(?<![\w.-])({'|'.join(map(re.escape, words))})(?![\w-])")


def codes(text: str) -> set[str]:
    """What of a text is written for programs: values and names of the contracts, and what has the shape of a code."""
    shaped = {found[0] for pattern in SHAPES.values() for found in re.finditer(pattern, text)}
    return shaped | set(_spelt().findall(text))


def read(content: ReportContent, sent: LetterSent | None = None) -> pypdf.PdfReader:
    """The report as a reader of PDF opens it. Equal contents are set once in a run; nobody changes what he is given."""
    return _on_paper(content, sent)[0]


def texts(content: ReportContent, sent: LetterSent | None = None) -> list[str]:
    """The text of every page of the report."""
    return _on_paper(content, sent)[1]


def _on_paper(content: ReportContent, sent: LetterSent | None) -> tuple[pypdf.PdfReader, list[str]]:
    key = (content_hash(content), sent)
    if key not in ON_PAPER:
        document = pypdf.PdfReader(io.BytesIO(pdf.render(content, sent)), strict=True)
        ON_PAPER[key] = document, [page.extract_text() for page in document.pages]
    return ON_PAPER[key]


def sentences(content: ReportContent) -> Iterator[str]:
    """All texts of the printed report, page by page, and of its workbook, cell by cell, but for what identifies it."""
    document = read(content, SENT)
    for page in texts(content, SENT):
        text = page.replace("\n", " ")
        if not text.startswith(IDENTITY):
            yield text
    yield f"{document.metadata.title} {document.metadata.author}" if document.metadata else ""
    book = openpyxl.load_workbook(io.BytesIO(xlsx.render(content, SENT)))
    for sheet in book.worksheets:
        head = sheet.oddHeader
        yield f"{sheet.title} {head.left.text if head else ''}"
        if sheet.title.upper() != IDENTITY:
            yield from (str(cell) for row in sheet.iter_rows(values_only=True) for cell in row if isinstance(cell, str))


def printed_codes(content: ReportContent, own: frozenset[str] = frozenset()) -> dict[str, str]:
    """The codes that stand in a printed report, each with the text around it.

    :param own: texts that people wrote, which may say what they like.
    """
    found: dict[str, str] = {}
    for sentence in sentences(content):
        text = sentence
        for one in own:
            text = text.replace(one, " ")
        for code in codes(text) - found.keys():
            at = text.find(code)
            found[code] = text[max(0, at - 60) : at + 60]
    return found
