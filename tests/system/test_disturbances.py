"""A running platform is disturbed: readiness tells it in bounded time, the rest flows, and afterwards all is well."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from ksad.chassis.places import SERVICES
from ksad.contracts.identifiers import cooperation_id
from ksad.contracts.regions import load_text, sha256
from ksad.contracts.registry import ProblemReported
from ksad.local.machine.folder import Folder
from ksad.local.machine.platform import Platform, running, wait_settled
from tests.support.forgers.foreign import MALFORMED, ON, publish, registered, retyped, sealed
from tests.support.histories.newest import fact_of
from tests.support.platforms.command import ksad
from tests.support.platforms.fed_supervision import DECISION
from tests.support.servers.postgres import PostgresServer
from tests.support.servers.processes import wait_until

pytestmark = pytest.mark.xdist_group("disturbances")
STUCK_SECONDS = 2
NOTICE_SECONDS = 60
"""An idle relay looks at the log every five seconds, and a broker that is mute is given ten."""
HEAD = {"title": "Sampah", "object": "sampah", "affair": "lingkungan_hidup", "parties": ["33.72", "33.13"]}


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.torture)])
def addresses(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Where the database of each service is."""
    with ExitStack() as stack:
        if request.param == "postgresql":
            make = stack.enter_context(stack.enter_context(PostgresServer()).databases())
        else:
            folder = tmp_path_factory.mktemp("databases")
            make = (f"sqlite:///{folder / service}.sqlite" for service in SERVICES).__next__
        yield {service: make() for service in SERVICES}


@pytest.fixture(scope="module")
def platform(addresses: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """A running platform whose readiness is impatient."""
    with ExitStack() as stack:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("KSAD_STUCK_SECONDS", str(STUCK_SECONDS))
            for service, address in addresses.items():
                patch.setenv(f"KSAD_DATABASE_URL_{service.upper()}", address)
            folder = Folder(tmp_path_factory.mktemp("disturbed") / "data")
            platform = stack.enter_context(running(folder, starts_on=ON))
        yield platform


def readiness(platform: Platform, service: str) -> httpx.Response:
    """What a service says of itself."""
    return httpx.get(f"{platform.endpoints[service]}/readyz", timeout=30, trust_env=False)


def becomes(platform: Platform, status: int, *services: str) -> None:
    """Wait until these services are ready, or are not."""
    for service in services:
        wait_until(
            lambda service=service: readiness(platform, service).status_code == status,  # type: ignore[misc] # bound now
            seconds=NOTICE_SECONDS,
            every=0.1,
            what=f"{status} of {service}",
        )


def register(platform: Platform, key: str) -> str:
    """A command; the id of its cooperation."""
    with platform.client() as client:
        client.post("registry", "/cooperations", "region:33.72", f"register-{key}", {"key": key, **HEAD})
    return str(cooperation_id(key))


def shows(platform: Platform, identity: str) -> bool:
    """Whether reporting shows a cooperation, and who supervises it."""
    with platform.client() as client:
        items = client.get("reporting", "/cooperations", "auditor")["items"]
    return any(item["cooperation_id"] == identity and item["tier"] for item in items)


@contextmanager
def stopped(platform: Platform, number: int = 0) -> Iterator[None]:
    """A process that is stopped, not killed: its connections stay, and nothing answers. The first is the broker."""
    process = platform.processes.children[number].process
    assert process is not None
    os.kill(process.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(process.pid, signal.SIGCONT)


def test_a_mute_broker_turns_readiness_red(platform: Platform) -> None:
    """While the broker answers nobody all services say so in bounded time, clerks go on, and all turns green again."""
    with stopped(platform):
        identity = register(platform, "meanwhile")
        becomes(platform, 503, *SERVICES)
        assert "relay" in readiness(platform, "registry").json()["checks"]
        assert ksad("status", "--data-dir", platform.folder.root).code == 1
    becomes(platform, 200, *SERVICES)
    wait_until(lambda: shows(platform, identity), seconds=NOTICE_SECONDS, what="what was registered meanwhile")


@contextmanager
def held_up(address: str) -> Iterator[None]:
    """Somebody else holds a lock on a database, so that its service's follower cannot write."""
    engine = sa.create_engine(address.replace("postgresql:", "postgresql+psycopg:"))
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            connection.exec_driver_sql("SELECT * FROM follower_positions FOR UPDATE")
        try:
            yield
        finally:
            connection.rollback()
    engine.dispose()


def test_a_follower_that_stands_still_turns_readiness_red(platform: Platform, addresses: dict[str, str]) -> None:
    """A follower with work that it cannot do is red after the seconds it is given, alone, and green when it can."""
    with held_up(addresses["supervision"]):
        identity = register(platform, "waiting")
        becomes(platform, 503, "supervision")
        wait_until(
            lambda: readiness(platform, "supervision").json()["checks"]["follower"].startswith("FAILED"),
            seconds=NOTICE_SECONDS,
            every=0.1,
            what="a follower that says so",
        )
        assert readiness(platform, "registry").status_code == 200
    becomes(platform, 200, "supervision")
    wait_until(lambda: shows(platform, identity), seconds=NOTICE_SECONDS, what="the supervisor")


def status(platform: Platform, service: str) -> dict[str, Any]:
    """A service's status."""
    with platform.client() as client:
        found: dict[str, Any] = client.get(service, "/status", "operator")
        return found


def comes(count: Callable[[], object], wanted: object, what: str) -> None:
    """Wait until something is as wanted."""
    wait_until(lambda: count() == wanted, seconds=NOTICE_SECONDS, what=what)


def parked(platform: Platform) -> list[dict[str, Any]]:
    """What `ksad park list` tells."""
    rows: list[dict[str, Any]] = ksad("park", "list", "--json", "--data-dir", platform.folder.root).json
    return rows


def test_what_is_no_fact_of_today_is_set_aside(platform: Platform) -> None:
    """A message that is no event is quarantined, unknown and newer events are parked, with reasons; the rest flows."""
    [unknown], [newer] = (
        sealed("dreamed", registered("dreamed", HEAD["parties"])),
        sealed("newer", registered("newer", HEAD["parties"])),
    )
    unknown, newer = retyped(unknown, "ksad.cooperation.dreamed.v1"), retyped(newer, "ksad.cooperation.registered.v9")
    publish(platform, MALFORMED, unknown, newer)
    identity = register(platform, "afterwards")
    wait_until(lambda: shows(platform, identity), seconds=NOTICE_SECONDS, what="what came afterwards")
    with platform.client() as client:
        wait_settled(client)
    for service in ("supervision", "reporting"):
        comes(lambda service=service: status(platform, service)["quarantined"], 1, f"quarantine of {service}")  # type: ignore[misc] # bound now
    assert status(platform, "supervision")["parked"] == 2
    rows = parked(platform)
    assert {row["where"] for row in rows if str(row["event_id"]) == str(unknown.id)} == {"supervision"}
    reasons = {row["stream"]: row["reason"] for row in rows if row["where"] == "supervision"}
    assert "dreamed" in reasons[unknown.subject]
    assert "v9" in reasons[newer.subject]
    assert {unknown.subject, newer.subject} <= {row["stream"] for row in rows if row["where"] == "reporting"}
    assert len([row for row in rows if row.get("kind") == "quarantined"]) == 2
    told = readiness(platform, "supervision")
    assert (told.status_code, told.json()["checks"]["parking"]) == (200, "care: 2 parked, 1 quarantined")
    said = ksad("status", "--data-dir", platform.folder.root)
    assert (said.code, "supervision: 2 parked" in said.err, "reporting: 1 quarantined" in said.err) == (1, True, True)
    seen = ksad("park", "dismiss", "--json", "--data-dir", platform.folder.root)
    assert seen.json == {"dismissed": {"supervision": 1, "reporting": 1}}
    comes(lambda: status(platform, "reporting")["quarantined"], 0, "an empty quarantine")
    tried = ksad("park", "retry", "--json", "--data-dir", platform.folder.root)
    assert (tried.code, tried.json["services"]["supervision"]) == (1, {"applied": 0, "parked": 2})


def test_what_was_parked_is_applied_once_it_can_be(platform: Platform) -> None:
    """Facts on a region nobody knows yet wait in order; once it is adopted, `park retry` brings them in."""
    before = status(platform, "supervision")["parked"]
    problem = fact_of(ProblemReported, problem="p", description="terlambat")
    publish(platform, *sealed("pioneers", registered("pioneers", ["33.72", "33.98"]), problem))
    comes(lambda: status(platform, "supervision")["parked"], before + 2, "two parked events")
    waits = [row["reason"] for row in parked(platform) if row["stream"].endswith(str(cooperation_id("pioneers")))]
    assert "33.98" in waits[0]
    text = load_text()
    [model] = [line for line in text.splitlines() if line.startswith("33.72,")]
    content = text + model.replace("33.72", "33.98").replace("Surakarta", "Baru") + "\n"
    body = {"kind": "regions", "name": "regions", "content": content, "sha256": sha256(content), "source": "uji"}
    decided = {"decision": DECISION.model_dump(mode="json")}
    with platform.client() as client:
        client.post("registry", "/references", "minister", "adopt-new", body | decided)
        wait_settled(client)
        retried = ksad("park", "retry", "--json", "--data-dir", platform.folder.root)
        assert retried.json["services"]["supervision"]["parked"] == before
        wait_settled(client)
        found = client.get("supervision", f"/cooperations/{cooperation_id('pioneers')}", "auditor")
        tasks = client.get("supervision", "/tasks", "auditor", cooperation_id=str(cooperation_id("pioneers")))["items"]
    assert found["supervising_body"] == "tkksd:33"
    assert tasks
    left = [row["stream"] for row in parked(platform) if row["where"] == "supervision"]
    assert f"cooperation/{cooperation_id('pioneers')}" not in left
