"""From a service's description and a card to the questions of a form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from ksad.portal.languages import noted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ksad.portal.forms.cards import ActCard, FieldCard

REGION = r"^[1-9][0-9](\.[0-9]{2})?$"
LONG = 200
"""Texts that may be longer than this are asked for in several lines."""
SCALE_MAX = 10
REPEATED = 3
"""How many objects of a list a form has places for."""
YES, NO = noted("Ya"), noted("Tidak")
Options = tuple[tuple[str, str], ...]


class Question(NamedTuple):
    """One question. ``name`` is its full path, with dots; ``parts`` are those of an object, or of each of a list's."""

    name: str
    kind: str
    card: FieldCard
    required: bool
    options: Options = ()
    most: int | None = None
    parts: tuple[Question, ...] = ()

    @property
    def id(self) -> str:
        """The id of its first input on the page."""
        return "f-" + self.name.replace(".", "-")


class DescriptionError(LookupError):
    """A card names a field that the description does not have, or one whose type nobody knows how to ask for."""


def model_of(act: ActCard, description: Mapping[str, Any]) -> dict[str, Any]:
    """The schema of a command's body."""
    operation = description["paths"][act.path]["post"]
    found: dict[str, Any] = _resolved(operation["requestBody"]["content"]["application/json"]["schema"], description)
    return found


def questions(
    act: ActCard, description: Mapping[str, Any], options: Mapping[str, Options], duty: str | None = None
) -> tuple[Question, ...]:
    """The questions of an act.

    :param options: by the name of a field, values with what people call them, where the page knows them.
    :param duty: the duty of the task whose outcome is recorded.
    :raises DescriptionError: the card does not fit the description.
    """
    schema = model_of(act, description)
    return tuple(
        _question("", one, schema, description, options)
        for one in act.fields
        if not one.duties or duty is None or duty in one.duties
    )


def _question(
    prefix: str,
    card: FieldCard,
    schema: Mapping[str, Any],
    description: Mapping[str, Any],
    options: Mapping[str, Options],
) -> Question:
    if card.name not in schema.get("properties", {}):
        raise DescriptionError(f"{prefix}{card.name} is no field of {schema.get('title')}")
    name = prefix + card.name
    found = _resolved(schema["properties"][card.name], description)
    kind = card.kind or _kind(name, found, description)
    listed = options.get(name, tuple(card.options.items()))
    if kind == "text" and listed:
        kind = "choice"
    elif kind == "choice":
        listed = tuple(one for one in listed if one[0] in found["enum"])
    if kind == "yes_no" and not listed:
        listed = (("yes", YES), ("no", NO))
    if kind == "scale":
        listed = tuple((str(one), str(one)) for one in range(int(found["minimum"]), int(found["maximum"]) + 1))
    inner = _resolved(found["items"], description) if kind == "groups" else found
    parts = tuple(_question(f"{name}.", one, inner, description, options) for one in card.fields)
    required = card.name in schema.get("required", ())
    return Question(name, kind, card, required, listed, found.get("maxLength"), parts)


def _kind(name: str, schema: Mapping[str, Any], description: Mapping[str, Any]) -> str:  # noqa: PLR0911 - one line for each kind
    """How a type is asked for."""
    if schema.get("title") == "DocumentRef":
        return "file"
    match schema:
        case {"enum": _}:
            return "choice"
        case {"type": "boolean"}:
            return "yes_no"
        case {"type": "integer", "minimum": _, "maximum": most} if most <= SCALE_MAX:
            return "scale"
        case {"type": "string", "format": "date"}:
            return "date"
        case {"type": "string", "pattern": pattern} if pattern == REGION:
            return "region"
        case {"type": "string"}:
            return "long" if schema.get("maxLength", 0) > LONG else "text"
        case {"type": "array", "items": items}:
            return _kind_of_list(name, _resolved(items, description))
        case {"type": "object", "patternProperties": by} if REGION in by:
            return "numbers"
        case {"type": "object", "properties": _}:
            return "group"
    raise DescriptionError(f"nobody knows how to ask for {name}")


def _kind_of_list(name: str, items: Mapping[str, Any]) -> str:
    """A list of texts is chosen from what the page knows."""
    if items.get("title") == "DocumentRef":
        return "files"
    if items.get("pattern") == REGION:
        return "regions"
    if items.get("type") == "object":
        return "groups"
    if items.get("type") == "string":
        return "picks"
    raise DescriptionError(f"nobody knows how to ask for the list {name}")


def _resolved(schema: Mapping[str, Any], description: Mapping[str, Any]) -> dict[str, Any]:
    """A schema without references, and of one that may be null the other part."""
    if "$ref" in schema:
        return _resolved(description["components"]["schemas"][schema["$ref"].rpartition("/")[2]], description)
    for word in ("anyOf", "oneOf"):
        if word in schema:
            [found] = [one for one in schema[word] if one.get("type") != "null"]
            return _resolved(found, description)
    return dict(schema)


def placed(found: Sequence[Question]) -> Iterator[Question]:
    """All questions with those of objects; those of lists once for each place."""
    for one in found:
        yield one
        if one.kind == "group":
            yield from placed(one.parts)
        if one.kind == "groups":
            for place in range(REPEATED):
                yield from placed(at(one, place))


def at(question: Question, place: int) -> tuple[Question, ...]:
    """The questions of one object of a list."""
    old, new = f"{question.name}.", f"{question.name}.{place}."
    return tuple(_moved(one, old, new) for one in question.parts)


def _moved(question: Question, old: str, new: str) -> Question:
    parts = tuple(_moved(one, old, new) for one in question.parts)
    return question._replace(name=new + question.name.removeprefix(old), parts=parts)
