"""Access control of routes: a route requires an action, which the service's table grants to offices."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from fastapi import Request
from fastapi.routing import iter_route_contexts

from ksad.chassis.auth import token_missing

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from fastapi import FastAPI

    from ksad.chassis.auth import Caller


READING = {"GET", "HEAD", "OPTIONS"}
"""The methods that change nothing, which a reader may use."""


class Endpoint(NamedTuple):
    """A route: its method, path, required action (``None`` if it needs no token), and summary."""

    method: str
    path: str
    action: str | None
    summary: str


def require(action: str) -> Callable[[Request], Awaitable[Caller]]:
    """A FastAPI dependency: the caller, if its office may perform an action under some condition.

    Conditions are checked later, when the record concerned has been loaded.

    :raises Problem: 401, there is no caller.
    :raises RuleBrokenError: no grant allows the action to the office, or the officer's role does not (403).
    """

    async def dependency(request: Request) -> Caller:
        caller: Caller | None = getattr(request.state, "caller", None)
        if caller is None:
            raise token_missing()
        request.app.policy.check(caller.office, action)
        if request.method not in READING:
            refusal = request.app.policy.role_refusal(caller.role, request.url.path.rpartition("/")[2])
            if refusal is not None:
                raise refusal
        return caller

    dependency.action = action  # type: ignore[attr-defined] # read by :func:`endpoints`
    return dependency


def endpoints(app: FastAPI) -> list[Endpoint]:
    """All routes of an app, including those of its routers."""
    found = []
    for route in iter_route_contexts(app.routes):
        action = action_of(route)
        said = (route.endpoint.__doc__ or "").strip().partition("\n")[0] if route.endpoint is not None else ""
        summary = getattr(route, "summary", None) or said
        found += [Endpoint(method, str(route.path), action, summary) for method in sorted(route.methods or ())]
    return found


def action_of(route: object) -> str | None:
    """The action that a route requires; ``None`` if it needs no token."""
    dependant = getattr(route, "dependant", None)
    return _action(dependant.dependencies) if dependant is not None else None


def _action(dependencies: Sequence[object]) -> str | None:
    for one in dependencies:
        found: str | None = getattr(getattr(one, "call", None), "action", None)
        found = found or _action(getattr(one, "dependencies", []))
        if found is not None:
            return found
    return None
