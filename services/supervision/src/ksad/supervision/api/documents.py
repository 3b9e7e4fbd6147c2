"""Routes of documents that officers attach: opinions, advice, briefs, information for parties."""

from __future__ import annotations

from ksad.chassis.requests import Router
from ksad.chassis.transfer import add_upload


def router() -> Router:
    """The routes of documents."""
    routes = Router(tags=["documents"])

    add_upload(routes)
    return routes
