"""Checks that the broker has the streams as they have to be, and that every server of it has the whole log.

nats-server serves what is left in a damaged replica without an error, and lets such a replica lead. But nothing is ever
deleted from the log, so a server with fewer messages than its last sequence has lost some.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

import httpx
import structlog

from ksad.chassis.broker import (
    LOG_STREAM,
    LOG_SUBJECTS,
    StreamPlan,
    UnavailableError,
    UnprovisionedError,
    pause,
    stream_state,
)
from ksad.chassis.certificates import authorities
from ksad.chassis.health import HealthCheck, Remedy

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Sequence

    from ksad.chassis.broker import Broker
    from ksad.chassis.certificates import ClientTls

LOOK_SECONDS = 30.0
SOON_SECONDS = 1.0
"""The interval while something is missing that an operator is about to mend."""
ANSWER_SECONDS = 5.0
LEADER = "the server that leads the log"
log = structlog.get_logger(__name__)


class ReplicaState(NamedTuple):
    """The number of messages that a server has lost of the log, or why it is not known."""

    missing: int
    fault: str | None = None


class Replicas:
    """Checks the log on its leader, and on each server whose monitoring address is known."""

    def __init__(
        self,
        broker: Broker,
        addresses: Sequence[str],
        seconds: float = LOOK_SECONDS,
        *,
        others: Sequence[tuple[Broker, StreamPlan]] = (),
        tls: ClientTls | None = None,
    ) -> None:
        """:param addresses: the servers' monitoring addresses, ``http://HOST:PORT``.
        :param seconds: the interval between two checks.
        :param others: the streams beside the log that the service needs, each with who opens it.
        :param tls: whom to trust at monitoring addresses with https://.
        """
        self._broker = broker
        self._addresses = addresses
        self._seconds = seconds
        needed = [(broker, StreamPlan(LOG_STREAM, LOG_SUBJECTS)), *others]
        # A single server's other streams are made by whoever opens them.
        self._streams = needed if broker.replicas > 1 else needed[:1]
        self._tls = tls
        self._found: dict[str, ReplicaState] = {}
        self._unprovisioned: list[str] = []
        self._looked = False

    async def run(self, stop: asyncio.Event) -> None:
        """Checks until ``stop`` is set."""
        verify = self._tls.context() if self._tls is not None else None
        async with httpx.AsyncClient(trust_env=False, timeout=ANSWER_SECONDS, verify=verify or authorities()) as http:
            with suppress(UnavailableError):
                await self._broker.wait_connected(ANSWER_SECONDS)
            while not stop.is_set():
                await self._look_at_streams()
                found = {LEADER: await self._led()}
                for address in self._addresses:
                    found[address] = await _on(http, address)
                for server, one in found.items():
                    if one.missing and self._found.get(server) != one:
                        log.error("log_damaged", server=server, missing=one.missing)
                self._found = found
                whole = self._looked and not self._unprovisioned
                await pause(stop, self._seconds if whole else min(SOON_SECONDS, self._seconds))

    async def _look_at_streams(self) -> None:
        """Looks whether the streams are as they have to be. What cannot be asked keeps the last answer."""
        faults = []
        for broker, plan in self._streams:
            try:
                await broker.open_stream(plan.name, plan.subjects, newest_only=plan.newest_only)
            except UnprovisionedError as error:
                faults.append(str(error))
            except UnavailableError:
                return
        for fault in faults:
            if fault not in self._unprovisioned:
                log.error("stream_unprovisioned", fault=fault)
        self._unprovisioned, self._looked = faults, True

    def check(self) -> HealthCheck:
        """The result for ``/readyz``: failed if a stream is not as it has to be, or the leader is damaged; care if
        another server is damaged or does not answer. On a cluster nothing is taken for granted before it was seen.
        """
        if self._unprovisioned:
            return HealthCheck(ok=False, detail="; ".join(self._unprovisioned), remedy=Remedy.OPERATOR)
        if not self._looked and self._broker.replicas > 1:
            return HealthCheck(ok=False, detail="the broker has not told yet what its streams are like")
        damaged = [f"{server} has lost {one.missing} messages" for server, one in self._found.items() if one.missing]
        silent = [f"{server} {one.fault}" for server, one in self._found.items() if one.fault is not None]
        if not damaged and not silent:
            return HealthCheck(ok=True, detail=f"whole on {len(self._addresses) or 1} servers")
        led = self._found[LEADER].missing > 0
        return HealthCheck(ok=not led, detail="; ".join([*damaged, *silent]), care=True)

    def missing(self) -> int:
        """The largest number of messages that a server has lost."""
        return max((one.missing for one in self._found.values()), default=0)

    def up(self, address: str) -> bool:
        """Whether a server told, when it was last asked at its monitoring address, what it has.

        :raises KeyError: it was not asked yet.
        """
        return self._found[address].fault is None

    def missing_on(self, address: str) -> int:
        """The number of messages of the log that a server has lost.

        :raises KeyError: it was not asked yet.
        """
        return self._found[address].missing

    async def _led(self) -> ReplicaState:
        """The leader's state, or the last known one; the check ``broker`` tells whether it answers."""
        try:
            return ReplicaState((await self._broker.open_stream()).missing)
        except UnavailableError:
            return self._found.get(LEADER, ReplicaState(0))


async def _on(http: httpx.AsyncClient, address: str) -> ReplicaState:
    try:
        answer = await http.get(f"{address}/jsz", params={"accounts": "true", "streams": "true"})
        accounts = answer.raise_for_status().json().get("account_details") or []
        streams = [one for account in accounts for one in account.get("stream_detail") or []]
        return ReplicaState(max((stream_state(one).missing for one in streams if one["name"] == LOG_STREAM), default=0))
    except (httpx.HTTPError, ValueError, KeyError, TypeError, AttributeError) as error:
        return ReplicaState(0, f"does not tell what it has ({type(error).__name__})")
