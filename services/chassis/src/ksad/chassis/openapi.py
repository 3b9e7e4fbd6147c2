"""The OpenAPI document of a service: what FastAPI reads from the code, and what the chassis does around every route."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pydantic import BaseModel, ConfigDict

from ksad.chassis.access import endpoints
from ksad.chassis.problems import MEDIA_TYPE, STATUS, TITLES
from ksad.contracts.positions import POSITION_HEADER
from ksad.contracts.rules import RefusalKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from fastapi import FastAPI

READING: Final = (
    RefusalKind.UNREADABLE,
    RefusalKind.UNIDENTIFIED,
    RefusalKind.UNKNOWN,
    RefusalKind.INVALID,
    RefusalKind.TOO_MANY,
    RefusalKind.UNAVAILABLE,
)
WRITING: Final = (*READING, RefusalKind.CONFLICT, RefusalKind.OUTDATED, RefusalKind.TOO_LARGE)
PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "instance", "rule", "clause"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string"},
        "rule": {"type": "string"},
        "clause": {"type": ["string", "null"]},
    },
}
KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": True,
    "description": "New for every command; a repeat with the same key and body is answered from the log.",
    "schema": {"type": "string", "pattern": "^[!-~]{1,128}$"},
}
MATCH = {
    "name": "If-Match",
    "in": "header",
    "required": False,
    "description": "The ETag that the command expects; another version is 412.",
    "schema": {"type": "string", "pattern": r'^(W/)?"[0-9]{1,9}"$'},
}
HEADERS = {
    "ETag": {"description": "The version, for If-Match.", "schema": {"type": "string"}},
    POSITION_HEADER: {"description": "The position in the log, for Ksad-After.", "schema": {"type": "string"}},
}
Operation = dict[str, Any]
SCHEMA = "#/components/schemas/"


class RequestModel(BaseModel):
    """The body of a request: fields that it does not know are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ResponseModel(BaseModel):
    """What outsiders may rely on in an answer; it may have more fields."""

    model_config = ConfigDict(extra="allow")


def answers(model: type[BaseModel], status: int = 200) -> dict[str, Any]:
    """Route options: the answer is documented by a model that says what outsiders may rely on; more may be in it."""
    return {"response_model": None, "responses": {status: {"model": model}}}


def describe(app: FastAPI, document: dict[str, Any]) -> dict[str, Any]:
    """The document with callers, refusals, commands' headers, and links from an answer to what can be done with it."""
    components = document.setdefault("components", {})
    components["securitySchemes"] = {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}}
    schemas = components.setdefault("schemas", {})
    schemas["Problem"] = PROBLEM
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    components["responses"] = {f"Problem{STATUS[kind]}": _refusal(kind) for kind in (*WRITING, RefusalKind.FORBIDDEN)}
    actions = {
        (endpoint.method.lower(), endpoint.path.replace(":path}", "}")): endpoint.action for endpoint in endpoints(app)
    }
    for path, method, operation in _operations(document):
        _describe(operation, method, actions[method, path])
    _publish(document)
    _link(document)
    return document


def _publish(document: dict[str, Any]) -> None:
    """Call each component by its model's title: the name that was released, whatever the class is called.

    :raises ValueError: two models have the same title.
    """
    schemas = document["components"]["schemas"]
    titles = {name: schema.get("title", name) for name, schema in schemas.items()}
    named = {titles[name]: schema for name, schema in schemas.items()}
    if len(named) != len(schemas):
        raise ValueError(f"two models of the interface have the same title: {sorted(titles.values())}")
    document["components"]["schemas"] = dict(sorted(named.items()))
    _refer(document, titles)


def _refer(node: object, titles: Mapping[str, str]) -> None:
    """References follow the components that :func:`_publish` called anew."""
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str) and node["$ref"].startswith(SCHEMA):
            node["$ref"] = SCHEMA + titles[node["$ref"].removeprefix(SCHEMA)]
        for value in node.values():
            _refer(value, titles)
    elif isinstance(node, list):
        for value in node:
            _refer(value, titles)


def _refusal(kind: RefusalKind) -> dict[str, Any]:
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {"description": TITLES[kind], "content": content}


def _operations(document: dict[str, Any]) -> Iterator[tuple[str, str, Operation]]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield path, method, operation


def _describe(operation: Operation, method: str, action: str | None) -> None:
    responses = operation["responses"]
    responses.pop(str(STATUS[RefusalKind.INVALID]), None)
    kinds = READING if method == "get" else WRITING
    if action is not None:
        operation["security"] = [{"bearer": []}]
        operation["x-ksad-action"] = action
        kinds = (*kinds, RefusalKind.FORBIDDEN)
    for status in (STATUS[kind] for kind in kinds):
        responses.setdefault(str(status), {"$ref": f"#/components/responses/Problem{status}"})
    if "application/json" in operation.get("requestBody", {}).get("content", {}):
        operation.setdefault("parameters", []).extend([KEY, MATCH])
        for success in {"200", "201"} & set(responses):
            responses[success]["headers"] = HEADERS


def _link(document: dict[str, Any]) -> None:
    """An answer that brings an id which the request did not have leads to all that is done with that id."""
    schemas = document["components"]["schemas"]
    for path, _, operation in _operations(document):
        for status in {"200", "201"} & set(operation["responses"]):
            response = operation["responses"][status]
            schema = response.get("content", {}).get("application/json", {}).get("schema", {})
            fields = schemas.get(schema.get("$ref", "").rpartition("/")[2], {}).get("properties", {})
            items = fields.get("items", {}).get("items", {}).get("$ref", "").rpartition("/")[2]
            found = {name: f"$response.body#/{name}" for name in fields}
            found |= {name: f"$response.body#/items/0/{name}" for name in schemas.get(items, {}).get("properties", {})}
            links = {
                target["operationId"]: {"operationId": target["operationId"], "parameters": {name: where}}
                for name, where in found.items()
                if name.endswith("_id") and f"{{{name}}}" not in path
                for other, _, target in _operations(document)
                if f"{{{name}}}" in other
            }
            if links:
                response["links"] = dict(sorted(links.items()))
