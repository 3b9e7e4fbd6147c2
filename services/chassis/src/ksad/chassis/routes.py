"""What an app serves at a path, asked before the framework is: it answers for the first route that fits only."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from fastapi.routing import iter_route_contexts

from ksad.chassis.access import action_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fastapi import FastAPI

UNKNOWN = "unknown"


class Place(NamedTuple):
    """A path: its pattern, what of the path fills the pattern, and the action that each method asks for."""

    pattern: str
    parameters: Mapping[str, str]
    actions: Mapping[str, str | None]

    @property
    def methods(self) -> str:
        """All that ``Allow`` has to name, empty where the path is unknown."""
        return ", ".join(sorted({*self.actions, "OPTIONS"})) if self.actions else ""

    def is_open(self, method: str) -> bool:
        """Whether anybody may ask this, known or not."""
        return method == "OPTIONS" or self.actions.get(method, "") is None


class Routes:
    """The routes of an app, those of included routers too, in their order."""

    def __init__(self, app: FastAPI) -> None:
        self._routes = [
            (route.path_regex, str(route.path), frozenset(route.methods or ()), action_of(route))
            for route in iter_route_contexts(app.routes)
        ]

    def at(self, path: str) -> Place:
        """What is served at a path. Whatever can be read by GET can be asked for its headers by HEAD."""
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
