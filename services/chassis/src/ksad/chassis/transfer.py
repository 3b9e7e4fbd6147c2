"""Documents over HTTP: what is sent is kept byte for byte, and what is fetched is saved, never shown in a page."""

from __future__ import annotations

from mimetypes import MimeTypes
from typing import TYPE_CHECKING, Any

from fastapi import Depends, Request, Response
from starlette.concurrency import run_in_threadpool

from ksad.chassis.access import require
from ksad.chassis.documents import OCTETS, Documents, is_media_type
from ksad.chassis.problems import Problem
from ksad.contracts.catalogue import DocumentRef
from ksad.contracts.rules import RefusalKind

if TYPE_CHECKING:
    from fastapi import APIRouter

SANDBOX = "sandbox; default-src 'none'; frame-ancestors 'none'"
BODY: dict[str, Any] = {
    "requestBody": {"required": True, "content": {"*/*": {"schema": {"type": "string", "format": "binary"}}}}
}
EXTENSIONS = MimeTypes(filenames=())
"""Python's own table, whatever the machine has besides."""


def add_upload(routes: APIRouter) -> None:
    """``POST /documents``. The framework would read a body of JSON: what was sent then is another document."""

    @routes.post("/documents", status_code=201, dependencies=[Depends(require("upload"))], openapi_extra=BODY)
    async def upload_document(request: Request) -> DocumentRef:
        """Keep a document as it was sent; events name it by its hash."""
        documents: Documents = request.app.parts.documents
        media_type = request.headers.get("content-type", OCTETS)
        if not is_media_type(media_type):
            detail = "Content-Type berisi jenis dokumen, misalnya application/pdf, paling panjang 100 karakter."
            raise Problem(RefusalKind.INVALID, "media-type-readable", detail)
        if media_type.lower().startswith("multipart/"):
            detail = "Kirim isi dokumennya saja, bukan formulir; batas-batas formulir akan menjadi bagian dokumen."
            raise Problem(RefusalKind.INVALID, "document-alone", detail)
        return await run_in_threadpool(documents.put, await request.body(), media_type)


def download(content: bytes, name: str, media_type: str) -> Response:
    """A document to be saved under a name. Whatever it says it is, no page runs or shows it."""
    known = media_type if is_media_type(media_type) else OCTETS
    extension = EXTENSIONS.guess_extension(known.partition(";")[0].strip()) or ""
    headers = {
        "Content-Type": known,  # Said here, since the framework would add a charset to a text's.
        "Content-Disposition": f'attachment; filename="{name}{extension}"',
        "Content-Security-Policy": SANDBOX,
    }
    return Response(content, headers=headers)
