"""Readers' schemas take what the writers' do and what a later release may add, and one of them takes any event."""

from __future__ import annotations

import copy
import json
from functools import cache
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from ksad.contracts import reading
from ksad.contracts.asyncapi import FEED_NOUNS
from ksad.contracts.catalogue import DECLARATIONS, Declaration
from ksad.contracts.examples import example
from ksad.contracts.schemas import event_schema, generate, generate_reading

ALL = [pytest.param(declaration, id=declaration.type) for declaration in DECLARATIONS.values()]
FED = [pytest.param(one, id=one.type) for one in DECLARATIONS.values() if one.noun in FEED_NOUNS]
EVENT = "reading/event.json"


@cache
def schemas() -> dict[str, Any]:
    """The readers' schemas by their files' names, made when the first test reads them."""
    return {name: json.loads(text) for name, text in generate_reading().items()}


@cache
def union() -> Draft202012Validator:
    """The one schema for any event."""
    return Draft202012Validator(schemas()[EVENT])


def sample(declaration: Declaration) -> dict[str, Any]:
    """The example of an event type, as it travels."""
    found: dict[str, Any] = json.loads(example(declaration).to_bytes())
    return found


def grown(event: dict[str, Any]) -> dict[str, Any]:
    """The event as a later release may write it: with something more in every object."""
    later = copy.deepcopy(event)

    def grow(value: Any) -> None:
        for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else []:
            grow(inner)
        if isinstance(value, dict):
            value["Kelak"] = 1  # no key of a map of ours is written so

    grow(later)
    return later


@pytest.mark.fault(
    "province F4",
    kind="The page says to read tolerantly, and what it hands over refuses whatever is new.",
    looked="Each schema below contracts/schemas, at every depth; keywords of ours that strict tools do not know; names"
    " that generators of code make of a schema.",
    found="Keywords x-ksad-… stopped a strict compiler; classes were called after the urn in $id; no schema described"
    " any event of a feed.",
)
@pytest.mark.parametrize("declaration", ALL)
def test_a_reader_takes_what_a_later_release_adds(declaration: Declaration) -> None:
    """A reader's schema takes the example and one with more in each object; the writer's takes the first only."""
    strict = Draft202012Validator(event_schema(declaration))
    loose = Draft202012Validator(schemas()[f"reading/{declaration.type}.json"])
    event = sample(declaration)
    strict.validate(event)
    loose.validate(event)
    loose.validate(grown(event))
    with pytest.raises(ValidationError):
        strict.validate(grown(event))


@pytest.mark.parametrize("declaration", ALL)
def test_a_reader_still_refuses_what_no_release_writes(declaration: Declaration) -> None:
    """What lacks, and what has another type, is wrong for readers, too."""
    loose = Draft202012Validator(schemas()[f"reading/{declaration.type}.json"])
    event = sample(declaration)
    for name in ("id", "data", "type", "time"):
        assert list(loose.iter_errors({key: value for key, value in event.items() if key != name}))
    assert list(loose.iter_errors(event | {"type": "ksad.example.other.v1"}))
    assert list(loose.iter_errors(event | {"streamversion": "1"}))


@pytest.mark.parametrize("declaration", FED)
def test_one_schema_takes_every_event_of_a_feed(declaration: Declaration) -> None:
    """The union takes each event of a feed, as it is and grown, and refuses it with data that are none."""
    event = sample(declaration)
    union().validate(event)
    union().validate(grown(event))
    assert list(union().iter_errors(event | {"data": 7}))


def test_one_schema_takes_a_type_that_is_to_come() -> None:
    """A type that is not known is taken as long as it is an event; what is none is not."""
    event = sample(DECLARATIONS["ksad.cooperation.registered.v1"]) | {"type": "ksad.cooperation.registered.v9"}
    union().validate(event | {"data": {"apa": "saja"}})
    assert list(union().iter_errors({"type": "ksad.cooperation.registered.v9"}))


def test_no_reader_meets_words_of_ours() -> None:
    """Readers' schemas have no keyword that a strict tool does not know, no ``$id``, and a class name for a title."""

    def words(value: Any) -> set[str]:
        if isinstance(value, list):
            return {word for one in value for word in words(one)}
        if not isinstance(value, dict):
            return set()
        return {*value, *(word for name, one in value.items() if name != "examples" for word in words(one))}

    for name, schema in schemas().items():
        assert not {word for word in words(schema) if word.startswith("x-") or word == "$id"}, name
        assert schema["title"].isidentifier(), name


def test_every_definition_is_met_once() -> None:
    """References of the union lead to definitions that are there; two of one name and other content are told apart."""
    text = json.dumps(schemas()[EVENT])
    for name in schemas()[EVENT]["$defs"]:
        assert f'"{reading.LOCAL}{name}"' in text, name
    first: dict[str, Any] = {
        "title": "ksad.a.b.v1",
        "$id": "x",
        "$schema": "s",
        "properties": {"type": {"const": "ksad.a.b.v1"}},
    }
    names = ("id", "source", "specversion", "subject", "streamversion", "time")
    envelope = {name: {"type": "string"} for name in names}
    first["properties"] |= {**envelope, "data": {"$ref": "#/$defs/X"}}
    second = copy.deepcopy(first) | {"title": "ksad.a.c.v1", "$defs": {"X": {"type": "integer"}}}
    made = reading.union({"ksad.a.b.v1": first | {"$defs": {"X": {"type": "string"}}}, "ksad.a.c.v1": second})
    assert made["$defs"]["ABV1"]["properties"]["data"] == {"$ref": "#/$defs/X"}
    assert made["$defs"]["ACV1"]["properties"]["data"] == {"$ref": "#/$defs/ACV1X"}
    assert (made["$defs"]["X"], made["$defs"]["ACV1X"]) == ({"type": "string"}, {"type": "integer"})


def test_archives_hold_what_the_writers_promise() -> None:
    """What an archive explains itself with are the writers' schemas alone."""
    assert not {name for name in generate() if name.startswith("reading/")}
