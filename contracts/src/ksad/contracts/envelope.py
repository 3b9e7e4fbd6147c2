"""The envelope of a fact: a CloudEvents 1.0 event in structured mode, and its canonical bytes.

Attribute names and types follow CloudEvents 1.0.2 (lower-case letters and digits, simple types). ``time`` is when the
fact was recorded. ``occurredon`` and ``dateprecision`` are when it happened, as precisely as the source knows.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self, TypeVar
from uuid import UUID

import orjson
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from ksad.contracts import canonical
from ksad.contracts.catalogue import UPCASTERS, Fact, declaration_of, load_fact, upcast
from ksad.contracts.identifiers import Office, Sha256, event_id

if TYPE_CHECKING:
    from ksad.contracts.catalogue import Declaration

# Below the 64 KiB that CloudEvents 1.0.2 ("Size Limits") asks every intermediary to forward. In bytes.
SIZE_MAX = 60_000
MEDIA_TYPE = "application/cloudevents+json"


class EnvelopeError(ValueError):
    """An envelope is invalid: not canonical, not a CloudEvent of this platform, or larger than 60,000 bytes."""


def format_time(moment: datetime) -> str:
    """An instant as RFC 3339 text in UTC with microseconds and ``Z``, the only form of time in an event."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _real_time(text: str) -> str:
    if text.startswith("24", 11):
        raise ValueError("hour must be in 0..23, also where Python reads 24:00 as the next day")
    datetime.fromisoformat(text)
    return text


UUID_TEXT = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
TIME = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$"
SUBJECT = r"^[a-z_]+/[0-9a-z:._-]{1,80}$"
# CloudEvents integers have 32 bits with sign.
COUNT_MAX = 2**31 - 1
IDS = ("id", "correlationid", "commandid", "causationid")
# CloudEvents 1.0.2, "Attribute Naming Convention": lower-case letters and digits, at most 20 of them.
ATTRIBUTE = re.compile(r"[a-z0-9]{1,20}")

Count = Annotated[int, Field(ge=1, le=COUNT_MAX, strict=True)]
Time = Annotated[str, StringConstraints(pattern=TIME), AfterValidator(_real_time)]
Subject = Annotated[str, StringConstraints(pattern=SUBJECT)]
DatePrecision = Literal["day", "month", "year"]


class Envelope(BaseModel):
    """One fact, with CloudEvents attributes and the platform's extensions.

    Optional attributes that are ``None`` are absent from the bytes, as CloudEvents requires. ``data`` is the event's
    data as it was recorded; :meth:`fact` converts it to its model.
    """

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
        # A derived id cannot be chosen, so an event cannot claim the id, and with it the place, of another one.
        if self.id != event_id(self.subject, self.streamversion):
            message = "id is not the one derived from subject and streamversion"
            raise ValueError(message)
        return self

    @property
    def service(self) -> str:
        """The name of the service that recorded the fact."""
        return self.source.rpartition(":")[2]

    @property
    def declaration(self) -> Declaration:
        """The catalogue's declaration of the event's type.

        :raises LookupError: the type is unknown, or its version is newer than known.
        """
        return declaration_of(self.type)

    def fact(self) -> Fact:
        """The data as an instance of its model, converted to the newest version.

        :raises LookupError: the type is unknown, or its version is newer than known.
        :raises pydantic.ValidationError: the data does not fit the model.
        """
        return load_fact(self.type, self.data)

    def to_bytes(self) -> bytes:
        """The canonical bytes: what is stored, published, hashed and archived.

        :raises EnvelopeError: the event is outside the canonical profile, or larger than 60,000 bytes.
        """
        try:
            # `exclude_none` reaches into the data too, where null is a value; the data are put back as they were.
            raw = canonical.encode(self.model_dump(mode="json", exclude_none=True) | {"data": self.data})
        except canonical.NotCanonicalError as error:
            raise EnvelopeError(str(error)) from error
        if len(raw) > SIZE_MAX:
            message = f"an event of {len(raw)} bytes is larger than {SIZE_MAX}"
            raise EnvelopeError(message)
        return raw

    @classmethod
    def from_store(cls, raw: bytes) -> Self:
        """Reads the bytes of a stored event without checking again that they are canonical."""
        return cls.model_validate(orjson.loads(raw))

    @classmethod
    def from_bytes(cls, raw: bytes) -> Self:
        """Reads the canonical bytes of an event. Its type need not be in the catalogue.

        :raises EnvelopeError: the bytes are not a valid envelope.
        """
        return cls._checked(_decoded(raw))

    @classmethod
    def from_newer(cls, raw: bytes) -> tuple[Self, tuple[str, ...]]:
        """Reads the canonical bytes of an event that a newer release may have written.

        Returns the envelope as far as this release knows it, and the names of the attributes that it does not know,
        which are valid CloudEvents extensions.

        :raises EnvelopeError: what is known is no valid envelope, or what is not known is no CloudEvents attribute.
        """
        event = _decoded(raw)
        newer = tuple(sorted(event.keys() - cls.model_fields.keys())) if isinstance(event, dict) else ()
        for name in newer:
            value = event.pop(name)
            if not ATTRIBUTE.fullmatch(name) or not isinstance(value, str | int):
                raise EnvelopeError(f"{name[:20]!r} is no attribute of a CloudEvent")
        return cls._checked(event), newer

    @classmethod
    def _checked(cls, event: Any) -> Self:  # noqa: ANN401 - JSON of any shape, until it was validated
        try:
            envelope = cls.model_validate(event)
        except ValueError as error:
            raise EnvelopeError(str(error)) from error
        _check_spelling(event, envelope.occurredon)
        return envelope


def _decoded(raw: bytes) -> Any:  # noqa: ANN401 - JSON of any shape, until it was validated
    """The JSON value in canonical bytes.

    :raises EnvelopeError: the bytes are not canonical JSON, or too many.
    """
    # Before parsing: whoever sends a huge text must not have it parsed.
    if len(raw) > SIZE_MAX:
        message = f"an event of {len(raw)} bytes is larger than {SIZE_MAX}"
        raise EnvelopeError(message)
    try:
        return canonical.decode(raw)
    except ValueError as error:
        raise EnvelopeError(str(error)) from error


def _check_spelling(event: dict[str, Any], day: date) -> None:
    """Refuses spellings that pydantic reads but :meth:`Envelope.to_bytes` never writes: equal facts have equal bytes.

    :raises EnvelopeError: an attribute is spelled otherwise.
    """
    if None in event.values():
        raise EnvelopeError("an attribute without a value must be left out")
    for name in IDS:
        if name in event and not UUID_TEXT.fullmatch(event[name]):
            raise EnvelopeError(f"{name} must be written in lower case with hyphens")
    if event["occurredon"] != day.isoformat():
        raise EnvelopeError("occurredon must be written YYYY-MM-DD")
    if event.get("legacy", True) is not True:
        raise EnvelopeError("legacy must be true or absent")


class Origin(BaseModel):
    """The attributes that all events of one command or reaction share: who acted, when, and what caused it.

    ``time`` is when the events are recorded, ``occurred_on`` when they happened. ``causation_id`` is the event that a
    reaction follows; ``None`` for a command. ``source_file`` (a SHA-256) and ``source_line`` are the place in the
    history file that a legacy fact was imported from.
    """

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
    """Wraps a fact in the envelope of the event at ``version`` (from 1) of the stream ``subject``."""
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


EventT = TypeVar("EventT", Envelope, dict[str, Any])
"""An event as an envelope, or decoded from JSON."""


def newest(event: EventT) -> EventT:
    """An event with type and data as the newest version of its type has them; folds know no other.

    Its bytes are not what was recorded any more where the version is another one.

    :raises LookupError: the type is unknown, or its version is newer than known.
    """
    if isinstance(event, dict):
        kind = event["type"]
        if kind not in UPCASTERS:
            declaration_of(kind)
            return event
        declaration, data = upcast(kind, event["data"])
        return {**event, "type": declaration.type, "data": data}
    declaration, data = upcast(event.type, event.data)
    return event.model_copy(update={"type": declaration.type, "data": data})


def nats_subject(envelope: Envelope) -> str:
    """The NATS subject on which an event is published: ``ksad.log.<service>.<noun>.<event>``."""
    # From the type's own words, not from the catalogue: events of a type that is not known yet are forwarded too.
    _, noun, name, _ = envelope.type.split(".")
    return f"ksad.log.{envelope.service}.{noun}.{name}"
