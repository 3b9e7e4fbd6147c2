"""The OpenAPI document of a service: FastAPI's, completed by what the edge adds to every route."""

from __future__ import annotations

from types import UnionType
from typing import TYPE_CHECKING, Any, Final

from pydantic import BaseModel, ConfigDict

from ksad.chassis.access import endpoints
from ksad.chassis.offices import OFFICE_HEADER
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
        "policy": {"const": True, "description": "The rule is the platform's; the clause is what it serves."},
    },
}
KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": True,
    "description": "New for every command. A repeat with the same key and body returns the result of the first.",
    "schema": {"type": "string", "pattern": "^[!-~]{1,128}$"},
}
MATCH = {
    "name": "If-Match",
    "in": "header",
    "required": False,
    "description": "The ETag of the expected version; 412 if the present version is another one.",
    "schema": {"type": "string", "pattern": r'^(W/)?"[0-9]{1,9}"$'},
}
OFFICE = {
    "name": OFFICE_HEADER,
    "in": "header",
    "required": False,
    "description": "Which of the token's offices asks; needed if it has several and names none as the usual one.",
    "schema": {"type": "string"},
}
HEADERS = {
    "ETag": {"description": "The version, for If-Match.", "schema": {"type": "string"}},
    POSITION_HEADER: {"description": "The position of the last event, for Ksad-After.", "schema": {"type": "string"}},
}
Operation = dict[str, Any]
SCHEMA = "#/components/schemas/"


class ResponseModel(BaseModel):
    """Base of response models: the fields that clients may rely on. A response may have more."""

    model_config = ConfigDict(extra="allow")


def answers(model: type[BaseModel] | UnionType, status: int = 200) -> dict[str, Any]:
    """Options of a route whose response is documented by a model but not restricted to its fields."""
    return {"response_model": None, "responses": {status: {"model": model}}}


def describe(app: FastAPI, document: dict[str, Any]) -> dict[str, Any]:
    """Completes the document: authentication, refusals, headers of commands, and links between operations."""
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
    """Names each component by its model's title, which was released, whatever the class is called.

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
    """Updates references to the components that :func:`_publish` renamed."""
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
        operation.setdefault("parameters", []).append(OFFICE)
        kinds = (*kinds, RefusalKind.FORBIDDEN)
    for status in (STATUS[kind] for kind in kinds):
        responses.setdefault(str(status), {"$ref": f"#/components/responses/Problem{status}"})
    if "application/json" in operation.get("requestBody", {}).get("content", {}):
        operation.setdefault("parameters", []).extend([KEY, MATCH])
        for success in {"200", "201"} & set(responses):
            responses[success]["headers"] = HEADERS


def _link(document: dict[str, Any]) -> None:
    """Adds links: a response with an id that the request did not have links to the operations on that id."""
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
