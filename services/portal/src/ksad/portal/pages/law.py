"""The regulation clause by clause, for anybody, with what the platform does about it."""

from __future__ import annotations

from fastapi import Response

from ksad.chassis.requests import Router
from ksad.portal.regulation import regulation
from ksad.portal.visits import Anyone


def router() -> Router:
    """The route of the regulation."""
    routes = Router()

    @routes.get("/peraturan", response_class=Response)
    def get_regulation(visit: Anyone) -> Response:
        """The regulation clause by clause, its words beside what the platform does about them."""
        return visit.page("regulation.html", law=regulation(visit.language))

    return routes
