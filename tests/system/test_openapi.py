"""The services answer as their OpenAPI documents say, whatever is sent by whom: no fault, nothing undocumented.

Real processes on PostgreSQL, which is the stricter database. Requests are made from the documents: good and bad ones
for each operation, then walks along the links from what was made to what can be done with it.
"""

import contextlib
import json
import random
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from importlib import import_module
from itertools import count
from types import ModuleType
from typing import Any

import httpx
import hypothesis
import pytest
from hypothesis import strategies as st

from ksad.chassis.client import Client, ProblemError
from ksad.chassis.places import SERVICES
from ksad.contracts.identifiers import command_id, cooperation_id, report_id
from ksad.local.machine.folder import Folder
from ksad.local.machine.platform import Platform, running, wait_settled
from tests.support.histories.periods import running_half
from tests.support.servers.postgres import PostgresServer

pytestmark = [pytest.mark.xdist_group("openapi"), pytest.mark.timeout(300)]


OFFICES = ["minister", "joint_secretariat", "governor:33", "tkksd:33", "region:33.72", "auditor", "operator", "feed:33"]
KEY = "dokumen"
STEPS = 10
"""How far a walk goes along the links."""
QUIET = hypothesis.settings(
    deadline=None, database=None, phases=[hypothesis.Phase.generate], suppress_health_check=list(hypothesis.HealthCheck)
)
UNLIKELY = st.sampled_from(["\x00", "a\x00b", "٣", "' OR 1=1 --", "../..", "\r\nX-Evil: 1", "%00", "e\u0301"])
HUGE = st.sampled_from([2**53, 2**63, 2**64, -(2**63) - 1, 10**40, -1, 0, 1.5, 1e308, True])


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory, postgres_server: PostgresServer) -> Iterator[Platform]:
    """A platform on PostgreSQL with a cooperation in dispute, its tasks and a report."""
    with ExitStack() as stack:
        make = stack.enter_context(postgres_server.databases())
        with pytest.MonkeyPatch.context() as environment:  # Only until it runs: other tests follow while it does.
            for service in SERVICES:
                environment.setenv(f"KSAD_DATABASE_URL_{service.upper()}", make())
            platform = stack.enter_context(running(Folder(tmp_path_factory.mktemp("openapi") / "data")))
        with platform.client() as client:
            _fill(client)
        yield platform


def _fill(client: Client) -> None:
    head = {"key": KEY, "title": "Dokumen", "object": "sampah", "affair": "lingkungan_hidup"}
    client.post("registry", "/cooperations", "region:33.72", "d-1", {**head, "parties": ["33.72", "33.13"]})
    dispute = {"dispute": "a", "between": ["33.72", "33.13"], "description": "x"}
    client.post("registry", f"/cooperations/{cooperation_id(KEY)}/raise-dispute", "region:33.72", "d-2", dispute)
    wait_settled(client)
    report = {"kind": "R2", "office": "tkksd:33", "period": running_half()}
    client.post("reporting", "/reports", "tkksd:33", "d-3", report)
    wait_settled(client)


def documented() -> ModuleType:
    """What reads documents and judges answers by them: a third of what all tests import, for the tests of this file."""
    return import_module("tests.support.platforms.documented")


def known(client: Client) -> dict[str, list[str]]:
    """Values of path parameters under which there is something."""
    tasks = client.get("supervision", "/tasks", "auditor", cooperation_id=str(cooperation_id(KEY)))["items"]
    return {
        "cooperation_id": [str(cooperation_id(KEY))],
        "task_id": [task["task_id"] for task in tasks],
        "report_id": [str(report_id("R2", "tkksd:33", running_half()))],
        "province": ["33"],
        "compilation_id": [str(command_id("tkksd:33", "d-3"))],
        "version": ["1"],
        "form": ["pdf", "json", "xlsx"],
        "name": ["cooperations"],
    }


def headers(platform: Platform, office: str | None, key: int) -> dict[str, str]:
    """The headers of a command of an office, or of nobody."""
    token = platform.endpoints["tokens"].get(office)
    return {"Idempotency-Key": f"k-{key}"} | ({"Authorization": f"Bearer {token}"} if token else {})


def spoiled(body: Any, draw: Callable[[st.SearchStrategy[Any]], Any]) -> Any:
    """A good body with one value that no clerk would send."""
    if not isinstance(body, dict) or not body:
        return body
    name = draw(st.sampled_from(sorted(body)))
    return body | {
        name: draw(UNLIKELY | HUGE | UNLIKELY.map(lambda text: [text]) | UNLIKELY.map(lambda text: {"a": text}))
    }


def sending(platform: Platform, operation: Any, places: dict[str, list[str]], examples: int) -> Callable[[], None]:
    """A test of one operation: what it is sent is good, bad or spoiled, and often about something that is there."""
    cases, judge = documented().good_and_bad(operation), documented().judge

    @hypothesis.settings(QUIET, max_examples=examples)
    @hypothesis.given(st.data(), st.sampled_from([*OFFICES, None]), st.integers(0, 10**9))
    def send(data: st.DataObject, office: str | None, key: int) -> None:
        case: Any = data.draw(cases)
        for name, values in places.items():
            if name in (case.path_parameters or {}) and data.draw(st.booleans()):
                case.path_parameters[name] = data.draw(st.sampled_from(values))
        if data.draw(st.booleans()):
            case.body = spoiled(case.body, data.draw)
        if isinstance((case.query or {}).get("wait"), int | float):
            case.query["wait"] = min(case.query["wait"], 0.01)
        response = case.call(headers=headers(platform, office, key), timeout=60)
        judge(case, response)

    return send


@pytest.mark.parametrize("service", SERVICES)
def test_every_operation_keeps_its_document(service: str, served: Platform, rounds: int) -> None:
    """Good, bad and spoiled requests of every office get a documented status, type, header and shape."""
    with served.client() as client:
        places = known(client)
    operations = [found.ok() for found in documented().document(served.endpoints[service]).get_all_operations()]
    assert len(operations) > 15
    for operation in operations:
        sending(served, operation, places, rounds + 1)()
    assert "platform_fault" not in log(served, service)


def _begin(service: str, case: Any, number: int) -> None:
    """A first step leads somewhere: what is asked for is there, what is entered can be."""
    if case.method == "GET":
        case.query = {"key": KEY} if service == "registry" else {}
    elif case.path == "/cooperations":
        head = {"key": f"jalan-{number}", "title": "x", "object": "x", "affair": "perhubungan"}
        case.body = {**head, "parties": ["33.72", "33.13"]}


@pytest.mark.parametrize("service", SERVICES)
def test_walks_along_the_links_keep_the_document(
    service: str, served: Platform, rounds: int, rng: random.Random
) -> None:
    """What an answer leads to is there, for every office, and answers as its document says, step after step."""
    turns, followed, judge = count(), list[str](), documented().judge
    machine: Any = documented().document(served.endpoints[service]).as_state_machine()

    class Walk(machine):  # type: ignore[misc] # made at run time
        """An office that follows links, with a new key for each command."""

        def get_call_kwargs(self, case: Any) -> dict[str, Any]:
            turn = next(turns)
            office = "region:33.72" if turn % 2 else OFFICES[turn // 2 % len(OFFICES)]
            return {"headers": headers(served, office, turn), "timeout": 60}

        def before_call(self, case: Any) -> None:
            if not case.path_parameters:
                _begin(service, case, next(turns))

        def validate_response(self, response: Any, case: Any, **_: Any) -> None:
            judge(case, response)
            if case.path_parameters and response.status_code < 300:
                followed.append(case.operation.label)

    # A few walks at a time: those of one run are taken to depend on nothing else, and the service goes on changing.
    test = Walk.TestCase
    test.settings = hypothesis.settings(QUIET, max_examples=4, stateful_step_count=STEPS)
    for walked in range(10 * rounds):
        if followed and walked >= rounds:
            break
        hypothesis.seed(rng.getrandbits(32))(Walk)  # Else each round would walk as the first did.
        test().runTest()
    assert followed, "no walk got anywhere"
    assert "platform_fault" not in log(served, service)


@pytest.mark.parametrize(
    ("service", "path"),
    [
        ("supervision", "/tasks?after=0000-00-00~00000000-0000-0000-0000-000000000000"),
        ("supervision", "/tasks?after=2026-01-01~------------------------------------"),
        ("supervision", "/tasks?after=~"),
        ("reporting", f"/feeds/33/hashes?after={10**40}"),
        ("reporting", f"/feeds/33?after={2**63}"),
        ("reporting", f"/log?after={2**64}"),
        ("reporting", f"/cooperations/{cooperation_id(KEY)}/timeline?after={10**30}"),
        ("reporting", f"/proofs/inclusion?index={10**30}&size=1"),
        ("reporting", f"/proofs/consistency?from=1&to={10**30}"),
        ("reporting", "/cooperations?q=a%00b"),
        ("reporting", "/reports?period=%00"),
        ("registry", "/documents/%00"),
    ],
)
def test_a_reading_that_once_broke_a_service_is_refused(served: Platform, service: str, path: str) -> None:
    """Marks that no page gave, numbers that no column holds and text that no database takes are refused as such."""
    with served.client() as client, pytest.raises(ProblemError) as refused:
        client.raw(service, path, "auditor")
    assert refused.value.status in (400, 422)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("\ud800", False),
        ("a\x00b", False),
        ("e\u0301", False),
        ("\ufeff", False),
        ("a\ufeff", False),
        ("\U0010ffff", True),
    ],
)
def test_a_text_that_no_database_keeps_is_refused_before_the_log(served: Platform, text: str, kept: bool) -> None:
    """Where any value may stand, in a correction and in a rehearsed history, text is kept as it is or refused."""
    with served.client() as client:
        token = client.endpoints["tokens"]["region:33.72"]
        event = client.get("registry", f"/cooperations/{cooperation_id(KEY)}/events", "auditor")["items"][0]["id"]
    correction = {"corrects": event, "reason": "salah ketik"}
    head = {"title": text, "object": "x", "affair": "perhubungan", "parties": ["33.72", "33.13"]}
    step = {"do": "register", "key": "baru", **head}
    statuses = []
    for number, (path, body) in enumerate(
        [
            (f"/cooperations/{cooperation_id(KEY)}/correct", correction | {"fields": {"title": text}}),
            (f"/cooperations/{cooperation_id(KEY)}/correct", correction | {"fields": {text: "x"}}),
            ("/histories/check", {"key": "baru", "steps": [step]}),
            ("/histories/check", {"key": KEY, "steps": [{"do": text}]}),
        ]
    ):
        sent = {"Authorization": f"Bearer {token}", "Idempotency-Key": f"{text!a}-{number}".replace("'", "")}
        sent |= {"Content-Type": "application/json"}
        url = served.endpoints["registry"] + path
        statuses.append(
            httpx.post(url, content=json.dumps(body), headers=sent, timeout=60, trust_env=False).status_code
        )
    assert statuses == ([200, 422, 200, 422] if kept else [422] * 4)


def log(platform: Platform, service: str) -> str:
    """What a service has logged."""
    return (platform.folder.logs / f"{service}.log").read_text()


def test_the_platform_is_unharmed(served: Platform) -> None:
    """After all that, every service is ready, nothing is parked, and the projections take the last event in."""
    with served.client() as client, contextlib.suppress(TimeoutError):
        wait_settled(client)
    with served.client() as client:
        for service in SERVICES:
            status = client.get(service, "/status", "operator")
            assert (status["settled"], status.get("parked", 0), status["behind"]) == (True, 0, None), status
