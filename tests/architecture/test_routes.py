"""Every door checks who knocks: derived from the apps and their tables, so that nothing can be forgotten."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from chassis.access import Policy, routes
from chassis.auth import LocalIssuer
from ksad.openapi import apps

OFFICES = (
    "minister",
    "joint_secretariat",
    "governor:32",
    "tkksd:32",
    "region:32.75",
    "region:32",
    "auditor",
    "operator",
    "feed:32",
)
OPEN = {"/livez", "/readyz", "/metrics", "/openapi.json", "/docs/oauth2-redirect"}
PROOFS = ("/checkpoint", "/tile/", "/proofs/")
"""What proves the log is for everybody: heads, hashes and proofs tell nothing of what was recorded."""
SERVICES = ("registry", "supervision", "reporting")


@pytest.fixture(scope="module")
def doors() -> Iterator[tuple[dict[str, FastAPI], LocalIssuer]]:
    """The three apps, opened on nothing, and the issuer they trust."""
    with tempfile.TemporaryDirectory() as scratch:
        yield apps(Path(scratch)), LocalIssuer(Path(scratch))


def is_open(path: str) -> bool:
    """Whether a route may ask for no caller."""
    return path in OPEN or path.startswith(PROOFS) or path.endswith("/checkpoint")


@pytest.mark.parametrize("service", SERVICES)
def test_every_route_names_its_action(service: str, doors: tuple[dict[str, FastAPI], LocalIssuer]) -> None:
    """A route asks for an action that the service's table knows, or is one of the few open ones."""
    app = doors[0][service]
    policy: Policy = app.state.policy
    known = {grant.action for grant in policy.grants}
    for method, path, action in routes(app):
        assert (action is None) == is_open(path), (method, path)
        assert action is None or action in known, (method, path, action)


@pytest.mark.parametrize("service", SERVICES)
def test_every_office_at_every_door(service: str, doors: tuple[dict[str, FastAPI], LocalIssuer]) -> None:
    """Nobody without a token gets in, no office without a grant, and those with one are not turned away at the door."""
    app, issuer = doors[0][service], doors[1]
    policy: Policy = app.state.policy
    client = TestClient(app, raise_server_exceptions=False)
    headers = {office: {"Authorization": f"Bearer {issuer.issue(office)}"} for office in OFFICES}
    for method, path, action in routes(app):
        if action is None or method == "HEAD":
            continue
        url = path.replace("{cooperation_id}", "0" * 8 + "-0000-5000-8000-" + "0" * 12)
        url = (
            url.replace("{province}", "32")
            .replace("{report_id}", "x")
            .replace("{task_id}", "x")
            .replace("{", "")
            .replace("}", "")
        )
        assert client.request(method, url).status_code == 401, (method, path)
        for office in OFFICES:
            status = client.request(method, url, headers=headers[office]).status_code
            granted = bool(policy.grants_for(office, action))
            assert (status == 403) == (not granted), (method, path, office, status)


@pytest.mark.parametrize("service", SERVICES)
def test_auditors_write_nothing(service: str, doors: tuple[dict[str, FastAPI], LocalIssuer]) -> None:
    """An auditor has no grant on any route that writes."""
    app = doors[0][service]
    policy: Policy = app.state.policy
    for method, path, action in routes(app):
        if action is not None and method == "POST":
            assert not policy.grants_for("auditor", action), (method, path)


def test_platform_is_no_caller(doors: tuple[dict[str, FastAPI], LocalIssuer]) -> None:
    """The platform acts by itself: a token that claims its office is refused."""
    app, issuer = doors[0]["registry"], doors[1]
    client: Any = TestClient(app, raise_server_exceptions=False)

    answer = client.get("/status", headers={"Authorization": f"Bearer {issuer.issue('platform')}"})

    assert (answer.status_code, answer.json()["rule"]) == (401, "token-office")
