"""The envelope: every fact is one CloudEvents 1.0 event in structured mode, and its canonical bytes are the fact.

Attribute names and types follow CloudEvents 1.0.2 (lower-case letters and digits, simple types). ``time`` says when the
fact was recorded; ``occurredon`` with ``dateprecision`` says when it happened, as precisely as the source knows.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self
from uuid import UUID

import orjson
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from ksad.contracts import canonical
from ksad.contracts.catalogue import Fact, declaration_of, load_fact
from ksad.contracts.identifiers import Office, Sha256, event_id

if TYPE_CHECKING:
    from ksad.contracts.catalogue import Declaration

SIZE_MAX = 60_000
MEDIA_TYPE = "application/cloudevents+json"


class EnvelopeError(ValueError):
    """Bytes that are no envelope: not canonical, not a CloudEvent of this platform, or larger than 60,000 bytes."""


def format_time(moment: datetime) -> str:
    """RFC 3339 in UTC with six digits and ``Z``, the only form of time in an event."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _real_time(text: str) -> str:
    if text.startswith("24", 11):
        raise ValueError("hour must be in 0..23, also where Python reads 24:00 as the next day")
    datetime.fromisoformat(text)
    return text


UUID_TEXT = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
TIME = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$"
SUBJECT = r"^[a-z_]+/[0-9a-z:._-]{1,80}$"
COUNT_MAX = 2**31 - 1
IDS = ("id", "correlationid", "commandid", "causationid")

Count = Annotated[int, Field(ge=1, le=COUNT_MAX, strict=True)]
Time = Annotated[str, StringConstraints(pattern=TIME), AfterValidator(_real_time)]
Subject = Annotated[str, StringConstraints(pattern=SUBJECT)]
DatePrecision = Literal["day", "month", "year"]


class Envelope(BaseModel):
    """One fact. Optional attributes are absent from the bytes when they are ``None``, as CloudEvents asks."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=False)

    specversion: Literal["1.0"] = "1.0"
    id: UUID
    source: Annotated[str, StringConstraints(pattern=r"^urn:ksad:[a-z0-9-]+:(registry|supervision|reporting)$")]
    type: Annotated[str, StringConstraints(pattern=r"^ksad\.[a-z_]+\.[a-z_]+\.v[1-9][0-9]*$")]
    subject: Subject
    streamversion: Count
    time: Time
    occurredon: date
    dateprecision: DatePrecision
    actoroffice: Office
    actorid: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,64}$")]
    commandid: UUID | None = None
    commanddigest: Sha256 | None = None
    correlationid: UUID
    causationid: UUID | None = None
    legacy: Literal[True] | None = None
    sourcefile: Sha256 | None = None
    sourceline: Count | None = None
    datacontenttype: Literal["application/json"] = "application/json"
    dataschema: str
    data: dict[str, Any]

    @model_validator(mode="after")
    def _identity(self) -> Self:
        if self.id != event_id(self.subject, self.streamversion):
            message = "id is not the one derived from subject and streamversion"
            raise ValueError(message)
        return self

    @property
    def service(self) -> str:
        """The service that decided the fact."""
        return self.source.rpartition(":")[2]

    @property
    def declaration(self) -> Declaration:
        """The catalogue's entry; raises LookupError for an unknown type or a newer version."""
        return declaration_of(self.type)

    def fact(self) -> Fact:
        """The data as its model, upcast to the newest version; raises LookupError or pydantic.ValidationError."""
        return load_fact(self.type, self.data)

    def to_bytes(self) -> bytes:
        """The canonical bytes: what is stored, published, hashed and archived.

        :raises EnvelopeError: outside the canonical profile, or larger than 60,000 bytes.
        """
        try:
            raw = canonical.encode(self.model_dump(mode="json", exclude_none=True) | {"data": self.data})
        except canonical.NotCanonicalError as error:
            raise EnvelopeError(str(error)) from error
        if len(raw) > SIZE_MAX:
            message = f"an event of {len(raw)} bytes is larger than {SIZE_MAX}"
            raise EnvelopeError(message)
        return raw

    @classmethod
    def from_store(cls, raw: bytes) -> Self:
        """The envelope in bytes that were checked when they were written; their canonical form is not proved again."""
        return cls.model_validate(orjson.loads(raw))

    @classmethod
    def from_bytes(cls, raw: bytes) -> Self:
        """The envelope in canonical bytes; its type may be unknown, its form may not.

        :raises EnvelopeError: the bytes are no valid envelope.
        """
        if len(raw) > SIZE_MAX:
            message = f"{len(raw)} bytes are more than an event's {SIZE_MAX}"
            raise EnvelopeError(message)
        try:
            event = canonical.decode(raw)
            envelope = cls.model_validate(event)
        except ValueError as error:
            raise EnvelopeError(str(error)) from error
        _check_spelling(event, envelope.occurredon)
        return envelope


def _check_spelling(event: dict[str, Any], day: date) -> None:
    """Pydantic reads more than one spelling of an id, a day and true; equal facts have equal bytes.

    :raises EnvelopeError: another one than :meth:`Envelope.to_bytes` writes.
    """
    if None in event.values():
        raise EnvelopeError("an attribute without a value is left out")
    for name in IDS:
        if name in event and not UUID_TEXT.fullmatch(event[name]):
            raise EnvelopeError(f"{name} is not written in lower case with hyphens")
    if event["occurredon"] != day.isoformat():
        raise EnvelopeError("occurredon is not written YYYY-MM-DD")
    if event.get("legacy", True) is not True:
        raise EnvelopeError("legacy is true or absent")


class Origin(BaseModel):
    """What every event of one command or reaction shares: who acted, when, and why."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: str
    time: datetime
    occurred_on: date
    date_precision: DatePrecision
    actor_office: str
    actor_id: str
    command_id: UUID | None
    command_digest: str | None
    correlation_id: UUID
    causation_id: UUID | None
    legacy: bool = False
    source_file: str | None = None
    source_line: int | None = None


def seal(fact: Fact, subject: str, version: int, origin: Origin) -> Envelope:
    """Wrap a decided fact: the event at ``version`` (from 1) of the stream ``subject``."""
    declaration = fact.declaration
    return Envelope(
        id=event_id(subject, version),
        source=origin.source,
        type=declaration.type,
        subject=subject,
        streamversion=version,
        time=format_time(origin.time),
        occurredon=origin.occurred_on,
        dateprecision=origin.date_precision,
        actoroffice=origin.actor_office,
        actorid=origin.actor_id,
        commandid=origin.command_id,
        commanddigest=origin.command_digest,
        correlationid=origin.correlation_id,
        causationid=origin.causation_id,
        legacy=True if origin.legacy else None,
        sourcefile=origin.source_file,
        sourceline=origin.source_line,
        dataschema=f"urn:ksad:schema:{declaration.type}",
        data=fact.model_dump(mode="json"),
    )


def nats_subject(envelope: Envelope) -> str:
    """Where the fact travels: ``ksad.log.<service>.<noun>.<event>``; the catalogue need not know the type."""
    _, noun, name, _ = envelope.type.split(".")
    return f"ksad.log.{envelope.service}.{noun}.{name}"
