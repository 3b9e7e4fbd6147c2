"""The AsyncAPI document is valid 3.0.0, names every event, and a broken one is found."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from contracts import asyncapi
from contracts.catalogue import DECLARATIONS

HERE = Path(__file__).parent
SCHEMAS = HERE.parents[1] / "contracts" / "schemas"


@pytest.fixture(scope="module")
def validator() -> Draft7Validator:
    """The published JSON Schema of AsyncAPI 3.0.0; nothing is fetched."""
    return Draft7Validator(json.loads((HERE / "asyncapi-3.0.0.schema.json").read_text()))


def test_valid(validator: Draft7Validator) -> None:
    """The generated document is valid AsyncAPI 3.0.0."""
    assert [error.message for error in validator.iter_errors(asyncapi.document())] == []


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("asyncapi",), "2.6.0"),
        (("info", "version"), None),
        (("operations", "feed", "action"), "shout"),
        (("channels", "feed", "messages"), []),
    ],
)
def test_seeded_faults_are_found(validator: Draft7Validator, path: tuple[str, ...], value: object) -> None:
    """A wrong version, action or shape makes the document invalid, so the check above can fail."""
    document = json.loads(json.dumps(asyncapi.document()))
    place: Any = document
    for name in path[:-1]:
        place = place[name]
    place[path[-1]] = value

    assert list(validator.iter_errors(document))


def test_every_event_is_in_it() -> None:
    """Every declared event is a message whose payload schema lies beside the document."""
    messages = asyncapi.document()["components"]["messages"]
    references = {
        message["payload"]["schema"]["$ref"] for message in messages.values() if "schema" in message["payload"]
    }

    assert {f"./events/{name}.json" for name in DECLARATIONS} == references
    assert all((SCHEMAS / reference).is_file() for reference in references)
