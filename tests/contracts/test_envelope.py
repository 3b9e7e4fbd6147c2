"""The envelope: a valid CloudEvent whose canonical bytes are the fact."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent
from hypothesis import given
from hypothesis import strategies as st

from ksad.contracts import canonical, registry
from ksad.contracts.catalogue import DECLARATIONS, NEWEST, Declaration, NewerVersionError, UnknownTypeError
from ksad.contracts.envelope import ATTRIBUTE, SIZE_MAX, Envelope, EnvelopeError, Origin, nats_subject, seal
from ksad.contracts.examples import example
from ksad.contracts.identifiers import cooperation_id

ALL = [pytest.param(declaration, id=declaration.type) for declaration in DECLARATIONS.values()]


@pytest.mark.parametrize("declaration", ALL)
def test_the_sdk_reads_every_event(declaration: Declaration) -> None:
    """The CloudEvents SDK reads each event's bytes as a CloudEvents 1.0 event with the same attributes."""
    envelope = example(declaration)

    event = JSONFormat().read(CloudEvent, envelope.to_bytes())

    assert str(envelope.id) == event.get_id()
    assert envelope.type == event.get_type()
    assert envelope.source == event.get_source()
    assert envelope.subject == event.get_subject()
    assert envelope.data == event.get_data()
    assert envelope.occurredon.isoformat() == event.get_extension("occurredon")


def newest(declaration: Declaration) -> Declaration:
    """The newest version of the same event."""
    return DECLARATIONS[f"{declaration.name}.v{NEWEST[declaration.name]}"]


@pytest.mark.parametrize("declaration", ALL)
def test_bytes_round_trip(declaration: Declaration) -> None:
    """Reading an event's bytes and writing them gives the same bytes; its data fits its model, and the newest."""
    raw = example(declaration).to_bytes()

    envelope = Envelope.from_bytes(raw)

    assert raw == envelope.to_bytes()
    assert isinstance(declaration.model.model_validate(envelope.data, strict=False), declaration.model)
    assert isinstance(envelope.fact(), newest(declaration).model)


def _changed(**changes: object) -> bytes:
    event = json.loads(example(DECLARATIONS["ksad.cooperation.registered.v1"]).to_bytes())
    event.update(changes)
    return json.dumps(
        {name: value for name, value in event.items() if value is not None},
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=False,
    ).encode()


@pytest.mark.parametrize(
    "changes",
    [
        {"id": "00000000-0000-5000-8000-000000000000"},
        {"specversion": "0.3"},
        {"time": "2026-01-01T00:00:00Z"},
        {"time": "2026-02-30T00:00:00.000000Z"},
        {"time": "2026-01-01T07:00:00.000000+07:00"},
        {"source": "urn:ksad:demo:somebody"},
        {"type": "ksad.registry.domain:Registered"},
        {"subject": "cooperation"},
        {"streamversion": 0},
        {"actoroffice": "mayor"},
        {"actorid": "Budi Santoso"},
        {"dateprecision": "hour"},
        {"surprise": 1},
        {"correlationid": None},
    ],
)
def test_what_is_no_envelope(changes: dict[str, object]) -> None:
    """A wrong id, time, source, type, stream, office or attribute makes bytes no envelope."""
    with pytest.raises(EnvelopeError):
        Envelope.from_bytes(_changed(**changes))


@pytest.mark.parametrize(
    "changes",
    [
        {"id": lambda old: old.upper()},
        {"correlationid": lambda old: old.replace("-", "")},
        {"commandid": lambda old: f"{{{old}}}"},
        {"causationid": lambda _: None},
        {"streamversion": str},
        {"streamversion": bool},
        {"occurredon": lambda _: 0},
        {"occurredon": lambda _: "1420416000"},
        {"occurredon": lambda old: f"{old}T00:00:00"},
        {"legacy": lambda _: 1},
        {"sourceline": lambda _: "5"},
    ],
    ids=[
        "capitals",
        "without dashes",
        "in braces",
        "null",
        "version as text",
        "version as truth",
        "day as number",
        "day as text of seconds",
        "day with time",
        "legacy as number",
        "line as text",
    ],
)
def test_a_value_has_one_spelling(changes: dict[str, Callable[[Any], object]]) -> None:
    """What reads as the same id, number, day or truth and is written otherwise is no envelope: its bytes differ."""
    event = json.loads(example(DECLARATIONS["ksad.cooperation.registered.v1"]).to_bytes())
    for name, change in changes.items():
        event[name] = change(event.get(name, "2f956d12-acdf-5ba7-be38-aeab85066bad"))

    with pytest.raises(EnvelopeError):
        Envelope.from_bytes(canonical.encode(event))


def test_unchanged_twin_passes() -> None:
    """The same bytes without a change are an envelope, so the refusals above come from their changes."""
    assert Envelope.from_bytes(_changed()).streamversion == 1


def test_unknown_and_newer_types() -> None:
    """An unknown type and a newer version are envelopes all the same; only their data cannot be read."""
    unknown = Envelope.from_bytes(_changed(type="ksad.weather.rained.v1"))
    newer = Envelope.from_bytes(_changed(type="ksad.cooperation.registered.v2"))

    with pytest.raises(UnknownTypeError):
        unknown.fact()
    with pytest.raises(NewerVersionError):
        newer.fact()


def test_too_large() -> None:
    """An event over 60,000 bytes is refused when it is written and when it is read."""
    origin = Origin(
        source="urn:ksad:test:registry",
        time=datetime(2026, 1, 1, tzinfo=UTC),
        occurred_on=date(2026, 1, 1),
        date_precision="day",
        actor_office="operator",
        actor_id="a",
        command_id=None,
        command_digest=None,
        correlation_id=cooperation_id("a"),
        causation_id=None,
    )
    fact = registry.TextSupplied(
        kind=registry.ReferenceKind.REGIONS, name="regions", content="x" * SIZE_MAX, sha256="0" * 64, source="test"
    )

    with pytest.raises(EnvelopeError, match="larger than"):
        seal(fact, "reference/regions", 1, origin).to_bytes()
    with pytest.raises(EnvelopeError, match="larger than"):
        Envelope.from_bytes(b" " * (SIZE_MAX + 1))


def test_subject_on_the_log() -> None:
    """A fact travels under its service, the noun of its stream and its name."""
    envelope = example(DECLARATIONS["ksad.task.scheduled.v1"])

    assert nats_subject(envelope) == "ksad.log.supervision.task.scheduled"


@given(
    st.dictionaries(
        st.from_regex(ATTRIBUTE, fullmatch=True).filter(lambda name: name not in Envelope.model_fields),
        st.booleans() | st.integers(-(2**31), 2**31 - 1) | st.text("abc def-0", max_size=60),
        max_size=4,
    )
)
def test_what_a_newer_release_adds_is_named_and_left_out(added: dict[str, Any]) -> None:
    """Attributes that are not known are named, and what is known is read as if they were not there."""
    plain = example(DECLARATIONS["ksad.cooperation.registered.v1"])
    raw = canonical.encode(json.loads(plain.to_bytes()) | added)

    assert Envelope.from_newer(raw) == (plain, tuple(sorted(added)))


@pytest.mark.parametrize(
    "changes",
    [
        {"Surprise": 1},
        {"trace_parent": "00"},
        {"a" * 21: "long"},
        {"surprise": {"a": 1}},
        {"surprise": ["a"]},
        {"surprise": "fine", "subject": "cooperation"},
    ],
)
def test_what_no_release_would_write_is_no_newer_envelope(changes: dict[str, object]) -> None:
    """Whoever is to come writes CloudEvents, too: other names, other values and a wrong known attribute are refused."""
    with pytest.raises(EnvelopeError):
        Envelope.from_newer(_changed(**changes))


@pytest.mark.parametrize("raw", [b"[]", b"1", b"null", b'"a"', b"{}", b"", b"\xff"])
def test_other_json_is_no_envelope(raw: bytes) -> None:
    """Whatever else is in the bytes is refused with the same error, by both ways of reading."""
    for read in (Envelope.from_bytes, Envelope.from_newer):
        with pytest.raises(EnvelopeError):
            read(raw)
