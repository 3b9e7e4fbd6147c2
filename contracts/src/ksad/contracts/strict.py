"""Strict validation of input: requests, history files, adopted texts and corrections.

``"250.000"`` is not a number, ``1792886400`` not a date and ``"yes"`` not true; a key that is given twice is refused.
Recorded events are not read with this module: their models (``ksad.contracts.catalogue.load_fact``) accept whatever
earlier releases accepted.
"""

from __future__ import annotations

import json
import math
import re
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, Never, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, ValidationError, ValidatorFunctionWrapHandler, WrapValidator
from pydantic_core import InitErrorDetails, PydanticCustomError, core_schema

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler

ModelT = TypeVar("ModelT", bound=BaseModel)


class Strict(BaseModel):
    """The base of all models of input: immutable, without type conversion, unknown fields refused.

    Read them with :func:`read` or :func:`read_value`, since dates, enums and UUIDs are text in JSON.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class _Written:
    """Limits strict validation to ``YYYY-MM-DD``; pydantic's accepts a string of digits as seconds since 1970."""

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        lax = handler(source)
        text = core_schema.no_info_plain_validator_function(_day)
        strict = core_schema.json_or_python_schema(json_schema=text, python_schema=lax)
        return core_schema.lax_or_strict_schema(lax_schema=lax, strict_schema=strict)


def _day(text: object) -> date:
    try:
        found = date.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        found = None
    if found is None or found.isoformat() != text:
        raise PydanticCustomError("day", "not a date in the form YYYY-MM-DD")
    return found


Day = Annotated[date, _Written()]
"""A date; in strictly validated JSON a string ``YYYY-MM-DD``."""

HYPHENATED = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def _identity(value: object, handler: ValidatorFunctionWrapHandler) -> UUID:
    if not isinstance(value, str):
        found: UUID = handler(value)
        return found
    if not HYPHENATED.fullmatch(value):
        raise PydanticCustomError("uuid_parsing", "not a UUID with hyphens")
    return UUID(value)


Identity = Annotated[UUID, WrapValidator(_identity)]
"""A UUID with hyphens, as in RFC 9562; pydantic also accepts braces, ``urn:uuid:`` and digits without hyphens."""


def read(model: type[ModelT], raw: bytes | str) -> ModelT:
    """Validates JSON text strictly.

    :raises pydantic.ValidationError: the text is not JSON, gives a key twice, or does not fit the model.
    """
    parse(raw)
    return model.model_validate_json(raw, strict=True)


def read_value(model: type[ModelT], value: object) -> ModelT:
    """Validates a parsed value strictly, as if it were written in JSON.

    :param value: JSON types; also dates, which TOML has.
    :raises pydantic.ValidationError: the value does not fit the model.
    """
    return model.model_validate_json(json.dumps(value, default=_dated), strict=True)


def _dated(value: object) -> str:
    if isinstance(value, date):  # Includes datetime, whose text is then refused.
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no form in JSON")


def parse(raw: bytes | str) -> Any:  # noqa: ANN401 - a JSON value has any shape
    """Parses JSON text in UTF-8.

    :raises pydantic.ValidationError: the text is not JSON (type ``json_invalid``, located by its position), gives a key
        twice, or contains a lone surrogate or a number that is not finite.
    """
    try:
        text = raw if isinstance(raw, str) else raw.decode()
        value = json.loads(text, object_pairs_hook=_once)
        _check(value, ())
    except ValidationError:
        raise
    except json.JSONDecodeError as error:
        _refuse((error.pos,), PydanticCustomError("json_invalid", "not JSON"))
    except UnicodeDecodeError:
        _refuse((), PydanticCustomError("charset", "not UTF-8"))
    except RecursionError:
        _refuse((), PydanticCustomError("recursion_depth_exceeded", "nested too deep"))
    except ValueError:  # Python converts no numbers of thousands of digits.
        _refuse((), PydanticCustomError("int_parsing_size", "a number of too many digits"))
    return value


class _Twice(dict[str, Any]):
    """An object in whose text a key was given twice."""

    key: str


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    names = [name for name, _ in pairs]
    twice = _Twice(found)
    twice.key = next(name for name in names if names.count(name) > 1)
    return twice


def _check(value: object, place: tuple[int | str, ...]) -> None:
    """Checks what the parsed value still shows; the parser only sees one object at a time."""
    if isinstance(value, str):
        _check_text(value, place)
    elif isinstance(value, dict):
        if isinstance(value, _Twice):
            _refuse((*place, value.key), PydanticCustomError("given_twice", "given twice"))
        for name, one in value.items():
            _check_text(name, place)
            _check(one, (*place, name))
    elif isinstance(value, list):
        for index, one in enumerate(value):
            _check(one, (*place, index))
    elif isinstance(value, float) and not math.isfinite(value):
        _refuse(place, PydanticCustomError("no_number", "NaN, Infinity, or beyond what a float can be"))


def _check_text(text: str, place: tuple[int | str, ...]) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        _refuse(place, PydanticCustomError("string_unicode", "a lone surrogate is no character"))


def _refuse(place: tuple[int | str, ...], reason: PydanticCustomError) -> Never:
    details = InitErrorDetails(type=reason, loc=place, input=None)
    raise ValidationError.from_exception_data("JSON", [details])
