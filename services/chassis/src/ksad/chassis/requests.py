"""Strict validation of requests: bodies without type conversion, and only the documented path and query parameters."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Coroutine, Mapping
from datetime import date
from email.message import Message
from typing import TYPE_CHECKING, Annotated, Any, TypeVar, get_args
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.dependencies.utils import get_flat_params
from fastapi.exceptions import RequestValidationError
from fastapi.params import Cookie, Header, Path
from fastapi.routing import APIRoute
from pydantic import BaseModel, GetCoreSchemaHandler
from pydantic_core import PydanticCustomError, core_schema

from ksad.chassis.access import action_of
from ksad.contracts import strict

if TYPE_CHECKING:
    from fastapi._compat import ModelField

BodyT = TypeVar("BodyT", bound=BaseModel)

FORMS = {
    int: (re.compile(r"0|-?[1-9][0-9]{0,17}"), "int_parsing"),
    float: (re.compile(r"(0|[1-9][0-9]{0,9})(\.[0-9]{1,20})?"), "float_parsing"),
    bool: (re.compile(r"true|false"), "bool_parsing"),
    date: (re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}"), "date_parsing"),
    UUID: (strict.HYPHENATED, "uuid_parsing"),
}
"""The notation of each type in paths and queries, as in JSON, and the error type for another notation."""


class _Json(bytes):
    """A body that is declared as JSON and can be parsed."""


class _Request(Request):
    """Passes the bytes of a JSON body on, because parsed JSON no longer shows that a key was given twice."""

    async def json(self) -> Any:  # noqa: ANN401 - as the framework declares it
        raw = await self.body()
        _check_charset(self.headers.get("content-type", ""))
        strict.parse(raw)
        return _Json(raw)


class StrictRoute(APIRoute):
    """A route that accepts only its documented query parameters, each at most once."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """FastAPI's handler, after the check of path and query."""
        handle = super().get_route_handler()
        types: dict[str, dict[str, type | None]] = {"path": {}, "query": {}}
        for field in get_flat_params(self.dependant):
            if not isinstance(field.field_info, Header | Cookie):
                types["path" if isinstance(field.field_info, Path) else "query"][field.alias] = _type(field)
        guarded = action_of(self) is not None

        async def handler(request: Request) -> Response:
            # Without a caller, the dependency of the route answers 401, and the parameters are not looked at.
            if not guarded or hasattr(request.state, "caller"):
                _check(types, {"path": [*request.path_params.items()], "query": request.query_params.multi_items()})
            return await handle(_Request(request.scope, request.receive))

        return handler


class Router(APIRouter):
    """A router whose routes are strict."""

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 - the framework's
        super().__init__(route_class=StrictRoute, **options)


class _Strictly:
    """Validates the bytes from :class:`_Request` strictly by the annotated model."""

    def __get_pydantic_core_schema__(
        self, source: type[BaseModel], handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        def read(value: object, _: core_schema.ValidatorFunctionWrapHandler) -> BaseModel:
            if not isinstance(value, _Json):
                raise PydanticCustomError("content_type", "the body is not sent as JSON")
            return source.model_validate_json(value, strict=True)

        return core_schema.no_info_wrap_validator_function(read, handler(source))


Received = Annotated[BodyT, _Strictly()]
"""The annotation of a route's body: ``body: Received[Adoption]``."""


def received(model: type[BaseModel]) -> Any:  # noqa: ANN401 - an annotation is no type that can be named
    """The same for a model that is only known at run time."""
    return Annotated[model, _Strictly()]


def _type(field: ModelField) -> type | None:
    """The type of a parameter, optional or not, if it is in :data:`FORMS`."""
    annotation = field.field_info.annotation
    return next((one for one in FORMS if one in (annotation, *get_args(annotation))), None)


def _check(types: Mapping[str, Mapping[str, type | None]], given: Mapping[str, list[tuple[str, str]]]) -> None:
    """Checks path and query parameters.

    :raises RequestValidationError: a parameter is unknown, given twice, or not in the notation of its type.
    """
    # An unknown parameter must not be ignored: the sender would take an unfiltered list for a filtered one.
    wrong = []
    for place, pairs in given.items():
        for name, times in Counter(name for name, _ in pairs).items():
            if name not in types[place]:
                wrong.append(_fault("extra_forbidden", place, name))
            elif times > 1:
                wrong.append(_fault("given_twice", place, name))
        for name, value in pairs:
            kind = types[place].get(name)
            if kind is not None and not FORMS[kind][0].fullmatch(value):
                wrong.append(_fault(FORMS[kind][1], place, name))
    if wrong:
        raise RequestValidationError(wrong)


def _check_charset(content_type: str) -> None:
    """Refuses other encodings than UTF-8, the only one that RFC 8259 has."""
    message = Message()
    message["content-type"] = content_type
    if str(message.get_param("charset", "utf-8")).lower() not in {"utf-8", "utf8"}:
        raise RequestValidationError([_fault("charset", "body")])


def _fault(kind: str, *place: str) -> dict[str, Any]:
    return {"type": kind, "loc": place, "msg": kind, "input": None}
