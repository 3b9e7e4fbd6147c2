"""Documents that officers attach: opinions, advice, briefs, information for parties."""

from __future__ import annotations

from fastapi import APIRouter

from ksad.chassis.transfer import add_upload


def router() -> APIRouter:
    """Routes of documents."""
    routes = APIRouter(tags=["documents"])

    add_upload(routes)
    return routes
