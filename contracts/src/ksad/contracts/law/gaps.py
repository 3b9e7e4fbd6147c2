"""Finds gaps and contradictions between the parts of a profile's document, such as a clause without words.

It works on the raw document, before the models, so that one refusal can list these gaps together with invalid values.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from ksad.contracts.registry import Stage

DUTY_KEYS = (
    "a.1.a",
    "a.1.b",
    "a.1.c",
    "a.1.d",
    "a.2",
    "a.3",
    "b.1",
    "b.2",
    "c.1",
    "c.2",
    "d.1",
    "d.2",
    "d.3",
    "d.4",
    "d.5",
)
ITEM_KEYS = ("a", "b", "c", "d", "e", "f")
HEADS = ("a", "a.1", "b", "c", "d")
CLAUSES = frozenset(
    [f"P1.{number}" for number in range(1, 9)]
    + [f"P4.{letter}" for letter in "abcd"]
    + [f"P{article}({number})" for article in (5, 9) for number in range(1, 5)]
    + [f"P{article}" for article in (1, 2, 3, 4, 6, 7, 8, 10, 11, 12, 13, 14)]
    + [f"P{article}.{key}" for article in (6, 10) for key in (*HEADS, *DUTY_KEYS)]
    + [f"P{article}.d.4.{letter}" for article in (6, 10) for letter in ITEM_KEYS]
)
"""The id of every article, paragraph, letter and number of Permendagri 23/2009 that has words of its own."""

STATUTORY = ("jurisdiction", "disputes", "statutes")
"""The tables that hold by date for every cooperation, whatever profile it is bound to."""
STATUTES = ("categories", "council_approval", "expiry", "leadership_change", "mandate")

CITED = re.compile(r"\bP[0-9]+(?:\([0-9]+\)|(?:\.[a-z0-9]+)*)")
Document = Mapping[str, Any]


def gaps_between(document: Document) -> list[str]:
    """A sentence for each part of the document that is missing, unknown, stated twice or contradicts another."""
    return [*_clauses(document), *_duties(document), *_checklist(document), *_tables(document), *_dated(document)]


def unadoptable(document: Document, whole: Document) -> list[str]:
    """A sentence for each fault for which a document is not adopted, although the log may hold one that has it.

    :param whole: the document with the tables that it takes from the profile that it extends.
    """
    base = document.get("extends")
    if base is not None and "statutes" not in whole:
        return [f"{base}: tetapkan naskah barunya lebih dahulu; yang ada belum memuat aturan bertanggal"]
    overriding = [table for table in STATUTORY if base is not None and table in document]
    keys = {str(row.get("key")) for row in _rows(whole, "statutes")}
    return [
        *(f"{table}: berlaku untuk semua kerja sama; hanya dapat diatur dalam {base}" for table in overriding),
        *(f"statutes {key}: tidak ada" for key in STATUTES if key not in keys),
    ]


def place(document: Document, location: tuple[int | str, ...]) -> str:
    """The location of a fault by name rather than by index: ``duties d.2.trigger`` instead of ``duties.11.trigger``.

    :param location: keys and indexes from the document's root, as pydantic reports them.
    """
    match location:
        case (str(table), int(index), *rest) if index < len(rows := _rows(document, table)):
            named = rows[index]
            name = next((named[key] for key in ("key", "id", "row", "about", "name", "stage") if key in named), index)
            return ".".join([f"{table} {name}", *map(str, rest)])
    return ".".join(map(str, location))


# The document is not validated yet, so that each accessor takes a part of the wrong type for an empty one; the models
# report it.
def _rows(document: Document, table: str) -> list[Document]:
    found = document.get(table)
    return [row for row in found if isinstance(row, Mapping)] if isinstance(found, list) else []


def _items(document: Document) -> list[Document]:
    checklist = document.get("checklist")
    return _rows(checklist, "items") if isinstance(checklist, Mapping) else []


def _table(document: Document, name: str) -> Document:
    found = document.get(name)
    return found if isinstance(found, Mapping) else {}


def _worded(document: Document) -> list[str]:
    """The clauses that sentences, duties and items give words to, with repetitions."""
    stated = list(_table(document, "sentences"))
    for one in (*_rows(document, "duties"), *_items(document)):
        stated += [clause for clause in _table(one, "clause").values() if isinstance(clause, str)]
    return stated


def _clauses(document: Document) -> Iterator[str]:
    worded = Counter(_worded(document))
    for clause in sorted(CLAUSES - set(worded)):
        yield f"clause {clause}: tidak mempunyai bunyi"
    for clause, times in sorted(worded.items()):
        if clause not in CLAUSES:
            yield f"clause {clause}: tidak dikenal"
        elif times > 1:
            yield f"clause {clause}: bunyinya ada di {times} tempat, seharusnya satu"
    for path, text in _strings(document, ""):
        if path.endswith((".source", ".clause")):
            yield from (
                f"{path}: klausul {cited} tidak dikenal" for cited in CITED.findall(text) if cited not in CITABLE
            )


# A citation may mean the whole article, although the words of these two are in their paragraphs.
CITABLE = CLAUSES | {"P5", "P9"}


def _duties(document: Document) -> Iterator[str]:
    duties = _rows(document, "duties")
    keys = [str(duty.get("key")) for duty in duties]
    yield from (f"duties {key}: disebut dua kali" for key in _twice(keys))
    for duty in duties:
        name = f"duties {duty.get('key')}"
        for field, table in (("trigger", "triggers"), ("closes", "closings")):
            if field in duty and duty[field] not in _table(document, table):
                yield f"{name}.{field}: {duty[field]} tidak ada dalam {table}"
        for other in duty.get("may_satisfy", []):
            if other not in keys:
                yield f"{name}.may_satisfy: tugas {other} tidak ada"


def _checklist(document: Document) -> Iterator[str]:
    before: list[str] = []
    for item in _items(document):
        for needed in item.get("needs", []):
            # Only earlier items, so that no two items can wait for each other.
            if needed not in before:
                yield f"checklist {item.get('key')}.needs: {needed} tidak mendahuluinya"
        before.append(str(item.get("key")))
    yield from (f"checklist {key}: disebut dua kali" for key in _twice(before))


def _tables(document: Document) -> Iterator[str]:
    for table, field, wanted in (
        ("stages", "stage", {str(stage) for stage in Stage}),
        ("jurisdiction", "row", {f"T{number}" for number in range(1, 10)}),
        ("bodies", "tier", {"minister", "governor"}),
    ):
        said = [str(row.get(field)) for row in _rows(document, table)]
        yield from (f"{table} {name}: tidak ada" for name in sorted(wanted - set(said)))
        yield from (f"{table} {name}: disebut dua kali" for name in _twice(said))
    yield from (
        f"endings {key}: disebut dua kali"
        for key in _twice([str(one.get("key")) for one in _rows(document, "endings")])
    )
    ways = [f"{one.get('leaving')} to {one.get('entering')}" for one in _rows(document, "transitions")]
    yield from (f"transitions {way}: disebut dua kali" for way in _twice(ways))
    for stage in _rows(document, "stages"):
        if stage.get("clause") not in _table(document, "sentences"):
            yield f"stages {stage.get('stage')}: klausulnya tidak mempunyai bunyi untuk menamainya"


def _dated(document: Document) -> Iterator[str]:
    """Rules by date: each once from a day on, and those that every act asks for without a day before the first."""
    rules = [("disputes", row) for row in _rows(document, "disputes")]
    rules += [(f"statutes {row.get('key')}", row) for row in _rows(document, "statutes")]
    dates = [f"{name} {row.get('since', 'tanpa tanggal')}" for name, row in rules]
    yield from (f"{name}: disebut dua kali" for name in _twice(dates))
    undated = {name for name, row in rules if row.get("since") is None}
    yield from (
        f"{name}: tidak ada dasar hukum sebelum tanggal pertama"
        for name in ("disputes", "statutes expiry")
        if name not in undated
    )


def _strings(value: object, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Mapping):
        for key, one in value.items():
            yield from _strings(one, f"{path}.{key}")
    elif isinstance(value, list):
        for index, one in enumerate(value):
            yield from _strings(one, f"{path}.{index}")


def _twice(names: list[str]) -> list[str]:
    return sorted(name for name, times in Counter(names).items() if times > 1)
