"""What platforms have really published, held against the AsyncAPI document and its schemas as they are committed."""

import asyncio
import json
import re
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from jsonschema import Draft202012Validator

from ksad.chassis.broker import Broker, Stored
from ksad.contracts.asyncapi import FEEDS_STREAM, LOG_STREAM
from ksad.local.machine.broker import broker_command, write_broker_config
from ksad.local.machine.folder import Folder
from ksad.local.machine.ports import Port
from ksad.local.machine.reach import Reach
from tests.support.forgers.foreign import FORGED
from tests.support.servers.processes import end, port_open, wait_until
from tests.support.text.source import ROOT

SCHEMAS = ROOT / "contracts" / "schemas"
PARAMETER = r"[^.]+"
TAKE = 500
TAKE_SECONDS = 5.0
STREAMS = {LOG_STREAM: ("registry", "ksad.log.>"), FEEDS_STREAM: ("feeds", "ksad.feed.>")}


class Described(NamedTuple):
    """A message of the document, its schemas compiled."""

    headers: Draft202012Validator
    payload: Draft202012Validator


class Contract:
    """The document as a subscriber reads it: by subject, then by the event's type."""

    def __init__(self) -> None:
        self._document = json.loads((SCHEMAS / "asyncapi.json").read_text())
        self._channels = [
            (re.compile(_pattern(one)), self._messages(one)) for one in self._document["channels"].values()
        ]
        self._sound: set[tuple[str, bytes]] = set()

    def faults(self, subject: str, headers: Mapping[str, str], raw: bytes) -> list[str]:
        """What a message has that the document does not say, or has not that it says."""
        messages = next((found for pattern, found in self._channels if pattern.fullmatch(subject)), None)
        if messages is None:
            return [f"{subject}: no channel"]
        try:
            payload: Any = raw.decode() if "checkpoint" in messages else json.loads(raw)
        except ValueError as error:
            return [f"{subject}: {error}"]
        name = "checkpoint" if "checkpoint" in messages else payload["type"]
        if name not in messages:
            return [f"{subject}: carries no {name}"]
        found = _errors(messages[name].headers, dict(headers))
        if (name, raw) not in self._sound:
            wrong = _errors(messages[name].payload, payload)
            if not wrong:
                self._sound.add((name, raw))
            found += wrong
        return [f"{subject} {name}: {error}" for error in found]

    def _messages(self, channel: dict[str, Any]) -> dict[str, Described]:
        described = [self._resolved(reference["$ref"]) for reference in channel["messages"].values()]
        return {
            one["name"]: Described(
                self._validator(one["headers"]), self._validator(one["payload"].get("schema", one["payload"]))
            )
            for one in described
        }

    def _validator(self, schema: dict[str, Any]) -> Draft202012Validator:
        if "$ref" not in schema:
            return _compiled(json.dumps(schema))
        reference: str = schema["$ref"]
        beside = reference.startswith("./")
        return _compiled((SCHEMAS / reference).read_text() if beside else json.dumps(self._resolved(reference)))

    def _resolved(self, reference: str) -> dict[str, Any]:
        kind, name = reference.removeprefix("#/components/").split("/")
        found: dict[str, Any] = self._document["components"][kind][name]
        return found


@cache
def _compiled(schema: str) -> Draft202012Validator:
    return Draft202012Validator(json.loads(schema), format_checker=Draft202012Validator.FORMAT_CHECKER)


def _errors(validator: Draft202012Validator, value: Any) -> list[str]:
    return [f"{'/'.join(map(str, one.absolute_path))} {one.message}"[:300] for one in validator.iter_errors(value)]


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
                taken = await reader.read(TAKE, TAKE_SECONDS)
                assert taken, f"{stream} has {last} messages, and gives out {len(found)}"
                found += taken
    return found


@contextmanager
def _served(folder: Folder) -> Iterator[str]:
    """The broker alone of a platform that has ended, for the length of a block; its address."""
    with closing(Port()) as port:
        process = subprocess.Popen(
            broker_command(write_broker_config(folder, Reach().listening(port.number))), stderr=subprocess.DEVNULL
        )
        try:
            wait_until(lambda: port_open(port.number), what="the broker")
            yield f"nats://127.0.0.1:{port.number}"
        finally:
            end(process)


def platforms(below: Path) -> list[Folder]:
    """The folders below another one in which platforms have run; all of them have ended."""
    return [
        Folder(mark.parent) for mark in sorted(below.rglob("platform")) if (mark.parent / "nats" / "store").exists()
    ]


def broken_promises(below: Path) -> list[str]:
    """What is wrong with the messages of all platforms that have run below a folder; what tests forged is left out."""
    contract = Contract()
    found: list[str] = []
    for folder in platforms(below):
        with _served(folder) as url:
            for stream in STREAMS:
                for one in published(folder, url, stream):
                    faults = [] if one.raw in FORGED else contract.faults(one.subject, one.headers, one.raw)
                    found += [f"{folder.root.relative_to(below)} {fault}" for fault in faults]
    return found
