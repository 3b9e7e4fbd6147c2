"""From values as a service has them to the texts in a form's inputs: the other way of reading."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from ksad.portal.forms.questions import at
from ksad.portal.forms.reading import KEPT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ksad.portal.forms.questions import Question


def typed(found: Sequence[Question], values: Mapping[str, Any]) -> dict[str, list[str]]:
    """What somebody would have typed to say these values, by the name of each input."""
    given: dict[str, list[str]] = {}
    for one in found:
        value = values.get(one.card.name)
        if value is not None:
            given |= _typed(one, value)
    return given


def _typed(one: Question, value: Any) -> dict[str, list[str]]:  # noqa: ANN401, PLR0911 - JSON; one line for each kind
    match one.kind:
        case "date" | "day":
            return {f"{one.name}.{part}": [text] for part, text in zip("ymd", value.split("-"), strict=False)}
        case "regions" | "picks":
            return {one.name: [str(each) for each in value]}
        case "numbers" | "amounts" | "allotments":
            return {f"{one.name}.{key}": [str(each)] for key, each in value.items() if each is not None}
        case "file" | "files":
            kept = value if one.kind == "files" else [value]
            return {f"{one.name}.{KEPT}": [orjson.dumps(each).decode() for each in kept]} if kept else {}
        case "group":
            return typed(one.parts, value)
        case "groups":
            listed = [(str(place), each) for place, each in enumerate(value)]
            return {name: texts for key, each in listed for name, texts in typed(at(one, key), each).items()}
        case "each":
            return {name: texts for key, each in value.items() for name, texts in typed(at(one, key), each).items()}
        case "yes_no":
            return {one.name: ["yes" if value else "no"]}
        case "name":
            return {one.name: [dict(one.options).get(value, value)]}
    return {one.name: [str(value)]}
