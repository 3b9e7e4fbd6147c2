"""What fields are called in sentences for people, and that these hold no name that programs use."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from ksad.contracts.field_words import OTHER, WORDS, listed_fields, named, sentence
from ksad.contracts.wording import FieldFault
from tests.support.text.source import ROOT

PROGRAM = re.compile(r"[a-z]_[a-z]|[{}\[\]]|\b\d\d\.\d\d\b")


def asked() -> Iterator[str]:
    """The fields of every request body that a service describes, and of what these hold."""
    for file in (ROOT / "contracts" / "schemas" / "openapi").glob("*.json"):
        described = json.loads(file.read_text())
        schemas = described["components"]["schemas"]
        seen: set[str] = set()

        def inside(node: Any, schemas: Any = schemas, seen: set[str] = seen) -> Iterator[str]:
            if isinstance(node, list):
                for one in node:
                    yield from inside(one)
            if not isinstance(node, dict):
                return
            name = str(node.get("$ref", "")).rpartition("/")[2]
            if name and name not in seen:
                seen.add(name)
                yield from inside(schemas[name])
            yield from node.get("properties", ())
            for one in node.values():
                yield from inside(one)

        for methods in described["paths"].values():
            for operation in methods.values():
                yield from inside(operation.get("requestBody", {}))


def test_every_field_of_a_request_has_words() -> None:
    """Whoever adds a field says what an official calls it."""
    found = set(asked())
    assert len(found) > 100
    assert sorted(found - set(WORDS)) == []
    assert [one for one in WORDS.values() if PROGRAM.search(one) or not one.islower()] == []


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("ends_on", "tanggal berakhir"),
        ("numbers.33.72", "nomor naskah setiap pihak"),
        ("findings.0.follow_up.by", "tenggat"),
        ("x'; DROP", OTHER),
        ("", OTHER),
    ],
)
def test_a_field_is_called_by_its_last_part_that_has_words(path: str, words: str) -> None:
    """A name that a client has made up is not repeated."""
    assert named(path) == words


def test_a_sentence_says_what_is_wrong_and_no_choice_of_programs() -> None:
    """Each field with its fault, a few of them, each once; the faults that are not told are counted."""
    faults = [
        FieldFault("ends_on", "wajib diisi", "missing"),
        FieldFault("stage", "bukan salah satu pilihan: 'exploration' atau 'negotiation'", "literal_error"),
        FieldFault("made_up", "tidak dikenal di sini", "extra_forbidden"),
        FieldFault("also_made_up", "tidak dikenal di sini", "extra_forbidden"),
        FieldFault("title", "harus berupa teks", "string_type"),
    ]
    assert sentence(faults) == (
        "tanggal berakhir wajib diisi; tahap bukan salah satu pilihan; "
        "salah satu isian tidak dikenal di sini; dan 2 lagi"
    )
    assert listed_fields(["ends_on", "on"]) == "tanggal berakhir, tanggal peristiwa"
