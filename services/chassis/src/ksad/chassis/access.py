"""Who may do what: one readable table of grants, default deny.

A route names its action. A grant gives an action to offices (``region:*`` is any region's), if need be under a named
condition that the service checks against the case at hand, with the clause it stands on.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, NamedTuple

from fastapi import Request
from fastapi.routing import iter_route_contexts

from ksad.chassis.auth import token_missing
from ksad.chassis.problems import Problem
from ksad.contracts.rules import RefusalKind

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence

    from fastapi import FastAPI

    from ksad.chassis.auth import Caller


class Grant(NamedTuple):
    """One row of the table."""

    action: str
    offices: tuple[str, ...]
    condition: str | None = None
    clause: str | None = None


class Door(NamedTuple):
    """A route: its method and path, the action it asks for (None where it asks for none), and what it is for."""

    method: str
    path: str
    action: str | None
    summary: str


class AccessTable:
    """The table of one service, with a sentence for each condition that it names."""

    def __init__(self, grants: Iterable[Grant], conditions: Mapping[str, str]) -> None:
        self.grants = tuple(grants)
        self.conditions = dict(conditions)

    def grants_for(self, office: str, action: str) -> list[Grant]:
        """The rows that speak for an office and an action; none means no."""
        return [
            grant
            for grant in self.grants
            if grant.action == action and any(fnmatchcase(office, pattern) for pattern in grant.offices)
        ]

    def check(self, caller: Caller, action: str, holds: Callable[[str], bool] | None = None) -> Grant:
        """The row that allows it.

        :param holds: whether a named condition holds in the case at hand; None defers conditions to the service.
        :raises Problem: 403, no row allows it.
        """
        rows = self.grants_for(caller.office, action)
        for grant in rows:
            if grant.condition is None or holds is None or holds(grant.condition):
                return grant
        clause = rows[0].clause if rows else None
        rule = rows[0].condition if rows and rows[0].condition else "office-may"
        detail = f"Jabatan {caller.office} tidak berwenang untuk tindakan ini ({action})."
        raise Problem(RefusalKind.FORBIDDEN, rule, detail, clause=clause, office=caller.office, action=action)


def require(action: str) -> Callable[[Request], Awaitable[Caller]]:
    """A dependency: the caller whom the edge has identified, who may do this action as far as the office alone tells.

    :raises Problem: 401 without a caller, 403 without a grant.
    """

    async def dependency(request: Request) -> Caller:
        caller: Caller | None = getattr(request.state, "caller", None)
        if caller is None:
            raise token_missing()
        request.app.policy.check(caller, action)
        return caller

    dependency.action = action  # type: ignore[attr-defined] # read by :func:`doors`
    return dependency


def doors(app: FastAPI) -> list[Door]:
    """Every route of an app, those of included routers too."""
    found = []
    for route in iter_route_contexts(app.routes):
        action = action_of(route)
        said = (route.endpoint.__doc__ or "").strip().partition("\n")[0] if route.endpoint is not None else ""
        summary = getattr(route, "summary", None) or said
        found += [Door(method, str(route.path), action, summary) for method in sorted(route.methods or ())]
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
