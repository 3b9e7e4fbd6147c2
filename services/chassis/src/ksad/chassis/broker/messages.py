"""The stream's state, its messages, and the events in them."""

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
"""The header of structured mode in the CloudEvents NATS binding: the body is the whole event."""


class MalformedError(ValueError):
    """A message on the log's subjects is not an event of this platform; the text is the reason."""


class StreamState(NamedTuple):
    """The identity of a stream (``incarnation``; new when it is created again), and its first and last sequence."""

    incarnation: str
    first: int
    last: int
    messages: int

    @property
    def missing(self) -> int:
        """The number of messages that the server has lost, for a stream that nothing is ever deleted from."""
        return max(0, self.last - self.messages)


def stream_state(stream: dict[str, Any]) -> StreamState:
    """Reads the state of a stream from ``STREAM.INFO``, or from ``/jsz`` of a server's monitoring port."""
    state = stream["state"]
    return StreamState(stream["created"], state["first_seq"], state["last_seq"], state["messages"])


class Stored(NamedTuple):
    """A message as stored in a stream. ``stored_at`` is in nanoseconds since 1970, by the server's clock."""

    sequence: int
    subject: str
    raw: bytes
    headers: Mapping[str, str]
    stored_at: int


def nanoseconds(moment: str) -> int:
    """Converts the server's RFC 3339 time, with up to nine decimal digits, to nanoseconds since 1970."""
    seconds, _, fraction = moment.removesuffix("Z").partition(".")
    return int(datetime.fromisoformat(f"{seconds}+00:00").timestamp()) * 10**9 + int(f"{fraction:0<9}" or 0)


def stored(message: dict[str, Any]) -> Stored:
    """Converts a message from a response of ``STREAM.MSG.GET``."""
    lines = b64decode(message.get("hdrs", "")).decode().split("\r\n")[1:]
    headers = dict(session.split(": ", 1) for session in lines if ": " in session)
    raw = b64decode(message.get("data", ""))
    return Stored(message["seq"], message["subject"], raw, headers, nanoseconds(message["time"]))


class Received(NamedTuple):
    """An event received from the log, with the position that its service gave it.

    ``newer`` names the envelope attributes that this release does not know; such an event must not be applied.
    """

    stream_sequence: int
    subject: str
    raw: bytes
    position: Position
    envelope: Envelope
    newer: tuple[str, ...] = ()


def received(message: Stored) -> Received:
    """Reads the event in a message.

    :raises MalformedError: the body is not an envelope, or does not fit the message's subject or position.
    """
    try:
        envelope, newer = Envelope.from_newer(message.raw)
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
    return Received(message.sequence, message.subject, message.raw, position, envelope, newer)
