"""Documents over HTTP: stored byte for byte, and served as downloads that no browser displays; lasting JSON."""

from __future__ import annotations

import re
from hashlib import sha256
from mimetypes import MimeTypes
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import quote

import orjson
from fastapi import Depends, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from ksad.chassis.access import require
from ksad.chassis.auth import Caller
from ksad.chassis.cited import is_media_type
from ksad.chassis.documents import OCTETS, Documents
from ksad.chassis.problems import Problem
from ksad.chassis.receiving import Label
from ksad.contracts import free_text
from ksad.contracts.catalogue import DocumentRef
from ksad.contracts.rules import RefusalKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from fastapi import APIRouter
    from pydantic import BaseModel

SANDBOX = "sandbox; default-src 'none'; frame-ancestors 'none'"
BODY: dict[str, Any] = {
    "requestBody": {"required": True, "content": {"*/*": {"schema": {"type": "string", "format": "binary"}}}}
}
NAME_MAX = 200
UNQUOTED = re.compile(r"""[^ -~]|["%/\\]""")
"""What a quoted file name does not hold, or what is a path."""
EXTENSIONS = MimeTypes(filenames=())
"""Python's own table of types, independent of the machine's files."""
ALIKE = {".jpg": ".jpeg", ".tiff": ".tif", ".html": ".htm"}
"""Another ending that files of the same type have."""


def add_upload(routes: APIRouter) -> None:
    """Adds ``POST /documents``. The raw body is read, because FastAPI would parse JSON, which changes its bytes."""

    @routes.post("/documents", status_code=201, openapi_extra=BODY)
    async def upload_document(
        request: Request,
        caller: Annotated[Caller, Depends(require("upload"))],
        name: Annotated[str | None, Query(min_length=1, max_length=NAME_MAX)] = None,
        title: Annotated[str | None, Query(min_length=1, max_length=NAME_MAX)] = None,
    ) -> DocumentRef:
        """Store a document, unchanged, under its SHA-256; at most 50 MiB. Returns the reference for commands.

        ``name`` is the file's name and ``title`` how the document is called; both stay outside the log. What says to be
        PDF, a picture or an office file has to be one.
        """
        documents: Documents = request.app.parts.documents
        media_type = request.headers.get("content-type", OCTETS)
        if not is_media_type(media_type):
            detail = "Content-Type berisi jenis dokumen, misalnya application/pdf, paling panjang 100 karakter."
            raise Problem(RefusalKind.INVALID, "media-type-readable", detail)
        if media_type.lower().startswith("multipart/"):
            detail = "Kirim isi dokumennya saja, bukan formulir; batas-batas formulir akan menjadi bagian dokumen."
            raise Problem(RefusalKind.INVALID, "document-alone", detail)
        if free_text.unreadable([name, title]):
            detail = "Nama berkas atau judul dokumen memuat tanda yang tidak terlihat. Tulis tanpa tanda itu."
            raise Problem(RefusalKind.INVALID, "text-readable", detail)
        with documents.receiving() as receipt:
            async for part in request.stream():
                await run_in_threadpool(receipt.write, part)
            return await run_in_threadpool(documents.take, receipt, media_type, caller.office, Label(name, title))


def download_as(documents: Documents, ref: DocumentRef) -> Response:
    """The download of a document, under the name of its file where the upload gave one.

    :raises NoDocumentError: there is none, or its file was altered.
    """
    return download(documents.get(ref.sha256), documents.label(ref.sha256).name or ref.sha256, ref.media_type)


def entitled(documents: Documents, refs: Iterable[DocumentRef]) -> list[dict[str, Any]]:
    """References to documents, each once, with what their files are called and titled."""
    return [ref.model_dump(mode="json") | documents.label(ref.sha256)._asdict() for ref in dict.fromkeys(refs)]


def download(content: bytes, name: str, media_type: str) -> Response:
    """A response that downloads a document. Browsers neither run nor display it, whatever its media type."""
    known = media_type if is_media_type(media_type) else OCTETS
    extension = EXTENSIONS.guess_extension(known.partition(";")[0].strip()) or ""
    ends = name.lower().endswith((extension, ALIKE.get(extension, extension)))
    file_name = name if ends else f"{name}{extension}"
    headers = {
        "Content-Type": known,  # as a header, since media_type would add a charset to text types
        "Content-Disposition": _attachment(file_name),
        "Content-Security-Policy": SANDBOX,
    }
    return Response(content, headers=headers)


def _attachment(file_name: str) -> str:
    """The header by which a browser saves a file under a name (RFC 6266; other letters than ASCII by RFC 8187)."""
    plain = UNQUOTED.sub("_", file_name)
    exact = "" if plain == file_name else f"; filename*=UTF-8''{quote(file_name, safe='')}"
    return f'attachment; filename="{plain}"{exact}'


def lasting(answer: BaseModel) -> Response:
    """JSON that seldom changes: a client keeps it, and asks with ``If-None-Match`` whether it still holds (304)."""
    return repeated(answer.model_dump(mode="json"))


def repeated(answer: Mapping[str, Any]) -> Response:
    """JSON that a client asks for again and again: kept by it alone, and sent once as long as it says the same (304).

    Its ETag is of its bytes, and so says nothing to whoever was not shown them.
    """
    # Names of columns are a kind of text of their own.
    content = orjson.dumps(answer, option=orjson.OPT_NON_STR_KEYS)
    headers = {"ETag": f'"{sha256(content).hexdigest()[:32]}"', "Cache-Control": "private, no-cache"}
    return Response(content, headers=headers, media_type="application/json")
