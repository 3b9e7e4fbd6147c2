"""The style sheets and drawings that pages load, under names that change with their content."""

from __future__ import annotations

from fastapi import Response

from ksad.chassis.problems import Problem
from ksad.chassis.requests import Router
from ksad.contracts.rules import RefusalKind
from ksad.portal.rendering import files


def router() -> Router:
    """The route of files."""
    routes = Router()

    @routes.get("/berkas/{name}", response_class=Response)
    def get_loaded(name: str) -> Response:
        """A file that pages load. 404 if there is none of this name."""
        found = files().get(name)
        if found is None:
            raise Problem(RefusalKind.UNKNOWN, "file-known", "Berkas ini tidak ada.")
        headers = {"Cache-Control": "public, max-age=31536000, immutable", "ETag": f'"{name}"'}
        return Response(found.content, 200, headers, found.media_type)

    return routes
