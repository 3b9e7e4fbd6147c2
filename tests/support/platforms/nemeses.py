"""What befalls three hosts for a while: each fault begins, is held, and ends by itself."""

import random
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import NamedTuple

from tests.support.platforms.three_nodes import ThreeNodes
from tests.support.servers.hosts import GATEWAY, Host
from tests.support.servers.processes import wait_until

TTL_SECONDS = 20
"""How long a leader of PostgreSQL is believed to live that is not heard of, as the role of Patroni sets it."""


class Nemesis(NamedTuple):
    """A fault. In its block it is there; the block is given the hosts at which work has to go on meanwhile."""

    name: str
    held: float
    """The seconds that it lasts at least."""
    befall: Callable[[ThreeNodes, random.Random], AbstractContextManager[list[Host]]]


def _leader(platform: ThreeNodes) -> Host:
    """The host that takes writes, which another round may just have changed."""
    found: list[Host | None] = []

    def known() -> bool:
        found.append(platform.leader())
        return found[-1] is not None

    wait_until(known, what="a leader of PostgreSQL", seconds=60, every=0.5)
    assert found[-1] is not None
    return found[-1]


def _others(platform: ThreeNodes, *without: Host) -> list[Host]:
    return [one for one in platform.nodes if one not in without]


@contextmanager
def _deaf(*pairs: tuple[Host, list[str]]) -> Iterator[None]:
    """Each host does not hear its addresses."""
    for host, addresses in pairs:
        host.be_deaf_to(*addresses)
    try:
        yield
    finally:
        for host, _ in pairs:
            host.hear()


def _addresses(hosts: list[Host]) -> list[str]:
    return [one.address for one in hosts]


@contextmanager
def _standby_cut_off(platform: ThreeNodes, rng: random.Random) -> Iterator[list[Host]]:
    host = rng.choice(_others(platform, _leader(platform)))
    others = _others(platform, host)
    with _deaf((host, _addresses(others)), *((one, [host.address]) for one in others)):
        yield others


@contextmanager
def _clients_cut_off(platform: ThreeNodes, rng: random.Random) -> Iterator[list[Host]]:
    """The hosts hear one another, and one of them no client."""
    host = rng.choice(platform.nodes)
    with _deaf((host, [GATEWAY])):
        yield _others(platform, host)


@contextmanager
def _switched_over(platform: ThreeNodes, _: random.Random) -> Iterator[list[Host]]:
    """The leader hands over to its synchronous standby, by Patroni's own call."""
    platform.switch_over(_leader(platform))
    yield platform.nodes


NEMESES = [
    Nemesis("a standby cut off from both others", TTL_SECONDS, _standby_cut_off),
    Nemesis("one machine hears no client", 10, _clients_cut_off),
    Nemesis("switchover of PostgreSQL", 5, _switched_over),
]
