"""The streams of a cluster: made by a command with a user of its own, and only checked by services."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ksad.chassis.broker import LOG_STREAM, LOG_SUBJECTS, Broker, StreamPlan, UnavailableError, UnprovisionedError
from ksad.chassis.broker.streams import CLUSTER_VERSION, check_server
from ksad.chassis.replicas import Replicas
from ksad.local.cluster.streams import FEEDS_ACCOUNT_STREAMS, LOG_ACCOUNT_STREAMS
from ksad.local.machine.broker import new_seed, public_key
from ksad.reporting.checkpoints import HEADS
from ksad.reporting.feeds.publisher import FEEDS
from tests.support.histories.events import running
from tests.support.platforms.command import Answer, ksad
from tests.support.servers.cluster import NatsCluster
from tests.support.servers.processes import eventually

pytestmark = [pytest.mark.anyio, pytest.mark.xdist_group("cluster"), pytest.mark.timeout(240)]

LOG = StreamPlan(LOG_STREAM, LOG_SUBJECTS)
USERS = {"provision": ["$JS.API.STREAM.*.*"], "service": ["$JS.API.STREAM.INFO.*", "ksad.>"]}
"""What each user may publish."""


@pytest.fixture
def seeds(tmp_path: Path) -> dict[str, Path]:
    """The key of each user of the log's account, and of the one that makes the feeds' stream."""
    made = {name: tmp_path / f"{name}.nk" for name in (*USERS, "feeds")}
    for path in made.values():
        path.write_text(new_seed())
    return made


@pytest.fixture
def cluster(tmp_path: Path, seeds: dict[str, Path]) -> Iterator[NatsCluster]:
    """Three servers with accounts for the log and for the feeds."""

    def user(name: str, allowed: list[str]) -> dict[str, Any]:
        return {"nkey": public_key(seeds[name].read_text()), "permissions": {"publish": {"allow": allowed}}}

    accounts = {
        "KSAD": {"jetstream": "enabled", "users": [user(name, allowed) for name, allowed in USERS.items()]},
        "FEEDS": {"jetstream": "enabled", "users": [user("feeds", USERS["provision"])]},
    }
    with NatsCluster(tmp_path / "nats", extra=f"accounts: {json.dumps(accounts)}") as made:
        yield made


def provision(monkeypatch: pytest.MonkeyPatch, cluster: NatsCluster, seeds: dict[str, Path], user: str) -> Answer:
    """Call `ksad cluster provision` with the key of a user; a cluster without a leader is asked again."""
    monkeypatch.setenv("KSAD_NATS_URL", cluster.url)
    monkeypatch.setenv("KSAD_NATS_REPLICAS", "3")
    monkeypatch.setenv("KSAD_NATS_NKEY_SEED_FILE", str(seeds[user]))
    monkeypatch.setenv("KSAD_PROVISION_FEEDS_NKEY_SEED_FILE", str(seeds["feeds"]))
    return ksad("cluster", "provision", "--json")


async def _says(replicas: Replicas, words: str) -> bool:
    return words in str(replicas.check())


@pytest.mark.fault(
    "cluster K6",
    kind="A service makes what it needs by itself, so that whatever it makes on a cluster is as on one machine: the"
    " setting for it was nobody's, and no one looked at what had been made.",
    looked="All three streams and the consumers on them, schemas, folders, keys; who may make each of them.",
    found="A service could make streams with its own credential, and took one in memory, with limits or one replica.",
)
async def test_streams_of_a_cluster_are_made_by_the_command_only(
    cluster: NatsCluster, seeds: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A service makes no stream and is not ready until the command has; a second call changes nothing."""
    async with Broker(cluster.url, "service", seeds["service"], replicas=3) as broker:
        await broker.wait_connected()
        replicas = Replicas(broker, cluster.monitors, 0.2, others=[(broker, HEADS)])
        assert not replicas.check().ok
        async with running(replicas.run):
            await eventually(
                lambda: _says(replicas, "stream KSAD_LOG is missing, and on a cluster no service makes it: run `ksad"),
                what="the word that the stream is missing",
            )
            refused = await asyncio.to_thread(provision, monkeypatch, cluster, seeds, "service")
            assert refused.code == 1
            assert "KSAD_NATS_NKEY_SEED_FILE may make streams" in refused.err
            assert "missing" in str(replicas.check())

            done: list[Answer] = []

            async def provisioned() -> bool:
                done.append(await asyncio.to_thread(provision, monkeypatch, cluster, seeds, "provision"))
                return done[-1].code == 0

            await eventually(provisioned, what="the streams", every=0.5)
            await eventually(lambda: _says(replicas, "ok: whole on 3 servers"), what="readiness")
            assert {one["stream"] for one in done[-1].json} == {"KSAD_LOG", "KSAD_HEADS", "KSAD_FEEDS"}
            again = await asyncio.to_thread(provision, monkeypatch, cluster, seeds, "provision")
            assert [one["changed"] for one in again.json] == [[], [], []]


@pytest.mark.fault("cluster K6")
async def test_a_stream_of_one_replica_is_told_and_raised_and_never_lowered(
    cluster: NatsCluster, seeds: dict[str, Path]
) -> None:
    """Whoever needs three refuses a stream of one; provisioning raises it, and one for fewer leaves it alone."""
    async with (
        Broker(cluster.url, "one", seeds["provision"]) as single,
        Broker(cluster.url, "three", seeds["provision"], replicas=3) as broker,
    ):
        await broker.wait_connected()
        await single.wait_connected()

        async def made() -> bool:
            try:
                await single.open_stream()
            except UnavailableError:
                return False
            return True

        await eventually(made, what="the stream", every=0.2)
        with pytest.raises(UnprovisionedError, match="has 1 replicas instead of 3: run `ksad cluster provision`"):
            await broker.open_stream()
        assert await broker.provision(LOG) == ["num_replicas"]
        await eventually(lambda: _opens(broker), what="three replicas", every=0.2)
        assert await single.provision(LOG) == []
        await broker.open_stream()


async def _opens(broker: Broker) -> bool:
    try:
        await broker.open_stream()
    except UnavailableError:
        return False
    return True


@pytest.mark.fault("cluster K6")
@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"storage": "memory"}, "keeps its messages in memory"),
        ({"allow_atomic": None}, "takes no atomic batches"),
        ({"num_replicas": 1}, "has 1 replicas instead of 3"),
        ({"deny_delete": None}, "lets messages be deleted"),
        ({"max_bytes": 1_000_000}, "has a limit of age, messages or bytes"),
    ],
)
def test_a_stream_that_could_lose_facts_is_refused(changed: dict[str, Any], told: str) -> None:
    """Each setting on which the log rests is checked, and the refusal says what to run."""
    LOG.check(LOG.config(3), 3)
    assert LOG.changes(LOG.config(3), 3) == {}
    with pytest.raises(UnprovisionedError, match=f"{told}.*ksad cluster provision"):
        LOG.check(LOG.config(3) | changed, 3)
    assert set(LOG.changes(LOG.config(3) | changed, 3)) == set(changed)


def test_an_old_server_is_refused() -> None:
    """A release of nats-server whose guards are not dependable on clusters is refused with the one to install."""
    check_server(CLUSTER_VERSION)
    with pytest.raises(UnprovisionedError, match=r"nats-server 2\.14\.9 is too old for a cluster: install 2\.15\.0"):
        check_server((2, 14, 9))


def test_the_command_makes_what_services_open() -> None:
    """The command's list of streams is the services' own."""
    assert {*LOG_ACCOUNT_STREAMS, *FEEDS_ACCOUNT_STREAMS} == {LOG, HEADS, FEEDS}
