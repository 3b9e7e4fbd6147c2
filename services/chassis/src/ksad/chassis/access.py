"""Every route names the action that it asks for; the service's table of grants says which offices may do it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from fastapi import Request
from fastapi.routing import iter_route_contexts

from ksad.chassis.auth import token_missing

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from fastapi import FastAPI

    from ksad.chassis.auth import Caller


class Endpoint(NamedTuple):
    """A route: its method and path, the action it asks for (None where it asks for none), and what it is for."""

    method: str
    path: str
    action: str | None
    summary: str


def require(action: str) -> Callable[[Request], Awaitable[Caller]]:
    """A dependency: the caller whom the edge has identified, who may do this action as far as the office alone tells.

    :raises Problem: 401 without a caller, 403 without a grant.
    """

    async def dependency(request: Request) -> Caller:
        caller: Caller | None = getattr(request.state, "caller", None)
        if caller is None:
            raise token_missing()
        request.app.policy.check(caller.office, action)
        return caller

    dependency.action = action  # type: ignore[attr-defined] # read by :func:`endpoints`
    return dependency


def endpoints(app: FastAPI) -> list[Endpoint]:
    """Every route of an app, those of included routers too."""
    found = []
    for route in iter_route_contexts(app.routes):
        action = action_of(route)
        said = (route.endpoint.__doc__ or "").strip().partition("\n")[0] if route.endpoint is not None else ""
        summary = getattr(route, "summary", None) or said
        found += [Endpoint(method, str(route.path), action, summary) for method in sorted(route.methods or ())]
    return found


def action_of(route: object) -> str | None:
    """The action that a route asks for, None where it asks for none."""
    dependant = getattr(route, "dependant", None)
    return _action(dependant.dependencies) if dependant is not None else None


def _action(dependencies: Sequence[object]) -> str | None:
    for one in dependencies:
        found: str | None = getattr(getattr(one, "call", None), "action", None)
        found = found or _action(getattr(one, "dependencies", []))
        if found is not None:
            return found
    return None
