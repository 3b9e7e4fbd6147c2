"""What a platform has really published, held against the AsyncAPI document and its schemas as they are committed."""

import asyncio
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator

from chassis.broker import Broker, Stored
from contracts.asyncapi import FEEDS_STREAM, LOG_STREAM
from ksad import platform as platforms
from ksad.folder import Folder
from ksad.platform import Platform
from tests.support.source import ROOT

SCHEMAS = ROOT / "contracts" / "schemas"
PARAMETER = r"[^.]+"
TAKE = 500
TAKE_SECONDS = 5.0
STREAMS = {LOG_STREAM: ("registry", "ksad.log.>"), FEEDS_STREAM: ("feeds", "ksad.feed.>")}


class Contract:
    """The document as a subscriber reads it: by subject, then by the event's type."""

    def __init__(self) -> None:
        self._document = json.loads((SCHEMAS / "asyncapi.json").read_text())
        self._channels = {re.compile(_pattern(one)): one for one in self._document["channels"].values()}

    def faults(self, subject: str, headers: Mapping[str, str], raw: bytes) -> list[str]:
        """What a message has that the document does not say, or has not that it says."""
        channel = next((one for pattern, one in self._channels.items() if pattern.fullmatch(subject)), None)
        if channel is None:
            return [f"{subject}: no channel"]
        described = [self._resolved(reference["$ref"]) for reference in channel["messages"].values()]
        messages = {message["name"]: message for message in described}
        payload: Any = raw.decode() if "checkpoint" in messages else json.loads(raw)
        name = "checkpoint" if "checkpoint" in messages else payload["type"]
        if name not in messages:
            return [f"{subject}: carries no {name}"]
        message = messages[name]
        found = self._errors(message["headers"], dict(headers))
        found += self._errors(message["payload"].get("schema", message["payload"]), payload)
        return [f"{subject} {name}: {error}" for error in found]

    def _errors(self, schema: dict[str, Any], value: Any) -> list[str]:
        validator = _event_validator(schema["$ref"]) if schema.get("$ref", "").startswith("./") else None
        if validator is None:
            whole = self._resolved(schema["$ref"]) if "$ref" in schema else schema
            validator = Draft202012Validator(whole, format_checker=Draft202012Validator.FORMAT_CHECKER)
        return [f"{'/'.join(map(str, one.absolute_path))} {one.message}"[:300] for one in validator.iter_errors(value)]

    def _resolved(self, reference: str) -> dict[str, Any]:
        kind, name = reference.removeprefix("#/components/").split("/")
        found: dict[str, Any] = self._document["components"][kind][name]
        return found


@cache
def _event_validator(reference: str) -> Draft202012Validator:
    schema = json.loads((SCHEMAS / reference).read_text())
    return Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)


def _pattern(channel: dict[str, Any]) -> str:
    address: str = re.escape(channel["address"])
    for name, parameter in channel.get("parameters", {}).items():
        allowed = "|".join(map(re.escape, parameter["enum"])) if "enum" in parameter else PARAMETER
        address = address.replace(re.escape(f"{{{name}}}"), f"({allowed})")
    return address


def published(folder: Folder, url: str, stream: str) -> list[Stored]:
    """Every message that a stream has, read with the platform's own key."""
    return asyncio.run(_published(folder, url, stream))


async def _published(folder: Folder, url: str, stream: str) -> list[Stored]:
    user, subjects = STREAMS[stream]
    found: list[Stored] = []
    async with Broker(url, user, folder.keys / f"{user}.nk") as broker:
        await broker.wait_connected()
        last = (await broker.open_stream(stream, subjects)).last
        async with broker.reader(0, [subjects], stream) as reader:
            while last > (found[-1].sequence if found else 0):
                taken = await reader.take(TAKE, TAKE_SECONDS)
                assert taken, f"{stream} has {last} messages, and gives out {len(found)}"
                found += taken
    return found


def all_as_promised(platform: Platform) -> None:
    """Every message in the log and in the feeds is one that the document describes, headers included."""
    contract = Contract()
    for stream in STREAMS:
        messages = published(platform.folder, platform.endpoints["nats"], stream)
        faults = [fault for one in messages for fault in contract.faults(one.subject, one.headers, one.raw)]
        assert faults == [], f"{len(faults)} faults in {len(messages)} messages of {stream}"


@contextmanager
def running(folder: Folder, **options: Any) -> Iterator[Platform]:
    """A platform for the length of a block; at its end all that it has published is held against the contract."""
    with platforms.running(folder, **options) as platform:
        yield platform
        all_as_promised(platform)
