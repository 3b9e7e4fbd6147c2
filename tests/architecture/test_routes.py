"""Every door checks who knocks: derived from the apps and their tables, so that nothing can be forgotten."""

import re
import tempfile
import time
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from fastapi.testclient import TestClient
from structlog.testing import capture_logs

from ksad.chassis.access import Endpoint, endpoints
from ksad.chassis.auth import LocalIssuer
from ksad.chassis.service import Application
from ksad.contracts.access import AccessTable
from ksad.contracts.identifiers import OFFICE
from ksad.local.machine.offices import offices
from tests.pages.openapi import apps

OPEN = {"/livez", "/readyz", "/metrics", "/openapi.json", "/platform"}
PROOFS = ("/checkpoint", "/tile/", "/proofs/")
"""What proves the log is for everybody: heads, hashes and proofs tell nothing of what was recorded."""
PRINTS = "/printed-reports/"
"""Whoever holds a printed report may ask who sent it and whether it still holds."""
SERVICES = ("registry", "supervision", "reporting")
NOBODY = "0" * 8 + "-0000-5000-8000-" + "0" * 12
FILLED = {
    "cooperation_id": NOBODY,
    "task_id": NOBODY,
    "report_id": NOBODY,
    "compilation_id": NOBODY,
    "sha256": "0" * 64,
    "province": "32",
    "path": "000",
    "version": "1",
    "form": "pdf",
    "name": "cooperations",
    "index": "0",
    "day": "2026-01-05",
}
READING, LISTS = {"GET", "HEAD"}, "/lists/print"
AT_ONCE_SECONDS = 2.0


class House(NamedTuple):
    """The three apps, opened on nothing, and the issuer they trust."""

    apps: dict[str, Application]
    issuer: LocalIssuer

    def client(self, service: str) -> TestClient:
        """A client that is told of faults as callers are."""
        return TestClient(self.apps[service], raise_server_exceptions=False)

    def offices(self) -> list[str]:
        """One office of each kind that any table knows, and one of each kind that gets a token."""
        patterns = {pattern for app in self.apps.values() for row in app.policy.grants for pattern in row.offices}
        named = {pattern.replace("*", "32") for pattern in patterns} | {"region:32.75"}
        return sorted(named | {office for office in offices() if office.partition(":")[2] in {"", "32"}})


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    """All apps, whose lifespans never begin: who gets past a door meets a fault, which is told to nobody here."""
    with tempfile.TemporaryDirectory() as scratch, capture_logs():
        yield House(apps(Path(scratch)), LocalIssuer(Path(scratch)))


def is_open(path: str) -> bool:
    """Whether a route may ask for no caller."""
    return (
        path in OPEN
        or (path.startswith(PROOFS) and not path.startswith("/tile/entries"))
        or path.endswith("/checkpoint")
        or path.startswith(PRINTS)
    )


def filled(path: str) -> str:
    """The path of a route with a value for each parameter; one that nobody thought of is an error."""
    return re.sub(r"\{(\w+)(:\w+)?\}", lambda found: FILLED[found[1]], path)


@pytest.mark.parametrize("service", SERVICES)
def test_no_route_is_overlooked(service: str, house: House) -> None:
    """The doors are as many as the operations of the OpenAPI document: a list that comes out empty proves nothing."""
    app = house.apps[service]
    documented = {
        (method.upper(), path)
        for path, item in app.openapi()["paths"].items()
        for method in item
        if method != "parameters"
    }
    found = {
        (endpoint.method, re.sub(r":\w+\}", "}", endpoint.path))
        for endpoint in endpoints(app)
        if endpoint.path != "/openapi.json"
    }
    assert found == documented
    assert len([endpoint for endpoint in endpoints(app) if endpoint.action]) > 10


@pytest.mark.parametrize("service", SERVICES)
def test_every_route_names_its_action(service: str, house: House) -> None:
    """A route asks for an action that the service's table knows, or is one of the few open ones, which only read."""
    app = house.apps[service]
    known = {grant.action for grant in app.policy.grants}
    for endpoint in endpoints(app):
        assert (endpoint.action is None) == is_open(endpoint.path), endpoint
        assert endpoint.action is None or endpoint.action in known, endpoint
        assert endpoint.action is not None or endpoint.method in READING, endpoint


@pytest.mark.parametrize("service", SERVICES)
def test_the_table_holds_nothing_that_is_not_used(service: str, house: House) -> None:
    """Every action of the table has a route, every pattern an office that exists, every condition its sentence."""
    app = house.apps[service]
    policy: AccessTable = app.policy
    used = {endpoint.action for endpoint in endpoints(app)}
    for grant in policy.grants:
        assert grant.action in used, grant
        assert all(OFFICE.fullmatch(pattern.replace("*", "32")) for pattern in grant.offices), grant
    assert {grant.condition for grant in policy.grants} - {None} == set(policy.conditions)


AFTER = {"Ksad-After": "registry:99999999, supervision:99999999"}
"""What nobody reaches: a door that waits for it before it has looked who knocks takes seconds."""


def answers(house: House, service: str, endpoint: Endpoint) -> dict[str, tuple[int, float]]:
    """The status that each office gets at a door, and after how many seconds."""
    client = house.client(service)
    found = {}
    for office in house.offices():
        headers = {"Authorization": f"Bearer {house.issuer.issue(office)}"} | AFTER
        begun = time.monotonic()
        status = client.request(endpoint.method, filled(endpoint.path), headers=headers).status_code
        found[office] = status, time.monotonic() - begun
    return found


@pytest.mark.fault(
    "http A2",
    looked="every route of the three services, with a position that nobody reaches, for nobody and for every office",
    found="of the registry's readings none promised anything; POST /reports held a thread while it waited",
)
@pytest.mark.parametrize("service", SERVICES)
def test_every_office_at_every_door(service: str, house: House) -> None:
    """Nobody without a token gets in, no office without a grant, and those with one are not turned away at the door."""
    policy: AccessTable = house.apps[service].policy
    client = house.client(service)
    for endpoint in endpoints(house.apps[service]):
        if endpoint.action is None:
            continue
        begun = time.monotonic()
        refused = client.request(endpoint.method, filled(endpoint.path), headers=AFTER)
        assert time.monotonic() - begun < AT_ONCE_SECONDS, endpoint
        told = refused.json()["rule"] if endpoint.method != "HEAD" else None
        assert (refused.status_code, told) == (401, "token-present" if told else None), endpoint
        for office, (status, seconds) in answers(house, service, endpoint).items():
            assert seconds < AT_ONCE_SECONDS or status != HTTPStatus.FORBIDDEN, (endpoint, office)
            granted = bool(policy.grants_for(office, endpoint.action))
            assert (status == 403) == (not granted), (endpoint, office, status)


@pytest.mark.fault(
    "bug-reports 9",
    kind="the framework answers for the first route that fits, and not for the path",
    looked="every path of the three services, with every method",
    found="HEAD was unknown everywhere; a method that nobody serves was asked for a token first",
)
@pytest.mark.parametrize("service", SERVICES)
def test_every_path_tells_all_that_it_serves(service: str, house: House) -> None:
    """OPTIONS, and the refusal of what is not served, name every method of the path; who asks need not be known."""
    client = house.client(service)
    served: dict[str, set[str]] = {}
    for endpoint in endpoints(house.apps[service]):
        path = filled(endpoint.path)
        served.setdefault(path, {"OPTIONS"}).update(
            {endpoint.method} | ({"HEAD"} if endpoint.method == "GET" else set())
        )
    for path, methods in served.items():
        allowed = ", ".join(sorted(methods))
        told = client.options(path)
        assert (told.status_code, told.headers["allow"], told.content) == (204, allowed, b""), path
        for method in sorted({"DELETE", "PATCH", "TRACE", "BREW"} - methods):
            refused = client.request(method, path)
            assert (refused.status_code, refused.headers["allow"]) == (405, allowed), (method, path)
            assert refused.json()["rule"] == "method-known"


@pytest.mark.fault("bug-reports 9")
@pytest.mark.parametrize("service", SERVICES)
def test_every_reading_can_be_asked_for_its_headers(service: str, house: House) -> None:
    """HEAD is answered as GET is, to the same callers, with the same headers and no body."""
    client = house.client(service)
    for endpoint in endpoints(house.apps[service]):
        if endpoint.method != "GET":
            continue
        for headers in ({}, {"Authorization": f"Bearer {house.issuer.issue('region:32.75')}"}):
            full = client.get(filled(endpoint.path), headers=headers)
            head = client.head(filled(endpoint.path), headers=headers)
            assert (head.status_code, head.content) == (full.status_code, b""), endpoint
            varying = {"x-request-id", *({"content-length"} if endpoint.path in {"/metrics", "/readyz"} else ())}
            assert {name: value for name, value in head.headers.items() if name not in varying} == {
                name: value for name, value in full.headers.items() if name not in varying
            }, endpoint


@pytest.mark.fault(
    "bug-reports 12",
    kind="an address that is built from what a client says it is",
    looked="every path of the three services with a slash at its end; no other address is built from the request",
    found="nothing",
)
@pytest.mark.parametrize("service", SERVICES)
def test_no_path_leads_elsewhere(service: str, house: House) -> None:
    """A path with a slash too many is unknown: nobody is sent to a host that the request itself has named."""
    client = house.client(service)
    tokens = [{}, {"Authorization": f"Bearer {house.issuer.issue('auditor')}"}]
    for endpoint in endpoints(house.apps[service]):
        for headers in tokens:
            path = f"{filled(endpoint.path)}/"
            answer = client.get(path, headers=headers | {"Host": "evil.example"}, follow_redirects=False)
            assert "location" not in answer.headers
            if ":path}" not in endpoint.path:  # Such a route takes every path below it for its own.
                assert (answer.status_code, answer.json()["rule"]) == (404, "route-known"), path


@pytest.mark.fault(
    "province F8",
    kind="who shows something needless is refused for it",
    looked="every open route of the three services",
    found="the refusal was limited by the address, so that a client with an old token shut others out",
)
@pytest.mark.parametrize("service", SERVICES)
def test_what_is_open_is_open_with_any_token(service: str, house: House) -> None:
    """Heads, tiles, proofs, health and metrics are answered as without a token, whatever token is shown."""
    client = house.client(service)
    old = house.issuer.issue("feed:32", seconds=-3600)
    for endpoint in endpoints(house.apps[service]):
        if is_open(endpoint.path):
            without = client.request(endpoint.method, filled(endpoint.path)).status_code
            for shown in ("Bearer x.y.z", f"Bearer {old}", "Basic dXNlcg==", "Bearer"):
                answer = client.request(endpoint.method, filled(endpoint.path), headers={"Authorization": shown})
                assert answer.status_code == without, (endpoint, shown)
                assert answer.status_code != 401, endpoint


def test_auditors_read_everything_and_write_nothing(house: House) -> None:
    """An auditor is granted every reading but what operators ask for, and no writing."""
    for app in house.apps.values():
        policy: AccessTable = app.policy
        for endpoint in endpoints(app):
            if endpoint.action is not None:
                reading = (endpoint.method in READING and endpoint.action != "operate") or endpoint.path == LISTS
                assert bool(policy.grants_for("auditor", endpoint.action)) == reading, endpoint


def test_a_feed_key_opens_only_feeds(house: House) -> None:
    """A province's feed office is granted the feeds, their rule, the texts that explain them, and nothing else."""
    granted = {
        (service, endpoint.action)
        for service, app in house.apps.items()
        for endpoint in endpoints(app)
        if endpoint.action and app.policy.grants_for("feed:32", endpoint.action)
    }
    assert granted == {("reporting", "read-feed"), ("reporting", "read-feed-rule"), ("registry", "read-reference")}


@pytest.mark.parametrize(
    "office", ["platform", "gubernur:32", "region:abc", "minister ", "", "Minister", "region:32.7"]
)
def test_an_office_that_nobody_holds_is_no_caller(office: str, house: House) -> None:
    """The platform acts by itself, and an unknown office by nobody: a token that claims one is refused."""
    token = house.issuer.issue(office, "uji")
    answer: Any = house.client("registry").get("/status", headers={"Authorization": f"Bearer {token}"})

    assert (answer.status_code, answer.json()["rule"]) == (401, "token-office")


READ = {
    "registry": {"service", "head", "relayed", "sent", "followed", "lag_events", "lag_seconds", "settled"}
    | {"behind", "leaders"},
    "supervision": {"role", "parked", "quarantined", "faults", "backfills"},
    "reporting": {"role", "parked", "quarantined", "held", "contradictions", "journal", "signed", "projections"},
}
"""What `ksad status`, the monitoring and other programs read of a service's status, besides what they read of all."""


@pytest.mark.parametrize("service", SERVICES)
def test_the_status_of_a_service_has_a_documented_form(service: str, house: House) -> None:
    """The OpenAPI document names and requires everything that programs read of a status, and promises nothing else."""
    document = house.apps[service].openapi()
    answer = document["paths"]["/status"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    status = document["components"]["schemas"][answer["$ref"].rpartition("/")[2]]
    assert set(status["properties"]) == set(status["required"]) == READ["registry"] | READ[service]
