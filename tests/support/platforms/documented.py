"""The OpenAPI documents of running services, requests made from them, and what judges answers by them."""

from functools import cache
from typing import Any

import schemathesis
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.core.transport import Response
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

schemathesis.serializer.alias("application/pdf", "application/octet-stream")


def no_fault(context: Any, response: Response, case: Any) -> bool | None:
    """No answer is a fault; that a position nobody reaches is not in the data yet is none."""
    if response.status_code == 503 and response.json()["rule"] == "reading-current":
        return None
    return not_a_server_error(context, response, case)


CHECKS: list[Any] = [
    no_fault,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


@cache
def document(url: str) -> Any:
    """A service's document, as it serves it, loaded for testing."""
    return schemathesis.openapi.from_url(f"{url}/openapi.json", config=SchemathesisConfig())


def good_and_bad(operation: Any) -> Any:
    """Requests of an operation that keep to its document, and others that do not (a strategy)."""
    return operation.as_strategy() | operation.as_strategy(GenerationMode.NEGATIVE)


def judge(case: Any, response: Response) -> None:
    """Holds an answer against the document; raises what hypothesis then tells of the request."""
    case.validate_response(response, checks=CHECKS)
