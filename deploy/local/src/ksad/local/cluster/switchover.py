"""Has another machine lead PostgreSQL, by the REST interface of Patroni: before work on the machine that leads."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, NamedTuple

import httpx

from ksad.chassis.certificates import ClientTls

if TYPE_CHECKING:
    from ksad.local.settings import SwitchoverSettings

ANSWER_SECONDS = 5.0
SWITCHING_SECONDS = 60.0
"""Patroni answers when the new leader takes writes, or has given up."""
LOOK_SECONDS = 0.5
SYNCHRONOUS = "sync_standby"


class SwitchoverError(Exception):
    """PostgreSQL is led as before, or nobody knows; the message says why and what to do."""


class Switchover(NamedTuple):
    """Who led PostgreSQL before and leads it now, and the seconds until Patroni named the new one."""

    before: str
    now: str
    seconds: float


def switch_over(settings: SwitchoverSettings, to: str | None) -> Switchover:
    """Hands PostgreSQL over to a standby that has every commit.

    :param to: that standby; ``None`` for any.
    :raises SwitchoverError: no Patroni answers, no such standby has every commit, or Patroni refuses.
    """
    verify = ClientTls(None, settings.node_ca_file, None, None).context() or True
    with httpx.Client(verify=verify, trust_env=False, timeout=ANSWER_SECONDS) as http:
        members = _members(http, settings)
        leader = _leader(members)
        if leader is None:
            raise SwitchoverError("nobody leads PostgreSQL now: there is nothing to hand over (`patronictl list`)")
        candidate = _candidate(members, to)
        began = time.monotonic()
        order = {"leader": leader["name"], "candidate": candidate}
        address = str(leader["api_url"]).removesuffix("/patroni")
        try:
            answer = http.post(
                f"{address}/switchover", json=order, auth=settings.patroni_login(), timeout=SWITCHING_SECONDS
            )
        except httpx.HTTPError as error:
            raise SwitchoverError(
                f"Patroni of {leader['name']} was told and has not answered ({error!r}): see `patronictl list`"
            ) from error
        if answer.status_code != httpx.codes.OK:
            raise SwitchoverError(
                f"Patroni of {leader['name']} refuses ({answer.status_code}): {answer.text.strip()[:300]}; "
                "401 means that KSAD_PATRONI_PASSWORD_FILE has another password than restapi.authentication"
            )
        _wait(http, settings, candidate, began)
        return Switchover(str(leader["name"]), candidate, round(time.monotonic() - began, 1))


def _members(http: httpx.Client, settings: SwitchoverSettings) -> list[dict[str, Any]]:
    """What the first Patroni that answers says of all."""
    told = []
    for address in settings.patronis():
        try:
            answer = http.get(f"{address}/cluster")
            members: list[dict[str, Any]] = answer.json()["members"]
        except (httpx.HTTPError, ValueError, KeyError) as error:
            told.append(f"{address}: {type(error).__name__} {error}")
            continue
        return members
    raise SwitchoverError(f"no Patroni answers: {'; '.join(told)}; see KSAD_PATRONI_URLS and KSAD_NODE_CA_FILE")


def _leader(members: list[dict[str, Any]]) -> dict[str, Any] | None:
    return next((one for one in members if one["role"] == "leader" and one["state"] == "running"), None)


def _candidate(members: list[dict[str, Any]], to: str | None) -> str:
    """The standby to take over: a synchronous one, since only such a one is known to have every commit."""
    able = [str(one["name"]) for one in members if one["role"] == SYNCHRONOUS]
    if not able:
        raise SwitchoverError("no standby has every commit now: wait until `patronictl list` shows a Sync Standby")
    if to is not None and to not in able:
        raise SwitchoverError(f"{to} is not known to have every commit; these are: {', '.join(able)}")
    return able[0] if to is None else to


def _wait(http: httpx.Client, settings: SwitchoverSettings, candidate: str, began: float) -> None:
    """Returns when the members say that the candidate leads."""
    while time.monotonic() < began + SWITCHING_SECONDS:
        leader = _leader(_members(http, settings))
        if leader is not None and leader["name"] == candidate:
            return
        time.sleep(LOOK_SECONDS)
    raise SwitchoverError(f"{candidate} does not lead after {SWITCHING_SECONDS:.0f} seconds: see `patronictl list`")
