"""Documents that officers attach: opinions, advice, briefs, information for parties."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Depends, Request

from ksad.chassis.access import require
from ksad.contracts.catalogue import DocumentRef
from ksad.supervision.parts import Running


def router() -> APIRouter:
    """Routes of documents."""
    routes = APIRouter(tags=["documents"])

    @routes.post("/documents", status_code=201, dependencies=[Depends(require("upload"))])
    def upload_document(
        request: Request, parts: Running, content: Annotated[bytes, Body(media_type="application/octet-stream")]
    ) -> DocumentRef:
        """Keep a document; events name it by its hash."""
        media_type = request.headers.get("content-type", "application/octet-stream")[:100]
        return parts.documents.put(content, media_type)

    return routes
