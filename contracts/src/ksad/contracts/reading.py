"""Schemas for readers, made from those of the writers.

A writer's schema is strict: whatever it does not name is refused. A reader has to take what a later release adds
(docs/subscribing.md, Versions), so its schema names the same properties and forbids no others. One schema describes any
event of a feed, types that are not known yet included.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    Schema = dict[str, Any]

LOCAL = "#/$defs/"
STRANGER = "UnknownEvent"


def class_name(event_type: str) -> str:
    """The name of an event type as generators of code name a class: ``CooperationRegisteredV1``."""
    return "".join(part.capitalize() for part in event_type.removeprefix("ksad.").replace(".", "_").split("_"))


def loosened(schema: Any) -> Any:  # noqa: ANN401 - JSON
    """A schema that allows properties which it does not name, at every depth, and has no keywords of our own."""
    if isinstance(schema, list):
        return [loosened(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        name: value if name in {"examples", "enum", "const", "default"} else loosened(value)
        for name, value in schema.items()
        if not (name == "additionalProperties" and value is False) and not name.startswith("x-ksad-")
    }


def event(strict: Schema) -> Schema:
    """The schema with which a reader reads one event type. It has no ``$id``, after which some tools name classes."""
    loose: Schema = loosened(strict)
    loose.pop("$id")
    loose["title"] = class_name(strict["title"])
    return loose


def union(strict: Mapping[str, Schema]) -> Schema:
    """The schema of any event of these types, or of one that is not known; the property ``type`` decides which.

    :param strict: the writers' schemas by event type.
    """
    definitions: Schema = {}
    originals: Schema = {}
    for schema in strict.values():
        loose = event(schema)
        parts = loose.pop("$defs", {})
        # Two events may have different definitions of one name.
        same = {name for name, part in parts.items() if originals.setdefault(name, part) == part}
        renamed = {name: name if name in same else f"{loose['title']}{name}" for name in parts}
        definitions |= {renamed[name]: _pointing(part, renamed) for name, part in parts.items()}
        loose.pop("$schema")
        definitions[loose["title"]] = _pointing(loose, renamed)
    attributes = next(iter(strict.values()))["properties"]
    named = ("id", "source", "specversion", "subject", "streamversion", "time")
    definitions[STRANGER] = {
        "title": STRANGER,
        "description": "An event of a type that this schema does not know: store it, and pass it over.",
        "type": "object",
        "required": [*named, "type"],
        "properties": {
            **{name: attributes[name] for name in named},
            "type": {"type": "string", "not": {"enum": sorted(strict)}},
        },
    }
    choices = [*map(class_name, sorted(strict)), STRANGER]
    return {
        "$schema": next(iter(strict.values()))["$schema"],
        "title": "Event",
        "description": "Any event of a province's feed.",
        "oneOf": [{"$ref": f"{LOCAL}{name}"} for name in choices],
        "$defs": definitions,
    }


def _pointing(schema: Any, renamed: Mapping[str, str]) -> Any:  # noqa: ANN401 - JSON
    """A schema whose references lead to the definitions under their new names."""
    if isinstance(schema, list):
        return [_pointing(one, renamed) for one in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        name: f"{LOCAL}{renamed[value.removeprefix(LOCAL)]}" if name == "$ref" else _pointing(value, renamed)
        for name, value in schema.items()
    }
