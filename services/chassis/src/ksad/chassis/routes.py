"""Looks up routes before the framework does, which would match the first fitting route only."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from fastapi.routing import iter_route_contexts

from ksad.chassis.access import action_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fastapi import FastAPI

UNKNOWN = "unknown"


class Place(NamedTuple):
    """A path: its pattern, the values of the pattern's parameters, and the required action by method."""

    pattern: str
    parameters: Mapping[str, str]
    actions: Mapping[str, str | None]

    @property
    def methods(self) -> str:
        """The methods for the header ``Allow``; empty if the path is unknown."""
        return ", ".join(sorted({*self.actions, "OPTIONS"})) if self.actions else ""

    def is_open(self, method: str) -> bool:
        """Whether a method needs no token."""
        return method == "OPTIONS" or self.actions.get(method, "") is None


class Routes:
    """The routes of an app, including those of its routers, in order."""

    def __init__(self, app: FastAPI) -> None:
        self._routes = [
            (route.path_regex, str(route.path), frozenset(route.methods or ()), action_of(route))
            for route in iter_route_contexts(app.routes)
        ]

    def at(self, path: str) -> Place:
        """The routes at a path. A path that answers GET also answers HEAD."""
        pattern, parameters = UNKNOWN, {}
        actions: dict[str, str | None] = {}
        for regex, template, methods, action in self._routes:
            found = regex.match(path)
            if found is None:
                continue
            if not actions:
                pattern, parameters = template, found.groupdict()
            for method in methods:
                actions.setdefault(method, action)
        if "GET" in actions:
            actions.setdefault("HEAD", actions["GET"])
        return Place(pattern, parameters, actions)
