"""What protects officers' browsers: headers of every response, and the refusal of forms that other sites send."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from fastapi import Request

from ksad.chassis.problems import Problem
from ksad.chassis.transfer import SANDBOX
from ksad.contracts.rules import RefusalKind

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

HOME = "/meja-saya"
POLICY = b"content-security-policy"
HEADERS = {
    POLICY: b"default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; connect-src 'self'; "
    b"form-action 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'",
    b"referrer-policy": b"same-origin",
    b"cross-origin-opener-policy": b"same-origin",
    b"cross-origin-resource-policy": b"same-origin",
    b"permissions-policy": b"camera=(), geolocation=(), microphone=()",
}
HTTPS = {b"strict-transport-security": b"max-age=31536000"}


class Shield:
    """ASGI middleware that gives every response the headers above; a document keeps its stricter policy."""

    def __init__(self, app: ASGIApp, *, tls: bool, issuer: str | None = None) -> None:
        """:param issuer: where forms may lead as well: to sign in and out, browsers are sent on to it."""
        self._app = app
        self._headers = HEADERS | (HTTPS if tls else {})
        if issuer is not None:
            scheme, host = urlsplit(issuer)[:2]
            target = f"form-action 'self' {scheme}://{host};".encode()
            policy = self._headers[POLICY].replace(b"form-action 'self';", target)
            self._headers = self._headers | {POLICY: policy}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request."""

        async def shielded(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = [(name, value) for name, value in message["headers"] if not self._replaced(name, value)]
                present = {name for name, _ in given}
                given += [(name, value) for name, value in self._headers.items() if name not in present]
                message = {**message, "headers": given}
            await send(message)

        await self._app(scope, receive, shielded)

    def _replaced(self, name: bytes, value: bytes) -> bool:
        return name in self._headers and value != SANDBOX.encode()


def inside(path: str) -> str:
    """A path of this portal; any other address is replaced by the first page, so that nobody is sent elsewhere."""
    try:
        parts = urlsplit(path)
    except ValueError:
        return HOME
    strange = parts.scheme or parts.netloc or not path.startswith("/") or path.startswith("//") or "\\" in path
    return HOME if strange or not path.isprintable() else path


async def sent_from_here(request: Request) -> None:
    """A FastAPI dependency of routes that change something: the form was sent from a page of this portal.

    Browsers say where a request comes from, and no page can make them say otherwise. A program that says nothing is no
    browser whose cookies another site could use.

    :raises Problem: 403, another site sent it.
    """
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site is None and origin is None:
        return
    host = request.headers.get("host")
    here = site in {"same-origin", "none"} if site is not None else urlsplit(origin or "").netloc == host
    if not here:
        detail = "Formulir ini dikirim dari situs lain. Buka halamannya di sini, lalu kirim lagi."
        raise Problem(RefusalKind.FORBIDDEN, "form-sent-from-here", detail)
