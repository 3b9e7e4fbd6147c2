"""Three hosts from the files of the Ansible roles: work goes on when one dies, and nothing acknowledged is lost."""

import json
import threading
import time
import uuid
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.histories.acknowledged import Invocation, KeptFact, contradictions
from tests.support.platforms.fed_supervision import reference_facts
from tests.support.platforms.three_nodes import EDGE, ThreeNodes, three_nodes
from tests.support.servers.hosts import Host
from tests.support.servers.processes import wait_until
from tests.support.text.source import ROOT

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(1800)]

FOLDER = Path("/srv/ksad-cluster")
"""Where PostgreSQL's own user may enter, which the folders of the tests do not allow."""
MEASURED = ROOT / "var" / "cluster" / "outages.json"
HEAD = {"title": "Sampah", "object": "sampah", "affair": "lingkungan_hidup", "parties": ["33.72", "33.11"]}


@pytest.fixture(scope="module")
def rendered() -> Iterator[ThreeNodes]:
    """The hosts with what the roles made of them, nothing started."""
    with three_nodes(FOLDER) as platform:
        changed = platform.play()
        assert all(one["failed"] == one["unreachable"] == 0 and one["changed"] for one in changed.values())
        yield platform


@pytest.fixture(scope="module")
def platform(rendered: ThreeNodes) -> ThreeNodes:
    """The whole platform, ready on all three. Keys are brought to the others when the province's feed has one, too."""
    rendered.start()
    first = rendered.nodes[0]
    with rendered.client(first, "registry") as client:
        for fact in reference_facts():
            answer = client.post(
                "/references", json=fact.model_dump(mode="json"), headers=headers(rendered, "minister")
            )
            assert answer.is_success, answer.text
    assert register(rendered, first, "pertama").is_success
    key = first.path("/var/lib/ksad/reporting/keys/logs/feed-33.key")
    wait_until(key.exists, what="the key of the feed", seconds=60)
    rendered.start_others()
    return rendered


def headers(platform: ThreeNodes, office: str, **more: str) -> dict[str, str]:
    """Who asks, with a key of the command."""
    token = platform.issuer.issue(office)
    return {"Authorization": f"Bearer {token}", "Idempotency-Key": str(uuid.uuid4()), **more}


def register(platform: ThreeNodes, host: Host, key: str) -> httpx.Response:
    """A cooperation is entered on a host."""
    with platform.client(host, "registry") as client:
        return client.post("/cooperations", json={"key": key, **HEAD}, headers=headers(platform, "region:33.72"))


def test_a_second_run_changes_nothing(rendered: ThreeNodes) -> None:
    """The roles are idempotent; one host is asked, since each takes as long as the first run did."""
    assert {name: one["changed"] for name, one in rendered.play("--limit", "n1").items()} == {"n1": 0}


def test_every_node_takes_commands_and_shows_those_of_the_others(platform: ThreeNodes) -> None:
    """A cooperation is entered and a document uploaded on each; every other node has both, and a page for people."""
    for number, host in enumerate(platform.nodes):
        other = platform.nodes[number - 1]
        answer = register(platform, host, f"dari-{host.name}")
        assert answer.status_code == 201, answer.text
        content = f"%PDF-1.7 naskah dari {host.name}".encode()
        with platform.client(host, "registry") as client:
            sent = headers(platform, "region:33.72", **{"Content-Type": "application/pdf"})
            kept = client.post("/documents", content=content, headers=sent)
            assert kept.status_code == 201, kept.text
        with platform.client(other, "reporting") as client:
            wanted = headers(platform, "auditor", **{"Ksad-Position": json.dumps(answer.json()["position"])})
            listed = client.get("/cooperations", headers=wanted)
            assert listed.is_success, listed.text
        with platform.client(host, "portal") as client:
            assert client.get("/livez").is_success


def test_the_edge_shows_metrics_to_who_watches_only(platform: ThreeNodes) -> None:
    """The machines themselves see the metrics of each other; whoever else asks is refused, however it is spelt."""
    first, second = platform.nodes[:2]
    for service, port in EDGE.items():
        with platform.client(first, service) as client:
            assert client.get("/livez").is_success
            for path in ("/metrics", "//metrics", "/metrics/", "/%6detrics", "/x/../metrics", "/metrics?a"):
                assert client.get(path).status_code == 403, path
        words = [
            "curl",
            "-sS",
            "--cacert",
            str(platform.authority.certificate),
            f"https://{first.address}:{port}/metrics",
        ]
        assert "ksad_started_seconds" in second.call(words)


class Clerk(threading.Thread):
    """Enters one cooperation after another through one host, and remembers what it was told."""

    def __init__(self, platform: ThreeNodes, host: Host) -> None:
        super().__init__()
        self._platform, self._host = platform, host
        self.told: list[Invocation] = []
        self.recorded_at: list[float] = []
        self._ends = threading.Event()

    def run(self) -> None:
        """Goes on until it is told to end."""
        while not self._ends.is_set():
            key = f"k-{uuid.uuid4()}"
            try:
                answer = register(self._platform, self._host, key)
            except httpx.HTTPError:
                self.told.append(Invocation(key, recorded=None))
                continue
            if answer.is_success:
                self.recorded_at.append(time.monotonic())
            # 503 may mean that it was recorded and the answer is not known.
            outcome = True if answer.is_success else None if answer.is_server_error else False
            self.told.append(Invocation(key, outcome))
            time.sleep(0.1)

    def end(self) -> None:
        """Ends after the command that it is at."""
        self._ends.set()
        self.join(60)

    def outage(self, since: float) -> float:
        """The longest time without a recorded command from a moment on, in seconds."""
        moments = [since, *(one for one in self.recorded_at if one > since)]
        return max(later - earlier for earlier, later in pairwise(moments))


def kept(platform: ThreeNodes) -> dict[str, list[KeptFact]]:
    """All cooperations that were entered, in the registry's store and in the journal, by the key of the command."""
    store = [
        bytes(raw) for (raw,) in platform.query("registry", "SELECT state FROM stored_events ORDER BY notification_id")
    ]
    journal = [bytes(raw) for (raw,) in platform.query("reporting", "SELECT raw FROM journal ORDER BY entry")]
    return {
        "store": list(map(_fact, filter(_entered, map(json.loads, store)))),
        "journal": list(map(_fact, filter(_entered, map(json.loads, journal)))),
    }


def _entered(event: dict[str, Any]) -> bool:
    return str(event["type"]).startswith("ksad.cooperation.registered.")


def _fact(event: dict[str, Any]) -> KeptFact:
    return KeptFact(event["data"]["key"], event["subject"], int(event["streamversion"]))


def measured(name: str, seconds: float) -> None:
    """Notes a measurement for docs/resilience.md."""
    MEASURED.parent.mkdir(parents=True, exist_ok=True)
    known = json.loads(MEASURED.read_text()) if MEASURED.exists() else {}
    MEASURED.write_text(json.dumps(known | {name: round(seconds, 1)}, indent=1))


def whole(platform: ThreeNodes, told: list[Invocation]) -> None:
    """Everything that was acknowledged is everywhere, once and in order, as soon as the journal has caught up."""

    def together() -> bool:
        now = kept(platform)
        return len(now["store"]) == len(now["journal"])

    wait_until(together, what="the journal", seconds=120, every=1)
    assert contradictions(told, kept(platform)) == []


def test_the_machine_of_the_leader_dies(platform: ThreeNodes) -> None:
    """Writes stop for less than twice what the bare engines took (21 s), come back by themselves, and none is lost."""
    leader = platform.leader()
    assert leader is not None
    clerks = [Clerk(platform, host) for host in platform.nodes if host is not leader]
    for clerk in clerks:
        clerk.start()
    try:
        wait_until(lambda: all(len(one.recorded_at) > 5 for one in clerks), what="commands", seconds=60)
        died = time.monotonic()
        leader.kill()
        wait_until(lambda: all(one.recorded_at[-1] > died + 5 for one in clerks), what="writes", seconds=180, every=0.5)
        time.sleep(3)
    finally:
        for clerk in clerks:
            clerk.end()
    outage = max(one.outage(died) for one in clerks)
    measured("machine of the PostgreSQL leader killed", outage)
    whole(platform, [one for clerk in clerks for one in clerk.told])
    platform.start_engines(leader)
    wait_until(lambda: len(platform.standbys()) == 2, what="the old leader as a standby", seconds=180, every=1)
    platform.start_services(leader)
    platform.wait_ready(leader)
    assert outage < 42
