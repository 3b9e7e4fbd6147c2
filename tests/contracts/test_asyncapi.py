"""The AsyncAPI document is valid 3.0.0, names every event, and a broken one is found."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from ksad.contracts import asyncapi
from ksad.contracts.catalogue import DECLARATIONS
from ksad.contracts.examples import example
from ksad.ledger.feeds.rules import NEWEST, RULES
from ksad.ledger.log.checkpoint import parse_checkpoint
from ksad.ledger.log.tree import leaf_hash
from tests.support.platforms.published import Contract

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


def test_every_message_is_in_a_channel_and_has_an_example() -> None:
    """No message stands alone, and each shows headers and a payload that fit its own schemas."""
    document = asyncapi.document()
    used = {message for channel in document["channels"].values() for message in channel["messages"]}
    contract = Contract()

    assert used == document["components"]["messages"].keys()
    for name, channel in document["channels"].items():
        for message in channel["messages"]:
            (shown,) = document["components"]["messages"][message]["examples"]
            payload = shown["payload"]
            raw = payload.encode() if isinstance(payload, str) else asyncapi_bytes(payload)
            assert contract.faults(_subject(name, channel, payload), shown["headers"], raw) == [], message


def asyncapi_bytes(payload: dict[str, Any]) -> bytes:
    """The canonical bytes of an example."""
    return example(DECLARATIONS[payload["type"]]).to_bytes()


def _subject(name: str, channel: dict[str, Any], payload: Any) -> str:
    """Where an example would travel."""
    address: str = channel["address"].replace("{province}", "33")
    if name.startswith("log_"):
        _, noun, event, _ = payload["type"].split(".")
        address = address.format(noun=noun, event=event)
    return address


def test_feeds_carry_the_facts_fed_types() -> None:
    """The feed's channel has exactly the events that belong to a matter of the feed rule, and their true leaf hash."""
    document = asyncapi.document()
    fed = {name.removeprefix("feed_"): name for name in document["channels"]["feed"]["messages"]}
    rule = RULES[NEWEST]
    fed_types = [
        one
        for one in DECLARATIONS.values()
        if rule.matter_of(str((event := example(one)).id), one.type, event.subject, event.data) is not None
    ]

    assert {one.type.replace(".", "_") for one in fed_types} == fed.keys()
    for one in fed_types:
        (shown,) = document["components"]["messages"][fed[one.type.replace(".", "_")]]["examples"]
        assert shown["headers"]["Ksad-Leaf-Hash"] == leaf_hash(example(one).to_bytes()).hex()


def test_the_example_of_a_head_is_one() -> None:
    """The text that the document shows as a checkpoint can be read as one."""
    text = asyncapi.NOTE.partition("\n\n")[0] + "\n"

    assert parse_checkpoint(text).origin == asyncapi.FEED_ORIGIN


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"Ksad-Feed-Index": "007"}, "Ksad-Feed-Index"),
        ({"Ksad-Leaf-Hash": None}, "Ksad-Leaf-Hash"),
        ({"Content-Type": "application/json"}, "Content-Type"),
    ],
)
def test_a_message_with_other_headers_is_found(change: dict[str, str | None], told: str) -> None:
    """A header that is missing or malformed is a fault, so the check of real messages can fail."""
    raw = example(DECLARATIONS["ksad.cooperation.registered.v1"]).to_bytes()
    (shown,) = asyncapi.document()["components"]["messages"]["feed_ksad_cooperation_registered_v1"]["examples"]
    changed = {name: value for name, value in (shown["headers"] | change).items() if value is not None}

    found = Contract().faults("ksad.feed.33.events", changed, raw)

    assert len(found) == 1
    assert told in found[0]


def test_a_payload_on_another_channel_is_found() -> None:
    """An event where it does not belong, an unknown field and a foreign subject are faults."""
    contract = Contract()
    envelope = example(DECLARATIONS["ksad.calendar.day_passed.v1"])
    (shown,) = asyncapi.document()["components"]["messages"]["feed_ksad_task_overdue_v1"]["examples"]
    overdue = dict(shown["payload"]["data"], extra=1)

    assert "carries no" in contract.faults("ksad.feed.33.events", shown["headers"], envelope.to_bytes())[0]
    assert "no channel" in contract.faults("ksad.evil", {}, b"{}")[0]
    raw = json.dumps(shown["payload"] | {"data": overdue}).encode()
    assert "extra" in contract.faults("ksad.feed.33.events", shown["headers"], raw)[0]


def test_it_says_where_and_with_what_key() -> None:
    """The document names the server, whose address stands in NN.json, and how one is let in."""
    document = asyncapi.document()
    (server,) = document["servers"].values()
    assert (server["protocol"], server["host"]) == ("nats", "{host}")
    assert [one["$ref"].rpartition("/")[2] for one in server["security"]] == list(
        document["components"]["securitySchemes"]
    )
