"""Asks every process of a platform on several machines whether it is ready, and which roles it leads."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

import httpx
from prometheus_client.parser import text_string_to_metric_families

from ksad.chassis.certificates import ClientTls

if TYPE_CHECKING:
    from ksad.local.settings import NodesSettings

ANSWER_SECONDS = 5.0
LEADER = "ksad_leader"
READY = "ksad_ready"
WELL = "ok"


class NodeStatus(NamedTuple):
    """What one process says: its service, whether it is ready, the roles it leads, and the checks that are not well."""

    address: str
    service: str
    ready: bool
    leads: list[str]
    checks: dict[str, str]


class NodeRole(NamedTuple):
    """A role of a service, and the addresses of all processes that lead it now: one, where all is well."""

    service: str
    role: str
    leaders: list[str]


class PlatformStatus(NamedTuple):
    """All processes and all roles."""

    nodes: list[NodeStatus]
    roles: list[NodeRole]

    def findings(self) -> list[str]:
        """What somebody has to look at."""
        found = [f"{one.service or 'a service'} at {one.address} is not ready" for one in self.nodes if not one.ready]
        for one in self.roles:
            if not one.leaders:
                found.append(f"nobody leads {one.role} of {one.service}")
            elif len(one.leaders) > 1:
                found.append(f"{len(one.leaders)} lead {one.role} of {one.service}: {', '.join(one.leaders)}")
        return found


class _Told(NamedTuple):
    status: NodeStatus
    roles: dict[str, bool]


async def ask_all(settings: NodesSettings) -> PlatformStatus:
    """Asks all addresses at once; one that does not answer within five seconds is not ready."""
    verify = ClientTls(None, settings.node_ca_file, None, None).context() or True
    async with httpx.AsyncClient(trust_env=False, timeout=ANSWER_SECONDS, verify=verify) as http:
        told = await asyncio.gather(*(_ask(http, address) for address in settings.nodes()))
    leaders: dict[tuple[str, str], list[str]] = defaultdict(list)
    for one in told:
        for role, leads in one.roles.items():
            leaders[one.status.service, role] += [one.status.address] if leads else []
    return PlatformStatus(
        [one.status for one in told], [NodeRole(*key, found) for key, found in sorted(leaders.items())]
    )


async def _ask(http: httpx.AsyncClient, address: str) -> _Told:
    try:
        ready = await http.get(f"{address}/readyz")
        metrics = (await http.get(f"{address}/metrics")).text
        checks: dict[str, str] = ready.json()["checks"]
        samples = [one for family in text_string_to_metric_families(metrics) for one in family.samples]
    except (httpx.HTTPError, ValueError, KeyError) as error:
        silent = {"answer": f"FAILED: {type(error).__name__}: {error}"}
        return _Told(NodeStatus(address, "", ready=False, leads=[], checks=silent), {})
    service = next((one.labels["service"] for one in samples if one.name == READY), "")
    roles = {one.labels["role"]: one.value > 0 for one in samples if one.name == LEADER}
    unwell = {name: said for name, said in checks.items() if not said.startswith(f"{WELL}:")}
    leads = [role for role, is_led in roles.items() if is_led]
    return _Told(NodeStatus(address, service, ready.is_success, leads, unwell), roles)
