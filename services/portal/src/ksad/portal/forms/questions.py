"""From a service's description and a card to the questions of a form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from ksad.portal.languages import noted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ksad.portal.forms.cards import ActCard, FieldCard

KEY = r"^[a-z0-9][a-z0-9_-]{0,63}$"
REGION = r"^[1-9][0-9](\.[0-9]{2})?$"
LONG = 200
"""Texts that may be longer than this are asked for in several lines."""
SCALE_MAX = 10
SEVERAL = 2
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
    nullable: bool = False
    """Whether it is sent as nothing where nothing was typed, since the service wants it to be said."""

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
    found = tuple(
        _question("", one, schema, description, options)
        for one in act.fields
        if not one.duties or duty is None or duty in one.duties
    )
    return tuple(one for one in found if one.kind != "none")


def questions_of(
    prefix: str, cards: Sequence[FieldCard], described: Mapping[str, Any], options: Mapping[str, Options]
) -> tuple[Question, ...]:
    """The questions that cards have about an object, of those fields that it has.

    :param described: the JSON Schema of the object, with what it refers to under ``$defs``.
    """
    had = [card for card in cards if card.name in described["properties"]]
    return tuple(_question(prefix, card, described, described, options) for card in had)


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
    described = schema["properties"][card.name]
    found = _resolved(described, description)
    kind = card.kind or _kind(name, found, description)
    listed = options.get(name, tuple(card.options.items()))
    if kind == "choice" or (kind == "which" and "enum" in found):
        listed = tuple(one for one in listed if one[0] in found["enum"])
    required = card.name in schema.get("required", ())
    nullable = required and any(one.get("type") == "null" for one in described.get("anyOf", ()))
    if kind == "which":
        kind = ("none", "only")[len(listed)] if len(listed) < SEVERAL and not (required and not listed) else "choice"
    elif kind == "text" and options.get(name) and card.kind is None:
        kind = "choice"
    elif kind == "amount" and options.get(name):
        kind = "scale"
    elif kind == "text" and card.kind is None and not required and _is_key(found):
        # What only programs could name is not asked for where there is nothing to choose.
        kind = "none"
    if kind == "yes_no" and not listed:
        listed = (("yes", YES), ("no", NO))
    if kind == "scale" and not listed:
        listed = tuple((str(one), str(one)) for one in range(int(found["minimum"]), int(found["maximum"]) + 1))
    if kind == "entry":
        return Question(name, kind, card, required)
    inner = _inner(kind, found, description)
    parts = tuple(_question(f"{name}.", one, inner, description, options) for one in card.fields)
    return Question(name, kind, card, required and not nullable, listed, found.get("maxLength"), parts, nullable)


def _is_key(schema: Mapping[str, Any]) -> bool:
    return schema.get("pattern") == KEY or schema.get("format") == "uuid"


def _inner(kind: str, schema: Mapping[str, Any], description: Mapping[str, Any]) -> Mapping[str, Any]:
    """The schema of the objects that a list has, or a table by its keys."""
    if kind == "groups":
        return _resolved(schema["items"], description)
    return _resolved(_of_keys(schema), description) if kind == "each" else schema


def _of_keys(schema: Mapping[str, Any]) -> dict[str, Any]:
    """What stands under each key of a table."""
    [found] = schema["patternProperties"].values()
    return dict(found)


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
        case {"type": "integer"}:
            return "amount"
        case {"type": "string", "format": "date"}:
            return "date"
        case {"type": "string", "pattern": pattern} if pattern == REGION:
            return "region"
        case {"type": "string"}:
            return "long" if schema.get("maxLength", 0) > LONG else "text"
        case {"type": "array", "items": items}:
            return _kind_of_list(name, _resolved(items, description))
        case {"type": "object", "patternProperties": _}:
            return _kind_of_table(_of_keys(schema), description)
        case {"type": "object", "properties": _}:
            return "group"
    raise DescriptionError(f"nobody knows how to ask for {name}")


def _kind_of_table(values: Mapping[str, Any], description: Mapping[str, Any]) -> str:
    """A table has a value for each party, or for each good: a number of an instrument, an amount, or an object."""
    match _resolved(values, description):
        case {"type": "object"}:
            return "each"
        case {"type": "integer"}:
            return "amounts"
        case {"type": "string", "maxLength": _}:
            return "numbers"
    return "allotments"


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
        named = description["$defs"] if "$defs" in description else description["components"]["schemas"]
        return _resolved(named[schema["$ref"].rpartition("/")[2]], description)
    for word in ("anyOf", "oneOf"):
        if word in schema:
            found = [one for one in schema[word] if one.get("type") != "null"]
            # Of several types the text stands for all: whatever is chosen is sent as text.
            return _resolved(found[0], description)
    return dict(schema)


def placed(found: Sequence[Question]) -> Iterator[Question]:
    """All questions with those of objects; those of lists once for each place."""
    for one in found:
        yield one
        if one.kind == "group":
            yield from placed(one.parts)
        for place in places(one):
            yield from placed(at(one, place))


def places(question: Question) -> tuple[str, ...]:
    """The places of a question that is asked several times: numbers of a list's objects, or the keys of a table."""
    if question.kind == "groups":
        return tuple(str(place) for place in range(question.card.places))
    return tuple(key for key, _ in question.options) if question.kind == "each" else ()


def at(question: Question, place: str) -> tuple[Question, ...]:
    """The questions of one object of a list or of a table."""
    old, new = f"{question.name}.", f"{question.name}.{place}."
    return tuple(_moved(one, old, new) for one in question.parts)


def _moved(question: Question, old: str, new: str) -> Question:
    parts = tuple(_moved(one, old, new) for one in question.parts)
    return question._replace(name=new + question.name.removeprefix(old), parts=parts)
