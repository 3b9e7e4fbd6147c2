"""Who may do what: one readable table of grants, default deny.

A route names its action. A grant gives an action to offices (``region:*`` is any region's), if need be under a named
condition that the service checks against the case at hand, with the clause it stands on.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, NamedTuple

import structlog
from fastapi import Request

from chassis.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Sequence

    from fastapi import FastAPI

    from chassis.auth import Caller

PUBLIC = "public"
"""The action of routes that ask for no caller: health, metrics, checkpoints."""
log = structlog.get_logger(__name__)


class Grant(NamedTuple):
    """One row of the table."""

    action: str
    offices: tuple[str, ...]
    condition: str | None = None
    clause: str | None = None


class Policy:
    """The table of one service."""

    def __init__(self, grants: Iterable[Grant]) -> None:
        self.grants = tuple(grants)

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
        log.info("refused", office=caller.office, action=action, rule=rule)
        detail = f"Jabatan {caller.office} tidak berwenang untuk tindakan ini ({action})."
        raise Problem(403, rule, detail, clause=clause, office=caller.office, action=action)


def require(action: str) -> Callable[[Request], Awaitable[Caller]]:
    """A dependency: the caller, who may do this action as far as the office alone tells.

    :raises Problem: 401 without a token to trust, 403 without a grant.
    """

    async def dependency(request: Request) -> Caller:
        state = request.app.state
        caller: Caller = await state.authenticator.identify(request.headers.get("authorization"))
        state.policy.check(caller, action)
        request.state.caller = caller
        return caller

    dependency.action = action  # type: ignore[attr-defined] # read by :func:`routes`
    return dependency


def routes(app: FastAPI) -> list[tuple[str, str, str | None]]:
    """Every route of an app: method, path and the action it asks for, None where it asks for none."""
    found = []
    for route in app.routes:
        dependant = getattr(route, "dependant", None)
        if dependant is None:
            continue
        actions = _actions(dependant.dependencies)
        found += [
            (method, str(getattr(route, "path", "")), actions[0] if actions else None)
            for method in sorted(getattr(route, "methods", None) or ())
        ]
    return found


def _actions(dependencies: Sequence[object]) -> list[str]:
    actions: list[str] = []
    for one in dependencies:
        action = getattr(getattr(one, "call", None), "action", None)
        if action is not None:
            actions.append(action)
        actions += _actions(getattr(one, "dependencies", []))
    return actions
