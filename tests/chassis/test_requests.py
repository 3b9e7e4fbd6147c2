"""What a request asks is read as a whole: no query field that nobody reads, none twice, and each in its own form."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.routing import iter_route_contexts
from structlog.testing import capture_logs

from ksad.chassis.requests import StrictRoute
from ksad.contracts.strict import Strict
from ksad.registry.app import build as registry
from ksad.registry.settings import RegistrySettings
from ksad.reporting.app import build as reporting
from ksad.reporting.settings import ReportingSettings
from ksad.supervision.app import build as supervision
from ksad.supervision.settings import SupervisionSettings
from tests.support.servers.doorway import Visitor

JSON = {"Content-Type": "application/json", "Idempotency-Key": "k"}


@pytest.fixture
def visitor(tmp_path: Path) -> Iterator[Visitor]:
    """Somebody who knocks at a service."""
    with capture_logs():
        yield Visitor(tmp_path)


@pytest.mark.fault(
    "http A13",
    kind="What was asked is dropped in silence, and the answer looks as if it followed it.",
    looked="Query fields of all routes of the three services, bodies of JSON, the charset of a body.",
    found="Of a field that was given twice the last one counted; a body that says it is no JSON was read as such.",
)
@pytest.mark.parametrize(
    ("query", "errors"),
    [
        ("overdue=true", [{"field": "query.overdue", "message": "tidak dikenal di sini", "fault": "extra_forbidden"}]),
        (
            "limit=2&limit=3",
            [{"field": "query.limit", "message": "diberikan dua kali; pilih salah satu", "fault": "given_twice"}],
        ),
        (
            "limit=2&limit=2",
            [{"field": "query.limit", "message": "diberikan dua kali; pilih salah satu", "fault": "given_twice"}],
        ),
        ("Limit=2", [{"field": "query.Limit", "message": "tidak dikenal di sini", "fault": "extra_forbidden"}]),
    ],
)
def test_a_query_field_is_read_or_refused(visitor: Visitor, query: str, errors: list[dict[str, str]]) -> None:
    """A field that the route does not know, or one twice, is named in a refusal; nobody gets a list that ignores it."""
    answer = visitor.get(f"/things?{query}")
    assert (answer.status_code, answer.json()["rule"]) == (422, "request-valid")
    assert answer.json()["errors"] == errors


@pytest.mark.parametrize(
    "number", ["1_0", "5.0", "+3", " 3", "3 ", "007", "\u0663", "1e1", "0x1", "", "true", "9" * 20]
)
def test_a_number_in_a_query_is_digits(visitor: Visitor, number: str) -> None:
    """Only the digits in which JSON writes an integer are one."""
    assert (
        visitor.client.get("/things", params={"limit": number}, headers=visitor.headers("auditor")).status_code == 422
    )
    assert visitor.get("/things?limit=10").json() == {"limit": 10}


def test_whoever_is_unknown_is_told_that_first(visitor: Visitor) -> None:
    """Without a token nobody learns what a route knows."""
    assert visitor.get("/things?overdue=true", office=None).status_code == 401


@pytest.mark.parametrize("content_type", ["text/plain", "application/json; charset=utf-16", "application/octet-stream"])
def test_a_body_is_json_in_utf_8(visitor: Visitor, content_type: str) -> None:
    """A body that says it is something else is refused with what to send; nobody guesses."""
    answer = visitor.post("/things", content=b'{"name": "a"}', headers=JSON | {"Content-Type": content_type})
    assert (answer.status_code, len(answer.json()["errors"])) == (422, 1)
    assert visitor.post("/things", content=b'{"name": "a"}', headers=JSON).status_code == 200


def test_a_refusal_names_its_request(visitor: Visitor) -> None:
    """Each problem has the id under which the service's log tells of the request, a fault above all."""
    for path in ("/nowhere", "/things/rule", "/things/fault", "/things?x=1"):
        answer = visitor.get(path)
        assert answer.json()["request_id"] == answer.headers["x-request-id"]


def test_a_refusal_of_half_a_character_can_be_sent(visitor: Visitor) -> None:
    """Whatever a refusal repeats of a request, its answer is a problem and not a fault of the writer of answers."""
    answer = visitor.get("/things/half")
    assert (answer.status_code, answer.json()["detail"]) == (422, "Benda ? tidak ada.")


def test_every_route_of_the_services_is_strict(tmp_path: Path) -> None:
    """No route reads its query or body in another way, and each body's model has the one strict base."""
    common = {"nats_url": "nats://127.0.0.1:1", "documents_dir": tmp_path, "issuer_keys_dir": tmp_path / "keys"}
    common["database_url"] = f"sqlite:///{tmp_path / 'none.sqlite'}"
    keys = {"keys_dir": tmp_path, "tiles_dir": tmp_path}
    apps = (
        registry(RegistrySettings.model_validate(common)),
        supervision(SupervisionSettings.model_validate(common)),
        reporting(ReportingSettings.model_validate({**common, **keys})),
    )
    bodies = 0
    for app in apps:
        for route in iter_route_contexts(app.routes):
            if route.path == "/openapi.json":
                continue
            assert isinstance(route.original_route, StrictRoute), route.path
            if route.body_field is not None:
                bodies += 1
                assert issubclass(route.body_field.field_info.annotation, Strict), route.path
    assert bodies > 35
