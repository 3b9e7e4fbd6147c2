"""Identifiers that cross a service boundary, and how they are derived.

Every id is a UUIDv5 (RFC 9562) of what it names, so a repeat makes the same id and a replay needs no randomness.
"""

from __future__ import annotations

import re
from hashlib import sha1
from typing import TYPE_CHECKING, Annotated
from uuid import NAMESPACE_URL, UUID, uuid5

from pydantic import AfterValidator, StringConstraints

if TYPE_CHECKING:
    from collections.abc import Sequence

COOPERATIONS = uuid5(NAMESPACE_URL, "ksad:cooperation")
STREAMS = uuid5(NAMESPACE_URL, "ksad:stream")
EVENTS = uuid5(NAMESPACE_URL, "ksad:event")
COMMANDS = uuid5(NAMESPACE_URL, "ksad:command")
TASKS = uuid5(NAMESPACE_URL, "ksad:task")
REPORTS = uuid5(NAMESPACE_URL, "ksad:report")

RegionCode = Annotated[str, StringConstraints(pattern=r"^[1-9][0-9](\.[0-9]{2})?$")]
"""A region's code in the ministry's annex: ``32`` a province, ``32.75`` a regency or city."""

ProvinceCode = Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]$")]

OFFICE = re.compile(
    r"minister|joint_secretariat|(governor|tkksd|feed):[1-9][0-9]|region:[1-9][0-9](\.[0-9]{2})?|auditor|operator|platform"
)


def _office(text: str) -> str:
    if not OFFICE.fullmatch(text):
        message = f"{text!r} is no office"
        raise ValueError(message)
    return text


Office = Annotated[str, AfterValidator(_office)]
"""Who acts: an office, never a person. ``platform`` acts where the law's calendar does, without an officer."""

Key = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]
"""A short name that clerks give: of a cooperation in the register, of a problem or dispute within it."""

Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]

ShortText = Annotated[str, StringConstraints(min_length=1, max_length=500, strip_whitespace=True)]
"""Free text of an event: at most 500 characters, and clerks are told not to name persons."""


def cooperation_id(key: str) -> UUID:
    """The id of the cooperation that carries this key in the register."""
    return uuid5(COOPERATIONS, key)


def task_id(*parts: object) -> UUID:
    """The id of a task, from what makes it owed: cooperation, duty, occurrence; the same owed twice is one."""
    return uuid5(TASKS, "/".join(map(str, parts)))


def report_id(kind: str, office: str, period: str) -> UUID:
    """The id of the report of one kind that one office owes for one period; its versions share the stream."""
    return uuid5(REPORTS, f"{kind}/{office}/{period}")


def command_id(office: str, idempotency_key: str) -> UUID:
    """The id of a command: the same key from the same office is the same command."""
    return uuid5(COMMANDS, f"{office}/{idempotency_key}")


def stream_id(subject: str) -> UUID:
    """The store's originator id of a stream, unique across nouns: of ``cooperation/<uuid>`` that uuid itself."""
    noun, _, name = subject.partition("/")
    return UUID(name) if noun == "cooperation" else uuid5(STREAMS, subject)


def event_id(subject: str, version: int) -> UUID:
    """The id of the event at a version (from 1) of a stream."""
    return uuid5(EVENTS, f"{subject}@{version}")


def event_id_digits(subjects: Sequence[str], versions: Sequence[int]) -> str:
    """The hexadecimal digits of many such ids, one behind the other; whole logs are checked with it."""
    names = [f"{subject}@{version}".encode() for subject, version in zip(subjects, versions, strict=True)]
    raw = b"".join([sha1(_EVENTS + name).digest()[:16] for name in names])  # noqa: S324 - as RFC 9562 says
    number = int.from_bytes(raw) & int.from_bytes(_FREE * len(names)) | int.from_bytes(_FIXED * len(names))
    return number.to_bytes(len(raw)).hex()


_EVENTS = EVENTS.bytes
_FREE = bytes.fromhex("ffffffffffff0fff3fffffffffffffff")
_FIXED = bytes.fromhex("00000000000050008000000000000000")
"""The bits of an id that the name decides, and those that say version 5 and the variant of RFC 9562."""
