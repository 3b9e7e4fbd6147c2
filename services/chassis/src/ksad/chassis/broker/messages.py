"""What travels: messages as the stream keeps them, and the events in them."""

from __future__ import annotations

from base64 import b64decode
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from ksad.contracts.envelope import MEDIA_TYPE, Envelope, EnvelopeError, nats_subject
from ksad.contracts.positions import POSITION_HEADER, Position, PositionError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

MESSAGE_ID = "Nats-Msg-Id"
CONTENT_TYPE = "Content-Type"
STRUCTURED = {CONTENT_TYPE: MEDIA_TYPE}
"""The CloudEvents binding's mark of structured mode: the whole event is the body."""


class MalformedError(ValueError):
    """A message on the log's subjects that carries no event of this platform; the reason is its text."""


class Stored(NamedTuple):
    """A message as a stream keeps it; ``stored_at`` in nanoseconds since 1970, by the server's clock."""

    sequence: int
    subject: str
    raw: bytes
    headers: Mapping[str, str]
    stored_at: int


def nanoseconds(moment: str) -> int:
    """The server's RFC 3339 time, which has up to nine digits, in nanoseconds since 1970."""
    seconds, _, fraction = moment.removesuffix("Z").partition(".")
    return int(datetime.fromisoformat(f"{seconds}+00:00").timestamp()) * 10**9 + int(f"{fraction:0<9}" or 0)


def stored(message: dict[str, Any]) -> Stored:
    """A message as ``STREAM.MSG.GET`` answers it."""
    lines = b64decode(message.get("hdrs", "")).decode().split("\r\n")[1:]
    headers = dict(session.split(": ", 1) for session in lines if ": " in session)
    raw = b64decode(message.get("data", ""))
    return Stored(message["seq"], message["subject"], raw, headers, nanoseconds(message["time"]))


class Received(NamedTuple):
    """An event that came from the log, with the position its service gave it."""

    stream_sequence: int
    subject: str
    raw: bytes
    position: Position
    envelope: Envelope


def received(message: Stored) -> Received:
    """The event in a message.

    :raises MalformedError: the body is no envelope, or does not belong where it was found.
    """
    try:
        envelope = Envelope.from_bytes(message.raw)
    except EnvelopeError as error:
        raise MalformedError(str(error)) from error
    if message.subject != nats_subject(envelope):
        raise MalformedError(f"an event of {nats_subject(envelope)} under the subject {message.subject}")
    try:
        position = Position.parse(message.headers.get(POSITION_HEADER, ""))
    except PositionError as error:
        raise MalformedError(f"{POSITION_HEADER}: {error}") from error
    if position.service != envelope.service:
        raise MalformedError(f"{POSITION_HEADER} is {position}, not a position of {envelope.service}")
    return Received(message.sequence, message.subject, message.raw, position, envelope)
