"""Three hosts from the files of the Ansible roles: work goes on when one dies, and nothing acknowledged is lost."""

import json
import os
import random
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.platforms.command import ksad
from tests.support.platforms.edge_clerks import clerks_at, headers, register, whole, wrote_since
from tests.support.platforms.fed_supervision import reference_facts
from tests.support.platforms.nemeses import NEMESES, Nemesis
from tests.support.platforms.three_nodes import EDGE, ThreeNodes, three_nodes
from tests.support.servers.processes import wait_until
from tests.support.text.source import ROOT

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(1800)]

FOLDER = Path("/srv/ksad-cluster")
"""Where PostgreSQL's own user may enter, which the folders of the tests do not allow."""
MEASURED = ROOT / "var" / "cluster" / "outages.json"
REMEMBERED = MEASURED.with_name("rounds.jsonl")
ROUNDS = int(os.environ.get("KSAD_ROUNDS", "6"))


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
                assert client.get(f"https://{first.address}:{port}{path}").status_code == 403, path
        words = [
            "curl",
            "-sS",
            "--cacert",
            str(platform.authority.certificate),
            f"https://{first.address}:{port}/metrics",
        ]
        assert "ksad_started_seconds" in second.call(words)


def measured(name: str, seconds: float) -> None:
    """Notes a measurement for docs/resilience.md."""
    MEASURED.parent.mkdir(parents=True, exist_ok=True)
    known = json.loads(MEASURED.read_text()) if MEASURED.exists() else {}
    MEASURED.write_text(json.dumps(known | {name: round(seconds, 1)}, indent=1))


def test_postgresql_is_handed_over(platform: ThreeNodes, monkeypatch: pytest.MonkeyPatch) -> None:
    """`ksad cluster switchover` has a standby lead while clerks work: writes stop for seconds, and none is lost.

    Who has not every commit, and who has another password, is refused, and nothing changes.
    """
    before = platform.leader()
    assert before is not None
    monkeypatch.setenv("KSAD_PATRONI_URLS", ",".join(f"https://{host.address}:8008" for host in platform.nodes))
    monkeypatch.setenv("KSAD_NODE_CA_FILE", str(platform.authority.certificate))
    monkeypatch.setenv("KSAD_PATRONI_PASSWORD_FILE", str(platform.secrets / "passwords" / "registry"))
    assert "refuses (401)" in ksad("cluster", "switchover").err
    monkeypatch.setenv("KSAD_PATRONI_PASSWORD_FILE", str(platform.secrets / "passwords" / "restapi"))
    refused = ksad("cluster", "switchover", "--to", before.name)
    assert (refused.code, "is not known to have every commit" in refused.err) == (1, True)
    assert platform.leader() is before
    with clerks_at(platform, platform.nodes) as clerks:
        ordered = time.monotonic()
        answer = ksad("cluster", "switchover", "--json")
        assert answer.code == 0, answer.err
        wrote_since(clerks, time.monotonic() + 3)
    now = platform.leader()
    assert now is not None
    assert (answer.json["before"], answer.json["now"]) == (before.name, now.name)
    assert now is not before
    outage = max(one.outage(ordered) for one in clerks)
    measured("PostgreSQL handed over to a standby", outage)
    whole(platform, [one for clerk in clerks for one in clerk.told])
    wait_until(lambda: len(platform.standbys()) == 2, what="both standbys", seconds=180, every=1)
    assert outage < 42


def test_the_machine_of_the_leader_dies(platform: ThreeNodes) -> None:
    """Writes stop for less than twice what the bare engines took (21 s), come back by themselves, and none is lost."""
    leader = platform.leader()
    assert leader is not None
    with clerks_at(platform, [host for host in platform.nodes if host is not leader]) as clerks:
        died = time.monotonic()
        leader.kill()
        wrote_since(clerks, died + 5)
        time.sleep(3)
    outage = max(one.outage(died) for one in clerks)
    measured("machine of the PostgreSQL leader killed", outage)
    whole(platform, [one for clerk in clerks for one in clerk.told])
    platform.start_engines(leader)
    wait_until(lambda: len(platform.standbys()) == 2, what="the old leader as a standby", seconds=180, every=1)
    platform.start_services(leader)
    platform.wait_ready(leader)
    assert outage < 42


def befallen(platform: ThreeNodes, nemesis: Nemesis, rng: random.Random) -> float:
    """A round: clerks at all hosts while a fault comes, is held and ends.

    Returns the seconds without a recorded command at any host that the fault leaves to work.
    """
    with clerks_at(platform, platform.nodes) as clerks:
        began = time.monotonic()
        with nemesis.befall(platform, rng) as staying:
            time.sleep(nemesis.held)
            working = [one for one in clerks if one.host in staying]
            wrote_since(working, began + nemesis.held)
        wrote_since(clerks, time.monotonic())
        outage = max(one.outage(began) for one in working)
        wait_until(lambda: len(platform.standbys()) == 2, what=f"standbys, {nemesis.name}", seconds=180, every=1)
    for host in platform.nodes:
        platform.wait_ready(host)
    whole(platform, [told for one in clerks for told in one.told])
    return outage


@pytest.mark.timeout(ROUNDS * 300)
def test_what_befalls_three_machines_loses_nothing(platform: ThreeNodes, pytestconfig: pytest.Config) -> None:
    """Each round is drawn from the seed of the run and its number, in turns of all faults in random order.

    Rounds that `var/cluster/rounds.jsonl` has of this seed are not played again: the same seed goes on where it ended.
    """
    seed = pytestconfig.option.hypothesis_seed
    REMEMBERED.parent.mkdir(parents=True, exist_ok=True)
    lines = REMEMBERED.read_text().splitlines() if REMEMBERED.exists() else []
    played = {one["round"] for one in map(json.loads, lines) if one["seed"] == seed}
    for number in range(ROUNDS):
        turn, place = divmod(number, len(NEMESES))
        nemesis = random.Random(f"{seed}/{turn}").sample(NEMESES, len(NEMESES))[place]
        if number in played:
            continue
        told = {"seed": seed, "round": number, "nemesis": nemesis.name}
        sys.stdout.write(f"{told}\n")
        outage = befallen(platform, nemesis, random.Random(f"{seed}/{turn}/{place}"))
        with REMEMBERED.open("a") as file:
            file.write(json.dumps(told | {"seconds": round(outage, 1)}) + "\n")
