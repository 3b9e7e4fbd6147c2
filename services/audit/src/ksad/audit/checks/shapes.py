"""Checks the data of many facts at once against shapes derived from their models.

The models of `ksad.contracts` are authoritative. A shape is derived from a model's annotations; if one of them is not
supported here, the model has no shape and validates each fact.
"""

from __future__ import annotations

import re
import types
from collections.abc import Callable, Sequence
from datetime import date
from enum import Enum
from functools import cache, partial
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin, get_type_hints
from uuid import UUID

from annotated_types import Ge, Le, MaxLen, MinLen
from msgspec import Meta, ValidationError, convert, defstruct
from pydantic import AfterValidator, BaseModel, StringConstraints
from pydantic.fields import FieldInfo

from ksad.audit.checks.form import are_ids
from ksad.contracts.envelope import UUID_TEXT
from ksad.contracts.identifiers import OFFICE, Office
from ksad.contracts.strict import Day

if TYPE_CHECKING:
    from collections.abc import Iterable

Column = Callable[[Sequence[Any]], bool]
"""Whether the values of one field, in many facts, are certainly valid."""
AS_WRITTEN = r"\A\S(?:[\s\S]*\S)?\Z"
"""Text without leading or trailing white space."""
PLAIN = {str, int, bool, type(None), Any}
REMEMBERED = 100_000
"""The most values of a field that are remembered as valid; titles, for example, are all different."""
SHORT = 120
ID_SIZE = 36
(WRITTEN,) = Day.__metadata__  # type: ignore[attr-defined] # an annotated type has it
(OFFICES,) = Office.__metadata__  # type: ignore[attr-defined] # an annotated type has it


class Shape(NamedTuple):
    """The shape of a model's facts: field names in canonical order, and a check for each field."""

    names: tuple[str, ...]
    columns: tuple[Column, ...]

    def fits(self, facts: Sequence[dict[str, Any]]) -> bool:
        """Whether all facts certainly are valid."""
        # Canonical JSON sorts the names, so equal names come in equal order.
        if set(map(tuple, facts)) != {self.names}:
            return False
        values = zip(*map(dict.values, facts), strict=True)
        return all(column(field) for column, field in zip(self.columns, values, strict=True))


class UnknownShapeError(TypeError):
    """An annotation is not supported here."""


@cache
def shape(model: type[BaseModel]) -> Shape | None:
    """The shape of a model's facts; ``None`` if one of its annotations is not supported."""
    hints = get_type_hints(model, include_extras=True)
    names = tuple(sorted(model.model_fields))
    try:
        return Shape(names, tuple(_column(hints[name]) for name in names))
    except UnknownShapeError:
        return None


def _column(hint: Any) -> Column:  # noqa: ANN401 - types of any kind
    """The check for a field: UUIDs all at once, other text once per distinct value, anything else value by value."""
    inner = get_args(hint) if get_origin(hint) in {Union, types.UnionType} else (hint,)
    if set(inner) <= {UUID, type(None)}:
        return partial(_ids, type(None) in inner)
    if all(map(_is_text, inner)):
        return partial(_known, _is_a(_shape(hint)), set())
    may_be_empty = get_origin(hint) is list
    return partial(_filled if may_be_empty else _all, _is_a(list[_shape(hint)]))  # type: ignore[misc] # made here


def _is_text(hint: Any) -> bool:  # noqa: ANN401 - types of any kind
    plain = get_args(hint)[0] if get_origin(hint) is Annotated else hint
    return plain in {str, date, type(None)} or (isinstance(plain, type) and issubclass(plain, Enum))


def _ids(optional: bool, values: Sequence[Any]) -> bool:  # noqa: FBT001 - what a column is made with
    texts = [one for one in values if one is not None] if optional else values
    try:
        joined = "".join(texts).encode()
    except TypeError:
        return False
    return len(joined) == len(texts) * ID_SIZE and are_ids(joined)


def _known(right: Callable[[Any], bool], known: set[Any], values: Sequence[Any]) -> bool:
    try:
        new = set(values) - known
    except TypeError:
        return False
    if not all(map(right, new)):
        return False
    if new and len(known) < REMEMBERED:
        known.update(one for one in new if len(one or "") <= SHORT)
    return True


def _filled(right: Callable[[Any], bool], values: Sequence[Any]) -> bool:
    return right([one for one in values if one != []])


def _all(right: Callable[[Any], bool], values: Sequence[Any]) -> bool:
    return right(list(values))


def _is_a(made: Any) -> Callable[[Any], bool]:  # noqa: ANN401 - a type made at run time
    """A function that tells whether a value is of a type."""

    def fits(value: Any) -> bool:  # noqa: ANN401 - whatever stands there
        try:
            convert(value, made)
        except ValidationError:
            return False
        return True

    return fits


def _shape(hint: Any) -> Any:  # noqa: ANN401 - types of any kind
    """The msgspec type for an annotation."""
    origin, inner = get_origin(hint), get_args(hint)
    if origin is Annotated:
        said = _all_said(inner[1:])
        return Annotated[_shape(inner[0]), Meta(**said)] if said else _shape(inner[0])
    if hint in PLAIN or hint is date or origin is Literal or (isinstance(hint, type) and issubclass(hint, Enum)):
        return hint
    if hint is UUID:
        return Annotated[str, Meta(pattern=rf"\A{UUID_TEXT.pattern}\Z")]
    if origin in {Union, types.UnionType}:
        return Union[tuple(_one_text(list(map(_shape, inner))))]  # noqa: UP007 - the members are computed
    if origin in {list, dict}:
        return origin[tuple(map(_shape, inner))]
    if isinstance(hint, type) and issubclass(hint, BaseModel):
        hints = get_type_hints(hint, include_extras=True)
        fields = [(name, _shape(hints[name])) for name in hint.model_fields]
        return defstruct(hint.__name__, fields, forbid_unknown_fields=True, gc=False)
    raise UnknownShapeError(repr(hint))


def _one_text(members: list[Any]) -> list[Any]:
    """The members of a union with words and texts of a pattern as one text: msgspec has one type of text in a union."""
    words = [one for one in members if get_origin(one) is Literal]
    texts = [one for one in members if get_origin(one) is Annotated and get_args(one)[0] is str]
    if not (words and texts):
        return members
    patterns = [get_args(one)[1].pattern for one in texts]
    patterns += [re.escape(word) for one in words for word in get_args(one)]
    if None in patterns:
        raise UnknownShapeError(repr(members))
    text = Annotated[str, Meta(pattern="|".join(rf"(?:\A(?:{one})\Z)" for one in patterns))]
    return [one for one in members if one not in words and one not in texts] + [text]


def _all_said(metadata: Iterable[Any]) -> dict[str, Any]:
    said: dict[str, Any] = {}
    for one in metadata:
        said |= _said(one)
    return said


def _said(one: Any) -> dict[str, Any]:  # noqa: ANN401 - whatever stands in an annotation
    """The constraints in one part of an annotation, in msgspec's terms."""
    if isinstance(one, FieldInfo):
        return _all_said(one.metadata)
    if isinstance(one, StringConstraints):
        if one.strip_whitespace and not one.pattern:
            return {"max_length": one.max_length, "pattern": AS_WRITTEN}
        limits = {"min_length": one.min_length, "max_length": one.max_length, "pattern": one.pattern}
        return {name: value for name, value in limits.items() if value is not None}
    if one is WRITTEN:  # It narrows what is read strictly; a fact is not.
        return {}
    if isinstance(one, AfterValidator) and one == OFFICES:
        return {"pattern": rf"\A(?:{OFFICE.pattern})\Z"}
    known = {Ge: "ge", Le: "le", MinLen: "min_length", MaxLen: "max_length"}
    if type(one) in known:
        return {known[type(one)]: getattr(one, known[type(one)])}
    if getattr(one, "pattern", None):
        return {"pattern": one.pattern}
    raise UnknownShapeError(repr(one))
