"""Identifiers shared by the services, and how they are derived.

Every id is a UUIDv5 (RFC 9562, section 5.5) of a name: a repeated command makes the same id again, and a replay needs
no randomness.
"""

from __future__ import annotations

import re
from hashlib import sha1
from typing import TYPE_CHECKING, Annotated
from uuid import NAMESPACE_URL, UUID, uuid5

from pydantic import AfterValidator, StringConstraints
from pydantic_core import PydanticCustomError

if TYPE_CHECKING:
    from collections.abc import Sequence

# Ids in the log are derived from these namespaces, so none of them can ever change.
COOPERATIONS = uuid5(NAMESPACE_URL, "ksad:cooperation")
STREAMS = uuid5(NAMESPACE_URL, "ksad:stream")
EVENTS = uuid5(NAMESPACE_URL, "ksad:event")
COMMANDS = uuid5(NAMESPACE_URL, "ksad:command")
TASKS = uuid5(NAMESPACE_URL, "ksad:task")
REPORTS = uuid5(NAMESPACE_URL, "ksad:report")

RegionCode = Annotated[str, StringConstraints(pattern=r"^[1-9][0-9](\.[0-9]{2})?$")]
"""A region's code in the ministry's list: ``32`` is a province, ``32.75`` a regency or city."""

ProvinceCode = Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]$")]

OFFICE = re.compile(
    r"minister|joint_secretariat|(governor|tkksd|feed):[1-9][0-9]|region:[1-9][0-9](\.[0-9]{2})?"
    r"|auditor|operator|mailer|platform"
)


def _office(text: str) -> str:
    if not OFFICE.fullmatch(text):
        raise PydanticCustomError("office", "{office} is not an office", {"office": repr(text)})
    return text


Office = Annotated[str, AfterValidator(_office)]
"""Who acts: an office, never a person. ``platform`` is for what the calendar brings about without an officer;
``mailer`` sends reminders and records nothing.
"""

Key = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]
"""A short name given by a clerk: of a cooperation in the register, or of a problem or dispute within a cooperation."""

Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]

ShortText = Annotated[str, StringConstraints(min_length=1, max_length=500, strip_whitespace=True)]
"""Free text in an event: at most 500 characters. Forms ask clerks not to name persons."""


def cooperation_id(key: str) -> UUID:
    """The id of the cooperation registered under a key."""
    return uuid5(COOPERATIONS, key)


def task_id(*parts: object) -> UUID:
    """The id of a task, derived from cooperation, duty and occurrence.

    A duty that is triggered twice by the same occurrence therefore leads to one task.
    """
    return uuid5(TASKS, "/".join(map(str, parts)))


def report_id(kind: str, office: str, period: str) -> UUID:
    """The id of an office's report of one kind for one period. All versions of the report share the id."""
    return uuid5(REPORTS, f"{kind}/{office}/{period}")


def command_id(office: str, idempotency_key: str) -> UUID:
    """The id of a command. The same idempotency key from the same office means the same command."""
    return uuid5(COMMANDS, f"{office}/{idempotency_key}")


def stream_id(subject: str) -> UUID:
    """The event store's ``originator_id`` of a stream, unique across all kinds of stream."""
    # A cooperation's own id, so that its events can be found in the store by the id that users see.
    noun, _, name = subject.partition("/")
    return UUID(name) if noun == "cooperation" else uuid5(STREAMS, subject)


def event_id(subject: str, version: int) -> UUID:
    """The id of the event at ``version`` (from 1) of the stream ``subject``."""
    return uuid5(EVENTS, f"{subject}@{version}")


def event_id_digits(subjects: Sequence[str], versions: Sequence[int]) -> str:
    """The ids of many events at once, as hexadecimal digits without separators: 32 digits for each event."""
    # Verification derives every id of a log again. Setting the fixed bits of all ids by one operation on a large
    # integer is much faster than `uuid5` for each.
    names = [f"{subject}@{version}".encode() for subject, version in zip(subjects, versions, strict=True)]
    raw = b"".join([sha1(_EVENTS + name).digest()[:16] for name in names])  # noqa: S324 - as RFC 9562 says
    number = int.from_bytes(raw) & int.from_bytes(_FREE * len(names)) | int.from_bytes(_FIXED * len(names))
    return number.to_bytes(len(raw)).hex()


_EVENTS = EVENTS.bytes
_FREE = bytes.fromhex("ffffffffffff0fff3fffffffffffffff")
_FIXED = bytes.fromhex("00000000000050008000000000000000")
"""The bits of a UUIDv5 that the hash decides, and the fixed ones: version and variant (RFC 9562, section 5.5)."""
