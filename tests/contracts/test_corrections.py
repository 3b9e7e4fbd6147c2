"""Corrections: one substitution for every service, on envelopes and on decoded events alike."""

import json
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from ksad.contracts import registry, reporting, supervision
from ksad.contracts.catalogue import DECLARATIONS
from ksad.contracts.corrections import is_correction, substituted
from ksad.contracts.envelope import Envelope
from tests.support.histories.histories import registered, stream

CORRECTIONS = (registry.Corrected, registry.PublicCorrected, supervision.TaskCorrected, reporting.ReportCorrected)
FIELDS = st.fixed_dictionaries({}, optional={"title": st.sampled_from("xyz"), "object": st.sampled_from("xyz")})


def corrected(*fields: dict[str, str]) -> list[Envelope]:
    """A stream of a registration and corrections of it."""
    first = stream("a", [registered("a")])[0]
    made = [registry.Corrected(corrects=first.id, reason="salah ketik", fields=one) for one in fields]
    return stream("a", [registered("a"), *made])


def decoded(events: list[Envelope]) -> list[dict[str, object]]:
    """The events as somebody reads them from the log."""
    return [json.loads(event.to_bytes()) for event in events]


def test_a_correction_is_known_by_its_name() -> None:
    """Every event that names an event and new fields is taken for a correction by its type, and no other event is."""
    known = {declaration.model for declaration in DECLARATIONS.values() if is_correction(declaration.type)}
    shaped = {one.model for one in DECLARATIONS.values() if {"corrects", "fields"} <= set(one.model.model_fields)}
    assert known == shaped == set(CORRECTIONS)


def test_no_correction_is_corrected() -> None:
    """A correction has no correctable field, so what is substituted never changes what is to be substituted."""
    assert all(not model.declaration.correctable for model in CORRECTIONS)


@given(st.lists(FIELDS, max_size=4))
def test_the_last_correction_of_a_field_counts(fields: list[dict[str, str]]) -> None:
    """Each field has the value of its last correction or its first one; all other events, and the corrections, stay."""
    history = corrected(*fields)

    found = substituted(history)

    wanted = dict(history[0].data)
    for one in fields:
        wanted |= one
    assert found[0].data == wanted
    assert found[0].model_copy(update={"data": history[0].data}) == history[0]
    assert found[1:] == history[1:]


@given(st.lists(FIELDS, max_size=3), FIELDS)
def test_decoded_events_are_substituted_as_envelopes_are(fields: list[dict[str, str]], more: dict[str, str]) -> None:
    """The services that fold envelopes and the projections that fold JSON read the same corrected stream."""
    history = corrected(*fields)
    proposed = {history[0].id: more}
    assert substituted(decoded(history), proposed) == decoded(substituted(history, proposed))


def test_proposed_values_come_after_all_corrections() -> None:
    """A correction that is only considered reads as if it were recorded last, and the stream itself is not changed."""
    history = corrected({"title": "Satu"})
    before = [event.to_bytes() for event in history]

    proposed = substituted(history, {history[0].id: {"title": "Dua"}, UUID(int=1): {"title": "Tiga"}})

    assert proposed[0].data["title"] == "Dua"
    assert substituted(history)[0].data["title"] == "Satu"
    assert [event.to_bytes() for event in history] == before
