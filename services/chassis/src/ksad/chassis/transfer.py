"""Documents over HTTP: stored byte for byte, and served as downloads that no browser displays; lasting JSON."""

from __future__ import annotations

from hashlib import sha256
from mimetypes import MimeTypes
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Depends, Request, Response
from starlette.concurrency import run_in_threadpool

from ksad.chassis.access import require
from ksad.chassis.auth import Caller
from ksad.chassis.documents import EMPTY, OCTETS, Documents, is_media_type
from ksad.chassis.problems import Problem
from ksad.contracts.catalogue import DocumentRef
from ksad.contracts.rules import RefusalKind

if TYPE_CHECKING:
    from fastapi import APIRouter
    from pydantic import BaseModel

SANDBOX = "sandbox; default-src 'none'; frame-ancestors 'none'"
BODY: dict[str, Any] = {
    "requestBody": {"required": True, "content": {"*/*": {"schema": {"type": "string", "format": "binary"}}}}
}
EXTENSIONS = MimeTypes(filenames=())
"""Python's own table of types, independent of the machine's files."""


def add_upload(routes: APIRouter) -> None:
    """Adds ``POST /documents``. The raw body is read, because FastAPI would parse JSON, which changes its bytes."""

    @routes.post("/documents", status_code=201, openapi_extra=BODY)
    async def upload_document(request: Request, caller: Annotated[Caller, Depends(require("upload"))]) -> DocumentRef:
        """Store a document, unchanged, under its SHA-256; at most 50 MiB. Returns the reference for commands."""
        documents: Documents = request.app.parts.documents
        media_type = request.headers.get("content-type", OCTETS)
        if not is_media_type(media_type):
            detail = "Content-Type berisi jenis dokumen, misalnya application/pdf, paling panjang 100 karakter."
            raise Problem(RefusalKind.INVALID, "media-type-readable", detail)
        if media_type.lower().startswith("multipart/"):
            detail = "Kirim isi dokumennya saja, bukan formulir; batas-batas formulir akan menjadi bagian dokumen."
            raise Problem(RefusalKind.INVALID, "document-alone", detail)
        content = await request.body()
        if not content:
            raise Problem(RefusalKind.INVALID, "document-filled", EMPTY)
        return await run_in_threadpool(documents.put, content, media_type, caller.office)


def download(content: bytes, name: str, media_type: str) -> Response:
    """A response that downloads a document. Browsers neither run nor display it, whatever its media type."""
    known = media_type if is_media_type(media_type) else OCTETS
    extension = EXTENSIONS.guess_extension(known.partition(";")[0].strip()) or ""
    headers = {
        "Content-Type": known,  # as a header, since media_type would add a charset to text types
        "Content-Disposition": f'attachment; filename="{name}{extension}"',
        "Content-Security-Policy": SANDBOX,
    }
    return Response(content, headers=headers)


def lasting(answer: BaseModel) -> Response:
    """JSON that seldom changes: a client keeps it, and asks with ``If-None-Match`` whether it still holds (304)."""
    content = answer.model_dump_json().encode()
    headers = {"ETag": f'"{sha256(content).hexdigest()[:32]}"', "Cache-Control": "private, no-cache"}
    return Response(content, headers=headers, media_type="application/json")
