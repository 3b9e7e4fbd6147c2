"""Applies corrections: replaces values of earlier events in a stream by those of later corrections.

A correction does not edit the event it corrects. It is an event of its own, which names an earlier event of the same
stream (``corrects``) and new values for some of that event's fields (``fields``). ``on`` among them is no field of its
data but the day on which it happened, as exactly as it is known: ``occurredon`` and ``dateprecision``. Every fold of a
stream goes through :func:`substituted` first, so that all services and the auditor read a corrected stream alike, and
in newest versions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, ValidationError, create_model
from pydantic_core import PydanticCustomError

from ksad.contracts import wording
from ksad.contracts.catalogue import NEWEST, Declaration, declaration_of
from ksad.contracts.dates import DateError, PartialDate
from ksad.contracts.envelope import Envelope, EventT, newest
from ksad.contracts.field_words import listed_fields, sentence
from ksad.contracts.rules import RuleBrokenError
from ksad.contracts.strict import Strict, read_value

NAMES = ("corrected", "public_corrected")
"""The names of all corrections, whether of a cooperation, a task or a report; no other event has one."""


ON = "on"
"""The day of an event in the fields of a correction: ``YYYY``, ``YYYY-MM`` or ``YYYY-MM-DD``."""


def _readable(text: str) -> str:
    try:
        PartialDate.parse(text)
    except DateError as error:
        raise PydanticCustomError("partial_date", "not a date") from error
    return text


@lru_cache(maxsize=256)
def is_correction(event_type: str) -> bool:
    """Whether an event of this ``type`` corrects another."""
    return event_type.split(".")[2] in NAMES


def substituted(history: Iterable[EventT], proposed: Mapping[UUID, Mapping[str, Any]] | None = None) -> list[EventT]:
    """The events of one stream as folds read them: corrected values in place, then each as its newest version.

    Where two corrections set a field, the later applies. The corrections themselves remain in the list.

    :param history: the stream as recorded, in the order of its versions.
    :param proposed: new values by event id, applied after all others. Used to test a correction before recording it.
    :raises LookupError: a type is unknown, or newer than known.
    """
    # Values first, because a correction was recorded with the field names of the version that it corrects.
    events = list(history)
    fields: dict[str, dict[str, Any]] = {}
    for event in events:
        kind, data = _read(event)
        if is_correction(kind):
            fields.setdefault(str(data["corrects"]), {}).update(data["fields"])
    for identity, values in (proposed or {}).items():
        fields.setdefault(str(identity), {}).update(values)
    return [newest(_with(event, fields) if fields else event) for event in events]


def correctable(declaration: Declaration) -> frozenset[str]:
    """What a correction may replace in an event: fields of its data, and the day of what the supervising body examines.

    The day of a task's or report's step, and of what nobody signs, is that on which it was recorded.
    """
    verifiable = declaration_of(f"{declaration.name}.v{NEWEST[declaration.name]}").verifiable
    return declaration.correctable | ({ON} if verifiable else set())


@cache
def correction_model(declaration: Declaration) -> type[Strict]:
    """A model with the correctable fields of an event type, all optional, each with its type in the event."""
    fields = {name: declaration.model.model_fields[name] for name in sorted(declaration.correctable)}
    typed: dict[str, Any] = {
        # None is the default of a field that is not given; as a value it is accepted only if the event accepts it.
        name: (Annotated[(field.annotation, *field.metadata)] if field.metadata else field.annotation, None)
        for name, field in fields.items()
    }
    if ON in correctable(declaration):
        typed[ON] = (Annotated[str, AfterValidator(_readable)], None)
    return create_model(f"CorrectionOf{declaration.model.__name__}", __base__=Strict, **typed)


def corrected_values(target: Envelope, fields: Mapping[str, Any]) -> dict[str, Any]:
    """Validates new values for fields of an event strictly, and returns them as events contain them.

    These are to be recorded, not ``fields``, which are the values of the request, parsed from JSON.

    :raises RuleBrokenError: a field is not correctable, or a value does not fit it.
    """
    allowed = correctable(target.declaration)
    forbidden = sorted(set(fields) - allowed)
    if forbidden or not fields:
        some = (
            f"Tidak dapat diperbaiki pada catatan itu: {listed_fields(forbidden)}." if forbidden else "Isinya kosong."
        )
        may = listed_fields(sorted(allowed))
        detail = (
            f"{some} Sebutkan isian yang diperbaiki dan nilainya yang baru; yang dapat: {may}."
            if allowed
            else "Catatan ini tidak mempunyai isian yang dapat diperbaiki."
        )
        named = [wording.readable([one]) for one in forbidden]
        raise RuleBrokenError("field-correctable", detail, forbidden=named, allowed=sorted(allowed))
    try:
        values = read_value(correction_model(target.declaration), dict(fields))
    except ValidationError as error:
        found = wording.faults(error)
        detail = f"Nilai baru tidak sesuai: {sentence(found)}. Perbaiki nilainya."
        raise RuleBrokenError("correction-fits", detail, field=found[0].field) from error
    return values.model_dump(mode="json", exclude_unset=True)


def _read(event: Envelope | dict[str, Any]) -> tuple[str, dict[str, Any]]:
    return (event["type"], event["data"]) if isinstance(event, dict) else (event.type, event.data)


def _with(event: EventT, fields: Mapping[str, Mapping[str, Any]]) -> EventT:
    if isinstance(event, dict):
        changed = fields.get(event["id"])
        if changed is None:
            return event
        on = _day(changed)
        day = {} if on is None else {"occurredon": on.first.isoformat(), "dateprecision": on.precision.value}
        return {**event, **day, "data": _corrected(event["type"], event["data"], changed)}
    changed = fields.get(str(event.id))
    if changed is None:
        return event
    on = _day(changed)
    said: dict[str, Any] = {} if on is None else {"occurredon": on.first, "dateprecision": on.precision.value}
    return event.model_copy(update=said | {"data": _corrected(event.type, event.data, changed)})


def _day(changed: Mapping[str, Any]) -> PartialDate | None:
    return PartialDate.parse(changed[ON]) if ON in changed else None


def _corrected(kind: str, data: dict[str, Any], changed: Mapping[str, Any]) -> dict[str, Any]:
    """The data with new values in the form in which the model of the event reads them."""
    # Earlier releases recorded what a request said, such as "250.000" for 250, and registry and supervision have
    # always read it as 250. Whoever folds decoded events has to read the same.
    changed = {name: value for name, value in changed.items() if name != ON}
    values = {**data, **changed}
    try:
        read = declaration_of(kind).model.model_validate(values, strict=False)
    except (LookupError, ValidationError):
        return values
    return values | read.model_dump(mode="json", include=set(changed))
