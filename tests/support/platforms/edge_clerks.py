"""Clerks who enter cooperations at the three hosts, and what is kept of it there."""

import json
import threading
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from typing import Any

import httpx

from tests.support.histories.acknowledged import Invocation, KeptFact, contradictions
from tests.support.platforms.three_nodes import ThreeNodes
from tests.support.servers.hosts import Host
from tests.support.servers.processes import WaitedTooLong, wait_until

HEAD = {"title": "Sampah", "object": "sampah", "affair": "lingkungan_hidup", "parties": ["33.72", "33.11"]}


def headers(platform: ThreeNodes, office: str, **more: str) -> dict[str, str]:
    """Who asks, with a key of the command."""
    token = platform.issuer.issue(office)
    return {"Authorization": f"Bearer {token}", "Idempotency-Key": str(uuid.uuid4()), **more}


def register(platform: ThreeNodes, host: Host, key: str) -> httpx.Response:
    """A cooperation is entered on a host."""
    with platform.client(host, "registry") as client:
        return client.post("/cooperations", json={"key": key, **HEAD}, headers=headers(platform, "region:33.72"))


class EdgeClerk(threading.Thread):
    """Enters one cooperation after another through one host, and remembers what it was told."""

    def __init__(self, platform: ThreeNodes, host: Host) -> None:
        super().__init__()
        self._platform, self.host = platform, host
        self.told: list[Invocation] = []
        self.recorded_at: list[float] = []
        self._ends = threading.Event()

    def run(self) -> None:
        """Goes on until it is told to end."""
        while not self._ends.is_set():
            key = f"k-{uuid.uuid4()}"
            try:
                answer = register(self._platform, self.host, key)
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


@contextmanager
def clerks_at(platform: ThreeNodes, hosts: Sequence[Host]) -> Iterator[list[EdgeClerk]]:
    """A clerk at each host, who has recorded some commands when the block begins and has ended after it."""
    clerks = [EdgeClerk(platform, host) for host in hosts]
    for clerk in clerks:
        clerk.start()
    try:
        wait_until(lambda: all(len(one.recorded_at) > 5 for one in clerks), what="commands", seconds=60)
        yield clerks
    finally:
        for clerk in clerks:
            clerk.end()


def wrote_since(clerks: Sequence[EdgeClerk], moment: float) -> None:
    """Returns when each of them has recorded a command after a moment."""

    def behind() -> list[str]:
        return [one.host.name for one in clerks if one.recorded_at[-1] <= moment]

    wait_until(lambda: not behind(), what="writes at every host", seconds=180, every=0.5)


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


def whole(platform: ThreeNodes, told: list[Invocation]) -> None:
    """Everything that was acknowledged is everywhere, once and in order, as soon as the journal has caught up."""

    def together() -> bool:
        now = kept(platform)
        return len(now["store"]) == len(now["journal"])

    try:
        wait_until(together, what="the journal", seconds=120, every=1)
    except WaitedTooLong as late:
        now = kept(platform)
        counts = {place: len(facts) for place, facts in now.items()}
        raise AssertionError(f"{counts}: {contradictions(told, now)[:9]}") from late
    assert contradictions(told, kept(platform)) == []
